//! Names: ICAO Doc 9303 part 3, section 4.6, and its examples in parts 4 to 7.

use serde::{Deserialize, Serialize};

/// The holder's names. The zone has no diacritics, apostrophes or lower case: these do not come back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    /// The primary identifier, in most states the family name; its parts apart by a space.
    pub primary: String,
    /// The secondary identifier, in most states the given names; absent when the holder has none.
    pub secondary: Option<String>,
    /// The field is filled to its last character, so that more may have been cut off.
    pub possibly_truncated: bool,
}

impl Names {
    /// Splits a name field: the first two fillers end the primary identifier, one alone stands for a space.
    ///
    /// Issuers that print more than two identifiers against the standard find the rest in the secondary one.
    pub(super) fn read(field: &str) -> Self {
        let (primary, secondary) = field
            .trim_start_matches('<')
            .split_once("<<")
            .unwrap_or((field, ""));
        let (primary, secondary) = (words(primary), words(secondary));
        let possibly_truncated = !field.ends_with('<') && !field.is_empty();
        Self {
            primary,
            secondary: (!secondary.is_empty()).then_some(secondary),
            possibly_truncated,
        }
    }
}

/// The parts between fillers, apart by a space.
pub(super) fn words(field: &str) -> String {
    field
        .split('<')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Examples of Doc 9303 part 4, section 4.2.3 and part 3, section 4.6.
    #[test]
    fn names_are_split_as_the_standard_says() {
        for (field, primary, secondary, truncated) in [
            (
                "ERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
                "ERIKSSON",
                Some("ANNA MARIA"),
                false,
            ),
            (
                "VAN<DER<MUELLEN<<MARIANNE<<<<<<<<<<<<<<",
                "VAN DER MUELLEN",
                Some("MARIANNE"),
                false,
            ),
            (
                "SMITH<JONES<<SUSIE<MARGARET<<<<<<<<<<<<",
                "SMITH JONES",
                Some("SUSIE MARGARET"),
                false,
            ),
            (
                "ARKFREITH<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<",
                "ARKFREITH",
                None,
                false,
            ),
            (
                "NILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K",
                "NILAVADHANANANDA",
                Some("CHAYAPA DEJTHAMRONG K"),
                true,
            ),
            (
                "PAPANDROPOULOUS<<JONATHOON<ALEC",
                "PAPANDROPOULOUS",
                Some("JONATHOON ALEC"),
                true,
            ),
            ("", "", None, false),
        ] {
            let names = Names::read(field);
            assert_eq!(
                (
                    names.primary.as_str(),
                    names.secondary.as_deref(),
                    names.possibly_truncated
                ),
                (primary, secondary, truncated),
                "{field}"
            );
        }
    }
}
