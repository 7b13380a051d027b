//! `--groups labels.csv`: which groups photos or people belong to.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::measure::{Attribute, Groups};
use crate::exit::Failure;

/// What a line is about: a photo, relative to the folder of photos, or everybody's photos in one folder.
const KEYS: [&str; 2] = ["file", "identity"];

/// A table of labels: one line per photo or person, one column per attribute.
#[derive(Debug)]
pub(super) struct Labels {
    /// Whether lines are about photos.
    by_file: bool,
    attributes: Vec<String>,
    lines: HashMap<String, Vec<String>>,
}

impl Labels {
    /// Reads a CSV with a header, of which one column is called `file` or `identity`; where both are there, `file` counts.
    /// `wanted` are the attributes that are looked at, all if there are none.
    pub(super) fn read(path: &Path, wanted: &[String]) -> Result<Self> {
        Self::parse(&fs_err::read_to_string(path)?, wanted)
            .with_context(|| format!("{} cannot be used", path.display()))
    }

    fn parse(text: &str, wanted: &[String]) -> Result<Self> {
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let titles: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
        let at = |name: &str| titles.iter().position(|title| title.eq_ignore_ascii_case(name));
        let Some(key) = KEYS.iter().find_map(|key| at(key)) else {
            return Err(Failure::new("there is no column `file` or `identity`")
                .hint("the first line names the columns: file or identity, then the attributes")
                .into());
        };
        let attributes: Vec<String> = if wanted.is_empty() {
            let others = titles
                .iter()
                .filter(|title| !KEYS.contains(&title.to_lowercase().as_str()));
            others.cloned().collect()
        } else {
            wanted.to_vec()
        };
        let mut columns = Vec::new();
        for attribute in &attributes {
            let column = titles.iter().position(|title| title == attribute);
            columns.push(column.ok_or_else(|| {
                Failure::new(format!("there is no column `{attribute}`"))
                    .hint(format!("the columns are {}", titles.join(", ")))
            })?);
        }
        let mut lines = HashMap::new();
        for record in reader.records() {
            let record = record?;
            let values = columns.iter().map(|column| record[*column].to_owned()).collect();
            lines.insert(record[key].to_owned(), values);
        }
        Ok(Self {
            by_file: titles[key].eq_ignore_ascii_case(KEYS[0]),
            attributes,
            lines,
        })
    }

    /// The groups of photos in `directory`; an empty label is none.
    pub(super) fn attributes(&self, photos: &[PathBuf], directory: &Path) -> Vec<Attribute> {
        let line = |photo: &PathBuf| {
            let name = photo.strip_prefix(directory).unwrap_or(photo);
            // Names in a table have slashes, on every system.
            let parts: Vec<&str> = name.iter().filter_map(|part| part.to_str()).collect();
            let key = if self.by_file {
                parts.join("/")
            } else {
                (*parts.first()?).to_owned()
            };
            self.lines.get(&key)
        };
        let lines: Vec<Option<&Vec<String>>> = photos.iter().map(line).collect();
        self.attributes
            .iter()
            .enumerate()
            .map(|(index, name)| {
                let label = |line: &Option<&Vec<String>>| {
                    line.map(|line| line[index].clone())
                        .filter(|label| !label.is_empty())
                };
                Attribute {
                    name: name.clone(),
                    groups: Groups::OfPhotos(lines.iter().map(label).collect()),
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str, wanted: &[&str], photos: &[&str]) -> Vec<(String, Vec<Option<String>>)> {
        let wanted: Vec<String> = wanted.iter().map(ToString::to_string).collect();
        let photos: Vec<PathBuf> = photos.iter().map(|photo| Path::new("set").join(photo)).collect();
        let found = Labels::parse(text, &wanted)
            .unwrap()
            .attributes(&photos, Path::new("set"));
        found
            .into_iter()
            .map(|attribute| match attribute.groups {
                Groups::OfPhotos(of) => (attribute.name, of),
                Groups::OfPairs(_) => unreachable!(),
            })
            .collect()
    }

    #[test]
    fn photos_and_people_have_groups() {
        let text = "file,identity,sex,age\nann/1.jpg,ann,f,old\nbob/1.jpg,bob,m,\n";
        let photos = ["ann/1.jpg", "bob/1.jpg", "bob/2.jpg"];
        let some = |label: &str| Some(label.to_owned());
        assert_eq!(
            labels(text, &[], &photos),
            [
                ("sex".to_owned(), vec![some("f"), some("m"), None]),
                ("age".to_owned(), vec![some("old"), None, None])
            ]
        );
        let text = "Identity,sex\nann,f\nbob,m\n";
        assert_eq!(
            labels(text, &["sex"], &photos),
            [("sex".to_owned(), vec![some("f"), some("m"), some("m")])]
        );
    }

    #[test]
    fn what_is_missing_is_said() {
        let error = |text: &str, wanted: &[String]| Labels::parse(text, wanted).unwrap_err().to_string();
        assert_eq!(
            error("photo,sex\n", &[]),
            "there is no column `file` or `identity`"
        );
        assert_eq!(
            error("file,sex\n", &["age".to_owned()]),
            "there is no column `age`"
        );
    }
}
