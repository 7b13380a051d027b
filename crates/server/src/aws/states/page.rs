//! Pages of Step Functions' lists: 100 results if nothing is asked, 1000 at most, and `InvalidToken` for a token that is none.

use super::super::token::List;
use super::refusal;
use crate::aws::{Context, Error};

const DEFAULT: usize = 100;
const MOST: usize = 1000;

/// How many results a page has. 0 asks for the default.
pub(super) fn size(asked: Option<i32>) -> usize {
    asked
        .and_then(|asked| usize::try_from(asked).ok())
        .filter(|asked| *asked > 0)
        .map_or(DEFAULT, |asked| asked.min(MOST))
}

/// One more than the page has, to see whether there is another one.
pub(super) fn limit(size: usize) -> u32 {
    u32::try_from(size + 1).unwrap_or(u32::MAX)
}

/// Where the page begins; `None` for the first.
pub(super) fn position(
    context: &Context,
    list: List<'_>,
    token: Option<&String>,
) -> Result<Option<Vec<u8>>, Error> {
    token
        .map(|token| {
            context
                .tokens()
                .read(list, token)
                .ok_or_else(refusal::pagination_token)
        })
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_asked_is_a_hundred() {
        for (asked, expected) in [
            (None, 100),
            (Some(0), 100),
            (Some(1), 1),
            (Some(1000), 1000),
            (Some(2000), 1000),
        ] {
            assert_eq!(size(asked), expected);
        }
        assert_eq!(limit(1000), 1001);
    }
}
