//! Tests of the decoder on probabilities that are made up.

use super::*;

const NAMES: &str = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<";
const DATA: &str = "L898902C36UTO7408122F1204159ZE184226B<<<<<10";

/// Steps as a model gives them: each character a peak at its place, blank between, of runs of fillers only every `lost`th.
fn posteriors(text: &str, pitch: f32, offset: f32, lost: usize) -> Posteriors {
    let count = (offset * 2.0 + pitch * text.len() as f32).ceil() as usize;
    let mut steps = vec![[0.0; CLASSES]; count];
    for step in &mut steps {
        step[0] = 1.0;
    }
    let mut run = 0;
    for (index, character) in text.chars().enumerate() {
        run = if character == FILLER { run + 1 } else { 0 };
        if run > 0 && (run - 1) % lost != 0 {
            continue;
        }
        let step = &mut steps[(offset + pitch * (index as f32 + 0.5)) as usize];
        step[0] = 0.05;
        step[class(character).unwrap()] = 0.95;
    }
    Posteriors { steps }
}

#[test]
fn lost_fillers_are_put_back() {
    for pitch in [4.0, 4.5, 5.3] {
        for offset in [1.0, 5.0] {
            for lost in [1, 2] {
                let zone = zone(&[
                    posteriors(NAMES, pitch, offset, lost),
                    posteriors(DATA, pitch, offset, lost),
                ])
                .unwrap();
                assert_eq!(zone.mrz.lines, [NAMES, DATA], "{pitch} {offset} {lost}");
                assert_eq!((zone.format, zone.corrections.len()), (Format::Td3, 0));
            }
        }
    }
}

#[test]
fn the_format_is_the_one_that_fits() {
    let td1 = [
        "I<UTOD231458907<<<<<<<<<<<<<<<",
        "7408122F1204159UTO<<<<<<<<<<<6",
        "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
    ];
    let td2 = [
        "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
        "D231458907UTO7408122F1204159<<<<<<<6",
    ];
    let visa = [
        "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
        "L8988901C4XXX4009078F9612109<<<<<<<<",
    ];
    for (lines, format) in [
        (&td1[..], Format::Td1),
        (&td2[..], Format::Td2),
        (&visa[..], Format::MrvB),
    ] {
        let steps: Vec<Posteriors> = lines.iter().map(|line| posteriors(line, 4.5, 3.0, 1)).collect();
        let zone = zone(&steps).unwrap();
        assert_eq!(
            (zone.format, zone.mrz.lines.join("\n")),
            (format, lines.join("\n"))
        );
    }
}

/// The model prefers the wrong one of two characters; the check digits do not.
#[test]
fn what_the_model_doubted_is_settled_by_a_check_digit() {
    let mut data = posteriors(DATA, 4.5, 3.0, 1);
    let place = (3.0 + 4.5 * 7.5_f32) as usize;
    data.steps[place] = [0.0; CLASSES];
    data.steps[place][class('E').unwrap()] = 0.6;
    data.steps[place][class('C').unwrap()] = 0.4;
    let zone = zone(&[posteriors(NAMES, 4.5, 3.0, 1), data]).unwrap();
    assert_eq!(zone.lines[1].text(), DATA.replace('C', "E"));
    assert_eq!(zone.mrz.lines[1], DATA);
    assert_eq!(
        zone.corrections,
        [Correction {
            line: 1,
            column: 7,
            read: 'E',
            corrected: 'C'
        }]
    );
}

#[test]
fn letters_in_the_fillers_after_the_names_are_fillers() {
    let faint = "P<UTOERIKSSON<<ANNA<MARIA<<<<<K<<<SK<<<<<<<K";
    let zone = zone(&[posteriors(faint, 4.5, 3.0, 1), posteriors(DATA, 4.5, 3.0, 1)]).unwrap();
    assert_eq!(zone.mrz.lines[0], NAMES);
    assert_eq!(zone.corrections.len(), 4);
    assert_eq!(tail("A<<<BCDEFGHIJKLMNOPQRSTUVWXYZ"), None);
    assert_eq!(tail("A<<K<B"), None);
}

#[test]
fn a_field_that_no_check_digit_protects_is_no_surer_than_its_characters() {
    let mut names = posteriors(NAMES, 4.5, 3.0, 1);
    for step in &mut names.steps {
        step[class('X').unwrap()] = step[1..].iter().sum::<f32>() * 0.9;
    }
    let zone = zone(&[names, posteriors(DATA, 4.5, 3.0, 1)]).unwrap();
    assert_eq!(zone.mrz.names.primary, "ERIKSSON");
    let readings = zone.readings(jiff::civil::date(2026, 1, 1));
    assert!(readings[&Field::LastName].confidence < 0.7);
    assert!(readings[&Field::DocumentNumber].confidence >= 0.99);
}

#[test]
fn too_few_steps_are_nothing() {
    assert_eq!(line(&Posteriors::default(), &[Class::Any]), None);
    assert_eq!(line(&posteriors("ABC", 1.0, 0.0, 1), &[Class::Any; 4]), None);
    assert_eq!(zone(&[posteriors(NAMES, 4.5, 3.0, 1)]), None);
    let not_numbers = Posteriors {
        steps: vec![[f32::NAN; CLASSES]; 100],
    };
    assert!(line(&not_numbers, &[Class::Any; 30]).is_none_or(|line| line.cells.len() == 30));
}

#[test]
fn classes_are_as_the_character_set_says() {
    for (character, expected) in [
        ('A', Some(1)),
        ('z', Some(26)),
        ('0', Some(27)),
        ('<', Some(37)),
        ('《', Some(37)),
        ('-', None),
        ('ß', None),
    ] {
        assert_eq!(class(character), expected, "{character}");
    }
}
