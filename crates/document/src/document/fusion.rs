//! Several sources, one value per field: the barcode before the MRZ before what is printed. Who says something else is
//! remembered, and nobody is outvoted: a printed name that differs from the machine's is a finding, not a choice.

use std::collections::BTreeMap;

use selfsame_types::Point;

use super::{FieldValue, Fields, Located, Source};
use crate::field::{Field, Reading};

/// What each source says.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    pub(crate) barcode: BTreeMap<Field, Reading>,
    pub(crate) mrz: BTreeMap<Field, Reading>,
    pub(crate) visual: BTreeMap<Field, Located>,
}

/// Names in an MRZ are cut off where the line ends (ICAO Doc 9303-4, § 4.2.3); with so many letters in common they agree.
const LEAST_COMMON_LETTERS: usize = 8;

/// One value per field that any source has.
pub(crate) fn fuse(sources: Sources) -> Fields {
    let mut fields = Fields::new();
    let plain = |readings: BTreeMap<Field, Reading>| {
        readings
            .into_iter()
            .map(|(field, reading)| (field, reading, None))
    };
    let visual = sources.visual.into_iter();
    let visual = visual.map(|(field, (reading, polygon))| (field, reading, Some(polygon)));
    add(&mut fields, Source::Barcode, plain(sources.barcode));
    add(&mut fields, Source::Mrz, plain(sources.mrz));
    add(&mut fields, Source::VisualZone, visual);
    fields
}

fn add(
    fields: &mut Fields,
    source: Source,
    readings: impl Iterator<Item = (Field, Reading, Option<[Point; 4]>)>,
) {
    for (field, reading, polygon) in readings {
        match fields.get_mut(&field) {
            None => {
                let value = FieldValue {
                    reading,
                    source,
                    polygon,
                    disagreeing: Vec::new(),
                };
                fields.insert(field, value);
            }
            Some(known) => {
                if known.polygon.is_none() {
                    known.polygon = polygon;
                }
                if !agree(field, &known.reading, &reading) {
                    known.disagreeing.push(source);
                }
            }
        }
    }
}

/// Whether two sources mean the same.
fn agree(field: Field, a: &Reading, b: &Reading) -> bool {
    if let (Some(a), Some(b)) = (a.date, b.date) {
        return a == b;
    }
    match field {
        // Codes in one zone are words in the other, units and abbreviations differ, and each has its own idea of some.
        Field::Nationality
        | Field::Issuer
        | Field::EyeColour
        | Field::HairColour
        | Field::Height
        | Field::Weight
        | Field::Address
        | Field::Restrictions
        | Field::Endorsements
        | Field::PersonalNumber
        | Field::Discriminator
        | Field::Veteran => true,
        _ => same_letters(&a.text, &b.text),
    }
}

fn same_letters(a: &str, b: &str) -> bool {
    let (a, b) = (spellings(a), spellings(b));
    a.iter()
        .any(|a| b.iter().any(|b| a == b || is_cut_off(a, b) || is_cut_off(b, a)))
}

fn is_cut_off(short: &str, long: &str) -> bool {
    short.len() >= LEAST_COMMON_LETTERS && long.starts_with(short)
}

/// Letters and digits in capitals, without marks; with the two ways of writing umlauts and their like in an MRZ (ICAO Doc
/// 9303-3, § 6, table A: Ä is AE or A).
fn spellings(text: &str) -> [String; 2] {
    let spelled = |long: bool| -> String {
        text.chars()
            .flat_map(char::to_uppercase)
            .flat_map(|c| plain(c, long).chars().collect::<Vec<_>>())
            .collect()
    };
    [spelled(true), spelled(false)]
}

/// A letter without its mark; nothing for what is neither letter nor digit.
fn plain(c: char, long: bool) -> String {
    let text = match c {
        'A'..='Z' | '0'..='9' => return c.to_string(),
        'Ä' | 'Æ' => {
            if long {
                "AE"
            } else {
                "A"
            }
        }
        'Ö' | 'Ø' | 'Œ' => {
            if long {
                "OE"
            } else {
                "O"
            }
        }
        'Ü' => {
            if long {
                "UE"
            } else {
                "U"
            }
        }
        'Å' => {
            if long {
                "AA"
            } else {
                "A"
            }
        }
        'Þ' => "TH",
        'À'..='Ã' | 'Ā' | 'Ă' | 'Ą' => "A",
        'Ç' | 'Ć' | 'Ĉ' | 'Ċ' | 'Č' => "C",
        'Ď' | 'Đ' | 'Ð' => "D",
        'È'..='Ë' | 'Ē' | 'Ĕ' | 'Ė' | 'Ę' | 'Ě' => "E",
        'Ĝ' | 'Ğ' | 'Ġ' | 'Ģ' => "G",
        'Ĥ' | 'Ħ' => "H",
        'Ì'..='Ï' | 'Ĩ' | 'Ī' | 'Ĭ' | 'Į' | 'İ' => "I",
        'Ĵ' => "J",
        'Ķ' => "K",
        'Ĺ' | 'Ļ' | 'Ľ' | 'Ŀ' | 'Ł' => "L",
        'Ñ' | 'Ń' | 'Ņ' | 'Ň' => "N",
        'Ò'..='Õ' | 'Ō' | 'Ŏ' | 'Ő' => "O",
        'Ŕ' | 'Ŗ' | 'Ř' => "R",
        'Ś' | 'Ŝ' | 'Ş' | 'Š' | 'Ș' => "S",
        'Ţ' | 'Ť' | 'Ŧ' | 'Ț' => "T",
        'Ù'..='Û' | 'Ũ' | 'Ū' | 'Ŭ' | 'Ů' | 'Ű' | 'Ų' => "U",
        'Ŵ' => "W",
        'Ý' | 'Ŷ' | 'Ÿ' => "Y",
        'Ź' | 'Ż' | 'Ž' => "Z",
        _ => "",
    };
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(text: &str) -> Reading {
        Reading {
            text: text.to_owned(),
            date: text.parse().ok(),
            confidence: 0.9,
        }
    }

    fn fused(mrz: &[(Field, &str)], visual: &[(Field, &str)]) -> Fields {
        fuse(Sources {
            barcode: BTreeMap::new(),
            mrz: mrz.iter().map(|(field, text)| (*field, reading(text))).collect(),
            visual: visual
                .iter()
                .map(|(field, text)| (*field, (reading(text), [Point::new(1.0, 2.0); 4])))
                .collect(),
        })
    }

    #[test]
    fn the_machine_goes_before_the_print_and_what_one_alone_has_counts() {
        let fields = fused(
            &[(Field::LastName, "MUELLER"), (Field::DateOfBirth, "1964-08-12")],
            &[
                (Field::LastName, "Müller"),
                (Field::PlaceOfBirth, "Berlin"),
                (Field::DateOfBirth, "1964-08-13"),
            ],
        );
        let name = &fields[&Field::LastName];
        assert_eq!(
            (name.reading.text.as_str(), name.source),
            ("MUELLER", Source::Mrz)
        );
        assert!(name.disagreeing.is_empty() && name.polygon.is_some());
        assert_eq!(fields[&Field::PlaceOfBirth].source, Source::VisualZone);
        assert_eq!(fields[&Field::DateOfBirth].disagreeing, [Source::VisualZone]);
    }

    #[test]
    fn spelling_does_not_make_a_difference_and_letters_do() {
        for (a, b, same) in [
            ("O'BRIEN-SMITH", "OBRIEN SMITH", true),
            ("SØRENSEN", "SOERENSEN", true),
            ("SØRENSEN", "SORENSEN", true),
            ("PAPANDROPOULOUS", "PAPANDROPOUL", true),
            ("ANNA", "ANN", false),
            ("L898902C3", "L898902C8", false),
            ("X", "", false),
        ] {
            assert_eq!(same_letters(a, b), same, "{a} {b}");
        }
    }
}
