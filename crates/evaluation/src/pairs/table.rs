//! Pairs as CSV.

use std::collections::BTreeSet;

use super::{Error, List, Pair, Problem, fail, number};

/// Names that the column of truth may have in a header.
const HEADER_NAMES: [&str; 6] = ["same", "is_same", "issame", "label", "match", "genuine"];

/// Where things stand in a line.
struct Columns {
    count: usize,
    a: usize,
    b: usize,
    same: usize,
    fold: Option<usize>,
    identities: Option<[usize; 2]>,
    /// An attribute, and the columns of its groups.
    groups: Vec<(String, [usize; 2])>,
}

/// Reads lines `a,b,same` or `a,b,same,fold`, quoted as RFC 4180 says where a path has a comma. With a header, columns may
/// stand in any order and there may be more (see the module); without names for them the first two are the photos.
pub fn parse_csv(text: &str) -> Result<List, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut list = List::default();
    let mut columns = None;
    let lines = (1u64..)
        .zip(text.lines())
        .filter(|(_, text)| !text.trim().is_empty());
    for (number, (line, text)) in lines.enumerate() {
        let record = csv_record(text, line)?;
        if number == 0 && is_header(&record) {
            columns = Some(Columns::named(&record, line)?);
            continue;
        }
        let pair = match &columns {
            Some(columns) => columns.pair(&record, line)?,
            None => plain_pair(&record, line)?,
        };
        if list
            .pairs
            .first()
            .is_some_and(|first| first.fold.is_some() != pair.fold.is_some())
        {
            return fail(line, Problem::SomeFolds);
        }
        list.pairs.push(pair);
    }
    if list.pairs.is_empty() {
        return fail(1, Problem::Empty);
    }
    if let Some(columns) = columns {
        list.attributes = columns.groups.into_iter().map(|(name, _)| name).collect();
    }
    renumber(&mut list.pairs);
    Ok(list)
}

fn is_header(record: &csv::StringRecord) -> bool {
    record.len() >= 3 && record.iter().any(is_truth)
}

fn is_truth(name: &str) -> bool {
    HEADER_NAMES.contains(&name.to_lowercase().as_str())
}

impl Columns {
    fn named(record: &csv::StringRecord, line: u64) -> Result<Self, Error> {
        let names: Vec<String> = record.iter().map(name_of).collect();
        let mut seen = BTreeSet::new();
        if let Some(twice) = names.iter().find(|name| !seen.insert(name.as_str())) {
            return fail(line, Problem::TwiceColumn(twice.clone()));
        }
        let at = |name: &str| names.iter().position(|other| other == name);
        let (a, b) = (at("a").unwrap_or(0), at("b").unwrap_or(1));
        let same = names.iter().position(|name| is_truth(name)).unwrap_or(2);
        let both = |first: &str, second: &str| match (at(first), at(second)) {
            (Some(a), Some(b)) => Ok(Some([a, b])),
            (None, None) => Ok(None),
            (found, _) => {
                let (there, missing) = if found.is_some() {
                    (first, second)
                } else {
                    (second, first)
                };
                fail(line, Problem::MissingColumn(there.to_owned(), missing.to_owned()))
            }
        };
        let mut groups = Vec::new();
        for (column, name) in names.iter().enumerate() {
            let Some((side, attribute)) = group_of(name) else {
                let known = ["fold", "id_a", "id_b"].contains(&name.as_str());
                if !known && ![a, b, same].contains(&column) {
                    return fail(line, Problem::UnknownColumn(name.clone()));
                }
                continue;
            };
            let suffix = name.strip_prefix(side).unwrap_or_default();
            let columns = if side == "group" {
                Some([column, column])
            } else {
                both(&format!("group_a{suffix}"), &format!("group_b{suffix}"))?
            };
            if let (Some(columns), true) = (columns, side != "group_b") {
                groups.push((attribute.to_owned(), columns));
            }
        }
        Ok(Self {
            count: names.len(),
            a,
            b,
            same,
            fold: at("fold"),
            identities: both("id_a", "id_b")?,
            groups,
        })
    }

    fn pair(&self, record: &csv::StringRecord, line: u64) -> Result<Pair, Error> {
        // A list without names for a fourth column may end in an empty one.
        if record.len() != self.count && !(record.len() == self.count + 1 && record[self.count].is_empty()) {
            let expected = "as many as in the header";
            let found = record.len();
            return fail(line, Problem::Fields { expected, found });
        }
        let two = |columns: [usize; 2]| columns.map(|column| record[column].to_owned());
        let fold = self
            .fold
            .map(|column| &record[column])
            .filter(|fold| !fold.is_empty());
        let mut pair = made([&record[self.a], &record[self.b], &record[self.same]], fold, line)?;
        pair.identities = self.identities.map(two);
        pair.groups = self.groups.iter().map(|(_, columns)| two(*columns)).collect();
        Ok(pair)
    }
}

/// In lower case, but for the name of an attribute.
fn name_of(column: &str) -> String {
    match column.split_once(':') {
        Some((kind, attribute)) => format!("{}:{attribute}", kind.to_lowercase()),
        None => column.to_lowercase(),
    }
}

/// Which photo a column speaks of, and of which attribute; `None` where it is not about groups.
fn group_of(name: &str) -> Option<(&str, &str)> {
    let (kind, attribute) = name.split_once(':').unwrap_or((name, "group"));
    matches!(kind, "group" | "group_a" | "group_b").then_some((kind, attribute))
}

/// One line at a time: a path has no line break, and the errors of a whole file miscount where lines are empty.
fn csv_record(text: &str, line: u64) -> Result<csv::StringRecord, Error> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .trim(csv::Trim::All)
        .buffer_capacity(text.len())
        .from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    match reader.read_record(&mut record) {
        Ok(_) => Ok(record),
        Err(error) => fail(line, Problem::Csv(error.to_string())),
    }
}

fn plain_pair(record: &csv::StringRecord, line: u64) -> Result<Pair, Error> {
    let fields: Vec<&str> = record.iter().collect();
    match fields[..] {
        [a, b, same] | [a, b, same, ""] => made([a, b, same], None, line),
        [a, b, same, fold] => made([a, b, same], Some(fold), line),
        _ => {
            let expected = "`a,b,same` or `a,b,same,fold`";
            let found = fields.len();
            fail(line, Problem::Fields { expected, found })
        }
    }
}

fn made([a, b, same]: [&str; 3], fold: Option<&str>, line: u64) -> Result<Pair, Error> {
    if a.is_empty() || b.is_empty() {
        return fail(line, Problem::EmptyPath);
    }
    let fold = fold.map(|fold| number(fold, line)).transpose()?;
    let same = match same.to_lowercase().as_str() {
        "1" | "true" => true,
        "0" | "false" => false,
        _ => return fail(line, Problem::NotABoolean(same.to_owned())),
    };
    Ok(Pair::new(a, b, same, fold))
}

/// Folds count from 0 without gaps, whatever they are called in the list.
fn renumber(pairs: &mut [Pair]) {
    let names: Vec<u32> = pairs
        .iter()
        .filter_map(|p| p.fold)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    for pair in pairs {
        pair.fold = pair
            .fold
            .and_then(|fold| names.binary_search(&fold).ok())
            .map(|fold| fold as u32);
    }
}
