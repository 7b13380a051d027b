//! Lists of photo pairs: our CSV, and the files of *Labeled Faces in the Wild* (Huang et al., 2007).
//!
//! A CSV with a header may say more than which photos are compared: `fold`, who is on them (`id_a`, `id_b`), and which
//! groups they belong to, as many attributes as wanted: `group:NAME` where both photos belong to the same, else
//! `group_a:NAME` and `group_b:NAME`; without `:NAME` the attribute is called `group`.

mod lfw;
mod table;

pub use lfw::parse_lfw;
pub use table::parse_csv;

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
    /// Who is on the two, where the list says so.
    pub identities: Option<[String; 2]>,
    /// The group of each of the two, for every attribute of the list.
    pub groups: Vec<[String; 2]>,
}

impl Pair {
    /// A pair of which nothing more is known.
    #[must_use]
    pub fn new(a: &str, b: &str, same: bool, fold: Option<u32>) -> Self {
        Self {
            a: a.to_owned(),
            b: b.to_owned(),
            same,
            fold,
            identities: None,
            groups: Vec::new(),
        }
    }
}

/// Pairs, and what their groups are groups of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct List {
    /// In the order of the list.
    pub pairs: Vec<Pair>,
    /// As many as each pair has groups.
    pub attributes: Vec<String>,
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
    /// A column of which nothing is known.
    #[error(
        "column `{0}` is not known: a, b, same, fold, id_a, id_b, group, group_a, group_b are, the last three also with `:NAME`"
    )]
    UnknownColumn(String),
    /// Half of what belongs together.
    #[error("column `{0}` needs `{1}` as well")]
    MissingColumn(String, String),
    /// Two columns say the same.
    #[error("column `{0}` is there twice")]
    TwiceColumn(String),
    /// Not readable as CSV.
    #[error("{0}")]
    Csv(String),
}

fn fail<T>(line: u64, problem: Problem) -> Result<T, Error> {
    Err(Error { line, problem })
}

/// Reads a list in either form, told apart by the first line: LFW's begins with one or two numbers.
pub fn parse(text: &str) -> Result<List, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = text.lines().next().unwrap_or_default();
    let fields: Vec<&str> = first.split_whitespace().collect();
    let numbers = fields.iter().all(|field| field.parse::<u64>().is_ok());
    if matches!(fields.len(), 1 | 2) && numbers {
        parse_lfw(text).map(|pairs| List {
            pairs,
            attributes: Vec::new(),
        })
    } else {
        parse_csv(text)
    }
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
        Pair::new(a, b, same, fold)
    }

    fn parse(text: &str) -> Result<Vec<Pair>, Error> {
        super::parse(text).map(|list| list.pairs)
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
    fn a_header_names_identities_and_groups() {
        let text =
            "id_b,b,a,id_a,same,group:sex,group_a:age,group_b:age\nbob,2.jpg,1.jpg,ann,0,f,young,old\n";
        let list = super::parse(text).unwrap();
        assert_eq!(list.attributes, ["sex", "age"]);
        let pair = &list.pairs[0];
        assert_eq!((pair.a.as_str(), pair.b.as_str()), ("1.jpg", "2.jpg"));
        assert_eq!(pair.identities, Some(["ann".to_owned(), "bob".to_owned()]));
        assert_eq!(
            pair.groups,
            [
                ["f".to_owned(), "f".to_owned()],
                ["young".to_owned(), "old".to_owned()]
            ]
        );
        let list = super::parse("a,b,same,group\nx,y,1,north\n").unwrap();
        assert_eq!(list.attributes, ["group"]);
        for (text, message) in [
            ("a,b,same,id_a\n", "line 1: column `id_a` needs `id_b` as well"),
            (
                "a,b,same,group_b:x\n",
                "line 1: column `group_b:x` needs `group_a:x` as well",
            ),
            ("a,b,same,fold,fold\n", "line 1: column `fold` is there twice"),
            (
                "a,b,same,fold,group\nx,y,1,0\n",
                "line 2: expected as many as in the header, found 4 fields",
            ),
        ] {
            assert_eq!(parse(text).unwrap_err().to_string(), message);
        }
        let unknown = parse("a,b,same,colour\n").unwrap_err().to_string();
        assert!(
            unknown.starts_with("line 1: column `colour` is not known"),
            "{unknown}"
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
            let _ = parse(&format!("a,b,same,{text}\n{text}\nx,y,1,{text}"));
            let _ = parse_csv(&text);
            let _ = parse_lfw(&text);
        }
    }
}
