//! Our parser of machine readable zones against an independent one, the crate `mrz`: zones that its emitter writes, zones
//! that ours writes, and both with one character changed. Field by field, and check digit by check digit.
//!
//! The two disagree in four places. In each the text of ICAO Doc 9303 decides, and the test says why:
//!
//! * a filler as a check digit: [`check_expected`];
//! * a name of one identifier: [`names_agree`];
//! * dates of expiry of years 96 to 99: [`expiry_expected`];
//! * the continuation of a document number: [`continuation_is_plain`].

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use jiff::civil::{Date, date};
use mrz::{Checks, MrzData, MrzDate, MrzError, ParseOptions};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use selfsame_document::mrz::{Class, Format, Mrz, Sex, ShortDate, Which};
use selfsame_document::silico::{Person, zone};

/// The other parser's pivot is a year, ours a day: at the end of that year they mean the same.
const TODAY: Date = date(2026, 12, 31);
const PIVOT: u32 = 26;

/// What the other parser makes of the same lines.
fn theirs(format: Format, lines: &[&str]) -> Result<MrzData, MrzError> {
    let options = ParseOptions::default().with_pivot_yy(PIVOT);
    match format {
        Format::Td1 => mrz::parse_td1_with(lines[0], lines[1], lines[2], &options),
        Format::Td2 => mrz::parse_td2_with(lines[0], lines[1], &options),
        Format::Td3 => mrz::parse_td3_with(lines[0], lines[1], &options),
        Format::MrvA => mrz::parse_mrv_a_with(lines[0], lines[1], &options),
        Format::MrvB => mrz::parse_mrv_b_with(lines[0], lines[1], &options),
    }
}

/// Fillers as the spaces that they stand for, as many as there are words: the other parser leaves them in some fields.
fn words(text: &str) -> String {
    text.split(['<', ' '])
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn optional(text: Option<&str>) -> Option<String> {
    text.map(words).filter(|text| !text.is_empty())
}

/// The name field of a format: its line, and where it begins.
fn name_field(mrz: &Mrz) -> &str {
    if mrz.format == Format::Td1 {
        &mrz.lines[2]
    } else {
        &mrz.lines[0][5..]
    }
}

/// Both identifiers. Without two fillers in the field the whole of it is the primary identifier (Doc 9303-4 to -6, section
/// 4.2.3: `SATRIYA<SUDARPA<<<…` has no secondary one). The other parser takes a single filler for two that were misread, so
/// there, and where a field begins with a filler against section 4.10 of part 3, only the words are compared.
fn names_agree(ours: &Mrz, theirs: &MrzData) -> Result<(), TestCaseError> {
    let secondary = ours.names.secondary.as_deref().unwrap_or_default();
    let field = name_field(ours);
    if field.trim_end_matches('<').contains("<<") && !field.starts_with('<') {
        prop_assert_eq!(&ours.names.primary, &words(&theirs.surname));
        prop_assert_eq!(secondary, &words(&theirs.given_names));
    } else if !field.starts_with('<') {
        prop_assert_eq!(&ours.names.primary, &words(field));
    }
    let all = format!("{} {}", theirs.surname, theirs.given_names);
    prop_assert_eq!(words(&format!("{} {secondary}", ours.names.primary)), words(&all));
    Ok(())
}

/// What is known of a date: all of it, unless it is none of the calendar.
fn dates_agree(
    ours: ShortDate,
    own: Option<Date>,
    theirs: MrzDate,
    expected: Option<Date>,
) -> Result<(), TestCaseError> {
    let known = [ours.year, ours.month, ours.day].map(|part| part.is_some());
    match theirs {
        MrzDate::Calendar(_) | MrzDate::OutOfCalendar(_) => prop_assert_eq!(known, [true; 3]),
        MrzDate::PartiallyUnknown(raw) | MrzDate::Malformed(raw) => {
            let digits = |at: usize| raw.as_str().as_bytes()[at..at + 2].iter().all(u8::is_ascii_digit);
            prop_assert_eq!(known, [digits(0), digits(2), digits(4)]);
        }
        _ => prop_assert_eq!(known, [false; 3]),
    }
    prop_assert_eq!(own, expected);
    Ok(())
}

fn calendar(date: MrzDate) -> Option<Date> {
    let date = date.calendar()?;
    Date::new(i16::try_from(date.year).ok()?, date.month as i8, date.day as i8).ok()
}

/// The standard has no rule for the century of a date of expiry (part 3, section 4.8). The other parser has all of them in
/// this one. Ours takes those of 96 to 99 for the last one: a passport that ran out in 1999 is shown more often than one that
/// will in 2099 is issued.
fn expiry_expected(theirs: MrzDate) -> Option<Date> {
    let date = calendar(theirs)?;
    if date.year() < 2096 {
        Some(date)
    } else {
        Date::new(date.year() - 100, date.month(), date.day()).ok()
    }
}

/// A check digit is a digit; only that of an unused personal number may be a filler (part 4, section 4.2.2.2). The other
/// parser takes a filler for 0 everywhere.
fn check_expected(which: Which, printed: char, is_unused: bool, theirs: Option<bool>) -> Option<bool> {
    theirs.map(|holds| holds && (printed != '<' || (which == Which::PersonalNumber && is_unused)))
}

fn check_of(which: Which, checks: &Checks) -> Option<bool> {
    match which {
        Which::DocumentNumber => checks.document_number,
        Which::BirthDate => checks.date_of_birth,
        Which::Expiry => checks.date_of_expiry,
        Which::PersonalNumber => checks.personal_number,
        Which::Composite => checks.composite,
    }
}

/// Whether nothing speaks of a number of more than nine characters, or both parsers see the same one. Where a filler stands
/// for the number's check digit, notes j of parts 5 and 6 decide: nine characters before it, then the rest, a digit and a
/// filler. The other parser also takes a number that ends in a filler for continued (a form that it once wrote itself), and
/// does so in passports, for which part 4 knows no continuation.
fn continuation_is_plain(ours: &Mrz, theirs: &MrzData) -> bool {
    let (line, column) = if ours.format == Format::Td1 {
        (0, 14)
    } else {
        (1, 9)
    };
    let number = &ours.lines[line][column - 9..column];
    let both = theirs.document_number_full.is_some() && !theirs.document_number_legacy_encoding;
    let conforms = both && !number.ends_with('<') && matches!(ours.format, Format::Td1 | Format::Td2);
    ours.lines[line].as_bytes()[column] != b'<' || conforms
}

fn agree(ours: &Mrz, theirs: &MrzData) -> Result<(), TestCaseError> {
    let code = |text: &str| text.trim_matches('<').to_owned();
    prop_assert_eq!(&ours.document_code, &code(&theirs.document_type));
    prop_assert_eq!(&ours.issuer, &code(&theirs.issuing_country));
    prop_assert_eq!(&ours.nationality, &code(&theirs.nationality));
    names_agree(ours, theirs)?;
    let (birth, expiry) = (
        calendar(theirs.date_of_birth),
        expiry_expected(theirs.date_of_expiry),
    );
    dates_agree(ours.birth, ours.birth.birth(TODAY), theirs.date_of_birth, birth)?;
    dates_agree(
        ours.expiry,
        ours.expiry.expiry(TODAY),
        theirs.date_of_expiry,
        expiry,
    )?;
    // `X` is no character of the field, but some issuers print it.
    let sex = match theirs.sex {
        mrz::Sex::Male => Some(Sex::Male),
        mrz::Sex::Female => Some(Sex::Female),
        mrz::Sex::Unspecified | mrz::Sex::NonConformant('X') => Some(Sex::Unspecified),
        _ => None,
    };
    prop_assert_eq!(ours.sex, sex);
    prop_assert_eq!(&ours.optional_2, &optional(theirs.optional_data_2.as_deref()));
    let is_plain = continuation_is_plain(ours, theirs);
    if is_plain {
        prop_assert_eq!(&ours.document_number, &words(theirs.full_document_number()));
        let first = ours.personal_number.as_deref().or(ours.optional_1.as_deref());
        prop_assert_eq!(
            first.map(str::to_owned),
            optional(theirs.optional_data_1.as_deref())
        );
    }
    for which in [
        Which::DocumentNumber,
        Which::BirthDate,
        Which::Expiry,
        Which::PersonalNumber,
        Which::Composite,
    ] {
        let check = ours.checks.iter().find(|check| check.which == which);
        let printed = check.map_or(' ', |check| check.printed);
        let expected = check_expected(
            which,
            printed,
            ours.personal_number.is_none(),
            check_of(which, &theirs.checks),
        );
        if is_plain || which != Which::DocumentNumber {
            prop_assert_eq!(check.map(|check| check.holds), expected, "{:?}", which);
        }
    }
    Ok(())
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
