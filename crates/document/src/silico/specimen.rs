//! Specimens of documents of people who do not exist, laid out after the standards: a driver licence with numbered elements
//! (AAMVA DL/ID Card Design Standard, annex A) and the data page of a passport (ICAO Doc 9303-4). Their colours and places
//! are nobody's.

use jiff::civil::Date;

use super::sheet::{Font, Sheet};
use super::zone::td3;

/// Somebody who does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Family name, in capitals.
    pub last_name: String,
    /// Given names, in capitals.
    pub given_names: String,
    /// Number of the document: capitals and digits, nine at most.
    pub number: String,
    /// Date of birth.
    pub birth: Date,
    /// Date of issue.
    pub issue: Date,
    /// Date of expiry.
    pub expiry: Date,
    /// `M`, `F` or `X`.
    pub sex: char,
}

impl Person {
    /// Another for every number.
    #[must_use]
    pub fn number(n: u32) -> Self {
        const LAST: [&str; 8] = [
            "MARLOWE",
            "OKAFOR",
            "LINDQVIST",
            "HARTIGAN",
            "VASQUEZ",
            "BRANDT",
            "IYER",
            "QUENTIN",
        ];
        const GIVEN: [&str; 7] = [
            "TESSA JUNE",
            "ARVO",
            "MIRELA ANN",
            "JONAS PAUL",
            "ODETTE",
            "RUFUS HAL",
            "ZADIE",
        ];
        let pick = |step: u32, of: usize| (n.wrapping_mul(step).wrapping_add(step) as usize) % of;
        let day = |year: i16, step: u32| {
            Date::constant(year, 1 + pick(step, 12) as i8, 1 + pick(step + 4, 28) as i8)
        };
        let birth = day(1950 + pick(11, 55) as i16, 5);
        let issue = day(2019 + pick(3, 6) as i16, 7);
        Self {
            last_name: LAST[pick(5, LAST.len())].to_owned(),
            given_names: GIVEN[pick(3, GIVEN.len())].to_owned(),
            number: format!("K{:07}", (u64::from(n) * 7_919_177 + 1_234_567) % 10_000_000),
            birth,
            issue,
            expiry: Date::constant(issue.year() + 8, birth.month(), birth.day()),
            sex: ['F', 'M', 'X'][pick(13, 3)],
        }
    }

    /// The one whom tests know.
    #[must_use]
    pub fn example() -> Self {
        Self {
            last_name: "MARLOWE".to_owned(),
            given_names: "TESSA JUNE".to_owned(),
            number: "K4417926".to_owned(),
            birth: Date::constant(1988, 4, 17),
            issue: Date::constant(2023, 4, 20),
            expiry: Date::constant(2031, 4, 17),
            sex: 'F',
        }
    }
}

/// ID-1 is 85.60 × 53.98 mm (ISO/IEC 7810).
pub(super) const ID_1: (f32, f32) = (242.6, 153.0);
/// ID-3 is 125 × 88 mm.
const ID_3: (f32, f32) = (354.3, 249.4);

/// The front of a driver licence, with a portrait if there is one (a JPEG file).
#[must_use]
pub fn licence(person: &Person, portrait: Option<&[u8]>) -> Sheet {
    let mut sheet = Sheet::new(ID_1.0, ID_1.1);
    sheet
        .text(12.0, 20.0, 13.0, Font::Bold, "OHIO")
        .text(110.0, 18.0, 9.0, Font::Bold, "DRIVER LICENSE");
    if let Some(portrait) = portrait {
        sheet.jpeg(10.0, 30.0, 66.0, 84.0, portrait);
    }
    let us = |date: Date| format!("{:02}/{:02}/{}", date.month(), date.day(), date.year());
    let sex = person.sex;
    let rows: [(f32, f32, &str, String); 12] = [
        (84.0, 34.0, "4d LIC NO", person.number.clone()),
        (84.0, 48.0, "3 DOB", us(person.birth)),
        (164.0, 48.0, "4b EXP", us(person.expiry)),
        (84.0, 62.0, "1", person.last_name.clone()),
        (84.0, 74.0, "2", person.given_names.clone()),
        (84.0, 88.0, "8", "1207 QUARRY LANE".to_owned()),
        (84.0, 98.0, "", "DAYTON, OH 45402".to_owned()),
        (84.0, 114.0, "4a ISS", us(person.issue)),
        (164.0, 114.0, "9 CLASS", "D".to_owned()),
        (84.0, 128.0, "15 SEX", sex.to_string()),
        (124.0, 128.0, "16 HGT", "5'-07\"".to_owned()),
        (184.0, 128.0, "18 EYES", "BRO".to_owned()),
    ];
    for (x, y, label, value) in rows {
        sheet.text(x, y, 5.0, Font::Sans, label);
        let width = if label.is_empty() {
            0.0
        } else {
            3.0 + 3.0 * label.len() as f32
        };
        sheet.text(x + width, y, 8.0, Font::Bold, &value);
    }
    sheet
}

/// The data page of a passport, with a portrait if there is one (a JPEG file).
#[must_use]
pub fn passport(person: &Person, portrait: Option<&[u8]>) -> Sheet {
    passport_with_zone(person, &td3(person), portrait)
}

/// The same with these lines as its machine readable zone: those of somebody else, or damaged ones.
#[must_use]
pub fn passport_with_zone(person: &Person, zone: &[String; 2], portrait: Option<&[u8]>) -> Sheet {
    let mut sheet = Sheet::new(ID_3.0, ID_3.1);
    sheet.text(20.0, 24.0, 12.0, Font::Bold, "UTOPIA").text(
        120.0,
        24.0,
        9.0,
        Font::Bold,
        "PASSPORT / PASSEPORT",
    );
    if let Some(portrait) = portrait {
        sheet.jpeg(18.0, 40.0, 92.0, 118.0, portrait);
    }
    let day_first = |date: Date| {
        format!(
            "{:02} {} {}",
            date.day(),
            MONTHS[date.month() as usize - 1],
            date.year()
        )
    };
    let rows = [
        (44.0, "Passport No / No du passeport", person.number.clone()),
        (66.0, "Surname / Nom", person.last_name.clone()),
        (88.0, "Given names / Prenoms", person.given_names.clone()),
        (110.0, "Nationality / Nationalite", "UTOPIAN".to_owned()),
        (
            132.0,
            "Date of birth / Date de naissance",
            day_first(person.birth),
        ),
        (154.0, "Sex / Sexe", person.sex.to_string()),
        (
            176.0,
            "Date of issue / Date de delivrance",
            day_first(person.issue),
        ),
        (
            198.0,
            "Date of expiry / Date d'expiration",
            day_first(person.expiry),
        ),
    ];
    for (y, label, value) in rows {
        sheet.text(122.0, y - 9.0, 5.0, Font::Sans, label);
        sheet.text(122.0, y, 8.5, Font::Bold, &value);
    }
    for (index, line) in zone.iter().enumerate() {
        // 10 characters per inch (ICAO Doc 9303-3, section 4.4).
        sheet.monospaced(18.0, 222.0 + 15.0 * index as f32, 9.5, 7.2, line);
    }
    sheet
}

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specimens_can_be_looked_at() {
        let picture = licence(&Person::example(), None).picture().unwrap();
        assert_eq!(picture.width(), 2400);
        // Paper, and print on it.
        let dark = picture.pixels().filter(|pixel| pixel.0[1] < 100).count();
        assert!(dark > 1000, "{dark}");
    }
}
