//! Buckets and objects.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::Outcome;
use super::fixtures::{Problem, now};
use crate::objects::{
    Attributes, Checksum, Condition, Digests, Entry, Listing, NewObject, Object, PutOutcome, Source,
    SourceError, Tags,
};
use crate::{Error, Repository};

pub(super) const BUCKET: &str = "photos";

/// Bytes that come in pieces and then end well, or not.
struct Pieces {
    left: Vec<Bytes>,
    digests: Result<Digests, &'static str>,
    /// What comes instead of the end.
    breaks: bool,
}

impl Pieces {
    /// Comes whole, in pieces of this many bytes.
    fn new(bytes: &[u8], piece_bytes: usize, etag: &str) -> Self {
        let left = bytes.chunks(piece_bytes).rev().map(Bytes::copy_from_slice);
        let checksum = Some(Checksum {
            algorithm: "CRC32".to_owned(),
            value: format!("checksum of {etag}"),
        });
        Self {
            left: left.collect(),
            digests: Ok(Digests {
                etag: etag.to_owned(),
                checksum,
            }),
            breaks: false,
        }
    }
}

/// [`Pieces`] that come whole.
pub(super) fn pieces(bytes: &[u8], piece_bytes: usize, etag: &str) -> Box<dyn Source> {
    Box::new(Pieces::new(bytes, piece_bytes, etag))
}

#[async_trait]
impl Source for Pieces {
    async fn next(&mut self) -> Result<Option<Bytes>, SourceError> {
        match self.left.pop() {
            None if self.breaks => Err("the line went dead".into()),
            piece => Ok(piece),
        }
    }

    fn finish(&mut self) -> Result<Digests, SourceError> {
        self.digests.clone().map_err(Into::into)
    }
}

/// Bytes that tell a shift by any number of them.
pub(super) fn bytes(count: usize) -> Vec<u8> {
    (0..count).map(|index| (index % 251) as u8).collect()
}

pub(super) fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

pub(super) fn new(key: &str, blob: u128) -> NewObject {
    NewObject {
        key: key.to_owned(),
        blob: Uuid::from_u128(blob),
        attributes: Attributes::default(),
        condition: None,
        now: now(),
    }
}

pub(super) async fn bucket(store: &dyn Repository) -> Result<(), Problem> {
    assert!(store.create_bucket(BUCKET, None, now()).await?);
    Ok(())
}

/// Stores bytes that must be accepted.
pub(super) async fn put(
    store: &dyn Repository,
    new: NewObject,
    bytes: &[u8],
    etag: &str,
) -> Result<Object, Problem> {
    match store
        .put_object(BUCKET, new, pieces(bytes, 100_000, etag))
        .await?
    {
        PutOutcome::Stored(object) => Ok(*object),
        other => Err(format!("not stored: {other:?}").into()),
    }
}

/// All bytes of an object.
pub(super) async fn read(store: &dyn Repository, key: &str) -> Result<Option<Vec<u8>>, Problem> {
    let Some(found) = store.open_object(BUCKET, key).await? else {
        return Ok(None);
    };
    let all = 0..found.object.size_bytes;
    let pieces: Vec<Bytes> = found.read(all).try_collect().await?;
    Ok(Some(pieces.concat()))
}

async fn listed(store: &dyn Repository, listing: &Listing) -> Result<(Vec<String>, bool), Problem> {
    let page = store.list_objects(BUCKET, listing).await?;
    let texts = page.entries.iter().map(|entry| entry.text().to_owned());
    Ok((texts.collect(), page.more))
}

pub(super) async fn buckets_are_made_once_and_listed(store: Arc<dyn Repository>) -> Outcome {
    assert_eq!(store.list_buckets().await?, []);
    let later = now() + SignedDuration::from_micros(1_000_001);
    assert!(store.create_bucket("second", None, now()).await?);
    assert!(store.create_bucket("first", Some("eu-central-1"), later).await?);
    assert!(!store.create_bucket("first", None, now()).await?);
    let names: Vec<String> = store
        .list_buckets()
        .await?
        .into_iter()
        .map(|bucket| bucket.name)
        .collect();
    assert_eq!(names, ["first", "second"]);
    let first = store.get_bucket("first").await?.ok_or("missing")?;
    assert_eq!(
        (first.location.as_deref(), first.created),
        (Some("eu-central-1"), later)
    );
    assert_eq!(store.get_bucket("First").await?, None);
    Ok(())
}

pub(super) async fn only_empty_buckets_are_removed(store: Arc<dyn Repository>) -> Outcome {
    bucket(store.as_ref()).await?;
    put(store.as_ref(), new("a", 1), b"1", "e").await?;
    assert!(!store.delete_bucket(BUCKET).await?);
    assert!(read(store.as_ref(), "a").await?.is_some());
    store.delete_objects(BUCKET, &["a".to_owned()]).await?;
    assert!(store.delete_bucket(BUCKET).await?);
    assert_eq!(store.get_bucket(BUCKET).await?, None);
    assert!(store.create_bucket(BUCKET, None, now()).await?);
    Ok(())
}

pub(super) async fn an_unknown_bucket_is_an_error(store: Arc<dyn Repository>) -> Outcome {
    let put = store.put_object(BUCKET, new("a", 1), pieces(b"1", 1, "e")).await;
    let listed = store.list_objects(BUCKET, &Listing::default()).await;
    for error in [
        put.err(),
        listed.err(),
        store.get_object(BUCKET, "a").await.err(),
        store.open_object(BUCKET, "a").await.err(),
        store.delete_objects(BUCKET, &["a".to_owned()]).await.err(),
        store.set_object_tags(BUCKET, "a", &Tags::new()).await.err(),
        store.delete_bucket(BUCKET).await.err(),
        store.list_uploads(BUCKET, "", None, 10).await.err(),
    ] {
        assert!(matches!(error, Some(Error::NoSuchBucket)), "{error:?}");
    }
    Ok(())
}

pub(super) async fn an_object_comes_back_as_it_was(store: Arc<dyn Repository>) -> Outcome {
    bucket(store.as_ref()).await?;
    for (index, size) in [0, 1, 99_999, 100_000, 3_500_000].into_iter().enumerate() {
        let key = format!("of {size}");
        let new = NewObject {
            attributes: Attributes {
                headers: texts(&[("content-type", "image/jpeg")]),
                metadata: texts(&[("who", "Zoë"), ("empty", "")]),
                tags: texts(&[("kind", "selfie")]),
            },
            now: now() + SignedDuration::from_micros(7),
            ..new(&key, index as u128 + 1)
        };
        let attributes = new.attributes.clone();
        let stored = put(store.as_ref(), new, &bytes(size), "abc").await?;
        assert_eq!(
            (stored.size_bytes, &stored.attributes),
            (size as u64, &attributes)
        );
        assert_eq!(stored.etag, "abc");
        assert_eq!(
            stored.checksum.as_ref().map(|found| found.value.as_str()),
            Some("checksum of abc")
        );
        assert_eq!(stored.modified, Timestamp::from_microsecond(7)?);
        assert_eq!(store.get_object(BUCKET, &key).await?, Some(stored));
        assert_eq!(
            read(store.as_ref(), &key).await?,
            Some(bytes(size)),
            "{size} bytes"
        );
    }
    Ok(())
}

pub(super) async fn any_text_is_a_key(store: Arc<dyn Repository>) -> Outcome {
    bucket(store.as_ref()).await?;
    let mut keys = [
        "a", "A", "a b", "a+b", "a%20b", "a//b", "/a", "a/", "..", "../x", "ä", "a\u{308}", "😀", "%", "'\"",
        "\u{1}\n",
    ];
    for (index, key) in keys.iter().enumerate() {
        put(store.as_ref(), new(key, index as u128 + 1), key.as_bytes(), "e").await?;
    }
    for key in keys {
        assert_eq!(read(store.as_ref(), key).await?.as_deref(), Some(key.as_bytes()));
    }
    keys.sort_unstable();
    let all = Listing {
        limit: 100,
        ..Listing::default()
    };
    assert_eq!(
        listed(store.as_ref(), &all).await?,
        (keys.map(str::to_owned).to_vec(), false)
    );
    Ok(())
}

pub(super) async fn an_object_is_replaced_as_a_whole(store: Arc<dyn Repository>) -> Outcome {
    bucket(store.as_ref()).await?;
    let first = NewObject {
        attributes: Attributes {
            metadata: texts(&[("old", "yes")]),
            tags: texts(&[("old", "yes")]),
            ..Attributes::default()
        },
        ..new("a", 1)
    };
    put(store.as_ref(), first, &bytes(5000), "1").await?;
    let second = put(store.as_ref(), new("a", 2), &bytes(10), "2").await?;
    assert_eq!(second.attributes, Attributes::default());
    assert_eq!(store.get_object(BUCKET, "a").await?, Some(second));
    assert_eq!(read(store.as_ref(), "a").await?, Some(bytes(10)));
    let again = store.put_object(BUCKET, new("b", 2), pieces(b"", 1, "3")).await;
    assert!(matches!(again, Err(Error::IdTaken { .. })), "{again:?}");
    // The id of what was replaced is free again, as its bytes are gone.
    put(store.as_ref(), new("b", 1), b"b", "3").await?;
    Ok(())
}

pub(super) async fn a_failing_source_leaves_what_was_there(store: Arc<dyn Repository>) -> Outcome {
    bucket(store.as_ref()).await?;
    put(store.as_ref(), new("a", 1), b"old", "1").await?;
    for (blob, breaks) in [(2, true), (3, false)] {
        let mut source = Pieces::new(&bytes(2_500_000), 100_000, "2");
        source.breaks = breaks;
        source.digests = Err("another checksum");
        let result = store.put_object(BUCKET, new("a", blob), Box::new(source)).await;
        let Err(Error::Received(cause)) = result else {
            return Err(format!("{result:?}").into());
        };
        let expected = if breaks {
            "the line went dead"
        } else {
            "another checksum"
        };
        assert_eq!(cause.to_string(), expected);
        assert_eq!(
            read(store.as_ref(), "a").await?.as_deref(),
            Some(b"old".as_slice())
        );
        // Nothing was left: the id can be used.
        put(store.as_ref(), new("b", blob), b"b", "3").await?;
    }
    Ok(())
}

pub(super) async fn conditions_decide(store: Arc<dyn Repository>) -> Outcome {
    bucket(store.as_ref()).await?;
    let conditional = |blob, condition: Condition| NewObject {
        condition: Some(condition),
        ..new("a", blob)
    };
    let attempt = async |blob, condition, etag| {
        store
            .put_object(BUCKET, conditional(blob, condition), pieces(b"x", 1, etag))
            .await
    };
    let etag = |text: &str| Condition::Etag(text.to_owned());
    assert_eq!(
        attempt(1, etag("1"), "1").await?,
        PutOutcome::ConditionFailed { exists: false }
    );
    assert!(matches!(
        attempt(2, Condition::Absent, "1").await?,
        PutOutcome::Stored(_)
    ));
    assert_eq!(
        attempt(3, Condition::Absent, "2").await?,
        PutOutcome::ConditionFailed { exists: true }
    );
    assert_eq!(
        attempt(4, etag("2"), "2").await?,
        PutOutcome::ConditionFailed { exists: true }
    );
    assert!(matches!(attempt(5, etag("1"), "2").await?, PutOutcome::Stored(_)));
    // Of many who make the same object, one does.
    let makers = (0..8).map(|index| {
        let new = NewObject {
            condition: Some(Condition::Absent),
            ..new("raced", 100 + index)
        };
        let store = &store;
        async move { store.put_object(BUCKET, new, pieces(b"x", 1, "e")).await }
    });
    let outcomes = futures_util::future::join_all(makers).await;
    let made = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Ok(PutOutcome::Stored(_))))
        .count();
    assert_eq!(made, 1, "{outcomes:?}");
    Ok(())
}

pub(super) async fn ranges_are_read(store: Arc<dyn Repository>) -> Outcome {
    bucket(store.as_ref()).await?;
    let all = bytes(1_000_000);
    put(store.as_ref(), new("a", 1), &all, "e").await?;
    for range in [
        0..0,
        0..1,
        5..7,
        999_999..1_000_000,
        1_000_000..1_000_000,
        300_000..900_000,
        0..1_000_000,
    ] {
        let found = store.open_object(BUCKET, "a").await?.ok_or("missing")?;
        let pieces: Vec<Bytes> = found
            .read(range.start as u64..range.end as u64)
            .try_collect()
            .await?;
        assert!(pieces.concat() == all[range.clone()], "{range:?}");
    }
    Ok(())
}

pub(super) async fn erased_objects_are_gone(store: Arc<dyn Repository>) -> Outcome {
    bucket(store.as_ref()).await?;
    for (blob, key) in ["a", "b", "c"].into_iter().enumerate() {
        put(store.as_ref(), new(key, blob as u128 + 1), key.as_bytes(), "e").await?;
    }
    let erased = ["a", "never there", "c"].map(str::to_owned);
    store.delete_objects(BUCKET, &erased).await?;
    store.delete_objects(BUCKET, &erased).await?;
    assert_eq!(store.get_object(BUCKET, "a").await?, None);
    assert!(store.open_object(BUCKET, "c").await?.is_none());
    assert_eq!(read(store.as_ref(), "b").await?.as_deref(), Some(b"b".as_slice()));
    Ok(())
}

pub(super) async fn a_reader_keeps_what_it_opened(store: Arc<dyn Repository>) -> Outcome {
    bucket(store.as_ref()).await?;
    let old = bytes(2_000_000);
    put(store.as_ref(), new("a", 1), &old, "1").await?;
    let before = store.open_object(BUCKET, "a").await?.ok_or("missing")?;
    let mut begun = store
        .open_object(BUCKET, "a")
        .await?
        .ok_or("missing")?
        .read(0..2_000_000);
    let first = begun.try_next().await?.ok_or("empty")?;
    put(store.as_ref(), new("a", 2), b"new", "2").await?;
    store.delete_objects(BUCKET, &["a".to_owned()]).await?;
    let mut pieces = vec![first];
    pieces.extend(begun.try_collect::<Vec<_>>().await?);
    assert!(pieces.concat() == old, "a reader at work sees another object");
    let pieces: Vec<Bytes> = before.read(0..2_000_000).try_collect().await?;
    assert!(
        pieces.concat() == old,
        "a reader that opened it sees another object"
    );
    assert!(store.open_object(BUCKET, "a").await?.is_none());
    Ok(())
}

pub(super) async fn keys_are_listed_in_pages(store: Arc<dyn Repository>) -> Outcome {
    bucket(store.as_ref()).await?;
    let keys = ["a/1", "a/2", "a/b/1", "b", "c/1", "d"];
    for (blob, key) in keys.into_iter().enumerate() {
        put(store.as_ref(), new(key, blob as u128 + 1), key.as_bytes(), key).await?;
    }
    let mut listing = Listing {
        delimiter: Some("/".to_owned()),
        limit: 2,
        ..Listing::default()
    };
    assert_eq!(
        listed(store.as_ref(), &listing).await?,
        (vec!["a/".into(), "b".into()], true)
    );
    listing.after = Some("b".to_owned());
    assert_eq!(
        listed(store.as_ref(), &listing).await?,
        (vec!["c/".into(), "d".into()], false)
    );
    listing.after = Some("a/".to_owned());
    assert_eq!(
        listed(store.as_ref(), &listing).await?,
        (vec!["b".into(), "c/".into()], true)
    );
    "a/".clone_into(&mut listing.prefix);
    listing.after = None;
    assert_eq!(
        listed(store.as_ref(), &listing).await?,
        (vec!["a/1".into(), "a/2".into()], true)
    );
    listing.delimiter = None;
    listing.limit = 100;
    let page = store.list_objects(BUCKET, &listing).await?;
    let [Entry::Object(first), _, _] = page.entries.as_slice() else {
        return Err(format!("{page:?}").into());
    };
    assert_eq!(
        (first.key.as_str(), first.size_bytes, first.etag.as_str()),
        ("a/1", 3, "a/1")
    );
    listing.limit = 0;
    assert_eq!(listed(store.as_ref(), &listing).await?, (vec![], true));
    Ok(())
}

pub(super) async fn long_lists_are_walked(store: Arc<dyn Repository>) -> Outcome {
    bucket(store.as_ref()).await?;
    for index in 0..60_u128 {
        let key = format!("{:02}/{:02}", index / 20, index % 20);
        put(store.as_ref(), new(&key, index + 1), b"", "e").await?;
    }
    for (delimiter, limit, expected) in [
        (None, 7, 60),
        (Some("/"), 1, 3),
        (Some("/"), 2, 3),
        (None, 1000, 60),
    ] {
        let mut listing = Listing {
            delimiter: delimiter.map(str::to_owned),
            limit,
            ..Listing::default()
        };
        let mut found = Vec::new();
        loop {
            let (texts, more) = listed(store.as_ref(), &listing).await?;
            found.extend(texts);
            if !more {
                break;
            }
            listing.after = found.last().cloned();
        }
        assert!(
            found.is_sorted() && found.len() == expected,
            "{delimiter:?}, {limit}: {found:?}"
        );
    }
    Ok(())
}

pub(super) async fn tags_are_replaced(store: Arc<dyn Repository>) -> Outcome {
    bucket(store.as_ref()).await?;
    let tags = texts(&[("a", "1"), ("ü", "")]);
    assert!(!store.set_object_tags(BUCKET, "a", &tags).await?);
    let before = put(store.as_ref(), new("a", 1), b"a", "e").await?;
    assert!(store.set_object_tags(BUCKET, "a", &tags).await?);
    let after = store.get_object(BUCKET, "a").await?.ok_or("missing")?;
    assert_eq!((&after.attributes.tags, after.modified), (&tags, before.modified));
    assert!(store.set_object_tags(BUCKET, "a", &Tags::new()).await?);
    assert_eq!(store.get_object(BUCKET, "a").await?, Some(before));
    Ok(())
}
