//! Machine readable zones: whole documents, and single lines.

use std::path::Path;

use anyhow::Result;
use selfsame_document::Reader;
use selfsame_evaluation::documents::right_characters;
use selfsame_vision::decode::Limits;

use super::{Class, Row, file_name, files};
use crate::commands::analyze_id::{name, options};

/// Names of pictures whose zone another reader has read without a failing check digit begin so.
const READABLE: &str = "100_";

/// Passports, visas and cards: how many zones are read with every check digit right.
pub(super) fn specimens(reader: &Reader, directory: &Path) -> Result<Class> {
    let (mut readable, mut hard) = ((0, 0), (0, 0));
    let mut wrong = Vec::new();
    for path in files(directory, &["jpg", "jpeg", "png"])? {
        let file = file_name(&path);
        let document = reader.read(&fs_err::read(&path)?, &options(None));
        let failing = match &document {
            Err(error) => Some(error.to_string()),
            Ok(document) => match &document.mrz {
                None => Some("no zone was found".to_owned()),
                Some(mrz) => {
                    let failing: Vec<String> = mrz
                        .checks
                        .iter()
                        .filter(|check| !check.holds)
                        .map(|check| name(&check.which))
                        .collect();
                    (!failing.is_empty())
                        .then(|| format!("failing: {}; {}", failing.join(", "), mrz.lines.join(" ")))
                }
            },
        };
        let counts = if file.starts_with(READABLE) {
            &mut readable
        } else {
            &mut hard
        };
        counts.1 += 1;
        counts.0 += usize::from(failing.is_none());
        wrong.extend(failing.map(|failing| format!("{file}: {failing}")));
    }
    Ok(Class {
        name: "Machine readable zones".to_owned(),
        rows: vec![
            Row::new("readable ones, all check digits", readable.0, readable.1),
            Row::new("hard ones, all check digits", hard.0, hard.1),
        ],
        wrong,
    })
}

/// Single lines: how many characters are right.
pub(super) fn lines(reader: &Reader, directory: &Path) -> Result<Class> {
    let (mut right, mut all, mut whole, mut count) = (0, 0, 0, 0);
    let mut wrong = Vec::new();
    // A line is no document, and may be as low.
    let limits = Limits {
        min_side_px: 16,
        ..options(None).limits
    };
    for path in files(directory, &["png"])? {
        let truth = fs_err::read_to_string(path.with_extension("gt.txt"))?;
        let truth = truth.trim();
        let read = reader.read_mrz_line(&fs_err::read(&path)?, &limits)?;
        let read = read.unwrap_or_default();
        right += right_characters(truth, &read);
        all += truth.chars().count().max(read.chars().count());
        whole += usize::from(truth == read);
        count += 1;
        if truth != read {
            wrong.push(format!("{}: {read}, not {truth}", file_name(&path)));
        }
    }
    Ok(Class {
        name: "Lines of machine readable zones".to_owned(),
        rows: vec![
            Row::new("characters", right, all),
            Row::new("whole lines", whole, count),
        ],
        wrong,
    })
}
