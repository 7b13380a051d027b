//! Exact match of the visual zone's fields over a folder of lines and a table of what is printed.
//!
//! ```text
//! cargo run -p selfsame-document --example visual_accuracy -- LINES_DIRECTORY GROUND_TRUTH.csv [WIDE_NAMES_FILE]
//! ```
//!
//! `LINES_DIRECTORY` holds `<name of the image without its ending>.json`, each an array of `Line`. The table is
//! separated by `|` and has the columns of the specimens' ground truth. The optional third file lists the images (one
//! name per line) that are counted again by themselves.
//!
//! Texts are compared in capitals, and without what the table cannot know: spaces and punctuation of a number, and
//! punctuation of names and addresses (each run of spaces and punctuation is one space). A space that is missing inside
//! a name counts as wrong. Given names are the first, the others and the suffix together. Dates are compared as dates,
//! and `NONE` is a value like others. Fields that the table leaves empty are not counted.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::ExitCode;

use selfsame_document::Kind;
use selfsame_document::visual::{self, Size};
use selfsame_document::{Field, Line};

/// Columns, in the order of the report.
const COLUMNS: [&str; 13] = [
    "last_name",
    "given_names",
    "number",
    "dob",
    "issue",
    "expiry",
    "sex",
    "class",
    "height",
    "eyes",
    "address",
    "city",
    "state_zip",
];

/// Columns that the acceptance counts.
const COUNTED: usize = 7;

type Row = BTreeMap<String, String>;
type Tally = BTreeMap<&'static str, (usize, usize)>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.as_slice() {
        [lines, truth] => run(lines, truth, None),
        [lines, truth, wide] => run(lines, truth, Some(wide)),
        _ => Err("give a directory of lines and a table".into()),
    };
    match outcome {
        Ok(report) => {
            let written = std::io::stdout().write_all(report.as_bytes());
            if written.is_ok() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(lines: &str, truth: &str, wide: Option<&str>) -> Result<String, Box<dyn std::error::Error>> {
    let table = fs_err::read_to_string(truth)?;
    let wide: Vec<String> = match wide {
        Some(file) => fs_err::read_to_string(file)?.lines().map(str::to_owned).collect(),
        None => Vec::new(),
    };
    let (mut all, mut large, mut report) = (Tally::new(), Tally::new(), String::new());
    for row in rows(&table) {
        let file = &row["file"];
        let stem = file.rsplit_once('.').map_or(file.as_str(), |(stem, _)| stem);
        let json = fs_err::read_to_string(format!("{lines}/{stem}.json"))?;
        let lines: Vec<Line> = serde_json::from_str(&json)?;
        for (column, wanted, seen) in compare(&row, &lines) {
            let right = wanted == seen;
            add(&mut all, column, right);
            if wide.contains(file) {
                add(&mut large, column, right);
            }
            if !right {
                report += &format!("{file:22} {column:12} wanted [{wanted}] read [{seen}]\n");
            }
        }
    }
    report += &table_of("all", &all);
    if !large.is_empty() {
        report += &table_of("the listed ones", &large);
    }
    Ok(report)
}

fn rows(table: &str) -> Vec<Row> {
    let mut lines = table.lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split('|').collect();
    let row = |line: &str| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .zip(line.split('|').map(str::to_owned))
            .collect()
    };
    lines.map(row).collect()
}

fn add(tally: &mut Tally, column: &'static str, right: bool) {
    let count = tally.entry(column).or_default();
    count.0 += usize::from(right);
    count.1 += 1;
}

/// Column, what is printed, what was read; both normalised.
fn compare(row: &Row, lines: &[Line]) -> Vec<(&'static str, String, String)> {
    let right = lines
        .iter()
        .flat_map(|line| line.polygon)
        .map(|point| point.x)
        .fold(0.0, f32::max);
    let lowest = lines
        .iter()
        .flat_map(|line| line.polygon)
        .map(|point| point.y)
        .fold(0.0, f32::max);
    let visual = visual::read(
        lines,
        Size {
            width: right,
            height: lowest,
        },
        Kind::Other,
    );
    let text = |field: Field| {
        visual
            .readings
            .get(&field)
            .map_or("", |located| located.reading.text.as_str())
    };
    let date = |field: Field| {
        let date = visual
            .readings
            .get(&field)
            .and_then(|located| located.reading.date);
        date.map_or_else(String::new, |date| date.to_string())
    };
    let given = [Field::FirstName, Field::MiddleName, Field::Suffix]
        .map(text)
        .join(" ");
    let (city, state_zip) = split_city(&row["city_state_zip"]);
    let read_place = format!("{} {}", text(Field::State), text(Field::PostalCode));
    let pairs = [
        words(&row["last_name"], text(Field::LastName)),
        words(&row["given_names_as_printed"], &given),
        (solid(&row["number"]), solid(text(Field::DocumentNumber))),
        (row["dob"].clone(), date(Field::DateOfBirth)),
        (row["issue"].clone(), date(Field::DateOfIssue)),
        (row["expiry"].clone(), date(Field::DateOfExpiry)),
        words(&row["sex"], text(Field::Sex)),
        words(&row["class"], text(Field::Class)),
        (solid(&row["height"]), solid(text(Field::Height))),
        words(&row["eyes"], text(Field::EyeColour)),
        words(&row["address_line"], text(Field::Address)),
        words(&city, text(Field::City)),
        words(&state_zip, &read_place),
    ];
    let compared = COLUMNS
        .into_iter()
        .zip(pairs)
        .map(|(column, (wanted, seen))| (column, wanted, seen));
    compared.filter(|(_, wanted, _)| !wanted.is_empty()).collect()
}

/// The city apart from the state and the code, which are the last two words.
fn split_city(text: &str) -> (String, String) {
    let text = spaced(text);
    let mut words: Vec<&str> = text.split(' ').collect();
    // `12345 6789` is one code.
    let tail = if words.last().is_some_and(|word| word.len() == 4) {
        3
    } else {
        2
    };
    let tail = if words.len() > 2 && words[words.len() - 2].chars().all(|digit| digit.is_ascii_digit()) {
        3
    } else {
        tail
    };
    let rest = words.split_off(words.len().saturating_sub(tail));
    (words.join(" "), rest.join(" "))
}

fn words(wanted: &str, seen: &str) -> (String, String) {
    (spaced(wanted), spaced(seen))
}

/// Capitals, and one space for every run of spaces and punctuation.
fn spaced(text: &str) -> String {
    let words = text
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ").to_uppercase()
}

/// Capitals, without spaces and punctuation.
fn solid(text: &str) -> String {
    text.chars()
        .filter(|character| character.is_alphanumeric())
        .collect::<String>()
        .to_uppercase()
}

fn table_of(title: &str, tally: &Tally) -> String {
    let mut report = format!("\n{title}\n");
    let (mut right, mut count) = (0, 0);
    for (index, column) in COLUMNS.iter().enumerate() {
        let (good, seen) = tally.get(column).copied().unwrap_or_default();
        if index < COUNTED {
            right += good;
            count += seen;
        }
        report += &format!(
            "  {column:12} {good:3} of {seen:3}  {:5.1} %\n",
            percent(good, seen)
        );
    }
    report += &format!(
        "  the first {COUNTED}  {right:3} of {count:3}  {:5.1} %\n",
        percent(right, count)
    );
    report
}

fn percent(right: usize, count: usize) -> f64 {
    100.0 * right as f64 / count.max(1) as f64
}
