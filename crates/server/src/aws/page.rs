//! Pages of lists.

use super::context::Context;
use super::error::Error;
use super::token::List;

/// Without `MaxResults`, and at most: what the service model allows for collections and faces.
pub(super) const MAX_RESULTS: usize = 4096;
/// The same for users.
pub(super) const MAX_USERS: usize = 500;

/// How many results a page has. 0, which the service model allows, says nothing: a page without results would be
/// followed by the same page for ever.
pub(super) fn size(asked: Option<i32>, default: usize) -> usize {
    asked
        .and_then(|asked| usize::try_from(asked).ok())
        .filter(|asked| *asked > 0)
        .map_or(default, |asked| asked.min(default))
}

/// Where the page begins; `None` for the first. An empty token is none: some clients send it.
pub(super) fn position(
    context: &Context,
    list: List<'_>,
    token: Option<&str>,
) -> Result<Option<Vec<u8>>, Error> {
    match token {
        None | Some("") => Ok(None),
        Some(token) => {
            let position = context.tokens().read(list, token);
            position.map(Some).ok_or_else(Error::pagination_token)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_asked_is_everything_allowed() {
        assert_eq!(size(None, MAX_RESULTS), 4096);
        assert_eq!(size(Some(0), MAX_RESULTS), 4096);
        assert_eq!(size(Some(1), MAX_RESULTS), 1);
        assert_eq!(size(Some(5000), MAX_USERS), 500);
    }
}
