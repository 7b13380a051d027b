//! Documents of people who do not exist, printed, photographed in silico and read: what is lost as photos get worse. Four
//! people per document; `SELFSAME_SPECIMENS=12` prints a table of twelve, and `=12,wrong` also what was read wrong.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stderr, reason = "a measurement is printed")]

mod support;

use selfsame_document::silico::{
    Degradation, Person, Sheet, driving_licence, identity_card, identity_card_back, licence, passport,
    photo_of,
};
use selfsame_document::{Document, Field, Kind};

use support::{options, reader};

/// Width of the photos.
const WIDTH_PX: u32 = 1000;

type Draw = fn(&Person) -> Sheet;

/// The documents: what prints them, the kind that they are, whether they state the sex, and whether the date of issue.
const DOCUMENTS: [(&str, Draw, Kind, bool, bool); 5] = [
    (
        "licence",
        |person| licence(person, None),
        Kind::DriverLicenceFront,
        true,
        true,
    ),
    (
        "passport",
        |person| passport(person, None),
        Kind::Passport,
        true,
        true,
    ),
    (
        "driving licence",
        |person| driving_licence(person, None),
        Kind::DriverLicenceFront,
        false,
        true,
    ),
    (
        "identity card",
        |person| identity_card(person, None),
        Kind::IdentityCard,
        true,
        true,
    ),
    ("its back", identity_card_back, Kind::IdentityCard, true, false),
];

fn read(sheet: &Sheet, degradation: &Degradation, seed: u32) -> Option<Document> {
    let file = photo_of(sheet, WIDTH_PX, degradation, u64::from(seed)).unwrap();
    reader().read(&file, &options()).ok()
}

/// What a document should say, and what it was read to say.
fn fields(
    person: &Person,
    document: Option<&Document>,
    sex: bool,
    issue: bool,
) -> Vec<(&'static str, String, String)> {
    let value = |field: Field| {
        document
            .and_then(|document| document.fields.get(&field))
            .map(|value| &value.reading)
    };
    let text = |field: Field| value(field).map_or_else(String::new, |reading| reading.text.clone());
    let day = |field: Field| {
        value(field)
            .and_then(|reading| reading.date)
            .map_or_else(String::new, |date| date.to_string())
    };
    let given = format!("{} {}", text(Field::FirstName), text(Field::MiddleName));
    let mut fields = vec![
        ("last name", person.last_name.clone(), text(Field::LastName)),
        ("given names", person.given_names.clone(), given.trim().to_owned()),
        ("number", person.number.clone(), text(Field::DocumentNumber)),
        ("birth", person.birth.to_string(), day(Field::DateOfBirth)),
        ("expiry", person.expiry.to_string(), day(Field::DateOfExpiry)),
    ];
    if issue {
        fields.push(("issue", person.issue.to_string(), day(Field::DateOfIssue)));
    }
    if sex {
        fields.push(("sex", person.sex.to_string(), text(Field::Sex)));
    }
    fields
}

#[test]
fn specimens_are_read() {
    let asked = std::env::var("SELFSAME_SPECIMENS").unwrap_or_default();
    let (people, tell) = asked.split_once(',').unwrap_or((&asked, ""));
    let people: u32 = people.parse().unwrap_or(4);
    for (name, draw, kind, sex, issue) in DOCUMENTS {
        for (condition, degradation, least) in [
            ("clean", Degradation::CLEAN, 0.95),
            ("moderate", Degradation::MODERATE, 0.9),
            ("strong", Degradation::STRONG, 0.0),
        ] {
            if degradation == Degradation::STRONG && asked.is_empty() {
                continue;
            }
            let (mut right, mut all, mut kinds) = (0_u32, 0_u32, 0_u32);
            for number in 0..people {
                let person = Person::number(number);
                let document = read(&draw(&person), &degradation, number);
                kinds += u32::from(document.as_ref().is_some_and(|document| document.kind == kind));
                for (field, truth, read) in fields(&person, document.as_ref(), sex, issue) {
                    right += u32::from(truth == read);
                    all += 1;
                    if truth != read && !tell.is_empty() {
                        eprintln!("  {number}, {field}: {read:?}, not {truth:?}");
                    }
                }
            }
            eprintln!("{name}, {condition}: {right} of {all} fields, {kinds} of {people} kinds");
            assert!(
                f64::from(right) >= least * f64::from(all),
                "{name}, {condition}: {right} of {all}"
            );
        }
    }
}
