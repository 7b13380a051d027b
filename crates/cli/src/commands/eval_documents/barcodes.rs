//! AAMVA payloads: parsed, and rendered as PDF417, photographed in silico and read back.

use std::path::Path;

use anyhow::Result;
use selfsame_document::aamva::Payload;
use selfsame_document::silico::{Degradation, pdf417};
use selfsame_document::{Symbology, read_barcodes};

use super::{Class, Row, file_name, files};

/// Pictures per payload and degradation, each with other noise.
const PICTURES: u64 = 3;
const DEGRADATIONS: [(&str, Degradation); 3] = [
    ("clean", Degradation::CLEAN),
    ("moderate", Degradation::MODERATE),
    ("strong", Degradation::STRONG),
];

/// Two classes: texts, and pictures of them.
pub(super) fn measure(directory: &Path) -> Result<Vec<Class>> {
    let mut payloads = Vec::new();
    for path in files(directory, &["txt"])? {
        let text = String::from_utf8_lossy(&fs_err::read(&path)?).into_owned();
        // A mark that editors of text leave, and no barcode has.
        payloads.push((file_name(&path), text.trim_start_matches('\u{feff}').to_owned()));
    }
    Ok(vec![parsed(&payloads), photographed(&payloads)])
}

fn parsed(payloads: &[(String, String)]) -> Class {
    let mut wrong = Vec::new();
    for (file, text) in payloads {
        match Payload::parse(text) {
            Err(error) => wrong.push(format!("{file}: {error}")),
            Ok(licence) => {
                let lost: Vec<&str> = elements(text, &licence.subfiles)
                    .filter(|(code, value)| {
                        licence
                            .elements
                            .get(*code)
                            .is_none_or(|known| known.trim() != *value)
                    })
                    .map(|(code, _)| code)
                    .collect();
                if !lost.is_empty() {
                    wrong.push(format!("{file}: {} lost", lost.join(", ")));
                }
            }
        }
    }
    Class {
        name: "AAMVA payloads".to_owned(),
        rows: vec![Row::new(
            "parsed without loss",
            payloads.len() - wrong.len(),
            payloads.len(),
        )],
        wrong,
    }
}

/// The elements that stand on lines of their own: three letters and a value. Before the first one of a subfile stands its kind.
fn elements<'a>(text: &'a str, subfiles: &'a [String]) -> impl Iterator<Item = (&'a str, &'a str)> {
    text.lines().filter_map(|line| {
        let line = line.trim_end();
        let begun = subfiles.iter().find_map(|kind| {
            let rest = line.strip_prefix(kind.as_str())?;
            let own = if kind.starts_with('Z') { kind.as_str() } else { "D" };
            rest.starts_with(own).then_some(rest)
        });
        let line = begun.unwrap_or(line);
        is_element(line).then(|| (&line[..3], line[3..].trim()))
    })
}

fn is_element(text: &str) -> bool {
    let code = text.as_bytes().get(..3);
    code.is_some_and(|code| {
        (code[0] == b'D' || code[0] == b'Z')
            && code.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
            && text.is_char_boundary(3)
    })
}

fn photographed(payloads: &[(String, String)]) -> Class {
    let mut wrong = Vec::new();
    let rows = DEGRADATIONS.iter().map(|(name, degradation)| {
        let (mut right, mut all) = (0, 0);
        for (file, text) in payloads {
            for seed in 0..PICTURES {
                // A text that no barcode can hold was never in one.
                let Some(picture) = pdf417(text, degradation, seed) else {
                    continue;
                };
                all += 1;
                let found = read_barcodes(&picture).unwrap_or_default();
                if found
                    .iter()
                    .any(|barcode| barcode.symbology == Symbology::Pdf417 && barcode.text == *text)
                {
                    right += 1;
                } else {
                    wrong.push(format!("{file}, {name}, picture {seed}"));
                }
            }
        }
        Row::new(format!("decoded, {name}"), right, all)
    });
    Class {
        name: "PDF417".to_owned(),
        rows: rows.collect(),
        wrong,
    }
}
