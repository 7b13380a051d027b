//! Tests of the parser, the repairs, the readings and the finder together. The zones are the standard's own specimens, of
//! Utopia, or made up.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::Field;

const TD3: [&str; 2] = [
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
];
const TD2: [&str; 2] = [
    "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
    "D231458907UTO7408122F1204159<<<<<<<6",
];
const TD1: [&str; 3] = [
    "I<UTOD231458907<<<<<<<<<<<<<<<",
    "7408122F1204159UTO<<<<<<<<<<<6",
    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
];
const MRV_A: [&str; 2] = [
    "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L8988901C4XXX4009078F96121096ZE184226B<<<<<<",
];
const MRV_B: [&str; 2] = [
    "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
    "L8988901C4XXX4009078F9612109<<<<<<<<",
];

/// The specimens of parts 4 to 7, appendix B.
#[test]
fn the_specimens_of_the_standard_are_consistent() {
    for (lines, format, checks) in [
        (&TD3[..], Format::Td3, 5),
        (&TD2[..], Format::Td2, 4),
        (&TD1[..], Format::Td1, 4),
        (&MRV_A[..], Format::MrvA, 3),
        (&MRV_B[..], Format::MrvB, 3),
    ] {
        let mrz = Mrz::parse(lines).unwrap();
        assert_eq!((mrz.format, mrz.checks.len()), (format, checks));
        assert!(mrz.is_consistent(), "{format:?}: {:?}", mrz.checks);
        assert_eq!(
            (mrz.names.primary.as_str(), mrz.names.secondary.as_deref()),
            ("ERIKSSON", Some("ANNA MARIA"))
        );
        assert_eq!((mrz.issuer.as_str(), mrz.sex), ("UTO", Some(Sex::Female)));
        assert_eq!(mrz.lines, lines);
    }
}

#[test]
fn a_passport_has_its_fields() {
    let readings = Mrz::parse(&TD3).unwrap().readings(date(2026, 1, 1));
    for (field, text, sure) in [
        (Field::LastName, "ERIKSSON", false),
        (Field::FirstName, "ANNA", false),
        (Field::MiddleName, "MARIA", false),
        (Field::DocumentNumber, "L898902C3", true),
        (Field::Nationality, "UTO", false),
        (Field::Issuer, "UTO", false),
        (Field::Sex, "F", false),
        (Field::DateOfBirth, "1974-08-12", true),
        (Field::DateOfExpiry, "2012-04-15", true),
        (Field::PersonalNumber, "ZE184226B", true),
    ] {
        assert_eq!(readings[&field].text, text, "{field:?}");
        assert_eq!(readings[&field].confidence >= 0.99, sure, "{field:?}");
    }
    assert_eq!(readings[&Field::DateOfBirth].date, Some(date(1974, 8, 12)));
    assert_eq!(readings.len(), 10);
}

#[test]
fn a_failing_check_digit_is_told_and_makes_its_field_unsure() {
    let mrz = Mrz::parse(&[TD3[0], "L898902C36UTO7408132F1204159ZE184226B<<<<<10"]).unwrap();
    let failing: Vec<_> = mrz.checks.iter().filter(|check| !check.holds).collect();
    assert_eq!(
        failing.iter().map(|check| check.which).collect::<Vec<_>>(),
        [Which::BirthDate, Which::Composite]
    );
    assert_eq!((failing[0].printed, failing[0].computed), ('2', '3'));
    let readings = mrz.readings(date(2026, 1, 1));
    assert!(readings[&Field::DateOfBirth].confidence < 0.5);
    assert!(readings[&Field::DocumentNumber].confidence >= 0.99);
}

/// A number of twelve characters, its check digit over all of them, and optional data after it.
#[test]
fn a_long_document_number_goes_on_in_the_optional_data() {
    let second = "7408122F1204159UTO<<<<<<<<<<<";
    let first = "I<UTO000590448<301<ABC<<<<<<<<";
    let composite = digit(&format!(
        "{}{}{}{}",
        &first[5..],
        &second[..7],
        &second[8..15],
        &second[18..]
    ));
    let mrz = Mrz::parse(&[first, &format!("{second}{composite}"), TD1[2]]).unwrap();
    assert_eq!(mrz.document_number, "00059044830");
    assert_eq!(mrz.optional_1.as_deref(), Some("ABC"));
    assert!(mrz.is_consistent(), "{:?}", mrz.checks);
}

#[test]
fn germany_prints_one_letter_and_unspecified_sex_is_a_filler() {
    let mrz = Mrz::parse(&[
        "IDD<<T220001293<<<<<<<<<<<<<<<",
        "6408125<2010315D<<<<<<<<<<<<<4",
        "MUSTERMANN<<ERIKA<<<<<<<<<<<<<",
    ])
    .unwrap();
    assert_eq!(
        (
            mrz.document_code.as_str(),
            mrz.issuer.as_str(),
            mrz.nationality.as_str()
        ),
        ("ID", "D", "D")
    );
    assert_eq!(mrz.sex, Some(Sex::Unspecified));
    assert!(mrz.is_consistent());
}

#[test]
fn wrong_lines_are_told_apart() {
    let long = format!("{}<", TD3[0]);
    for (lines, error) in [
        (vec![], Error::LineCount { found: 0 }),
        (vec![TD3[0]], Error::LineCount { found: 1 }),
        (
            vec![&TD3[0][1..], TD3[1]],
            Error::LineLength {
                line: 1,
                found: 43,
                expected: "two lines have 36 or 44 each",
            },
        ),
        (
            vec![TD3[0], TD2[1]],
            Error::LineLength {
                line: 2,
                found: 36,
                expected: "two lines have 36 or 44 each",
            },
        ),
        (
            vec![&long, TD3[1]],
            Error::LineLength {
                line: 1,
                found: 45,
                expected: "two lines have 36 or 44 each",
            },
        ),
        (
            vec![TD1[0], TD1[1], TD2[0]],
            Error::LineLength {
                line: 3,
                found: 36,
                expected: "three lines have 30 each",
            },
        ),
        (
            vec![TD3[0], "l898902C36UTO7408122F1204159ZE184226B<<<<<10"],
            Error::Alphabet {
                line: 2,
                column: 1,
                found: 'l',
            },
        ),
        (
            vec!["PÄUTO", TD3[1]],
            Error::Alphabet {
                line: 1,
                column: 2,
                found: 'Ä',
            },
        ),
    ] {
        assert_eq!(Mrz::parse(&lines).map(|_| ()), Err(error), "{lines:?}");
    }
}

#[test]
fn columns_decide_between_look_alikes() {
    let read = [
        "P<UT0ER1KSS0N<<ANNA<MAR1A<<<<<<<<<<<<<<<<<<<",
        "L898902C36UTO74O8I22F12O4IS9ZE184226B<<<<<1O",
    ];
    let (mrz, corrections) = Mrz::correct(&read).unwrap();
    assert_eq!(mrz.lines, TD3);
    assert_eq!(corrections.len(), 10);
    assert_eq!(
        corrections[0],
        Correction {
            line: 0,
            column: 4,
            read: '0',
            corrected: 'O'
        }
    );
}

#[test]
fn check_digits_decide_where_columns_do_not() {
    let read = "L8989O2C36UTO7408122F1204159ZE184226B<<<<<10";
    let (mrz, corrections) = Mrz::correct(&[TD3[0], read]).unwrap();
    assert_eq!(mrz.lines[1], TD3[1]);
    assert_eq!(
        corrections,
        [Correction {
            line: 1,
            column: 5,
            read: 'O',
            corrected: '0'
        }]
    );
}

/// The `Z` was read as `2`; to take the second of the other two `2` for a `Z` satisfies all check digits as well.
#[test]
fn two_repairs_that_explain_as_much_are_not_made() {
    let read = "L898902C36UTO7408122F12041592E184226B<<<<<10";
    assert_eq!(digit("ZE184226B<<<<<"), digit("2E1842Z6B<<<<<"));
    let (mrz, corrections) = Mrz::correct(&[TD3[0], read]).unwrap();
    assert_eq!((mrz.lines[1].as_str(), corrections), (read, vec![]));
    assert!(!mrz.holds(Which::PersonalNumber) && !mrz.holds(Which::Composite));
}

#[test]
fn general_text_is_brought_into_the_alphabet() {
    assert_eq!(
        normalise("p<utoeriksson«anna く maria〈＜"),
        "P<UTOERIKSSON<<ANNA<MARIA<<"
    );
}

fn line(text: &str, left: f32, top: f32, right: f32, height: f32, slope: f32) -> crate::Line {
    let point = |x: f32, y: f32| selfsame_types::Point::new(x, y + slope * (x - left));
    let polygon = [
        point(left, top),
        point(right, top),
        point(right, top + height),
        point(left, top + height),
    ];
    crate::Line {
        text: text.to_owned(),
        confidence: 0.9,
        polygon,
    }
}

#[test]
fn the_zone_is_found_among_other_lines() {
    for slope in [0.0, 0.2, -0.2] {
        let lines = [
            line(
                "MINISTRY OF FOREIGN AFFAIRS AND TRADE OF UTOPIA",
                30.0,
                100.0,
                560.0,
                16.0,
                slope,
            ),
            line("0000000", 30.0, 372.0, 561.0, 16.0, slope),
            line("SPECIMEN", 200.0, 150.0, 400.0, 60.0, slope),
            // The detector has cut off fillers, the reader has merged them.
            line("p<utovirtanen«maria<olivia<<", 30.0, 343.0, 400.0, 16.0, slope),
        ];
        let zone = locate(&lines).unwrap();
        assert_eq!(zone.lines, [3, 1]);
        for polygon in &zone.polygons {
            assert!(
                (polygon[0].x - 30.0).abs() < 12.0 && (polygon[1].x - 561.0).abs() < 12.0,
                "{polygon:?}"
            );
        }
    }
}

#[test]
fn a_page_of_text_has_no_zone() {
    let lines: Vec<_> = (0..6_u8)
        .map(|row| {
            line(
                "THIS LINE OF A LETTER HAS NOTHING TO DO WITH PASSPORTS",
                10.0,
                f32::from(row) * 30.0,
                600.0,
                20.0,
                0.0,
            )
        })
        .collect();
    assert_eq!(locate(&lines), None);
    assert_eq!(locate(&[]), None);
    assert_eq!(locate(&[line(TD3[0], 0.0, 0.0, 600.0, 16.0, 0.0)]), None);
}

/// A printed line just above two of a zone begins where they do and ends elsewhere.
#[test]
fn a_printed_line_beside_two_is_not_taken_for_a_third() {
    let above = "UPON ENDORSEMENT SERVES AS TEMPORARY EVIDENCE OF NOTHING FOR 1 YEAR.";
    let lines = [
        line(above, 27.0, 373.0, 563.0, 16.0, 0.0),
        line(MRV_A[0], 33.0, 401.0, 696.0, 18.0, 0.0),
        line(MRV_A[1], 34.0, 438.0, 696.0, 19.0, 0.0),
    ];
    assert_eq!(locate(&lines).unwrap().lines, [1, 2]);
}

/// Three lines, a wrong one of the same length above.
#[test]
fn three_lines_are_kept_and_a_printed_one_above_is_not() {
    let lines = [
        line(
            "GIVEN AT THE TOWN HALL OF NOWHERE ON SEA",
            18.0,
            85.0,
            233.0,
            9.0,
            0.0,
        ),
        line(TD1[0], 18.0, 108.0, 233.0, 9.0, 0.0),
        line(TD1[2], 17.0, 133.0, 233.0, 9.0, 0.0),
        line(TD1[1], 18.0, 120.0, 234.0, 9.0, 0.0),
    ];
    assert_eq!(locate(&lines).unwrap().lines, [1, 3, 2]);
}

fn word(length: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::char::range('A', 'Z'), length)
        .prop_map(|word| word.into_iter().collect())
}

/// A passport from its fields, its check digits computed.
fn passport(
    family: &str,
    given: &str,
    number: &str,
    birth: &str,
    expiry: &str,
    personal: &str,
) -> [String; 2] {
    let names = format!("{family}<<{given}");
    let number = format!("{number:<<9}");
    let personal = format!("{personal:<<14}");
    let (one, two, three, four) = (digit(&number), digit(birth), digit(expiry), digit(&personal));
    let composite = digit(&format!(
        "{number}{one}{birth}{two}{expiry}{three}{personal}{four}"
    ));
    [
        format!("P<UTO{names:<<39}"),
        format!("{number}{one}UTO{birth}{two}<{expiry}{three}{personal}{four}{composite}"),
    ]
}

prop_compose! {
    fn any_passport()(
        family in word(1..=15),
        given in word(1..=15),
        number in "[A-Z0-9]{1,9}",
        birth in "[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])",
        expiry in "[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])",
        personal in "[A-Z0-9]{0,14}",
    ) -> (String, String, String, [String; 2]) {
        let lines = passport(&family, &given, &number, &birth, &expiry, &personal);
        (family, given, number, lines)
    }
}

proptest! {
    #[test]
    fn nothing_panics(lines in proptest::collection::vec(".{0,50}", 0..5)) {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let parsed = Mrz::parse(&lines);
        prop_assert_eq!(parsed.is_ok(), Mrz::correct(&lines).is_ok());
        for line in &lines {
            prop_assert!(!normalise(line).contains(' '));
        }
    }

    #[test]
    fn any_content_of_the_right_shape_is_split(
        format in proptest::sample::select(Format::ALL.to_vec()),
        text in "[A-Z0-9<]{132}",
    ) {
        let lines: Vec<&str> =
            (0..format.line_count()).map(|line| &text[line * format.width()..(line + 1) * format.width()]).collect();
        let mrz = Mrz::parse(&lines).unwrap();
        prop_assert_eq!(mrz.format.width(), format.width());
        prop_assert_eq!(&mrz.lines, &lines);
        let (corrected, corrections) = Mrz::correct(&lines).unwrap();
        for correction in &corrections {
            prop_assert_eq!(lines[correction.line].as_bytes()[correction.column], correction.read as u8);
            prop_assert_eq!(corrected.lines[correction.line].as_bytes()[correction.column], correction.corrected as u8);
        }
        let readings = corrected.readings(date(2026, 1, 1));
        prop_assert!(readings.values().all(|reading| !reading.text.is_empty()));
    }

    #[test]
    fn what_is_rendered_is_read_back((family, given, number, lines) in any_passport()) {
        let lines = [lines[0].as_str(), lines[1].as_str()];
        let mrz = Mrz::parse(&lines).unwrap();
        prop_assert!(mrz.is_consistent());
        prop_assert_eq!(&mrz.names.primary, &family);
        prop_assert_eq!(mrz.names.secondary.as_deref(), Some(given.as_str()));
        prop_assert_eq!(&mrz.document_number, &number);
        prop_assert!(mrz.birth.birth(date(2026, 1, 1)).is_some());
        let (corrected, corrections) = Mrz::correct(&lines).unwrap();
        prop_assert_eq!(corrected, mrz);
        prop_assert_eq!(corrections, vec![]);
    }

    /// One look-alike in a protected field is repaired, or a check digit fails; unless no check digit can tell both
    /// characters apart.
    #[test]
    fn one_confusion_is_repaired_or_told(
        (_, _, _, lines) in any_passport(),
        place in any::<proptest::sample::Index>(),
    ) {
        // Every column that a check digit protects, with every look-alike that the digit can tell from what is there.
        let confusions: Vec<(usize, char)> = (0..10)
            .chain(13..20)
            .chain(21..43)
            .map(|column| (column, char::from(lines[1].as_bytes()[column])))
            .flat_map(|(column, truth)| {
                let others = correct::look_alikes(truth).into_iter().map(|(other, _)| other);
                let told = others.filter(move |other| check::value(*other) % 10 != check::value(truth) % 10);
                told.map(move |other| (column, other)).collect::<Vec<_>>()
            })
            .collect();
        prop_assume!(!confusions.is_empty());
        let (column, wrong) = confusions[place.index(confusions.len())];
        let mut read = lines[1].clone();
        read.replace_range(column..=column, &wrong.to_string());
        let (mrz, _) = Mrz::correct(&[&lines[0], &read]).unwrap();
        prop_assert!(mrz.lines[1] == lines[1] || !mrz.is_consistent(), "{} {}", lines[1], mrz.lines[1]);
    }
}
