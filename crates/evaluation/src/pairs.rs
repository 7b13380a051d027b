//! Lists of photo pairs: our CSV, and the files of *Labeled Faces in the Wild* (Huang et al., 2007).

use std::collections::BTreeSet;

/// Two photos to compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// Path of one photo, relative to the folder of images.
    pub a: String,
    /// Path of the other.
    pub b: String,
    /// Whether they show one person.
    pub same: bool,
    /// Which fold of a cross validation it belongs to, counted from 0; `None` where the list has no folds.
    pub fold: Option<u32>,
}

/// What is wrong with a list, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct Error {
    /// Counted from 1.
    pub line: u64,
    /// What is wrong there.
    pub problem: Problem,
}

/// What can be wrong with a list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// No pair at all.
    #[error("there is no pair: expected lines `a,b,same`, or the form of LFW's pairs.txt")]
    Empty,
    /// A wrong number of fields.
    #[error("expected {expected}, found {found} fields")]
    Fields {
        /// What belongs there.
        expected: &'static str,
        /// How many there are.
        found: usize,
    },
    /// A path is missing.
    #[error("a path is empty")]
    EmptyPath,
    /// Neither yes nor no.
    #[error("`same` must be 1, 0, true or false, not `{0}`")]
    NotABoolean(String),
    /// Not a number.
    #[error("expected a whole number, found `{0}`")]
    NotANumber(String),
    /// LFW announces how many pairs follow.
    #[error("the first line announces {expected} pairs, {found} follow")]
    Count {
        /// Announced.
        expected: u64,
        /// There.
        found: u64,
    },
    /// Some pairs have a fold and some have none.
    #[error("either every pair has a fold or none has")]
    SomeFolds,
    /// Not readable as CSV.
    #[error("{0}")]
    Csv(String),
}

fn fail<T>(line: u64, problem: Problem) -> Result<T, Error> {
    Err(Error { line, problem })
}

/// Reads a list in either form, told apart by the first line: LFW's begins with one or two numbers.
pub fn parse(text: &str) -> Result<Vec<Pair>, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = text.lines().next().unwrap_or_default();
    let fields: Vec<&str> = first.split_whitespace().collect();
    let numbers = fields.iter().all(|field| field.parse::<u64>().is_ok());
    if matches!(fields.len(), 1 | 2) && numbers {
        parse_lfw(text)
    } else {
        parse_csv(text)
    }
}

/// Names that the third column may have in a header.
const HEADER_NAMES: [&str; 6] = ["same", "is_same", "issame", "label", "match", "genuine"];

/// Reads lines `a,b,same` or `a,b,same,fold`, quoted as RFC 4180 says where a path has a comma, with or without a header.
pub fn parse_csv(text: &str) -> Result<Vec<Pair>, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut pairs: Vec<Pair> = Vec::new();
    let lines = (1u64..)
        .zip(text.lines())
        .filter(|(_, text)| !text.trim().is_empty());
    for (number, (line, text)) in lines.enumerate() {
        let record = csv_record(text, line)?;
        let header = number == 0
            && record
                .get(2)
                .is_some_and(|name| HEADER_NAMES.contains(&name.to_lowercase().as_str()));
        if header {
            continue;
        }
        let pair = csv_pair(&record, line)?;
        if pairs
            .first()
            .is_some_and(|first| first.fold.is_some() != pair.fold.is_some())
        {
            return fail(line, Problem::SomeFolds);
        }
        pairs.push(pair);
    }
    if pairs.is_empty() {
        fail(1, Problem::Empty)
    } else {
        Ok(renumbered(pairs))
    }
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

fn csv_pair(record: &csv::StringRecord, line: u64) -> Result<Pair, Error> {
    let fields: Vec<&str> = record.iter().collect();
    let (a, b, same, fold) = match fields[..] {
        [a, b, same] | [a, b, same, ""] => (a, b, same, None),
        [a, b, same, fold] => (a, b, same, Some(number(fold, line)?)),
        _ => {
            return fail(
                line,
                Problem::Fields {
                    expected: "`a,b,same` or `a,b,same,fold`",
                    found: fields.len(),
                },
            );
        }
    };
    if a.is_empty() || b.is_empty() {
        return fail(line, Problem::EmptyPath);
    }
    let same = match same.to_lowercase().as_str() {
        "1" | "true" => true,
        "0" | "false" => false,
        _ => return fail(line, Problem::NotABoolean(same.to_owned())),
    };
    Ok(Pair {
        a: a.to_owned(),
        b: b.to_owned(),
        same,
        fold,
    })
}

/// Folds count from 0 without gaps, whatever they are called in the list.
fn renumbered(mut pairs: Vec<Pair>) -> Vec<Pair> {
    let names: Vec<u32> = pairs
        .iter()
        .filter_map(|p| p.fold)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    for pair in &mut pairs {
        pair.fold = pair
            .fold
            .and_then(|fold| names.binary_search(&fold).ok())
            .map(|fold| fold as u32);
    }
    pairs
}

/// Reads LFW's `pairs.txt` (first line: folds, pairs of each kind per fold) or `pairsDevTest.txt` (first line: pairs of
/// each kind; no folds). `Ann 1 4` becomes `Ann/Ann_0001.jpg` and `Ann/Ann_0004.jpg`.
pub fn parse_lfw(text: &str) -> Result<Vec<Pair>, Error> {
    let mut lines = (1u64..)
        .zip(text.lines())
        .map(|(line, text)| (line, text.split_whitespace().collect::<Vec<_>>()))
        .filter(|(_, fields)| !fields.is_empty());
    let (line, header) = lines.next().unwrap_or((1, Vec::new()));
    let (folds, per_kind) = match header[..] {
        [] => return fail(line, Problem::Empty),
        [per_kind] => (None, number(per_kind, line)?),
        [folds, per_kind] => (Some(number(folds, line)?), number(per_kind, line)?),
        _ => {
            return fail(
                line,
                Problem::Fields {
                    expected: "one or two numbers",
                    found: header.len(),
                },
            );
        }
    };
    let per_fold = 2 * u64::from(per_kind);
    let mut pairs = Vec::new();
    for (line, fields) in lines {
        let fold = folds.map(|_| (pairs.len() as u64 / per_fold.max(1)) as u32);
        pairs.push(lfw_pair(&fields, line, fold)?);
    }
    let (expected, found) = (per_fold * u64::from(folds.unwrap_or(1)), pairs.len() as u64);
    if expected != found {
        return fail(line, Problem::Count { expected, found });
    }
    if pairs.is_empty() {
        fail(line, Problem::Empty)
    } else {
        Ok(pairs)
    }
}

fn lfw_pair(fields: &[&str], line: u64, fold: Option<u32>) -> Result<Pair, Error> {
    let (first, second) = match *fields {
        [name, a, b] => ((name, a), (name, b)),
        [a_name, a, b_name, b] => ((a_name, a), (b_name, b)),
        _ => {
            let expected = "`name n1 n2` or `name1 n1 name2 n2`";
            return fail(
                line,
                Problem::Fields {
                    expected,
                    found: fields.len(),
                },
            );
        }
    };
    Ok(Pair {
        a: lfw_path(first, line)?,
        b: lfw_path(second, line)?,
        same: first.0 == second.0,
        fold,
    })
}

fn lfw_path((name, photo): (&str, &str), line: u64) -> Result<String, Error> {
    let photo = number(photo, line)?;
    Ok(format!("{name}/{name}_{photo:04}.jpg"))
}

fn number(text: &str, line: u64) -> Result<u32, Error> {
    text.parse()
        .or_else(|_| fail(line, Problem::NotANumber(text.to_owned())))
}

/// Every pair that can be made of photos of known people, as positions in `identities` and whether the two are one
/// person. *n* photos give *n*(*n* − 1)/2 pairs, so they are made one by one.
pub fn all_pairs<I: PartialEq>(identities: &[I]) -> impl Iterator<Item = (usize, usize, bool)> {
    (0..identities.len())
        .flat_map(move |a| (a + 1..identities.len()).map(move |b| (a, b, identities[a] == identities[b])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pair(a: &str, b: &str, same: bool, fold: Option<u32>) -> Pair {
        Pair {
            a: a.into(),
            b: b.into(),
            same,
            fold,
        }
    }

    #[test]
    fn csv_with_and_without_a_header() {
        let expected = vec![
            pair("x/1.jpg", "x/2.jpg", true, None),
            pair("x/1.jpg", "y, z/1.jpg", false, None),
        ];
        let body = "x/1.jpg,x/2.jpg,1\n\nx/1.jpg ,\"y, z/1.jpg\", False\r\n";
        assert_eq!(parse(body).unwrap(), expected);
        assert_eq!(parse(&format!("\u{feff}a,b,same\n{body}")).unwrap(), expected);
    }

    #[test]
    fn csv_folds_count_from_zero() {
        let pairs = parse("a,b,same,fold\nx,y,1,3\nx,z,0,7\nx,w,0,3").unwrap();
        assert_eq!(
            pairs.iter().map(|p| p.fold).collect::<Vec<_>>(),
            [Some(0), Some(1), Some(0)]
        );
    }

    #[test]
    fn lfw_with_folds() {
        let text = "2\t1\nAnn_Lee\t1\t4\nAnn_Lee\t2\tBob\t10\nBob\t1\t2\nBob\t1\tCy\t3\n";
        assert_eq!(
            parse(text).unwrap(),
            [
                pair(
                    "Ann_Lee/Ann_Lee_0001.jpg",
                    "Ann_Lee/Ann_Lee_0004.jpg",
                    true,
                    Some(0)
                ),
                pair("Ann_Lee/Ann_Lee_0002.jpg", "Bob/Bob_0010.jpg", false, Some(0)),
                pair("Bob/Bob_0001.jpg", "Bob/Bob_0002.jpg", true, Some(1)),
                pair("Bob/Bob_0001.jpg", "Cy/Cy_0003.jpg", false, Some(1)),
            ]
        );
    }

    #[test]
    fn lfw_development_list_has_no_folds() {
        let pairs = parse("1\nAnn 1 2\nAnn 1 Bob 12345\n").unwrap();
        assert_eq!(
            pairs[1],
            pair("Ann/Ann_0001.jpg", "Bob/Bob_12345.jpg", false, None)
        );
        assert_eq!(pairs[0].fold, None);
    }

    #[test]
    fn errors_say_where() {
        for (text, message) in [
            (
                "",
                "line 1: there is no pair: expected lines `a,b,same`, or the form of LFW's pairs.txt",
            ),
            (
                "a,b,same\n",
                "line 1: there is no pair: expected lines `a,b,same`, or the form of LFW's pairs.txt",
            ),
            (
                "x,y,1\nx,y\n",
                "line 2: expected `a,b,same` or `a,b,same,fold`, found 2 fields",
            ),
            (
                "x,y,1\n\nx,y,yes\n",
                "line 3: `same` must be 1, 0, true or false, not `yes`",
            ),
            (
                "x,y,typo\n",
                "line 1: `same` must be 1, 0, true or false, not `typo`",
            ),
            ("x,,1\n", "line 1: a path is empty"),
            (
                "x,y,1,2\nx,y,1\n",
                "line 2: either every pair has a fold or none has",
            ),
            ("x,y,1,two\n", "line 1: expected a whole number, found `two`"),
            (
                "2 1\nAnn 1 2\n",
                "line 1: the first line announces 4 pairs, 1 follow",
            ),
            (
                "1\nAnn 1\nAnn 1 2",
                "line 2: expected `name n1 n2` or `name1 n1 name2 n2`, found 2 fields",
            ),
            (
                "1\nAnn 1 2\nAnn x Bob 1",
                "line 3: expected a whole number, found `x`",
            ),
            (
                "0\n",
                "line 1: there is no pair: expected lines `a,b,same`, or the form of LFW's pairs.txt",
            ),
        ] {
            assert_eq!(parse(text).unwrap_err().to_string(), message, "{text:?}");
        }
    }

    #[test]
    fn all_pairs_of_three_photos() {
        let pairs: Vec<_> = all_pairs(&["ann", "ann", "bob"]).collect();
        assert_eq!(pairs, [(0, 1, true), (0, 2, false), (1, 2, false)]);
        assert_eq!(all_pairs::<u8>(&[]).count(), 0);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[\\PC\n\t\",]{0,80}", head in "[0-9 ]{0,6}\n") {
            let _ = parse(&text);
            let _ = parse(&format!("{head}{text}"));
            let _ = parse_csv(&text);
            let _ = parse_lfw(&text);
        }
    }
}
