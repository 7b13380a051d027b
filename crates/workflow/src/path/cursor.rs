//! A place in a text that is being parsed, and how to say what is wrong there. Shared by paths and intrinsic functions;
//! it knows neither grammar, and never panics whatever the text.

/// Longer texts are cut in messages.
const SHOWN_CHARACTERS: usize = 200;

/// A path or an intrinsic function that cannot be parsed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not valid at character {position}: {expected}")]
pub struct Invalid {
    text: String,
    position: usize,
    expected: String,
}

impl Invalid {
    /// Something that is wrong at a byte offset of a text.
    pub(crate) fn new(text: &str, offset: usize, expected: impl Into<String>) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let mut shown: String = text.chars().take(SHOWN_CHARACTERS).collect();
        if shown.len() < text.len() {
            shown.push('…');
        }
        Self {
            text: shown,
            position: before.chars().count() + 1,
            expected: expected.into(),
        }
    }
}

/// Reads a text from left to right.
#[derive(Debug)]
pub(crate) struct Cursor<'t> {
    text: &'t str,
    offset: usize,
}

impl<'t> Cursor<'t> {
    pub(crate) const fn new(text: &'t str) -> Self {
        Self { text, offset: 0 }
    }

    /// What has not been read.
    pub(crate) fn rest(&self) -> &'t str {
        self.text.get(self.offset..).unwrap_or_default()
    }

    /// The number of bytes that have been read.
    pub(crate) const fn offset(&self) -> usize {
        self.offset
    }

    /// What has been read since an earlier offset.
    pub(crate) fn since(&self, offset: usize) -> &'t str {
        self.text.get(offset..self.offset).unwrap_or_default()
    }

    pub(crate) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(crate) fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.offset += next.len_utf8();
        Some(next)
    }

    /// Reads `token` if it is what comes next.
    pub(crate) fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.offset += token.len();
        }
        found
    }

    /// Reads as long as the characters are wanted, and gives what was read.
    pub(crate) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'t str {
        let start = self.offset;
        let rest = self.rest();
        self.offset += rest.find(|next| !wanted(next)).unwrap_or(rest.len());
        self.since(start)
    }

    pub(crate) fn skip_spaces(&mut self) {
        self.take_while(char::is_whitespace);
    }

    /// What is wrong at this place.
    pub(crate) fn invalid(&self, expected: impl Into<String>) -> Invalid {
        Invalid::new(self.text, self.offset, expected)
    }

    /// Reads `token`, which has to be there.
    pub(crate) fn expect(&mut self, token: &str, expected: &str) -> Result<(), Invalid> {
        if self.eat(token) {
            Ok(())
        } else {
            Err(self.invalid(expected))
        }
    }

    /// Nothing may be left.
    pub(crate) fn expect_end(&self) -> Result<(), Invalid> {
        match self.peek() {
            None => Ok(()),
            Some(next) if next.is_whitespace() => {
                Err(self.invalid("expected the end; write a name that holds a space as ['my name']"))
            }
            Some(next) => Err(self.invalid(format!(
                "expected the end, not `{next}`; write a name that holds it as ['my{next}name']"
            ))),
        }
    }

    /// The four digits after `\u`, and the second half of a surrogate pair. Nothing is read unless they are there.
    pub(crate) fn unicode_escape(&mut self) -> Result<Option<char>, Invalid> {
        let Some(first) = self.four_digits() else {
            return Ok(None);
        };
        if let Some(simple) = char::from_u32(u32::from(first)) {
            return Ok(Some(simple));
        }
        let second = if self.eat("\\u") { self.four_digits() } else { None };
        second
            .and_then(|second| char::decode_utf16([first, second]).next()?.ok())
            .map(Some)
            .ok_or_else(|| self.invalid("expected both halves of a surrogate pair, as in \\uD800\\uDF46"))
    }

    fn four_digits(&mut self) -> Option<u16> {
        let digits = self.rest().get(..4)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        self.offset += digits.len();
        u16::from_str_radix(digits, 16).ok()
    }
}
