//! Specimens of people who do not exist, printed, photographed in silico and read: what is lost as photos get worse.

use anyhow::Result;
use image::imageops::{FilterType, resize};
use selfsame_document::Reader;
use selfsame_document::silico::{Degradation, Person, Sheet, licence, passport, photo};
use selfsame_evaluation::documents::{FIELDS, Tally, Truth, compare};

use super::licences::values;
use super::{Class, Row};
use crate::commands::analyze_id::options;

/// People per kind of document and degradation.
const PEOPLE: u32 = 12;
/// Width of the photos.
const WIDTH_PX: u32 = 1000;
const DEGRADATIONS: [(&str, Degradation); 3] = [
    ("clean", Degradation::CLEAN),
    ("moderate", Degradation::MODERATE),
    ("strong", Degradation::STRONG),
];

/// What prints a specimen.
type Draw = fn(&Person) -> Sheet;

/// One class, with a row per kind of document and degradation.
pub(super) fn measure(reader: &Reader) -> Result<Class> {
    let mut rows = Vec::new();
    let mut wrong = Vec::new();
    let kinds: [(&str, Draw); 2] = [
        ("licence", |person| licence(person, None)),
        ("passport", |person| passport(person, None)),
    ];
    for (kind, draw) in kinds {
        for (name, degradation) in DEGRADATIONS {
            let mut tally = Tally::default();
            for number in 0..PEOPLE {
                let person = Person::number(number);
                let picture = draw(&person).picture()?;
                let height = picture.height() * WIDTH_PX / picture.width();
                let picture = resize(&picture, WIDTH_PX, height, FilterType::Triangle);
                let file = photo(&picture, &degradation, u64::from(number)).unwrap_or_default();
                let read = reader
                    .read(&file, &options(None))
                    .map(|document| values(&document))
                    .unwrap_or_default();
                for ((field, truth), read) in FIELDS.into_iter().zip(truth(&person).values()).zip(&read) {
                    let verdict = compare(truth, read.as_deref());
                    tally.add(field, verdict);
                    if verdict != selfsame_evaluation::documents::Verdict::Right {
                        let read = read.as_deref().unwrap_or("nothing");
                        wrong.push(format!("{kind} {number}, {name}, {field}: {read}, not {truth}"));
                    }
                }
            }
            let total = tally.total();
            rows.push(Row::new(
                format!("{kind}, {name}: fields"),
                total.right,
                total.all(),
            ));
        }
    }
    Ok(Class {
        name: "Specimens in silico".to_owned(),
        rows,
        wrong,
    })
}

fn truth(person: &Person) -> Truth {
    Truth {
        file: String::new(),
        last_name: person.last_name.clone(),
        given_names: person.given_names.clone(),
        number: person.number.clone(),
        dob: person.birth.to_string(),
        issue: person.issue.to_string(),
        expiry: person.expiry.to_string(),
        sex: person.sex.to_string(),
    }
}
