//! Payloads of every version, all fictitious, and the shared ones if they are there.

use std::fmt::Write;

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::Field;

/// A payload as the standard writes it, with a directory whose offsets are right.
fn payload(
    issuer: u32,
    version: u8,
    jurisdiction_version: Option<u8>,
    subfiles: &[(&str, &[&str])],
) -> String {
    let marker = if version == 0 { "AAMVA" } else { "ANSI " };
    let extra = jurisdiction_version
        .map(|version| format!("{version:02}"))
        .unwrap_or_default();
    let header = format!(
        "@\n\u{1e}\r{marker}{issuer:06}{version:02}{extra}{:02}",
        subfiles.len()
    );
    let (mut directory, mut body) = (String::new(), String::new());
    let start = header.len() + subfiles.len() * 10;
    for (kind, elements) in subfiles {
        let text = format!("{kind}{}\r", elements.join("\n"));
        write!(directory, "{kind}{:04}{:04}", start + body.len(), text.len()).unwrap();
        body.push_str(&text);
    }
    format!("{header}{directory}{body}")
}

fn text(payload: &Payload, field: Field) -> Option<String> {
    payload.readings().get(&field).map(|reading| reading.text.clone())
}

const MODERN: [&str; 24] = [
    "DAQD1234567",
    "DCSEXAMPLE-WOODS",
    "DDEN",
    "DACRIVER",
    "DDFT",
    "DADASH MAPLE",
    "DDGU",
    "DCUIII",
    "DCAC",
    "DCBB",
    "DCDNONE",
    "DBD03152024",
    "DBB02291988",
    "DBA02282032",
    "DBC9",
    "DAU069 in",
    "DAYHAZ",
    "DAZBRO",
    "DAG12 IMAGINARY RD",
    "DAHAPT 4",
    "DAINOWHERE",
    "DAJVA",
    "DAK221020000  ",
    "DCF998877",
];

#[test]
fn every_version_since_two_is_read() {
    for version in 2..=10 {
        let mut elements = MODERN.to_vec();
        elements.extend(["DCGUSA", "DAW165", "DDL1", "DDK1"]);
        let text_of = payload(
            636_000,
            version,
            Some(1),
            &[("DL", &elements), ("ZV", &["ZVA01", "ZVB"])],
        );
        let parsed = Payload::from_bytes(text_of.as_bytes()).unwrap();
        assert_eq!((parsed.version, parsed.jurisdiction_version), (version, Some(1)));
        assert_eq!(parsed.subfiles, ["DL", "ZV"]);
        assert_eq!(parsed.elements.len(), elements.len() + 2);
        assert_eq!(parsed.elements["ZVA"], "01");
        assert_eq!(parsed.elements["ZVB"], "");
        assert_eq!(parsed.rest, Vec::<String>::new());
        assert_eq!(parsed.weight(), Some(Weight::Pounds(165)));
        assert_eq!((parsed.veteran(), parsed.organ_donor()), (Some(true), Some(true)));
        assert_eq!(parsed.issuer().unwrap().code, "VA");
    }
}

#[test]
fn the_fields_of_a_card_are_named() {
    let parsed = Payload::parse(&payload(636_000, 10, Some(0), &[("DL", &MODERN)])).unwrap();
    for (field, expected) in [
        (Field::LastName, "EXAMPLE-WOODS"),
        (Field::FirstName, "RIVER"),
        (Field::MiddleName, "ASH MAPLE"),
        (Field::Suffix, "III"),
        (Field::DateOfBirth, "1988-02-29"),
        (Field::DateOfIssue, "2024-03-15"),
        (Field::DateOfExpiry, "2032-02-28"),
        (Field::Address, "12 IMAGINARY RD APT 4"),
        (Field::City, "NOWHERE"),
        (Field::State, "VA"),
        (Field::PostalCode, "22102"),
        (Field::DocumentNumber, "D1234567"),
        (Field::Sex, "X"),
        (Field::Height, "069 in"),
        (Field::EyeColour, "HAZ"),
        (Field::HairColour, "BRO"),
        (Field::Class, "C"),
        (Field::Restrictions, "B"),
        (Field::Endorsements, "NONE"),
        (Field::Discriminator, "998877"),
        (Field::Issuer, "VA"),
    ] {
        assert_eq!(text(&parsed, field).as_deref(), Some(expected), "{field:?}");
    }
    assert_eq!(parsed.readings().len(), 21);
    assert_eq!(
        parsed.readings()[&Field::DateOfBirth].date,
        Some(date(1988, 2, 29))
    );
    let name = parsed.name();
    assert_eq!(name.family_truncation, Truncation::Complete);
    assert_eq!(name.first_truncation, Truncation::Truncated);
    assert_eq!(name.middle_truncation, Truncation::Unknown);
    assert_eq!(parsed.height(), Some(Height::Inches(69)));
}

#[test]
fn the_versions_before_two_have_the_full_name_and_dates_year_first() {
    for version in [0, 1] {
        let elements = [
            "DAAEXAMPLE,RIVER,ASH MAPLE,JR",
            "DAL3 OLD RD",
            "DANNOWHERE",
            "DAOCT",
            "DAP06001-1234",
            "DAQ001",
            "DARD",
            "DASB",
            "DATM",
            "DBA20071231",
            "DBB19550102",
            "DBCM",
            "DAU511",
            "DBHY",
        ];
        let parsed = Payload::parse(&payload(636_006, version, None, &[("DL", &elements)])).unwrap();
        assert_eq!((parsed.version, parsed.jurisdiction_version), (version, None));
        for (field, expected) in [
            (Field::LastName, "EXAMPLE"),
            (Field::FirstName, "RIVER"),
            (Field::MiddleName, "ASH MAPLE"),
            (Field::Suffix, "JR"),
            (Field::Address, "3 OLD RD"),
            (Field::City, "NOWHERE"),
            (Field::State, "CT"),
            (Field::PostalCode, "06001-1234"),
            (Field::Class, "D"),
            (Field::Restrictions, "B"),
            (Field::Endorsements, "M"),
            (Field::Sex, "M"),
            (Field::DateOfBirth, "1955-01-02"),
        ] {
            assert_eq!(text(&parsed, field).as_deref(), Some(expected), "{field:?}");
        }
        assert_eq!(parsed.height(), Some(Height::Inches(71)));
        assert_eq!(parsed.organ_donor(), Some(true));
        assert_eq!(parsed.country(), Some("USA"));
    }
}

#[test]
fn full_names_are_split_as_their_commas_say() {
    for (issuer, full, family, first, middle) in [
        (
            636_029,
            "EXAMPLE, RIVER ASH",
            Some("EXAMPLE"),
            Some("RIVER"),
            Some("ASH"),
        ),
        (
            636_010,
            "EXAMPLE,RIVER, ASH",
            Some("EXAMPLE"),
            Some("RIVER"),
            Some("ASH"),
        ),
        (
            636_025,
            "RIVER ASH MAPLE EXAMPLE",
            Some("EXAMPLE"),
            Some("RIVER"),
            Some("ASH MAPLE"),
        ),
        (636_025, "EXAMPLE", Some("EXAMPLE"), None, None),
        (636_026, "RIVER ASH EXAMPLE", None, None, None),
    ] {
        let element = format!("DAA{full}");
        let name = Payload::parse(&payload(issuer, 1, None, &[("DL", &[&element])]))
            .unwrap()
            .name();
        let found = (
            name.family.as_deref(),
            name.first.as_deref(),
            name.middle.as_deref(),
        );
        assert_eq!(found, (family, first, middle), "{full}");
    }
}

#[test]
fn a_canadian_card_has_metres_and_dates_year_first() {
    let elements = [
        "DCSEXEMPLE",
        "DCTFLEUVE ERABLE",
        "DADNONE",
        "DBB19900228",
        "DBA20301231",
        "DBC2",
        "DAU168 cm",
        "DAX070",
        "DAKE5K 1Y3    ",
        "DCGCAN",
    ];
    let parsed = Payload::parse(&payload(636_017, 8, Some(0), &[("ID", &elements)])).unwrap();
    assert_eq!(parsed.birth(), Some(date(1990, 2, 28)));
    assert_eq!(parsed.height(), Some(Height::Centimetres(168)));
    assert_eq!(parsed.weight(), Some(Weight::Kilograms(70)));
    assert_eq!(text(&parsed, Field::Weight).as_deref(), Some("070 kg"));
    assert_eq!(text(&parsed, Field::PostalCode).as_deref(), Some("E5K 1Y3"));
    assert_eq!(text(&parsed, Field::FirstName).as_deref(), Some("FLEUVE"));
    assert_eq!(text(&parsed, Field::MiddleName).as_deref(), Some("ERABLE"));
    assert_eq!(text(&parsed, Field::Issuer).as_deref(), Some("NB"));
}

#[test]
fn weight_ranges_are_those_of_the_standard() {
    for (printed, from_kilograms, to_kilograms) in [("0", 0, Some(31)), ("4", 71, Some(86)), ("9", 146, None)]
    {
        let element = format!("DCE{printed}");
        let parsed = Payload::parse(&payload(636_055, 3, Some(0), &[("DL", &[&element])])).unwrap();
        assert_eq!(
            parsed.weight(),
            Some(Weight::Range {
                from_kilograms,
                to_kilograms
            })
        );
        assert_eq!(text(&parsed, Field::Weight), None);
    }
}

#[test]
fn what_stands_before_the_header_does_not_matter() {
    let clean = payload(636_000, 10, Some(0), &[("DL", &MODERN)]);
    let expected = Payload::parse(&clean).unwrap();
    let rest = clean.split_once("ANSI").unwrap().1;
    for before in ["", " @\n6", "\u{feff}@\n\u{1e}\r", "@acl", "]L0@\n"] {
        assert_eq!(
            Payload::parse(&format!("{before}ANSI{rest}")).unwrap(),
            expected,
            "{before:?}"
        );
    }
    // Windows line ends, and the designator of the subfile left out.
    assert_eq!(Payload::parse(&clean.replace('\n', "\r\n")).unwrap(), expected);
    assert_eq!(Payload::parse(&clean.replace("DLDAQ", "DAQ")).unwrap(), expected);
}

#[test]
fn latin_1_is_read_where_it_is_not_utf_8() {
    let mut bytes = payload(604_428, 8, Some(0), &[("DL", &["DCSHAMELIN", "DAIMONTR#AL"])]).into_bytes();
    let place = bytes.iter().position(|byte| *byte == b'#').unwrap();
    bytes[place] = 0xc9;
    assert_eq!(Payload::from_bytes(&bytes).unwrap().elements["DAI"], "MONTRÉAL");
}

#[test]
fn a_second_value_and_stray_text_are_kept_apart() {
    let elements = ["DCSEXAMPLE", "DAH", "DAHAPT 1", "DCSOTHER", "888888"];
    let parsed = Payload::parse(&payload(636_000, 8, Some(0), &[("DL", &elements)])).unwrap();
    assert_eq!(parsed.elements["DCS"], "EXAMPLE");
    assert_eq!(parsed.elements["DAH"], "APT 1");
    assert_eq!(parsed.rest, ["DCSOTHER", "888888"]);
}

#[test]
fn what_is_no_payload_is_told_apart() {
    for (text, error) in [
        (" \n\u{feff}", Error::Empty),
        ("https://example.com/", Error::NoHeader),
        ("ANSI of the AAMVA", Error::NoHeader),
        ("@\nANSI 6360DL", Error::IssuerNumber { found: 4 }),
        ("@\nANSI 636014", Error::NoVersion { issuer: 636_014 }),
        ("@\nANSI 636014080001DL00310010DL", Error::NoElements),
    ] {
        assert_eq!(Payload::parse(text), Err(error), "{text:?}");
    }
}

const SHARED: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../../shared/data/documents/aamva"
);

/// Every line is an element or told to be none, and the fields that all of them have are found.
#[test]
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn the_shared_payloads_are_parsed_without_loss() {
    let Ok(folder) = fs_err::read_dir(SHARED) else {
        eprintln!("SKIPPED: {SHARED} is not there, so no payload of an issuer was parsed");
        return;
    };
    let mut count = 0;
    for entry in folder {
        let path = entry.unwrap().path();
        let bytes = fs_err::read(&path).unwrap();
        let parsed =
            Payload::from_bytes(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let lines = String::from_utf8_lossy(&bytes).into_owned();
        // All lines after the one with the header, and that one's first element.
        let (_, after) = lines
            .split_once("AAMVA")
            .or_else(|| lines.split_once("ANSI "))
            .unwrap();
        for line in after
            .split(['\n', '\r'])
            .skip(1)
            .map(str::trim)
            .filter(|line| !line.is_empty())
        {
            let found = parsed.elements.iter().any(|(code, value)| {
                line.strip_suffix(value.as_str())
                    .is_some_and(|start| start.trim_end().ends_with(code.as_str()))
            });
            assert!(
                found
                    || parsed
                        .rest
                        .iter()
                        .chain(&parsed.subfiles)
                        .any(|rest| rest == line),
                "{}: {line:?}",
                path.display()
            );
        }
        let readings = parsed.readings();
        for field in [
            Field::LastName,
            Field::FirstName,
            Field::DocumentNumber,
            Field::DateOfBirth,
            Field::DateOfExpiry,
            Field::Sex,
            Field::Address,
            Field::City,
            Field::State,
            Field::PostalCode,
            Field::Issuer,
            Field::Height,
        ] {
            let known_gap = field == Field::Sex && path.file_name().is_some_and(|name| name == "OR.txt");
            assert!(
                readings.contains_key(&field) || known_gap,
                "{}: no {field:?}",
                path.display()
            );
        }
        assert!(parsed.height().is_some(), "{}", path.display());
        assert_eq!(
            parsed.rest.is_empty(),
            path.file_name().is_some_and(|name| name != "PR.txt"),
            "{:?}",
            parsed.rest
        );
        count += 1;
    }
    assert!(count >= 40, "only {count} payloads");
}

proptest! {
    #[test]
    fn nothing_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "\\PC{0,80}") {
        let header = "@\n\u{1e}\rANSI 636014080002DL00410020ZC00610020DL";
        for payload in [text.clone(), format!("{header}{text}"), format!("{header}DAQ1\n{text}\nDCE{text}\nDAU{text}")] {
            if let Ok(parsed) = Payload::parse(&payload) {
                prop_assert!(!parsed.elements.is_empty());
                prop_assert!(parsed.readings().values().all(|reading| !reading.text.is_empty()));
            }
        }
        let after: Vec<u8> = header.bytes().chain(*b"DAQ1\n").chain(bytes.iter().copied()).collect();
        prop_assert!(Payload::from_bytes(&after).is_ok());
        prop_assert_eq!(Payload::from_bytes(&bytes).is_ok_and(|parsed| parsed.elements.is_empty()), false);
    }

    #[test]
    fn what_is_rendered_is_read_back(
        version in 2_u8..=10,
        licence in proptest::collection::btree_map("D[A-D][A-Z]", "([A-Z0-9][A-Z0-9 ]{0,10}[A-Z0-9])?", 1..30),
        own in proptest::collection::btree_map("ZC[A-Z]", "([A-Z0-9]{1,10})?", 1..8),
    ) {
        let lines = |elements: &BTreeMap<String, String>| -> Vec<String> {
            elements.iter().map(|(code, value)| format!("{code}{value}")).collect()
        };
        let (one, two) = (lines(&licence), lines(&own));
        let (one, two): (Vec<&str>, Vec<&str>) =
            (one.iter().map(String::as_str).collect(), two.iter().map(String::as_str).collect());
        let text = payload(636_014, version, Some(0), &[("DL", &one), ("ZC", &two)]);
        let parsed = Payload::parse(&text).unwrap();
        let expected: BTreeMap<String, String> = licence.into_iter().chain(own).collect();
        prop_assert_eq!(parsed.elements, expected);
        prop_assert_eq!(parsed.rest, Vec::<String>::new());
    }
}
