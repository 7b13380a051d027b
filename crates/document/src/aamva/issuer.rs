//! Issuer identification numbers.

/// A state, province or territory that issues cards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
pub struct Issuer {
    /// Its two letters, as in addresses; three for the US Department of State (`DOS`).
    pub code: &'static str,
    /// Its country, as in element DCG: `USA`, `CAN` or `MEX`.
    pub country: &'static str,
}

/// The issuer with a number: AAMVA, *Issuer Identification Numbers (IIN)*, the list that the DL/ID Card Design Standard
/// (2020) refers to in its section D.12.3. Compared number by number with two public copies of the list, one of them of
/// 2023-12-29; where a copy has a code that the post no longer uses (`NF`), the present one stands here (`NL`).
#[must_use]
pub fn issuer(number: u32) -> Option<Issuer> {
    let find = |table: &[(u32, &'static str)], country| {
        table
            .iter()
            .find(|(known, _)| *known == number)
            .map(|(_, code)| Issuer { code, country })
    };
    find(&UNITED_STATES, "USA")
        .or_else(|| find(&CANADA, "CAN"))
        .or_else(|| find(&MEXICO, "MEX"))
}

const UNITED_STATES: [(u32, &str); 57] = [
    (604_427, "AS"),
    (604_430, "MP"),
    (604_431, "PR"),
    (636_000, "VA"),
    (636_001, "NY"),
    (636_002, "MA"),
    (636_003, "MD"),
    (636_004, "NC"),
    (636_005, "SC"),
    (636_006, "CT"),
    (636_007, "LA"),
    (636_008, "MT"),
    (636_009, "NM"),
    (636_010, "FL"),
    (636_011, "DE"),
    (636_014, "CA"),
    (636_015, "TX"),
    (636_018, "IA"),
    (636_019, "GU"),
    (636_020, "CO"),
    (636_021, "AR"),
    (636_022, "KS"),
    (636_023, "OH"),
    (636_024, "VT"),
    (636_025, "PA"),
    (636_026, "AZ"),
    (636_027, "DOS"),
    (636_029, "OR"),
    (636_030, "MO"),
    (636_031, "WI"),
    (636_032, "MI"),
    (636_033, "AL"),
    (636_034, "ND"),
    (636_035, "IL"),
    (636_036, "NJ"),
    (636_037, "IN"),
    (636_038, "MN"),
    (636_039, "NH"),
    (636_040, "UT"),
    (636_041, "ME"),
    (636_042, "SD"),
    (636_043, "DC"),
    (636_045, "WA"),
    (636_046, "KY"),
    (636_047, "HI"),
    (636_049, "NV"),
    (636_050, "ID"),
    (636_051, "MS"),
    (636_052, "RI"),
    (636_053, "TN"),
    (636_054, "NE"),
    (636_055, "GA"),
    (636_058, "OK"),
    (636_059, "AK"),
    (636_060, "WY"),
    (636_061, "WV"),
    (636_062, "VI"),
];

const CANADA: [(u32, &str); 13] = [
    (604_426, "PE"),
    (604_428, "QC"),
    (604_429, "YT"),
    (604_432, "AB"),
    (604_433, "NU"),
    (604_434, "NT"),
    (636_012, "ON"),
    (636_013, "NS"),
    (636_016, "NL"),
    (636_017, "NB"),
    (636_028, "BC"),
    (636_044, "SK"),
    (636_048, "MB"),
];

const MEXICO: [(u32, &str); 2] = [(636_056, "CU"), (636_057, "HL")];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_codes_are_unique() {
        let all: Vec<_> = UNITED_STATES.iter().chain(&CANADA).chain(&MEXICO).collect();
        for (index, (number, code)) in all.iter().enumerate() {
            assert!(all[..index].iter().all(|(other, _)| other != number), "{number}");
            assert!(all[..index].iter().all(|(_, other)| other != code), "{code}");
        }
    }

    #[test]
    fn issuers_are_found_in_their_countries() {
        assert_eq!(
            issuer(636_014),
            Some(Issuer {
                code: "CA",
                country: "USA"
            })
        );
        assert_eq!(
            issuer(636_017),
            Some(Issuer {
                code: "NB",
                country: "CAN"
            })
        );
        assert_eq!(
            issuer(636_057),
            Some(Issuer {
                code: "HL",
                country: "MEX"
            })
        );
        assert_eq!(issuer(123_456), None);
    }
}
