//! Our parser of machine readable zones against an independent one, the crate `mrz`: field by field, and check digit by check
//! digit. Used by the property tests in `zones.rs` and by the fuzz target `zones`; whoever includes it names ours `ours`.
//!
//! The two disagree in four places. In each the text of ICAO Doc 9303 decides, and the function says why:
//!
//! * a filler as a check digit: [`check_expected`];
//! * a name of one identifier: [`names_agree`];
//! * dates of expiry of years 96 to 99: [`expiry_expected`];
//! * the continuation of a document number: [`continuation_is_plain`].

use ::mrz::{Checks, MrzData, MrzDate, MrzError, ParseOptions, Sex as TheirSex};
use jiff::civil::{Date, date};

use super::ours::{Format, Mrz, Sex, ShortDate, Which};

/// Fails with both values where they differ.
macro_rules! same {
    ($left:expr, $right:expr $(, $what:expr)?) => {{
        let (left, right) = (&$left, &$right);
        if left != right {
            let what: &[&dyn std::fmt::Debug] = &[$(&$what)?];
            return Err(format!("{} is {left:?}, {} is {right:?} {what:?}", stringify!($left), stringify!($right)));
        }
    }};
}

/// The other parser's pivot is a year, ours a day: at the end of that year they mean the same.
pub(crate) const TODAY: Date = date(2026, 12, 31);
pub(crate) const PIVOT: u32 = 26;

/// What the other parser makes of the same lines.
pub(crate) fn theirs(format: Format, lines: &[&str]) -> Result<MrzData, MrzError> {
    let options = ParseOptions::default().with_pivot_yy(PIVOT);
    match format {
        Format::Td1 => ::mrz::parse_td1_with(lines[0], lines[1], lines[2], &options),
        Format::Td2 => ::mrz::parse_td2_with(lines[0], lines[1], &options),
        Format::Td3 => ::mrz::parse_td3_with(lines[0], lines[1], &options),
        Format::MrvA => ::mrz::parse_mrv_a_with(lines[0], lines[1], &options),
        Format::MrvB => ::mrz::parse_mrv_b_with(lines[0], lines[1], &options),
    }
}

/// Fillers as the spaces that they stand for, as many as there are words: the other parser leaves them in some fields.
pub(crate) fn words(text: &str) -> String {
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
fn names_agree(ours: &Mrz, theirs: &MrzData) -> Result<(), String> {
    let secondary = ours.names.secondary.as_deref().unwrap_or_default();
    let field = name_field(ours);
    if field.trim_end_matches('<').contains("<<") && !field.starts_with('<') {
        same!(&ours.names.primary, &words(&theirs.surname));
        same!(secondary, &words(&theirs.given_names));
    } else if !field.starts_with('<') {
        same!(&ours.names.primary, &words(field));
    }
    let all = format!("{} {}", theirs.surname, theirs.given_names);
    same!(words(&format!("{} {secondary}", ours.names.primary)), words(&all));
    Ok(())
}

/// What is known of a date: all of it, unless it is none of the calendar.
fn dates_agree(
    ours: ShortDate,
    own: Option<Date>,
    theirs: MrzDate,
    expected: Option<Date>,
) -> Result<(), String> {
    let known = [ours.year, ours.month, ours.day].map(|part| part.is_some());
    match theirs {
        MrzDate::Calendar(_) | MrzDate::OutOfCalendar(_) => same!(known, [true; 3]),
        MrzDate::PartiallyUnknown(raw) | MrzDate::Malformed(raw) => {
            let digits = |at: usize| raw.as_str().as_bytes()[at..at + 2].iter().all(u8::is_ascii_digit);
            same!(known, [digits(0), digits(2), digits(4)]);
        }
        _ => same!(known, [false; 3]),
    }
    same!(own, expected);
    Ok(())
}

pub(crate) fn calendar(date: MrzDate) -> Option<Date> {
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

pub(crate) fn agree(ours: &Mrz, theirs: &MrzData) -> Result<(), String> {
    let code = |text: &str| text.trim_matches('<').to_owned();
    same!(&ours.document_code, &code(&theirs.document_type));
    same!(&ours.issuer, &code(&theirs.issuing_country));
    same!(&ours.nationality, &code(&theirs.nationality));
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
        TheirSex::Male => Some(Sex::Male),
        TheirSex::Female => Some(Sex::Female),
        TheirSex::Unspecified | TheirSex::NonConformant('X') => Some(Sex::Unspecified),
        _ => None,
    };
    same!(ours.sex, sex);
    same!(&ours.optional_2, &optional(theirs.optional_data_2.as_deref()));
    let is_plain = continuation_is_plain(ours, theirs);
    if is_plain {
        same!(&ours.document_number, &words(theirs.full_document_number()));
        let first = ours.personal_number.as_deref().or(ours.optional_1.as_deref());
        same!(
            first.map(str::to_owned),
            optional(theirs.optional_data_1.as_deref())
        );
    }
    checks_agree(ours, theirs, is_plain)
}

/// Every check digit holds in both or fails in both.
fn checks_agree(ours: &Mrz, theirs: &MrzData, is_plain: bool) -> Result<(), String> {
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
            same!(check.map(|check| check.holds), expected, which);
        }
    }
    Ok(())
}
