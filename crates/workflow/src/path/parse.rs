//! The grammar of paths. It never looks at a value.

use super::filter::{self, Nesting};
use super::{Cursor, Ending, Invalid, Path, Root, Selector, Slice, Step};

/// Longer paths are refused: with them, a reference path could nest a value deeper than the stack allows.
const MAX_STEPS: usize = 64;
/// As the specification has it.
const MAX_VARIABLE_CHARACTERS: usize = 80;

/// Where a path is written: filters have operators that a name may hold elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Within {
    Nothing,
    Filter,
}

/// Reads a path up to the first character that cannot belong to it.
pub(super) fn path(cursor: &mut Cursor<'_>) -> Result<Path, Invalid> {
    let start = cursor.offset();
    let root = root(cursor)?;
    let mut steps = steps(cursor, Within::Nothing, &mut Nesting::new())?;
    let ending = ending(cursor, &mut steps)?;
    Ok(Path {
        text: cursor.since(start).to_owned(),
        root,
        steps,
        ending,
    })
}

fn root(cursor: &mut Cursor<'_>) -> Result<Root, Invalid> {
    cursor.expect("$", "expected a path, which begins with `$`")?;
    if cursor.eat("$") {
        return Ok(Root::Context);
    }
    match cursor.peek() {
        Some(first) if first.is_alphabetic() || first == '_' => {
            let name = cursor.take_while(|next| next.is_alphanumeric() || next == '_');
            if name.chars().count() > MAX_VARIABLE_CHARACTERS {
                return Err(cursor.invalid(format!(
                    "expected the name of a variable, of at most {MAX_VARIABLE_CHARACTERS} characters"
                )));
            }
            Ok(Root::Variable(name.to_owned()))
        }
        _ => Ok(Root::Input),
    }
}

/// Reads `.name`, `[…]`, `..name` and `..[…]` as long as they come.
pub(super) fn steps(
    cursor: &mut Cursor<'_>,
    within: Within,
    nesting: &mut Nesting,
) -> Result<Vec<Step>, Invalid> {
    let mut steps = Vec::new();
    while !cursor.rest().starts_with(".length()") && matches!(cursor.peek(), Some('.' | '[')) {
        if steps.len() == MAX_STEPS {
            return Err(cursor.invalid(format!("expected a path of at most {MAX_STEPS} steps")));
        }
        let everywhere = cursor.eat("..");
        let dotted = everywhere || cursor.eat(".");
        // Jayway reads `$.['a']` as `$['a']`.
        let selector = if cursor.eat("[") {
            bracket(cursor, nesting)?
        } else if dotted && cursor.eat("*") {
            Selector::Every
        } else {
            Selector::Name(name(cursor, within)?)
        };
        steps.push(Step { everywhere, selector });
    }
    Ok(steps)
}

/// Reads `.length()`, and takes the last step if it is `['a','b']`.
fn ending(cursor: &mut Cursor<'_>, steps: &mut Vec<Step>) -> Result<Ending, Invalid> {
    if cursor.rest().starts_with(".length()") {
        if !steps.iter().all(Step::is_definite) {
            return Err(cursor.invalid(
                "length() needs a path to one array; select the values first and use States.ArrayLength",
            ));
        }
        cursor.eat(".length()");
        return Ok(Ending::Length);
    }
    match steps.pop() {
        Some(Step {
            everywhere: false,
            selector: Selector::Names(names),
        }) => Ok(Ending::Members(names)),
        last => {
            steps.extend(last);
            Ok(Ending::Itself)
        }
    }
}

/// Whether a character ends a name after a dot. Others need brackets, or a backslash.
fn ends_name(next: char, within: Within) -> bool {
    next.is_whitespace()
        || matches!(next, '.' | '[' | ']' | '(' | ')' | ',' | '\'' | '"' | '*' | '?')
        || (within == Within::Filter && matches!(next, '=' | '!' | '<' | '>' | '&' | '|' | '~'))
}

fn name(cursor: &mut Cursor<'_>, within: Within) -> Result<String, Invalid> {
    let mut name = String::new();
    while let Some(next) = cursor.peek().filter(|next| !ends_name(*next, within)) {
        cursor.next();
        if next == '\\' {
            name.push(escaped(cursor, |plain| plain)?);
        } else {
            name.push(next);
        }
    }
    if cursor.peek() == Some('(') {
        return Err(cursor.invalid(
            "functions of JSONPath but length() are not supported; use an intrinsic function such as States.ArrayLength",
        ));
    }
    if name.is_empty() {
        return Err(cursor.invalid("expected a name, `*` or `[`"));
    }
    Ok(name)
}

/// What follows a backslash. The specification gives `$.store\.book`, `$.\stor\e` and `$.\uD800\uDF46`.
fn escaped(cursor: &mut Cursor<'_>, meaning: fn(char) -> char) -> Result<char, Invalid> {
    match cursor.next() {
        Some('u') => Ok(cursor.unicode_escape()?.unwrap_or('u')),
        Some(other) => Ok(meaning(other)),
        None => Err(cursor.invalid("expected a character after the backslash")),
    }
}

/// Reads what follows `[`, and `]`.
fn bracket(cursor: &mut Cursor<'_>, nesting: &mut Nesting) -> Result<Selector, Invalid> {
    cursor.skip_spaces();
    let selector = match cursor.peek() {
        Some('*') => {
            cursor.next();
            Selector::Every
        }
        Some('?') => {
            cursor.next();
            Selector::Filter(filter::parse(cursor, nesting)?)
        }
        Some('\'' | '"') => names(cursor)?,
        Some('-' | ':' | '0'..='9') => numbers(cursor)?,
        Some('(') => {
            return Err(cursor.invalid(
                "calculated indices such as [(@.length-1)] are not supported; [-1] is the last element",
            ));
        }
        _ => {
            return Err(cursor.invalid("expected a name in quotes, a number, a slice, `*` or `?` after `[`"));
        }
    };
    cursor.skip_spaces();
    cursor.expect("]", "expected `]`")?;
    Ok(selector)
}

fn names(cursor: &mut Cursor<'_>) -> Result<Selector, Invalid> {
    let mut names = vec![quoted(cursor)?];
    while comma(cursor) {
        names.push(quoted(cursor)?);
    }
    Ok(match <[String; 1]>::try_from(names) {
        Ok([name]) => Selector::Name(name),
        Err(names) => Selector::Names(names),
    })
}

/// Reads a string in either kind of quotes.
pub(super) fn quoted(cursor: &mut Cursor<'_>) -> Result<String, Invalid> {
    let Some(quote @ ('\'' | '"')) = cursor.peek() else {
        return Err(cursor.invalid("expected a name in quotes"));
    };
    cursor.next();
    let mut text = String::new();
    loop {
        match cursor.next() {
            Some('\\') => text.push(escaped(cursor, |letter| match letter {
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                other => other,
            })?),
            Some(next) if next == quote => return Ok(text),
            Some(next) => text.push(next),
            None => return Err(cursor.invalid(format!("expected a closing {quote}"))),
        }
    }
}

fn numbers(cursor: &mut Cursor<'_>) -> Result<Selector, Invalid> {
    let first = optional_number(cursor)?;
    cursor.skip_spaces();
    if cursor.eat(":") {
        return slice(cursor, first);
    }
    let Some(first) = first else {
        return Err(cursor.invalid("expected a number"));
    };
    let mut indices = vec![first];
    while comma(cursor) {
        indices.push(optional_number(cursor)?.ok_or_else(|| cursor.invalid("expected a number"))?);
    }
    Ok(match indices.as_slice() {
        [index] => Selector::Index(*index),
        _ => Selector::Indices(indices),
    })
}

/// Reads what follows the first colon.
fn slice(cursor: &mut Cursor<'_>, start: Option<i64>) -> Result<Selector, Invalid> {
    cursor.skip_spaces();
    let end = optional_number(cursor)?;
    cursor.skip_spaces();
    let mut step = 1;
    if cursor.eat(":") {
        cursor.skip_spaces();
        step = optional_number(cursor)?.unwrap_or(1);
    }
    if step == 0 {
        return Err(cursor.invalid("expected a step other than 0"));
    }
    Ok(Selector::Slice(Slice { start, end, step }))
}

fn optional_number(cursor: &mut Cursor<'_>) -> Result<Option<i64>, Invalid> {
    let start = cursor.offset();
    cursor.eat("-");
    cursor.take_while(|next| next.is_ascii_digit());
    let digits = cursor.since(start);
    if digits.is_empty() {
        return Ok(None);
    }
    digits
        .parse()
        .map(Some)
        .map_err(|_| cursor.invalid("expected a whole number that fits in 64 bits"))
}

/// Reads a comma and the spaces around it.
fn comma(cursor: &mut Cursor<'_>) -> bool {
    cursor.skip_spaces();
    let found = cursor.eat(",");
    cursor.skip_spaces();
    found
}
