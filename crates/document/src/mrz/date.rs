//! Dates of two-digit years: ICAO Doc 9303 part 3, section 4.8, which says nothing about centuries: those are our rules.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// How many years before today an expiry may lie; the rest of its century lies after today.
const EXPIRED_YEARS: i16 = 30;

/// A date as a machine readable zone prints it: a year without its century, and components that may be unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShortDate {
    /// The last two digits of the year.
    pub year: Option<u8>,
    /// The month, as printed; some issuers print 0 for unknown.
    pub month: Option<u8>,
    /// The day, as printed; some issuers print 0 for unknown.
    pub day: Option<u8>,
}

impl ShortDate {
    /// Reads `YYMMDD`. A component that is not two digits (`<<`) is unknown.
    pub(super) fn read(printed: &str) -> Self {
        let component = |at: usize| {
            let digits = printed.get(at..at + 2)?;
            if digits.bytes().all(|byte| byte.is_ascii_digit()) {
                digits.parse().ok()
            } else {
                None
            }
        };
        Self {
            year: component(0),
            month: component(2),
            day: component(4),
        }
    }

    /// The date of birth that it means: the latest that is not after `today`.
    #[must_use]
    pub fn birth(self, today: Date) -> Option<Date> {
        self.in_year(self.birth_year(today)?)
    }

    /// The date of expiry that it means: the one whose year is at most 30 before and at most 69 after that of `today`.
    ///
    /// Documents are valid for fifty years at most in practice, and none is shown thirty years after its expiry.
    #[must_use]
    pub fn expiry(self, today: Date) -> Option<Date> {
        self.in_year(self.expiry_year(today)?)
    }

    /// The date of birth as far as it is known: `1974-08-12`, `1974-08` or `1974`.
    #[must_use]
    pub fn birth_text(self, today: Date) -> Option<String> {
        self.text(self.birth_year(today)?)
    }

    /// The date of expiry as far as it is known.
    #[must_use]
    pub fn expiry_text(self, today: Date) -> Option<String> {
        self.text(self.expiry_year(today)?)
    }

    fn birth_year(self, today: Date) -> Option<i16> {
        let year = century(today) + i16::from(self.year?);
        let month = self.month.map_or(1, |month| month.clamp(1, 12) as i8);
        let day = self.day.map_or(1, |day| day.clamp(1, 31) as i8);
        Some(
            if (year, month, day) > (today.year(), today.month(), today.day()) {
                year - 100
            } else {
                year
            },
        )
    }

    fn expiry_year(self, today: Date) -> Option<i16> {
        let first = today.year() - EXPIRED_YEARS;
        let year = century(today) + i16::from(self.year?);
        Some(if year < first {
            year + 100
        } else if year >= first + 100 {
            year - 100
        } else {
            year
        })
    }

    fn in_year(self, year: i16) -> Option<Date> {
        Date::new(
            year,
            i8::try_from(self.month?).ok()?,
            i8::try_from(self.day?).ok()?,
        )
        .ok()
    }

    /// ISO 8601 with as many components as are known; nothing when they cannot be those of a date.
    fn text(self, year: i16) -> Option<String> {
        match (
            self.month.filter(|month| *month > 0),
            self.day.filter(|day| *day > 0),
        ) {
            (Some(_), Some(_)) => Some(self.in_year(year)?.to_string()),
            (Some(month), None) if month <= 12 => Some(format!("{year:04}-{month:02}")),
            (None, None) => Some(format!("{year:04}")),
            _ => None,
        }
    }
}

/// The first year of the century of `date`.
fn century(date: Date) -> i16 {
    date.year() - date.year().rem_euclid(100)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_birth_is_never_after_today() {
        let today = date(2026, 7, 10);
        for (printed, expected) in [
            ("740812", date(1974, 8, 12)),
            ("260710", date(2026, 7, 10)),
            ("260711", date(1926, 7, 11)),
            ("000229", date(2000, 2, 29)),
        ] {
            assert_eq!(ShortDate::read(printed).birth(today), Some(expected), "{printed}");
        }
        assert_eq!(ShortDate::read("740231").birth(today), None);
    }

    #[test]
    fn an_expiry_lies_in_the_window_around_today() {
        let today = date(2026, 7, 10);
        for (printed, year) in [
            ("960101", 1996),
            ("950101", 2095),
            ("120415", 2012),
            ("500101", 2050),
        ] {
            assert_eq!(
                ShortDate::read(printed).expiry(today).unwrap().year(),
                year,
                "{printed}"
            );
        }
        assert_eq!(
            ShortDate::read("960101").expiry(date(1999, 1, 1)).unwrap().year(),
            1996
        );
        assert_eq!(
            ShortDate::read("050101").expiry(date(1999, 1, 1)).unwrap().year(),
            2005
        );
    }

    #[test]
    fn what_is_unknown_stays_unknown() {
        let today = date(2026, 7, 10);
        for (printed, text) in [
            ("7408<<", Some("1974-08")),
            ("74<<<<", Some("1974")),
            ("740000", Some("1974")),
            ("<<<<<<", None),
            ("74<<12", None),
            ("741300", None),
        ] {
            let short = ShortDate::read(printed);
            assert_eq!(short.birth(today), None, "{printed}");
            assert_eq!(short.birth_text(today).as_deref(), text, "{printed}");
        }
        assert_eq!(
            ShortDate::read("740812").birth_text(today).as_deref(),
            Some("1974-08-12")
        );
        assert_eq!(
            ShortDate::read("2808<<").expiry_text(today).as_deref(),
            Some("2028-08")
        );
    }
}
