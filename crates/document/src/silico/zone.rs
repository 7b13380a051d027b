//! The machine readable zone of somebody who does not exist, in every format (ICAO Doc 9303-4 to -7).

use jiff::civil::Date;

use super::Person;
use crate::mrz::{self, Format};

/// The two lines of a passport of Utopia.
#[must_use]
pub fn td3(person: &Person) -> [String; 2] {
    let [first, second, ..] = fields(Format::Td3, "UTO", person);
    [first, second]
}

/// The lines of a zone, all check digits right, the optional data empty. The issuer's code has three letters at most. What
/// a name has more than there is room for is cut off at its end: simpler than the standard's ways, and read in the same way.
#[must_use]
pub fn zone(format: Format, issuer: &str, person: &Person) -> Vec<String> {
    let mut lines = fields(format, issuer, person).to_vec();
    lines.truncate(format.line_count());
    lines
}

fn fields(format: Format, issuer: &str, person: &Person) -> [String; 3] {
    let number = with_digit(&fill(&person.number, 9));
    let (birth, expiry) = (with_digit(&date(person.birth)), with_digit(&date(person.expiry)));
    let sex = if person.sex == 'X' { '<' } else { person.sex };
    let names = format!("{}<<{}", part(&person.last_name), part(&person.given_names));
    let issuer = fill(issuer, 3);
    if format == Format::Td1 {
        let first = format!("I<{issuer}{number}{}", fill("", 15));
        let composite = mrz::digit(&format!("{}{birth}{expiry}{}", &first[5..], fill("", 11)));
        let second = format!("{birth}{sex}{expiry}{issuer}{}{composite}", fill("", 11));
        return [first, second, fill(&names, 30)];
    }
    let code = match format {
        Format::Td2 => "I<",
        Format::MrvA | Format::MrvB => "V<",
        Format::Td3 | Format::Td1 => "P<",
    };
    let first = fill(&format!("{code}{issuer}{names}"), format.width());
    let second = format!("{number}{issuer}{birth}{sex}{expiry}");
    let last = match format {
        Format::Td3 => {
            let personal = with_digit(&fill("", 14));
            let composite = mrz::digit(&format!("{number}{birth}{expiry}{personal}"));
            format!("{personal}{composite}")
        }
        Format::Td2 => {
            let optional = fill("", 7);
            let composite = mrz::digit(&format!("{number}{birth}{expiry}{optional}"));
            format!("{optional}{composite}")
        }
        _ => String::new(),
    };
    [
        first,
        fill(&format!("{second}{last}"), format.width()),
        String::new(),
    ]
}

fn fill(text: &str, width: usize) -> String {
    format!("{text:<<width$}").chars().take(width).collect()
}

fn with_digit(text: &str) -> String {
    let digit = mrz::digit(text);
    format!("{text}{digit}")
}

fn date(date: Date) -> String {
    format!(
        "{:02}{:02}{:02}",
        date.year().rem_euclid(100),
        date.month(),
        date.day()
    )
}

/// A name as a zone has it (Doc 9303-3, section 4.6): no apostrophes, fillers for spaces and hyphens.
fn part(name: &str) -> String {
    name.replace('\'', "").replace([' ', '-'], "<")
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::Field;
    use crate::mrz::Mrz;

    #[test]
    fn every_format_is_right() {
        let person = Person::example();
        for format in Format::ALL {
            let lines = zone(format, "UTO", &person);
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            let mrz = Mrz::parse(&lines).unwrap();
            assert_eq!(mrz.format, format);
            assert!(mrz.is_consistent(), "{lines:?}");
            let readings = mrz.readings(date(2026, 11, 26));
            assert_eq!(readings[&Field::DateOfBirth].date, Some(person.birth));
            assert_eq!(readings[&Field::DateOfExpiry].date, Some(person.expiry));
            for (field, text) in [
                (Field::LastName, "MARLOWE"),
                (Field::FirstName, "TESSA"),
                (Field::DocumentNumber, person.number.as_str()),
                (Field::Nationality, "UTO"),
            ] {
                assert_eq!(readings[&field].text, text);
            }
        }
        assert_eq!(zone(Format::Td3, "UTO", &person), td3(&person));
    }
}
