//! The files of *Labeled Faces in the Wild*.

use super::{Error, Pair, Problem, fail, number};

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
    let (a, b) = (lfw_path(first, line)?, lfw_path(second, line)?);
    Ok(Pair::new(&a, &b, first.0 == second.0, fold))
}

fn lfw_path((name, photo): (&str, &str), line: u64) -> Result<String, Error> {
    let photo = number(photo, line)?;
    Ok(format!("{name}/{name}_{photo:04}.jpg"))
}
