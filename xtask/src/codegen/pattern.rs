//! From the patterns of the models, which are Java's, to those of the `regex` crate.

use anyhow::{Result, bail};

/// A pattern that means the same to `regex`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Translated {
    pub(crate) expression: String,
    /// The text of a leading `(?!text)`, which `regex` does not have.
    pub(crate) refused_prefix: Option<String>,
}

/// Java's `\s`; `regex` takes it, and `\d`, for every script.
const SPACE: &str = r"\t\n\x0B\x0C\r\x20";

/// Translates, or says what has no translation.
pub(crate) fn translate(pattern: &str) -> Result<Translated> {
    let mut rest = pattern.strip_prefix('^').unwrap_or(pattern);
    let mut refused_prefix = None;
    if let Some(ahead) = rest.strip_prefix("(?!") {
        let Some((text, after)) = ahead.split_once(')') else {
            bail!("an unclosed look-ahead in {pattern}");
        };
        if !text.chars().all(|c| c.is_ascii_alphanumeric() || c == ':') {
            bail!("a look-ahead for more than a plain text in {pattern}");
        }
        refused_prefix = Some(text.to_owned());
        rest = after;
    }
    if rest.ends_with('$') && !rest.ends_with("\\$") {
        rest = &rest[..rest.len() - 1];
    }
    // The text is matched as a whole, so that `^` and `$` at the ends of the whole pattern say nothing; that is not so
    // where they are the ends of an alternative.
    if has_alternatives(rest) && rest.len() != pattern.len() {
        bail!("anchors on alternatives in {pattern}");
    }
    let expression = translate_body(rest, pattern)?;
    Ok(Translated {
        expression,
        refused_prefix,
    })
}

fn has_alternatives(pattern: &str) -> bool {
    let mut depth = 0_i32;
    let mut escaped = false;
    for character in pattern.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '|' if depth == 0 => return true,
            _ => {}
        }
    }
    false
}

fn translate_body(body: &str, pattern: &str) -> Result<String> {
    let mut expression = String::new();
    let mut in_class = false;
    let mut characters = body.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                let Some(escaped) = characters.next() else {
                    bail!("a lone backslash in {pattern}");
                };
                if escaped == 'p' {
                    let property: String = characters.by_ref().take_while(|c| *c != '}').collect();
                    expression.push_str(&property_class(&property, in_class, pattern)?);
                } else {
                    expression.push_str(&escape(escaped, in_class, pattern)?);
                }
            }
            '(' if characters.peek() == Some(&'?') => bail!("a special group in {pattern}"),
            '[' if in_class => bail!("a class within a class in {pattern}"),
            '&' | '~' if in_class && characters.peek() == Some(&character) => {
                bail!("a set operation in {pattern}")
            }
            '^' | '$' if !in_class => bail!("an anchor inside {pattern}"),
            '.' if !in_class => expression.push_str(r"[^\n\r\x{85}\x{2028}\x{2029}]"),
            _ => {
                expression.push(character);
                match character {
                    '[' => in_class = true,
                    ']' => in_class = false,
                    _ => {}
                }
            }
        }
    }
    Ok(expression)
}

fn escape(escaped: char, in_class: bool, pattern: &str) -> Result<String> {
    Ok(match (escaped, in_class) {
        ('d', true) => "0-9".to_owned(),
        ('d', false) => "[0-9]".to_owned(),
        ('w', true) => "a-zA-Z0-9_".to_owned(),
        ('w', false) => "[a-zA-Z0-9_]".to_owned(),
        ('s', true) => SPACE.to_owned(),
        ('s', false) => format!("[{SPACE}]"),
        ('S', false) => format!("[^{SPACE}]"),
        (punctuation, _) if punctuation.is_ascii_punctuation() => regex_escape(punctuation),
        _ => bail!("\\{escaped} in {pattern}"),
    })
}

fn regex_escape(punctuation: char) -> String {
    format!("\\x{:02X}", punctuation as u32)
}

fn property_class(property: &str, in_class: bool, pattern: &str) -> Result<String> {
    Ok(match (property, in_class) {
        ("{ASCII", true) => r"\x00-\x7F".to_owned(),
        ("{ASCII", false) => r"[\x00-\x7F]".to_owned(),
        ("{L" | "{Z" | "{N" | "{P" | "{S" | "{M", _) => format!("\\p{property}}}"),
        _ => bail!("the property \\p{property}}} in {pattern}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expression(pattern: &str) -> String {
        let translated = translate(pattern).unwrap();
        assert_eq!(translated.refused_prefix, None);
        translated.expression
    }

    #[test]
    fn what_differs_between_the_flavours_is_rewritten() {
        assert_eq!(expression("[a-zA-Z0-9_.\\-]+"), "[a-zA-Z0-9_.\\x2D]+");
        assert_eq!(expression("^(0|[1-9]\\d{0,2})\\.x$"), "(0|[1-9][0-9]{0,2})\\x2Ex");
        assert_eq!(expression("\\p{ASCII}*"), "[\\x00-\\x7F]*");
        assert_eq!(
            expression(".*\\S"),
            r"[^\n\r\x{85}\x{2028}\x{2029}]*[^\t\n\x0B\x0C\r\x20]"
        );
        assert_eq!(
            translate("^(?!aws:)[\\p{L}=]*$").unwrap(),
            Translated {
                expression: "[\\p{L}=]*".to_owned(),
                refused_prefix: Some("aws:".to_owned())
            }
        );
    }

    #[test]
    fn what_has_no_translation_is_refused() {
        for pattern in [
            "(?=a)b", "a(?!b)", "(?!a|b)c", "^a|b$", "a$b", "[a[b]]", "[a&&b]", "\\bx", "\\p{Lu}x",
        ] {
            assert!(translate(pattern).is_err(), "{pattern}");
        }
    }
}
