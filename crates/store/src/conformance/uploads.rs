//! Uploads in parts.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use uuid::Uuid;

use super::Outcome;
use super::fixtures::{Problem, now};
use super::objects::{BUCKET, bucket, bytes, new, pieces, put, read, texts};
use crate::objects::{
    Attributes, Complete, Completion, Condition, Digests, NewPart, NewUpload, Object, Part, UploadChecksum,
};
use crate::{Error, Repository};

const UPLOAD: Uuid = Uuid::from_u128(1 << 64);

fn upload(key: &str, id: Uuid) -> NewUpload {
    NewUpload {
        id,
        key: key.to_owned(),
        attributes: Attributes {
            headers: texts(&[("content-type", "video/mp4")]),
            metadata: texts(&[("k", "v")]),
            tags: texts(&[("t", "1")]),
        },
        checksum: Some(UploadChecksum {
            algorithm: "SHA256".to_owned(),
            composite: true,
        }),
        now: now(),
    }
}

async fn part(
    store: &dyn Repository,
    number: u32,
    blob: u128,
    bytes: &[u8],
) -> Result<Option<Part>, Problem> {
    let new = NewPart {
        number,
        blob: Uuid::from_u128(blob),
        now: now(),
    };
    let source = pieces(bytes, 70_000, &format!("etag {blob}"));
    Ok(store.put_part(BUCKET, "a", UPLOAD, new, source).await?)
}

fn complete(parts: &[(u32, &str)]) -> Complete {
    Complete {
        parts: parts
            .iter()
            .map(|(number, etag)| (*number, (*etag).to_owned()))
            .collect(),
        digests: Digests {
            etag: "whole-2".to_owned(),
            checksum: None,
        },
        condition: None,
        now: now(),
    }
}

async fn completed(store: &dyn Repository, parts: &[(u32, &str)]) -> Result<Object, Problem> {
    match store
        .complete_upload(BUCKET, "a", UPLOAD, complete(parts))
        .await?
    {
        Completion::Stored(object) => Ok(*object),
        other => Err(format!("{other:?}").into()),
    }
}

async fn begun(store: &dyn Repository) -> Result<(), Problem> {
    bucket(store).await?;
    Ok(store.create_upload(BUCKET, upload("a", UPLOAD)).await?)
}

pub(super) async fn parts_become_one_object(store: Arc<dyn Repository>) -> Outcome {
    let store = store.as_ref();
    begun(store).await?;
    put(store, new("a", 9), b"the object before", "0").await?;
    let all = bytes(1_200_000);
    let first = part(store, 3, 1, &all[..500_000]).await?.ok_or("no upload")?;
    assert_eq!(
        (first.number, first.size_bytes, first.etag.as_str()),
        (3, 500_000, "etag 1")
    );
    part(store, 10_000, 2, &all[500_000..]).await?;
    assert_eq!(
        read(store, "a").await?.as_deref(),
        Some(b"the object before".as_slice())
    );
    let parts = store
        .list_parts(BUCKET, "a", UPLOAD, 0, 100)
        .await?
        .ok_or("no upload")?;
    assert_eq!(
        parts.iter().map(|part| part.number).collect::<Vec<_>>(),
        [3, 10_000]
    );
    assert_eq!(parts[0], first);
    assert_eq!(
        store
            .list_parts(BUCKET, "a", UPLOAD, 3, 1)
            .await?
            .map(|parts| parts.len()),
        Some(1)
    );

    let object = completed(store, &[(3, "etag 1"), (10_000, "etag 2")]).await?;
    assert_eq!(
        (object.size_bytes, &object.segments),
        (1_200_000, &vec![500_000, 700_000])
    );
    assert_eq!(
        (object.etag.as_str(), &object.attributes),
        ("whole-2", &upload("a", UPLOAD).attributes)
    );
    assert_eq!(store.get_object(BUCKET, "a").await?, Some(object));
    assert!(read(store, "a").await? == Some(all.clone()));
    let found = store.open_object(BUCKET, "a").await?.ok_or("missing")?;
    let across: Vec<Bytes> = found.read(499_999..500_002).try_collect().await?;
    assert_eq!(across.concat(), all[499_999..500_002]);
    assert_eq!(store.get_upload(BUCKET, "a", UPLOAD).await?, None);
    assert_eq!(part(store, 1, 3, b"late").await?, None);
    Ok(())
}

pub(super) async fn an_opened_object_of_parts_stays(store: Arc<dyn Repository>) -> Outcome {
    let store = store.as_ref();
    begun(store).await?;
    let all = bytes(900_000);
    part(store, 1, 1, &all[..300_000]).await?;
    part(store, 2, 2, &all[300_000..]).await?;
    completed(store, &[(1, "etag 1"), (2, "etag 2")]).await?;
    let mut reading = store
        .open_object(BUCKET, "a")
        .await?
        .ok_or("missing")?
        .read(0..900_000);
    let mut pieces = vec![reading.try_next().await?.ok_or("empty")?];
    put(store, new("a", 3), b"new", "e").await?;
    store.delete_objects(BUCKET, &["a".to_owned()]).await?;
    pieces.extend(reading.try_collect::<Vec<_>>().await?);
    assert!(pieces.concat() == all);
    Ok(())
}

pub(super) async fn only_the_named_parts_count(store: Arc<dyn Repository>) -> Outcome {
    let store = store.as_ref();
    begun(store).await?;
    for number in 1..=3 {
        part(store, number, u128::from(number), &[number as u8]).await?;
    }
    completed(store, &[(1, "etag 1"), (3, "etag 3")]).await?;
    assert_eq!(read(store, "a").await?, Some(vec![1, 3]));
    // The part that nobody named is gone, and its id is free.
    put(store, new("b", 2), b"b", "e").await?;
    Ok(())
}

pub(super) async fn a_part_is_replaced(store: Arc<dyn Repository>) -> Outcome {
    let store = store.as_ref();
    begun(store).await?;
    part(store, 1, 1, b"first").await?;
    part(store, 1, 2, b"second").await?;
    let parts = store
        .list_parts(BUCKET, "a", UPLOAD, 0, 10)
        .await?
        .ok_or("no upload")?;
    assert_eq!((parts.len(), parts[0].etag.as_str()), (1, "etag 2"));
    completed(store, &[(1, "etag 2")]).await?;
    assert_eq!(read(store, "a").await?.as_deref(), Some(b"second".as_slice()));
    Ok(())
}

pub(super) async fn other_parts_are_refused(store: Arc<dyn Repository>) -> Outcome {
    let store = store.as_ref();
    begun(store).await?;
    put(store, new("a", 9), b"before", "0").await?;
    part(store, 1, 1, b"1").await?;
    part(store, 2, 2, b"2").await?;
    for parts in [
        vec![(1, "etag 1"), (3, "etag 3")],
        vec![(1, "etag 1"), (2, "etag 1")],
    ] {
        let outcome = store
            .complete_upload(BUCKET, "a", UPLOAD, complete(&parts))
            .await?;
        assert_eq!(outcome, Completion::OtherParts);
    }
    for (condition, exists) in [(Condition::Absent, true), (Condition::Etag("1".to_owned()), true)] {
        let complete = Complete {
            condition: Some(condition),
            ..complete(&[(1, "etag 1")])
        };
        let outcome = store.complete_upload(BUCKET, "a", UPLOAD, complete).await?;
        assert_eq!(outcome, Completion::ConditionFailed { exists });
    }
    assert_eq!(read(store, "a").await?.as_deref(), Some(b"before".as_slice()));
    completed(store, &[(1, "etag 1"), (2, "etag 2")]).await?;
    let again = store
        .complete_upload(BUCKET, "a", UPLOAD, complete(&[(1, "etag 1")]))
        .await?;
    assert_eq!(again, Completion::NoSuchUpload);
    Ok(())
}

pub(super) async fn an_upload_belongs_to_its_key(store: Arc<dyn Repository>) -> Outcome {
    let store = store.as_ref();
    begun(store).await?;
    let found = store.get_upload(BUCKET, "a", UPLOAD).await?.ok_or("missing")?;
    let made = upload("a", UPLOAD);
    assert_eq!(
        (found.id, found.attributes, found.checksum),
        (UPLOAD, made.attributes, made.checksum)
    );
    assert_eq!(store.get_upload(BUCKET, "b", UPLOAD).await?, None);
    assert_eq!(store.get_upload(BUCKET, "a", Uuid::nil()).await?, None);
    assert!(!store.abort_upload(BUCKET, "b", UPLOAD).await?);
    let again = store.create_upload(BUCKET, upload("b", UPLOAD)).await;
    assert!(matches!(again, Err(Error::IdTaken { .. })), "{again:?}");
    Ok(())
}

pub(super) async fn an_aborted_upload_is_gone(store: Arc<dyn Repository>) -> Outcome {
    let store = store.as_ref();
    begun(store).await?;
    part(store, 1, 1, b"1").await?;
    assert!(store.abort_upload(BUCKET, "a", UPLOAD).await?);
    assert!(!store.abort_upload(BUCKET, "a", UPLOAD).await?);
    assert_eq!(store.list_parts(BUCKET, "a", UPLOAD, 0, 10).await?, None);
    put(store, new("b", 1), b"b", "e").await?;
    Ok(())
}

pub(super) async fn a_removed_bucket_takes_its_uploads_along(store: Arc<dyn Repository>) -> Outcome {
    let store = store.as_ref();
    begun(store).await?;
    part(store, 1, 1, b"1").await?;
    assert!(store.delete_bucket(BUCKET).await?);
    bucket(store).await?;
    assert_eq!(store.get_upload(BUCKET, "a", UPLOAD).await?, None);
    put(store, new("b", 1), b"b", "e").await?;
    Ok(())
}

pub(super) async fn uploads_are_listed_in_pages(store: Arc<dyn Repository>) -> Outcome {
    let store = store.as_ref();
    bucket(store).await?;
    let id = |number: u128| Uuid::from_u128(number);
    for (key, number) in [("b/1", 3), ("a", 9), ("b/1", 2), ("b/2", 1), ("c", 5)] {
        store.create_upload(BUCKET, upload(key, id(number))).await?;
    }
    let list = async |prefix: &str, after: Option<(&str, Option<Uuid>)>, limit| {
        let found = store.list_uploads(BUCKET, prefix, after, limit).await?;
        let places = found.into_iter().map(|upload| (upload.key, upload.id.as_u128()));
        Ok::<Vec<(String, u128)>, Error>(places.collect())
    };
    let place = |key: &str, number: u128| (key.to_owned(), number);
    assert_eq!(
        list("", None, 10).await?,
        [
            place("a", 9),
            place("b/1", 2),
            place("b/1", 3),
            place("b/2", 1),
            place("c", 5)
        ]
    );
    assert_eq!(list("b/", None, 2).await?, [place("b/1", 2), place("b/1", 3)]);
    assert_eq!(
        list("b/", Some(("b/1", Some(id(2)))), 10).await?,
        [place("b/1", 3), place("b/2", 1)]
    );
    assert_eq!(list("b/", Some(("b/1", None)), 10).await?, [place("b/2", 1)]);
    assert_eq!(list("b/", Some(("a", None)), 1).await?, [place("b/1", 2)]);
    Ok(())
}
