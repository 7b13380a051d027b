//! Zones that the crate `mrz` writes, zones that ours writes, and both with one character changed: our parser and that one
//! agree about all of them, as far as `second_parser` says.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod second_parser;

use jiff::civil::{Date, date};
use mrz::{MrzDate, MrzError};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use selfsame_document::mrz as ours;
use selfsame_document::mrz::{Class, Format, Mrz};
use selfsame_document::silico::{Person, zone};

use second_parser::{PIVOT, calendar, theirs, words};

fn agree(ours: &Mrz, theirs: &mrz::MrzData) -> Result<(), TestCaseError> {
    second_parser::agree(ours, theirs).map_err(TestCaseError::fail)
}

/// What is written into a zone.
#[derive(Debug, Clone)]
struct Holder {
    code: String,
    issuer: String,
    number: String,
    surname: String,
    given_names: String,
    nationality: String,
    birth: String,
    sex: mrz::Sex,
    expiry: String,
    optional_1: Option<String>,
    optional_2: Option<String>,
}

fn printed(date: &str, role: mrz::DateRole) -> MrzDate {
    MrzDate::from_field(mrz::RawDateField::try_from(date).unwrap(), role, PIVOT)
}

/// A holder as the fields of one of the other crate's formats: all have these, and optional data under names of their own.
macro_rules! fields {
    ($format:ident, $holder:ident, $($optional:ident: $value:ident),*) => {
        &mrz::$format {
            document_code: $holder.code.clone(),
            issuing_country: $holder.issuer.clone(),
            document_number: $holder.number.clone(),
            surname: $holder.surname.clone(),
            given_names: $holder.given_names.clone(),
            nationality: $holder.nationality.clone(),
            date_of_birth: printed(&$holder.birth, mrz::DateRole::Birth),
            sex: $holder.sex,
            date_of_expiry: printed(&$holder.expiry, mrz::DateRole::Expiry),
            $($optional: $holder.$value.clone()),*
        }
    };
}

/// The other crate's zone. A number of more than nine characters only where the format has a place for it.
fn emit(format: Format, holder: &Holder) -> Vec<String> {
    let text = match format {
        Format::Td1 => mrz::format_td1(
            fields!(Td1Fields, holder, optional_data_1: optional_1, optional_data_2: optional_2),
        ),
        Format::Td2 => mrz::format_td2(fields!(Td2Fields, holder, optional_data: optional_1)),
        Format::Td3 => mrz::format_td3(fields!(Td3Fields, holder, personal_number: optional_1)),
        Format::MrvA => mrz::format_mrv_a(fields!(MrvAFields, holder, optional_data: optional_1)),
        Format::MrvB => mrz::format_mrv_b(fields!(MrvBFields, holder, optional_data: optional_1)),
    };
    text.lines().map(str::to_owned).collect()
}

/// Names that fit into every format.
const NAME: &str = "[A-Z]{1,6}([ '-][A-Z]{1,6})?";
/// Names that do not.
const LONG_NAME: &str = "[A-Z]{6,14}([ '-][A-Z]{6,14}){2,4}";
/// A month and day of every year.
const DAY: &str = "[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])";
/// The same, or unknown in part or whole (part 3, section 4.8), or none of the calendar.
const BIRTH: &str = "[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])|[0-9]{4}<<|[0-9]{2}<<<<|<<<<<<|[0-9]{6}";

fn any_format() -> impl Strategy<Value = Format> {
    select(Format::ALL.to_vec())
}

/// A holder whose fields all fit into the format.
fn holder(format: Format, name: &'static str) -> impl Strategy<Value = Holder> {
    let (code, number, optional_1) = match format {
        Format::Td1 => (
            "[ACI][A-Z]?",
            "[A-Z0-9]{1,9}|[A-Z0-9]{2}[ A-Z0-9]{6}[A-Z0-9]{2,14}",
            "([A-Z0-9]{1,7}( [A-Z0-9]{1,7})?)?",
        ),
        Format::Td2 => (
            "[ACI][A-Z]?",
            "[A-Z0-9]{1,9}|[A-Z0-9]{2}[ A-Z0-9]{6}[A-Z0-9]{2,5}",
            "([A-Z0-9]{1,7})?",
        ),
        Format::Td3 => ("P[A-Z]?", "[A-Z0-9]{1,4}[ -]?[A-Z0-9]{1,4}", "([A-Z0-9]{1,14})?"),
        Format::MrvA => ("V[A-Z]?", "[A-Z0-9]{1,9}", "([A-Z0-9]{1,16})?"),
        Format::MrvB => ("V[A-Z]?", "[A-Z0-9]{1,9}", "([A-Z0-9]{1,8})?"),
    };
    let sex = select(vec![mrz::Sex::Male, mrz::Sex::Female, mrz::Sex::Unspecified]);
    let optional_2 = if format == Format::Td1 {
        "([A-Z0-9]{1,11})?"
    } else {
        ""
    };
    let people = (name, name, "D|[A-Z]{3}", "D|[A-Z]{3}", BIRTH, DAY, sex);
    (people, code, number, optional_1, optional_2).prop_map(
        |((surname, given_names, issuer, nationality, birth, expiry, sex), code, number, one, two)| {
            let present = |text: String| (!text.is_empty()).then_some(text);
            let (optional_1, optional_2) = (present(one), present(two));
            Holder {
                code,
                issuer,
                number,
                surname,
                given_names,
                nationality,
                birth,
                sex,
                expiry,
                optional_1,
                optional_2,
            }
        },
    )
}

fn zones(name: &'static str) -> impl Strategy<Value = (Format, Holder)> {
    any_format().prop_flat_map(move |format| (Just(format), holder(format, name)))
}

/// A name as it comes back from a zone: part 3, section 4.6.
fn bare(name: &str) -> String {
    words(&name.replace('\'', "").replace('-', " "))
}

fn borrowed(lines: &[String]) -> Vec<&str> {
    lines.iter().map(String::as_str).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn what_the_other_writes_is_read((format, holder) in zones(NAME)) {
        let lines = emit(format, &holder);
        let lines = borrowed(&lines);
        let ours = Mrz::parse(&lines).unwrap();
        prop_assert_eq!(ours.format, format);
        prop_assert!(ours.is_consistent(), "{:?}", ours);
        prop_assert_eq!(&ours.document_code, &holder.code);
        prop_assert_eq!((&ours.issuer, &ours.nationality), (&holder.issuer, &holder.nationality));
        prop_assert_eq!(&ours.names.primary, &bare(&holder.surname));
        prop_assert_eq!(&ours.names.secondary, &Some(bare(&holder.given_names)));
        prop_assert_eq!(&ours.document_number, &bare(&holder.number));
        // What a long number leaves of its field is all there is for the optional data.
        let room = match format {
            Format::Td1 => 15,
            Format::Td2 => 7,
            _ => 16,
        };
        let taken = if holder.number.len() > 9 { holder.number.len() - 7 } else { 0 };
        let expected = holder.optional_1.as_deref().map(|text| words(&text[..text.len().min(room - taken)]));
        let first = ours.personal_number.clone().or(ours.optional_1.clone());
        prop_assert_eq!(first, expected.filter(|text| !text.is_empty()));
        prop_assert_eq!(&ours.optional_2, &holder.optional_2);
        agree(&ours, &theirs(format, &lines).unwrap())?;
    }

    #[test]
    fn names_that_were_cut_are_read_alike((format, holder) in zones(LONG_NAME)) {
        let lines = emit(format, &holder);
        let lines = borrowed(&lines);
        let ours = Mrz::parse(&lines).unwrap();
        prop_assert!(ours.names.possibly_truncated, "{:?}", ours);
        agree(&ours, &theirs(format, &lines).unwrap())?;
    }

    #[test]
    fn what_ours_writes_is_read_by_the_other(
        format in any_format(),
        (last_name, given_names) in (NAME, NAME),
        number in "[A-Z0-9]{1,9}",
        (born, days, valid) in (1927_i16..=2026, 0_i32..365, 0_i16..=69),
        sex in select(vec!['M', 'F', 'X']),
    ) {
        let birth = date(born, 1, 1) + jiff::Span::new().days(days);
        let expiry = Date::new(2026 + valid, birth.month(), birth.day().min(28)).unwrap();
        let person = Person { last_name, given_names, number, birth, issue: birth, expiry, sex };
        let lines = zone(format, "UTO", &person);
        let lines = borrowed(&lines);
        let theirs = theirs(format, &lines).unwrap();
        prop_assert!(theirs.valid(), "{:?}", theirs);
        prop_assert_eq!(words(&theirs.surname), bare(&person.last_name));
        prop_assert_eq!(words(&theirs.given_names), bare(&person.given_names));
        prop_assert_eq!(theirs.full_document_number(), person.number);
        prop_assert_eq!(calendar(theirs.date_of_birth), Some(person.birth));
        prop_assert_eq!(calendar(theirs.date_of_expiry), Some(person.expiry));
        prop_assert_eq!(theirs.sex, match sex {
            'M' => mrz::Sex::Male,
            'F' => mrz::Sex::Female,
            _ => mrz::Sex::Unspecified,
        });
        agree(&Mrz::parse(&lines).unwrap(), &theirs)?;
    }

    /// One character changed, whatever it is: the same check digits hold, and the fields still agree.
    #[test]
    fn one_wrong_character_is_told_alike(
        (format, holder) in zones(NAME),
        place in any::<Index>(),
        wrong in "[A-Z0-9<]",
    ) {
        let mut lines = emit(format, &holder);
        let place = place.index(format.line_count() * format.width());
        let (line, column) = (place / format.width(), place % format.width());
        lines[line].replace_range(column..=column, &wrong);
        let lines = borrowed(&lines);
        let ours = Mrz::parse(&lines).unwrap();
        match theirs(format, &lines) {
            Ok(theirs) => agree(&ours, &theirs)?,
            // Ours reads other document codes too: it is told the format by the lines, and issuers deviate.
            Err(MrzError::BadDocumentCode(_)) => prop_assert_eq!((line, column), (0, 0)),
            // Ours reports what it reads, the other refuses it: data begins at the left of its field (part 3, section 4.10).
            Err(MrzError::LeadingFiller { .. }) => prop_assert_eq!(wrong, "<"),
            Err(other) => prop_assert!(false, "{}", other),
        }
    }

    /// Nothing but the alphabet and the shape is right.
    #[test]
    fn any_content_of_the_right_shape_is_split_alike(
        format in any_format(),
        text in "[A-Z0-9<]{132}|[A-C0-2<]{132}|[A<]{132}",
    ) {
        let code = match format {
            Format::Td1 | Format::Td2 => "I",
            Format::Td3 => "P",
            Format::MrvA | Format::MrvB => "V",
        };
        let mut lines: Vec<String> = (0..format.line_count())
            .map(|line| text[line * format.width()..(line + 1) * format.width()].to_owned())
            .collect();
        lines[0].replace_range(0..1, code);
        let lines = borrowed(&lines);
        let ours = Mrz::parse(&lines).unwrap();
        match theirs(format, &lines) {
            Ok(theirs) => agree(&ours, &theirs)?,
            Err(error) => prop_assert!(matches!(error, MrzError::LeadingFiller { .. }), "{}", error),
        }
    }

    #[test]
    fn check_digits_are_the_same(text in "[A-Z0-9<]{0,60}") {
        let theirs = char::from_digit(mrz::check_digit(&text).unwrap(), 10);
        prop_assert_eq!(Some(selfsame_document::mrz::digit(&text)), theirs);
    }

    /// The alphabets are the same.
    #[test]
    fn the_same_characters_are_refused(wrong in any::<char>(), place in 0_usize..44) {
        let mut line = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<".to_owned();
        line.replace_range(place..=place, &wrong.to_string());
        let second = "L898902C36UTO7408122F1204159ZE184226B<<<<<10";
        let is_refused = matches!(
            mrz::parse_td3(&line, second),
            Err(MrzError::BadCharacter { .. })
        );
        // White space around a line is cut off by ours.
        prop_assume!(!wrong.is_whitespace());
        prop_assert_eq!(is_refused, !Class::Any.allows(wrong));
        prop_assert_eq!(is_refused, matches!(Mrz::parse(&[&line, second]), Err(selfsame_document::mrz::Error::Alphabet { .. })));
    }
}

/// Doc 9303-5, section 4.2.3.5.
#[test]
fn a_name_of_one_identifier_stays_whole() {
    let lines = [
        "I<UTOD231458907<<<<<<<<<<<<<<<",
        "7408122F1204159UTO<<<<<<<<<<<6",
        "SATRIYA<SUDARPA<<<<<<<<<<<<<<<",
    ];
    let ours = Mrz::parse(&lines).unwrap();
    assert_eq!(
        (ours.names.primary.as_str(), ours.names.secondary),
        ("SATRIYA SUDARPA", None)
    );
    let theirs = mrz::parse_td1(lines[0], lines[1], lines[2]).unwrap();
    assert_eq!(
        (theirs.surname.as_str(), theirs.given_names.as_str()),
        ("SATRIYA", "SUDARPA")
    );
}
