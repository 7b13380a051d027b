//! Specimens of European documents: a driving licence with numbered entries (Directive 2006/126/EC, annex I) and an identity
//! card with captions in two languages (ICAO Doc 9303-5), front and back. Titles, captions, notations of dates and places of
//! entries change with the person; none is the layout of any state.

use jiff::civil::Date;

use super::sheet::{Font, Sheet};
use super::specimen::ID_1;
use super::{Person, zone};
use crate::mrz::Format;

/// What changes from state to state: the title of a licence and how dates are written.
const LICENCES: [(&str, char); 6] = [
    ("PERMIS DE CONDUIRE", '.'),
    ("DRIVING LICENCE", '.'),
    ("RIJBEWIJS", '.'),
    ("PATENTE DI GUIDA", '/'),
    ("CARTA DE CONDUCAO", '-'),
    ("PRAWO JAZDY", '.'),
];

/// Titles and captions of a card: title, family name, given names, sex, citizenship, birth, number, expiry, issue.
const CARDS: [[&str; 9]; 3] = [
    [
        "ISIKUTUNNISTUS / IDENTITY CARD",
        "PEREKONNANIMI / SURNAME",
        "EESNIMED / GIVEN NAMES",
        "SUGU / SEX",
        "KODAKONDSUS / CITIZENSHIP",
        "SUNNIAEG / DATE OF BIRTH",
        "DOKUMENDI NUMBER / DOCUMENT NUMBER",
        "KEHTIV KUNI / DATE OF EXPIRY",
        "VALJA ANTUD / DATE OF ISSUE",
    ],
    [
        "CARTE D'IDENTITE / IDENTITY CARD",
        "Nom / Surname",
        "Prenoms / Given names",
        "Sexe / Sex",
        "Nationalite / Nationality",
        "Date de naissance / Date of birth",
        "No du document / Document No.",
        "Date d'expiration / Date of expiry",
        "Date de delivrance / Date of issue",
    ],
    [
        "HENKILOKORTTI / IDENTITY CARD",
        "Sukunimi / Efternamn / Surname",
        "Etunimet / Fornamn / Given names",
        "Sukupuoli / Kon / Sex",
        "Kansalaisuus / Nationality",
        "Syntymaaika / Date of birth",
        "Kortin numero / Card number",
        "Viim. voimassaolopaiva / Date of expiry",
        "Myonnetty / Date of issue",
    ],
];

/// Which of several styles a person gets.
fn style(person: &Person, of: usize) -> usize {
    person.number.bytes().map(usize::from).sum::<usize>() % of
}

fn day_first(date: Date, between: char) -> String {
    format!(
        "{:02}{between}{:02}{between}{}",
        date.day(),
        date.month(),
        date.year()
    )
}

/// The front of a driving licence, with a portrait if there is one (a JPEG file). It does not state the sex.
#[must_use]
pub fn driving_licence(person: &Person, portrait: Option<&[u8]>) -> Sheet {
    let (title, between) = LICENCES[style(person, LICENCES.len())];
    let mut sheet = Sheet::new(ID_1.0, ID_1.1);
    sheet
        .text(14.0, 22.0, 12.0, Font::Bold, "UT")
        .text(72.0, 19.0, 10.0, Font::Bold, title)
        .text(204.0, 19.0, 7.0, Font::Sans, "UTOPIA");
    if let Some(portrait) = portrait {
        sheet.jpeg(10.0, 38.0, 62.0, 80.0, portrait);
    }
    let date = |date: Date| day_first(date, between);
    let rows = [
        (80.0, 35.0, "1.", person.last_name.clone()),
        (80.0, 47.0, "2.", person.given_names.clone()),
        (80.0, 59.0, "3.", format!("{} LUMENSTADT", date(person.birth))),
        (80.0, 71.0, "4a.", date(person.issue)),
        (166.0, 71.0, "4c.", "LANDRATSAMT".to_owned()),
        (80.0, 83.0, "4b.", date(person.expiry)),
        (80.0, 95.0, "5.", person.number.clone()),
        (80.0, 107.0, "7.", String::new()),
        (80.0, 140.0, "9.", "AM/B1/B/BE".to_owned()),
    ];
    for (x, y, number, value) in rows {
        sheet.text(x, y, 6.0, Font::Sans, number);
        sheet.text(x + 14.0, y, 8.0, Font::Bold, &value);
    }
    sheet
}

/// The front of an identity card, with a portrait if there is one (a JPEG file).
#[must_use]
pub fn identity_card(person: &Person, portrait: Option<&[u8]>) -> Sheet {
    let style = style(person, CARDS.len());
    let [
        title,
        family,
        given,
        sex,
        citizenship,
        birth,
        number,
        expiry,
        issue,
    ] = CARDS[style];
    let mut sheet = Sheet::new(ID_1.0, ID_1.1);
    sheet
        .text(12.0, 14.0, 6.5, Font::Bold, "REPUBLIC OF UTOPIA")
        .text(12.0, 24.0, 8.0, Font::Bold, title);
    if let Some(portrait) = portrait {
        sheet.jpeg(12.0, 34.0, 68.0, 88.0, portrait);
    }
    let date = |date: Date| match style {
        1 => day_first(date, ' '),
        _ => day_first(date, '.'),
    };
    let rows = [
        (90.0, 38.0, family, person.last_name.clone()),
        (90.0, 58.0, given, person.given_names.clone()),
        (90.0, 78.0, sex, person.sex.to_string()),
        (150.0, 78.0, citizenship, "UTO".to_owned()),
        (90.0, 98.0, birth, date(person.birth)),
        (90.0, 118.0, number, person.number.clone()),
        (90.0, 138.0, expiry, date(person.expiry)),
        (12.0, 138.0, issue, date(person.issue)),
    ];
    for (x, y, caption, value) in rows {
        // The smallest that is allowed is 1.0 mm (Doc 9303-3, section 3.3); 4 points are 1.4 mm.
        sheet.text(x, y - 8.0, 4.0, Font::Sans, caption);
        sheet.text(x, y, 7.5, Font::Bold, &value);
    }
    sheet
}

/// The back of an identity card: little but its machine readable zone.
#[must_use]
pub fn identity_card_back(person: &Person) -> Sheet {
    let mut sheet = Sheet::new(ID_1.0, ID_1.1);
    sheet.text(
        14.0,
        20.0,
        6.0,
        Font::Sans,
        "Property of the Republic of Utopia. If found, return to any office.",
    );
    for (index, line) in zone(Format::Td1, "UTO", person).iter().enumerate() {
        // 10 characters per inch (Doc 9303-3, section 4.4).
        sheet.monospaced(14.0, 108.0 + 15.0 * index as f32, 9.5, 7.2, line);
    }
    sheet
}
