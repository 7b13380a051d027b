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
        payloads.push((
            file_name(&path),
            String::from_utf8_lossy(&fs_err::read(&path)?).into_owned(),
        ));
    }
    Ok(vec![parsed(&payloads), photographed(&payloads)])
}

fn parsed(payloads: &[(String, String)]) -> Class {
    let mut wrong = Vec::new();
    for (file, text) in payloads {
        match Payload::parse(text) {
            Err(error) => wrong.push(format!("{file}: {error}")),
            Ok(licence) => {
                let lost: Vec<&str> = elements(text)
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

/// The elements that stand on lines of their own: three letters and a value.
fn elements(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().filter_map(|line| {
        let (code, value) = line.trim_end().split_at_checked(3)?;
        let is_code = (code.starts_with('D') || code.starts_with('Z'))
            && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        is_code.then_some((code, value.trim()))
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
