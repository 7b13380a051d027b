//! States, provinces and territories in the headings and addresses of cards. It knows nothing about how their cards look.

use std::sync::LazyLock;

use crate::states::NAMES;

/// Names without spaces, and codes. Not the Yukon and the Department of State, whose names stand in no heading as they are
/// known here.
static TABLE: LazyLock<Vec<(String, &'static str)>> = LazyLock::new(|| {
    let known = NAMES
        .iter()
        .filter(|(code, _)| !["YT", "DOS", "NL"].contains(code));
    let known = known.map(|(code, name)| (name.replace(' ', ""), *code));
    let others = [("NEWYORKSTATE", "NY"), ("NEWFOUNDLAND", "NL")];
    known
        .chain(others.map(|(name, code)| (name.to_owned(), code)))
        .collect()
});

/// Codes of addresses that are no issuers: the armed forces abroad, the Yukon (whose name is too short to be looked
/// for in a heading), Micronesia, the Marshall Islands and Palau.
const ALSO_IN_ADDRESSES: [&str; 7] = ["AA", "AE", "AP", "YT", "FM", "MH", "PW"];

/// Whether two letters name a state or province in an address.
pub(super) fn is_code(code: &str) -> bool {
    TABLE.iter().any(|(_, known)| *known == code) || ALSO_IN_ADDRESSES.contains(&code)
}

/// The code of the state or province whose name begins or makes up a heading, and the letters of the name. The longest
/// name wins (`WEST VIRGINIA`, not `VIRGINIA`). `heading` is in capitals without spaces.
pub(super) fn code_of_heading(heading: &str) -> Option<(&'static str, usize)> {
    let exact = TABLE
        .iter()
        .filter(|(name, _)| heading.starts_with(name.as_str()))
        .max_by_key(|(name, _)| name.len())
        .map(|(name, code)| (*code, name.len()));
    exact.or_else(|| {
        // One character misread, in names long enough that no other name is as near.
        TABLE
            .iter()
            .find(|(name, _)| name.len() >= 7 && super::text::distance(heading, name) <= 1)
            .map(|(name, code)| (*code, name.len()))
    })
}
