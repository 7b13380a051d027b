//! How well identity documents are read: what a list says against what was read, field by field. Knows neither pictures nor
//! readers.
//!
//! Texts are compared exactly after what a list cannot know is taken away: case, white space, and punctuation between the
//! parts of a name or number (a list that was typed has `P 800 000 224 322` where the print has wider gaps). Dates are
//! compared as dates.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a list says of one document.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Truth {
    /// The picture, relative to the list.
    pub file: String,
    /// Family name.
    pub last_name: String,
    /// Given names as they are printed.
    #[serde(rename = "given_names_as_printed")]
    pub given_names: String,
    /// Number of the document.
    pub number: String,
    /// Date of birth, `YYYY-MM-DD`.
    pub dob: String,
    /// Date of issue.
    pub issue: String,
    /// Date of expiry.
    pub expiry: String,
    /// `M`, `F` or `X`.
    pub sex: String,
}

/// A list cannot be read.
#[derive(Debug, thiserror::Error)]
#[error(
    "the list is not understood: its first line names file, last_name, given_names_as_printed, number, dob, issue, expiry and sex, with | between them"
)]
pub struct InvalidList(#[from] csv::Error);

/// Reads a list with `|` between its columns.
pub fn read_list(text: &str) -> Result<Vec<Truth>, InvalidList> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b'|')
        .from_reader(text.as_bytes());
    Ok(reader.deserialize().collect::<Result<_, _>>()?)
}

/// The fields that are compared, in the order of tables.
pub const FIELDS: [&str; 7] = [
    "last name",
    "given names",
    "number",
    "date of birth",
    "date of issue",
    "date of expiry",
    "sex",
];

impl Truth {
    /// The values in the order of [`FIELDS`]; one that is empty is unknown, and not compared.
    #[must_use]
    pub fn values(&self) -> [&str; 7] {
        [
            &self.last_name,
            &self.given_names,
            &self.number,
            &self.dob,
            &self.issue,
            &self.expiry,
            &self.sex,
        ]
    }
}

/// What became of one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Read exactly.
    Right,
    /// Read otherwise.
    Wrong,
    /// Not read.
    Missing,
}

/// Compares what was read with what is true.
#[must_use]
pub fn compare(truth: &str, read: Option<&str>) -> Verdict {
    match read {
        None | Some("") => Verdict::Missing,
        Some(read) if plain(read) == plain(truth) => Verdict::Right,
        Some(_) => Verdict::Wrong,
    }
}

/// Letters and digits in capitals.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_uppercase)
        .collect()
}

/// How often fields were read right.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Tally {
    /// By field: right, wrong, missing.
    pub fields: BTreeMap<&'static str, Counts>,
}

/// Verdicts on one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Read exactly.
    pub right: usize,
    /// Read otherwise.
    pub wrong: usize,
    /// Not read.
    pub missing: usize,
}

impl Counts {
    /// How many were compared.
    #[must_use]
    pub const fn all(&self) -> usize {
        self.right + self.wrong + self.missing
    }

    /// The share that was read right; 0 if nothing was compared.
    #[must_use]
    pub fn share(&self) -> f64 {
        if self.all() == 0 {
            0.0
        } else {
            self.right as f64 / self.all() as f64
        }
    }
}

impl Tally {
    /// Counts one verdict.
    pub fn add(&mut self, field: &'static str, verdict: Verdict) {
        let counts = self.fields.entry(field).or_default();
        match verdict {
            Verdict::Right => counts.right += 1,
            Verdict::Wrong => counts.wrong += 1,
            Verdict::Missing => counts.missing += 1,
        }
    }

    /// All fields together.
    #[must_use]
    pub fn total(&self) -> Counts {
        self.fields
            .values()
            .fold(Counts::default(), |sum, counts| Counts {
                right: sum.right + counts.right,
                wrong: sum.wrong + counts.wrong,
                missing: sum.missing + counts.missing,
            })
    }
}

/// How many characters of a line are right: those of the longer text that the other has at the same place, after the best
/// alignment (length minus Levenshtein's distance).
#[must_use]
pub fn right_characters(truth: &str, read: &str) -> usize {
    let (truth, read): (Vec<char>, Vec<char>) = (truth.chars().collect(), read.chars().collect());
    let mut row: Vec<usize> = (0..=read.len()).collect();
    for (i, a) in truth.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in read.iter().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    truth.len().max(read.len()) - row[read.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read() {
        let list = "file|state|last_name|given_names_as_printed|number|dob|issue|expiry|sex|uncertain\n\
                    a.jpg|AR|DOE|ANN B|1-2|1960-03-05|2018-03-05||F|\n";
        let list = read_list(list).unwrap();
        assert_eq!(
            list[0].values(),
            ["DOE", "ANN B", "1-2", "1960-03-05", "2018-03-05", "", "F"]
        );
        assert!(read_list("file|name\na|b\n").is_err());
    }

    #[test]
    fn exact_but_for_what_a_list_cannot_know() {
        assert_eq!(compare("P 800 000", Some("P800000")), Verdict::Right);
        assert_eq!(compare("JUSTIN,WILLIAM", Some("Justin, William")), Verdict::Right);
        assert_eq!(compare("S00", Some("SOO")), Verdict::Wrong);
        assert_eq!(compare("S00", None), Verdict::Missing);
        assert_eq!(compare("S00", Some("")), Verdict::Missing);
    }

    #[test]
    fn shares_are_of_what_was_compared() {
        let mut tally = Tally::default();
        tally.add("sex", Verdict::Right);
        tally.add("sex", Verdict::Missing);
        tally.add("number", Verdict::Right);
        assert!((tally.fields["sex"].share() - 0.5).abs() < 1e-9);
        assert_eq!(tally.total().right, 2);
        assert!((Counts::default().share()).abs() < 1e-9);
    }

    #[test]
    fn characters_are_counted_after_alignment() {
        assert_eq!(right_characters("ABC<<", "ABC<<"), 5);
        assert_eq!(right_characters("ABC<<", "ABC<"), 4);
        assert_eq!(right_characters("ABC<<", "XBC<<"), 4);
        assert_eq!(right_characters("ABC", "ABCD"), 3);
        assert_eq!(right_characters("", ""), 0);
    }
}
