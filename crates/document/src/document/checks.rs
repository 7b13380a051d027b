//! What speaks against a document. Findings are facts for whoever decides; nothing is decided here, and none of them proves
//! a document genuine.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Fields;
use crate::field::Field;
use crate::mrz::Which;

/// What is asked of the holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// The date in question: where the reader is.
    pub today: Date,
    /// The age in full years that the holder must have; `None` if any will do.
    pub least_age_years: Option<u8>,
}

/// Something that speaks against a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "Finding", rename_all_fields = "PascalCase")]
#[non_exhaustive]
pub enum Finding {
    /// It has expired.
    Expired {
        /// Its last day.
        date: Date,
    },
    /// A check digit of the MRZ is wrong.
    CheckDigitFailed {
        /// What it stands for.
        of: Which,
    },
    /// Two zones say different things.
    ZonesDisagree {
        /// About what.
        field: Field,
    },
    /// The holder is younger than asked for.
    UnderAge {
        /// Full years on the day in question.
        age_years: u8,
        /// The age asked for.
        least_age_years: u8,
    },
}

/// For people.
impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired { date } => write!(formatter, "expired on {date}"),
            Self::CheckDigitFailed { of } => write!(formatter, "a check digit is wrong: {of:?}"),
            Self::ZonesDisagree { field } => {
                write!(formatter, "printed and machine-readable text disagree: {field:?}")
            }
            Self::UnderAge {
                age_years,
                least_age_years,
            } => write!(formatter, "the holder is {age_years}, not {least_age_years}"),
        }
    }
}

/// All findings; those of check digits are the caller's.
pub(crate) fn check(fields: &Fields, policy: Policy) -> Vec<Finding> {
    let date = |field| fields.get(&field).and_then(|value| value.reading.date);
    let mut findings = Vec::new();
    if let Some(date) = date(Field::DateOfExpiry).filter(|date| *date < policy.today) {
        findings.push(Finding::Expired { date });
    }
    let disagreeing = fields.iter().filter(|(_, value)| !value.disagreeing.is_empty());
    findings.extend(disagreeing.map(|(field, _)| Finding::ZonesDisagree { field: *field }));
    if let (Some(birth), Some(least_age_years)) = (date(Field::DateOfBirth), policy.least_age_years) {
        let age_years = age_years(birth, policy.today);
        if age_years < least_age_years {
            findings.push(Finding::UnderAge {
                age_years,
                least_age_years,
            });
        }
    }
    findings
}

/// Full years between two days; who is born on 29 February has their birthday on 1 March in other years.
#[must_use]
pub fn age_years(birth: Date, today: Date) -> u8 {
    let had_birthday = (today.month(), today.day()) >= (birth.month(), birth.day());
    let years = today.year() - birth.year() - i16::from(!had_birthday);
    u8::try_from(years.max(0)).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::{FieldValue, Source};
    use super::*;
    use crate::field::Reading;

    fn fields(dates: &[(Field, Date)]) -> Fields {
        let value = |date: &Date| FieldValue {
            reading: Reading {
                text: date.to_string(),
                date: Some(*date),
                confidence: 1.0,
            },
            source: Source::Mrz,
            polygon: None,
            disagreeing: Vec::new(),
        };
        dates.iter().map(|(field, date)| (*field, value(date))).collect()
    }

    #[test]
    fn a_document_is_valid_on_its_last_day() {
        let policy = |today| Policy {
            today,
            least_age_years: None,
        };
        let fields = fields(&[(Field::DateOfExpiry, date(2030, 5, 9))]);
        assert_eq!(check(&fields, policy(date(2030, 5, 9))), []);
        let expired = Finding::Expired {
            date: date(2030, 5, 9),
        };
        assert_eq!(check(&fields, policy(date(2030, 5, 10))), [expired]);
    }

    #[test]
    fn age_counts_full_years() {
        assert_eq!(age_years(date(2008, 11, 26), date(2026, 11, 26)), 18);
        assert_eq!(age_years(date(2008, 11, 27), date(2026, 11, 26)), 17);
        assert_eq!(age_years(date(2008, 2, 29), date(2026, 2, 28)), 17);
        assert_eq!(age_years(date(2030, 1, 1), date(2026, 1, 1)), 0);
        let fields = fields(&[(Field::DateOfBirth, date(2010, 1, 1))]);
        let policy = Policy {
            today: date(2026, 11, 26),
            least_age_years: Some(18),
        };
        let finding = Finding::UnderAge {
            age_years: 16,
            least_age_years: 18,
        };
        assert_eq!(check(&fields, policy), [finding]);
    }

    #[test]
    fn findings_are_sentences() {
        let expired = Finding::Expired {
            date: date(2030, 5, 9),
        };
        assert_eq!(expired.to_string(), "expired on 2030-05-09");
    }

    #[test]
    fn zones_that_disagree_are_found() {
        let mut fields = fields(&[(Field::DateOfBirth, date(2000, 1, 1))]);
        fields.get_mut(&Field::DateOfBirth).unwrap().disagreeing = vec![Source::VisualZone];
        let policy = Policy {
            today: date(2026, 11, 26),
            least_age_years: Some(18),
        };
        let finding = Finding::ZonesDisagree {
            field: Field::DateOfBirth,
        };
        assert_eq!(check(&fields, policy), [finding]);
    }
}
