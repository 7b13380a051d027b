//! Lists of objects, in the two versions of the operation.

use s3s::S3Request;
use s3s::dto::{
    ChecksumAlgorithm, CommonPrefix, ListObjectsInput, ListObjectsOutput, ListObjectsV2Input,
    ListObjectsV2Output, Object, ObjectStorageClass, Owner,
};
use selfsame_store::{Entry, Listing, Page};

use super::checksum::kind;
use super::convert::{Encoding, bounded, etag, from_token, moment, owner, token};
use super::error::Error;
use super::service::Operations;

/// S3's limit.
const MAX_KEYS: u32 = 1000;

/// A page, in the adapter's words.
struct Listed {
    contents: Vec<Object>,
    prefixes: Vec<CommonPrefix>,
    /// What the next page goes on after.
    next: Option<String>,
}

async fn listed(
    operations: &Operations,
    bucket: &str,
    listing: &Listing,
    encoding: Encoding,
    owner: Option<&Owner>,
) -> Result<Listed, Error> {
    let Page { entries, more } = operations.store().list_objects(bucket, listing).await?;
    let next = entries
        .last()
        .filter(|_| more)
        .map(|entry| entry.text().to_owned());
    let (mut contents, mut prefixes) = (Vec::new(), Vec::new());
    for entry in entries {
        match entry {
            Entry::Object(object) => contents.push(Object {
                checksum_algorithm: object
                    .checksum
                    .as_ref()
                    .map(|checksum| vec![ChecksumAlgorithm::from(checksum.algorithm.clone())]),
                checksum_type: object.checksum.as_ref().map(kind),
                e_tag: Some(etag(&object.etag)),
                key: Some(encoding.text(object.key)),
                last_modified: Some(moment(object.modified)),
                owner: owner.cloned(),
                restore_status: None,
                size: i64::try_from(object.size_bytes).ok(),
                storage_class: Some(ObjectStorageClass::from_static(ObjectStorageClass::STANDARD)),
            }),
            Entry::Prefix(prefix) => prefixes.push(CommonPrefix {
                prefix: Some(encoding.text(prefix)),
            }),
        }
    }
    Ok(Listed {
        contents,
        prefixes,
        next,
    })
}

fn listing(
    prefix: Option<&String>,
    delimiter: Option<&String>,
    after: Option<String>,
    max_keys: Option<i32>,
) -> Result<Listing, Error> {
    Ok(Listing {
        prefix: prefix.cloned().unwrap_or_default(),
        delimiter: delimiter.cloned().filter(|text| !text.is_empty()),
        after: after.filter(|text| !text.is_empty()),
        limit: bounded(max_keys, MAX_KEYS, "max-keys")?,
    })
}

pub(super) async fn second_version(
    operations: &Operations,
    request: S3Request<ListObjectsV2Input>,
) -> Result<ListObjectsV2Output, Error> {
    let input = request.input;
    let encoding = Encoding::new(input.encoding_type.as_ref())?;
    let after = match &input.continuation_token {
        Some(token) => Some(from_token(token)?),
        None => input.start_after.clone(),
    };
    let listing = listing(
        input.prefix.as_ref(),
        input.delimiter.as_ref(),
        after,
        input.max_keys,
    )?;
    let owner = input.fetch_owner.unwrap_or(false).then(owner);
    let Listed {
        contents,
        prefixes,
        next,
    } = listed(operations, &input.bucket, &listing, encoding, owner.as_ref()).await?;
    Ok(ListObjectsV2Output {
        is_truncated: Some(next.is_some()),
        key_count: i32::try_from(contents.len() + prefixes.len()).ok(),
        max_keys: i32::try_from(listing.limit).ok(),
        next_continuation_token: next.as_deref().map(token),
        contents: Some(contents),
        common_prefixes: Some(prefixes),
        prefix: Some(encoding.text(listing.prefix)),
        delimiter: encoding.some(listing.delimiter),
        start_after: encoding.some(input.start_after),
        name: Some(input.bucket),
        continuation_token: input.continuation_token,
        encoding_type: input.encoding_type,
        request_charged: None,
    })
}

pub(super) async fn first_version(
    operations: &Operations,
    request: S3Request<ListObjectsInput>,
) -> Result<ListObjectsOutput, Error> {
    let input = request.input;
    let encoding = Encoding::new(input.encoding_type.as_ref())?;
    let listing = listing(
        input.prefix.as_ref(),
        input.delimiter.as_ref(),
        input.marker.clone(),
        input.max_keys,
    )?;
    let Listed {
        contents,
        prefixes,
        next,
    } = listed(operations, &input.bucket, &listing, encoding, Some(&owner())).await?;
    Ok(ListObjectsOutput {
        is_truncated: Some(next.is_some()),
        next_marker: encoding.some(next),
        contents: Some(contents),
        common_prefixes: Some(prefixes),
        max_keys: i32::try_from(listing.limit).ok(),
        prefix: Some(encoding.text(listing.prefix)),
        delimiter: encoding.some(listing.delimiter),
        marker: Some(encoding.text(input.marker.unwrap_or_default())),
        name: Some(input.bucket),
        encoding_type: input.encoding_type,
        request_charged: None,
    })
}
