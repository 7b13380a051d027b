//! The grammar of intrinsic functions. It never evaluates anything.

use serde_json::Value;

use super::function::{self, Function};
use super::{Argument, Call};
use crate::path::{Cursor, Invalid, Path};

/// How deep calls may nest, as
/// [documented](https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html).
const MAX_NESTING: usize = 10;

/// Reads a call that is inside of `depth` others.
pub(super) fn call(cursor: &mut Cursor<'_>, depth: usize) -> Result<Call, Invalid> {
    if depth == MAX_NESTING {
        return Err(cursor.invalid(format!("expected at most {MAX_NESTING} nested functions")));
    }
    let start = cursor.offset();
    if !cursor.rest().starts_with("States.") {
        return Err(cursor.invalid(
            "expected a path, which begins with `$`, or an intrinsic function such as States.Format('{}', $.name)",
        ));
    }
    let name = cursor.take_while(|next| next.is_ascii_alphanumeric() || matches!(next, '.' | '_'));
    let Some(function) = Function::named(name) else {
        return Err(cursor.invalid(format!(
            "`{name}` is not an intrinsic function; expected one of {}",
            function::names()
        )));
    };
    cursor.expect("(", "expected `(` right after the name of the function")?;
    let arguments = arguments(cursor, depth)?;
    let call = Call {
        text: cursor.since(start).to_owned(),
        function,
        arguments,
    };
    check(&call).map_err(|expected| cursor.invalid(expected))?;
    Ok(call)
}

/// Reads the arguments and the closing parenthesis.
fn arguments(cursor: &mut Cursor<'_>, depth: usize) -> Result<Vec<Argument>, Invalid> {
    let mut arguments = Vec::new();
    cursor.skip_spaces();
    if cursor.eat(")") {
        return Ok(arguments);
    }
    loop {
        cursor.skip_spaces();
        arguments.push(argument(cursor, depth)?);
        cursor.skip_spaces();
        if cursor.eat(")") {
            return Ok(arguments);
        }
        cursor.expect(",", "expected `,` or `)` after an argument")?;
    }
}

fn argument(cursor: &mut Cursor<'_>, depth: usize) -> Result<Argument, Invalid> {
    match cursor.peek() {
        Some('$') => Path::read(cursor).map(Argument::Path),
        Some('\'') => text(cursor).map(Argument::Text),
        Some('S') => call(cursor, depth + 1).map(Argument::Call),
        _ => literal(cursor).map(Argument::Literal),
    }
}

/// Reads a string in apostrophes, cut at each `{}`. Braces by themselves need no backslash: AWS accepts
/// `States.StringToJson('{"a": 1}')`.
fn text(cursor: &mut Cursor<'_>) -> Result<Vec<String>, Invalid> {
    cursor.next();
    let mut finished = Vec::new();
    let mut piece = String::new();
    loop {
        if cursor.eat("{}") {
            finished.push(std::mem::take(&mut piece));
            continue;
        }
        match cursor.next() {
            Some('\'') => {
                finished.push(piece);
                return Ok(finished);
            }
            Some('\\') => match cursor.next() {
                Some(escaped @ ('\'' | '\\' | '{' | '}')) => piece.push(escaped),
                _ => return Err(cursor.invalid("expected one of ' \\ { } after a backslash")),
            },
            Some(next) => piece.push(next),
            None => return Err(cursor.invalid("expected a closing '")),
        }
    }
}

/// Reads a number, `true`, `false` or `null`.
fn literal(cursor: &mut Cursor<'_>) -> Result<Value, Invalid> {
    let start = cursor.offset();
    cursor.take_while(|next| next.is_ascii_alphanumeric() || matches!(next, '-' | '+' | '.'));
    serde_json::from_str(cursor.since(start)).map_err(|_| {
        cursor.invalid(
            "expected an argument: a path, a string in apostrophes, a number, true, false, null or a function",
        )
    })
}

/// What can be said about a call before it is evaluated.
fn check(call: &Call) -> Result<(), String> {
    let count = call.arguments.len();
    let (name, arity) = (call.function.name(), call.function.arity());
    if !arity.contains(&count) {
        let expected = match (arity.start(), arity.end()) {
            (least, most) if least == most => format!("{least}"),
            (least, &usize::MAX) => format!("at least {least}"),
            (least, most) => format!("{least} to {most}"),
        };
        return Err(format!("{name} takes {expected} arguments, not {count}"));
    }
    match (call.function, call.arguments.first()) {
        (Function::Format, Some(Argument::Text(pieces))) if pieces.len() != count => {
            let placeholders = pieces.len() - 1;
            let values = count - 1;
            Err(format!(
                "{name} has {placeholders} `{{}}` and {values} values for them; they must be equal in number"
            ))
        }
        _ => Ok(()),
    }
}
