//! Listing keys, and rolling those up that have more levels than are asked for.

use super::model::Object;

/// Higher than every character of a key that is likely: what follows `prefix` and this is beyond all keys with the
/// prefix but the most unlikely, and those are recognised.
const HIGHEST: char = char::MAX;

/// Which objects to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// Only keys that begin so.
    pub prefix: String,
    /// Keys that hold this text after the prefix are rolled up to one entry that ends with it.
    pub delimiter: Option<String>,
    /// Only what follows this: a key, or the text of a rolled-up entry, of which then nothing is listed again.
    pub after: Option<String>,
    /// How many entries at most.
    pub limit: u32,
}

/// An entry of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// An object. Of its attributes and segments nothing is read.
    Object(Box<Object>),
    /// All objects whose keys begin so.
    Prefix(String),
}

impl Entry {
    /// What a list goes on after.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Object(object) => &object.key,
            Self::Prefix(prefix) => prefix,
        }
    }
}

/// Part of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// In the byte order of [`Entry::text`].
    pub entries: Vec<Entry>,
    /// Whether further entries follow.
    pub more: bool,
}

/// Where to look next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// At the next key.
    Key,
    /// At the first key that is not less than this.
    From(String),
    /// Nowhere: the page is complete.
    Nowhere,
}

/// Makes a page of keys that come in order.
#[derive(Debug)]
pub(crate) struct RollUp<'a> {
    listing: &'a Listing,
    /// The entry that this list goes on after, where it is a rolled-up one.
    passed: Option<&'a str>,
    page: Page,
}

impl<'a> RollUp<'a> {
    pub(crate) fn new(listing: &'a Listing) -> Self {
        let passed = listing.after.as_deref().filter(|after| {
            let rest = after.strip_prefix(listing.prefix.as_str());
            let delimiter = listing.delimiter.as_deref().filter(|text| !text.is_empty());
            match (rest, delimiter) {
                (Some(rest), Some(delimiter)) => {
                    rest.find(delimiter).map(|at| at + delimiter.len()) == Some(rest.len())
                }
                _ => false,
            }
        });
        Self {
            listing,
            passed,
            page: Page::default(),
        }
    }

    /// The first key to look at, and whether the key itself counts.
    pub(crate) fn start(&self) -> (String, bool) {
        match (&self.listing.after, self.passed) {
            (_, Some(passed)) => (beyond(passed), true),
            (Some(after), None) if *after >= self.listing.prefix => (after.clone(), false),
            _ => (self.listing.prefix.clone(), true),
        }
    }

    /// Takes the next key. `object` is asked only where the key becomes an entry of its own.
    pub(crate) fn take<E>(
        &mut self,
        key: &str,
        object: impl FnOnce() -> Result<Object, E>,
    ) -> Result<Next, E> {
        let Some(rest) = key.strip_prefix(self.listing.prefix.as_str()) else {
            // Keys with one prefix stand together.
            return Ok(Next::Nowhere);
        };
        let rolled = self.listing.delimiter.as_deref().and_then(|delimiter| {
            let at = rest.find(delimiter).filter(|_| !delimiter.is_empty())?;
            let end = self.listing.prefix.len() + at + delimiter.len();
            Some(key[..end].to_owned())
        });
        if rolled
            .as_deref()
            .is_some_and(|rolled| self.passed == Some(rolled) || self.last() == Some(rolled))
        {
            return Ok(Next::Key);
        }
        if self.page.entries.len() >= self.listing.limit as usize {
            self.page.more = true;
            return Ok(Next::Nowhere);
        }
        let (entry, next) = match rolled {
            Some(rolled) => {
                let next = Next::From(beyond(&rolled));
                (Entry::Prefix(rolled), next)
            }
            None => (Entry::Object(Box::new(object()?)), Next::Key),
        };
        self.page.entries.push(entry);
        Ok(next)
    }

    fn last(&self) -> Option<&str> {
        match self.page.entries.last()? {
            Entry::Prefix(prefix) => Some(prefix),
            Entry::Object(_) => None,
        }
    }

    pub(crate) fn finish(self) -> Page {
        self.page
    }
}

fn beyond(prefix: &str) -> String {
    format!("{prefix}{HIGHEST}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::convert::Infallible;
    use std::ops::Bound;

    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::objects::Attributes;

    fn object(key: &str) -> Object {
        Object {
            key: key.to_owned(),
            size_bytes: 0,
            etag: String::new(),
            checksum: None,
            attributes: Attributes::default(),
            modified: Timestamp::UNIX_EPOCH,
            segments: Vec::new(),
        }
    }

    fn page(keys: &BTreeSet<String>, listing: &Listing) -> Page {
        let mut roll_up = RollUp::new(listing);
        let (start, included) = roll_up.start();
        let mut from = if included {
            Bound::Included(start)
        } else {
            Bound::Excluded(start)
        };
        'jump: loop {
            for key in keys.range((from.clone(), Bound::Unbounded)) {
                match roll_up.take(key, || Ok::<_, Infallible>(object(key))).unwrap() {
                    Next::Key => {}
                    Next::From(next) => {
                        from = Bound::Included(next);
                        continue 'jump;
                    }
                    Next::Nowhere => break 'jump,
                }
            }
            break;
        }
        roll_up.finish()
    }

    /// All pages, one after the other.
    fn walk(keys: &BTreeSet<String>, prefix: &str, delimiter: Option<&str>, limit: u32) -> Vec<String> {
        let mut listing = Listing {
            prefix: prefix.to_owned(),
            delimiter: delimiter.map(str::to_owned),
            after: None,
            limit,
        };
        let mut found = Vec::new();
        loop {
            let page = page(keys, &listing);
            assert!(page.entries.len() <= limit as usize);
            found.extend(page.entries.iter().map(|entry| entry.text().to_owned()));
            if !page.more {
                return found;
            }
            listing.after = found.last().cloned();
        }
    }

    /// As AWS's documentation defines it.
    fn expected(keys: &BTreeSet<String>, prefix: &str, delimiter: Option<&str>) -> Vec<String> {
        let mut found: Vec<String> = keys
            .iter()
            .filter_map(|key| {
                let rest = key.strip_prefix(prefix)?;
                let at = delimiter.and_then(|delimiter| Some(rest.find(delimiter)? + delimiter.len()));
                Some(at.map_or_else(|| key.clone(), |at| key[..prefix.len() + at].to_owned()))
            })
            .collect();
        found.dedup();
        found
    }

    fn keys(texts: &[&str]) -> BTreeSet<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn the_documented_example() {
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-prefixes.html
        let keys = keys(&[
            "sample.jpg",
            "photos/2006/January/sample.jpg",
            "photos/2006/February/sample2.jpg",
            "photos/2006/February/sample3.jpg",
        ]);
        assert_eq!(walk(&keys, "", Some("/"), 1000), ["photos/", "sample.jpg"]);
        assert_eq!(
            walk(&keys, "photos/2006/", Some("/"), 1),
            ["photos/2006/February/", "photos/2006/January/"]
        );
        assert_eq!(walk(&keys, "photos/2006/F", None, 1).len(), 2);
    }

    #[test]
    fn a_key_beyond_the_highest_character_belongs_to_its_prefix() {
        let keys = keys(&["a/1", "a/\u{10ffff}\u{10ffff}", "b"]);
        for limit in 1..4 {
            assert_eq!(walk(&keys, "", Some("/"), limit), ["a/", "b"]);
        }
    }

    proptest! {
        #[test]
        fn pages_are_complete_and_say_nothing_twice(
            keys in proptest::collection::btree_set("[ab/é]{0,5}", 0..30),
            prefix in "[ab/]{0,2}",
            delimiter in proptest::option::of("/|b|a/"),
            limit in 1_u32..5,
        ) {
            let delimiter = delimiter.as_deref();
            prop_assert_eq!(walk(&keys, &prefix, delimiter, limit), expected(&keys, &prefix, delimiter));
        }
    }
}
