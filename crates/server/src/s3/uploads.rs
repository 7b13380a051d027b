//! Uploads in parts.

use s3s::S3ErrorCode as Code;
use s3s::S3Request;
use s3s::crypto::{Checksum as _, Md5};
use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, ChecksumAlgorithm, ChecksumType,
    CompleteMultipartUploadInput, CompleteMultipartUploadOutput, CompletedPart, CreateMultipartUploadInput,
    CreateMultipartUploadOutput, ListMultipartUploadsInput, ListMultipartUploadsOutput, ListPartsInput,
    ListPartsOutput, MultipartUpload, Part, StorageClass, UploadPartInput, UploadPartOutput,
};
use selfsame_store::{Complete, Completion, Digests, NewPart, NewUpload, Source, Upload, UploadChecksum};
use uuid::Uuid;

use super::attributes::attributes;
use super::checksum::{self, Algorithm, checksum_fields, kind};
use super::convert::{
    Encoding, bounded, condition, encoded, etag, initiator, moment, owner, refused, upload_id,
};
use super::error::Error;
use super::put::body;
use super::receive::{Announced, FromClient, Slot, hex};
use super::service::Operations;

/// S3's limits: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>
const MAX_PARTS: u32 = 10_000;
const MIN_PART_BYTES: u64 = 5 << 20;
const MAX_LISTED: u32 = 1000;

pub(super) async fn create(
    operations: &Operations,
    request: S3Request<CreateMultipartUploadInput>,
) -> Result<CreateMultipartUploadOutput, Error> {
    let mut input = request.input;
    let checksum = upload_checksum(input.checksum_algorithm.as_ref(), input.checksum_type.as_ref())?;
    let new = NewUpload {
        id: operations.app.ids.uuid(),
        key: input.key.clone(),
        attributes: attributes!(input),
        checksum,
        now: operations.app.clock.now(),
    };
    let (id, checksum) = (new.id, new.checksum.clone());
    operations.store().create_upload(&input.bucket, new).await?;
    Ok(CreateMultipartUploadOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(id.to_string()),
        checksum_type: checksum.as_ref().map(type_of),
        checksum_algorithm: checksum.map(|checksum| checksum.algorithm.into()),
        ..CreateMultipartUploadOutput::default()
    })
}

/// Which checksums the parts will have, and how the object's comes about.
fn upload_checksum(
    algorithm: Option<&ChecksumAlgorithm>,
    kind: Option<&ChecksumType>,
) -> Result<Option<UploadChecksum>, Error> {
    let kind = kind.map(ChecksumType::as_str);
    let Some(name) = algorithm.map(ChecksumAlgorithm::as_str) else {
        return match kind {
            None => Ok(None),
            Some(_) => Err(Error::request(
                "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
            )),
        };
    };
    let algorithm = Algorithm::named(name).ok_or_else(|| {
        Error::request("Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]")
    })?;
    let composite = match kind {
        // What cannot be of all bytes is of the parts, what cannot be of the parts is of all bytes.
        None => algorithm.allows(true),
        Some(ChecksumType::COMPOSITE) => true,
        Some(ChecksumType::FULL_OBJECT) => false,
        Some(_) => return Err(Error::request("Value for x-amz-checksum-type header is invalid.")),
    };
    if !algorithm.allows(composite) {
        return Err(Error::request(format!(
            "The {} checksum type cannot be used with the {} checksum algorithm.",
            kind.unwrap_or_default(),
            algorithm.name().to_lowercase()
        )));
    }
    Ok(Some(UploadChecksum {
        algorithm: algorithm.name().to_owned(),
        composite,
    }))
}

fn type_of(checksum: &UploadChecksum) -> ChecksumType {
    ChecksumType::from_static(if checksum.composite {
        ChecksumType::COMPOSITE
    } else {
        ChecksumType::FULL_OBJECT
    })
}

/// An upload that must exist.
pub(super) async fn find(
    operations: &Operations,
    bucket: &str,
    key: &str,
    id: Uuid,
) -> Result<Upload, Error> {
    let found = operations.store().get_upload(bucket, key, id).await?;
    found.ok_or_else(|| Error::new(Code::NoSuchUpload))
}

/// The algorithm of an upload's checksums.
pub(super) fn algorithm(upload: &Upload) -> Option<Algorithm> {
    Algorithm::named(&upload.checksum.as_ref()?.algorithm)
}

/// A part's number.
pub(super) fn part_number(number: i32) -> Result<u32, Error> {
    u32::try_from(number)
        .ok()
        .filter(|number| (1..=MAX_PARTS).contains(number))
        .ok_or_else(|| Error::argument("Part number must be an integer between 1 and 10000, inclusive"))
}

pub(super) async fn put_part(
    operations: &Operations,
    request: S3Request<UploadPartInput>,
) -> Result<UploadPartOutput, Error> {
    let input = request.input;
    let number = part_number(input.part_number)?;
    let id = upload_id(&input.upload_id)?;
    let upload = find(operations, &input.bucket, &input.key, id).await?;
    let wanted = algorithm(&upload);
    let announced = request
        .extensions
        .get::<Announced>()
        .and_then(Announced::algorithm);
    if let (Some(wanted), Some(announced)) = (wanted, announced)
        && wanted != announced
    {
        return Err(Error::request(format!(
            "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
            wanted.name().to_lowercase(),
            announced.name().to_lowercase()
        )));
    }
    if let Some(slot) = request.extensions.get::<Slot>() {
        slot.change(|body: &mut FromClient| body.also_compute(wanted));
    }
    let source = body(&request.extensions)?;
    let part = store_part(operations, &input.bucket, &input.key, id, number, source).await?;
    let mut output = UploadPartOutput {
        e_tag: Some(etag(&part.etag)),
        ..UploadPartOutput::default()
    };
    checksum_fields!(output, part.checksum.as_ref());
    Ok(output)
}

/// Stores a part in place of what has its number.
pub(super) async fn store_part(
    operations: &Operations,
    bucket: &str,
    key: &str,
    id: Uuid,
    number: u32,
    source: Box<dyn Source>,
) -> Result<selfsame_store::Part, Error> {
    let app = &operations.app;
    let new = NewPart {
        number,
        blob: app.ids.uuid(),
        now: app.clock.now(),
    };
    let part = operations.store().put_part(bucket, key, id, new, source).await?;
    part.ok_or_else(|| Error::new(Code::NoSuchUpload))
}

pub(super) async fn complete(
    operations: &Operations,
    request: S3Request<CompleteMultipartUploadInput>,
) -> Result<CompleteMultipartUploadOutput, Error> {
    let mut input = request.input;
    let id = upload_id(&input.upload_id)?;
    let upload = find(operations, &input.bucket, &input.key, id).await?;
    let named = input.multipart_upload.take().and_then(|upload| upload.parts);
    let named = named.filter(|parts| !parts.is_empty());
    let named = named.ok_or_else(|| Error::new(Code::MalformedXML))?;
    let stored = operations
        .store()
        .list_parts(&input.bucket, &input.key, id, 0, MAX_PARTS)
        .await?;
    let stored = stored.ok_or_else(|| Error::new(Code::NoSuchUpload))?;
    let parts = chosen(&named, &stored)?;
    check_sizes(
        &parts,
        operations.app.settings.s3.object_bytes,
        input.mpu_object_size,
    )?;
    let digests = digests(&upload, &parts, &input)?;
    let condition = condition(input.if_match.take(), input.if_none_match.take())?;
    let complete = Complete {
        parts: parts.into_iter().map(|part| (part.number, part.etag)).collect(),
        digests,
        condition: condition.clone(),
        now: operations.app.clock.now(),
    };
    let outcome = operations
        .store()
        .complete_upload(&input.bucket, &input.key, id, complete)
        .await?;
    let object = match outcome {
        Completion::Stored(object) => object,
        Completion::NoSuchUpload => return Err(Error::new(Code::NoSuchUpload)),
        Completion::OtherParts => return Err(Error::new(Code::InvalidPart)),
        Completion::ConditionFailed { exists } => return Err(refused(exists, condition.as_ref())),
        _ => return Err(Error::internal(super::Unexpected)),
    };
    let mut output = CompleteMultipartUploadOutput {
        location: Some(format!("/{}/{}", input.bucket, encoded(&input.key))),
        bucket: Some(input.bucket),
        key: Some(input.key),
        e_tag: Some(etag(&object.etag)),
        checksum_type: object.checksum.as_ref().map(kind),
        ..CompleteMultipartUploadOutput::default()
    };
    checksum_fields!(output, object.checksum.as_ref());
    Ok(output)
}

/// The named parts, as they are stored.
fn chosen(
    named: &[CompletedPart],
    stored: &[selfsame_store::Part],
) -> Result<Vec<selfsame_store::Part>, Error> {
    let mut chosen: Vec<selfsame_store::Part> = Vec::with_capacity(named.len());
    for part in named {
        let number = part_number(part.part_number.unwrap_or_default())?;
        if chosen.last().is_some_and(|last| last.number >= number) {
            return Err(Error::new(Code::InvalidPartOrder));
        }
        let index = stored.binary_search_by_key(&number, |part| part.number);
        let found = index.ok().and_then(|index| stored.get(index));
        let found = found.filter(|found| {
            part.e_tag.as_ref().is_some_and(|etag| etag.value() == found.etag) && same_checksums(part, found)
        });
        chosen.push(found.cloned().ok_or_else(|| Error::new(Code::InvalidPart))?);
    }
    Ok(chosen)
}

/// Whether the checksums that the client names are those of the part.
fn same_checksums(named: &CompletedPart, stored: &selfsame_store::Part) -> bool {
    [
        (Algorithm::Crc32, &named.checksum_crc32),
        (Algorithm::Crc32c, &named.checksum_crc32c),
        (Algorithm::Crc64Nvme, &named.checksum_crc64nvme),
        (Algorithm::Sha1, &named.checksum_sha1),
        (Algorithm::Sha256, &named.checksum_sha256),
    ]
    .into_iter()
    .all(|(algorithm, named)| {
        named.is_none() || checksum::value(stored.checksum.as_ref(), algorithm) == *named
    })
}

fn check_sizes(
    parts: &[selfsame_store::Part],
    max_bytes: u64,
    announced_bytes: Option<i64>,
) -> Result<(), Error> {
    let Some((_, all_but_last)) = parts.split_last() else {
        return Err(Error::new(Code::MalformedXML));
    };
    if all_but_last.iter().any(|part| part.size_bytes < MIN_PART_BYTES) {
        return Err(Error::new(Code::EntityTooSmall));
    }
    let size_bytes: u64 = parts.iter().map(|part| part.size_bytes).sum();
    if size_bytes > max_bytes {
        return Err(Error::new(Code::EntityTooLarge));
    }
    if announced_bytes.is_some_and(|announced| u64::try_from(announced) != Ok(size_bytes)) {
        return Err(Error::request(
            "The provided 'x-amz-mp-object-size' header value does not match what was computed.",
        ));
    }
    Ok(())
}

/// Entity tag and checksum of the whole.
fn digests(
    upload: &Upload,
    parts: &[selfsame_store::Part],
    input: &CompleteMultipartUploadInput,
) -> Result<Digests, Error> {
    let mut md5 = Md5::new();
    for part in parts {
        let number = u128::from_str_radix(&part.etag, 16).map_err(Error::internal)?;
        md5.update(&number.to_be_bytes());
    }
    let etag = format!("{}-{}", hex(&md5.finalize()), parts.len());
    let (Some(algorithm), Some(kind)) = (algorithm(upload), &upload.checksum) else {
        return Ok(Digests { etag, checksum: None });
    };
    let value = checksum::of_parts(algorithm, kind.composite, parts);
    let announced = match algorithm {
        Algorithm::Crc32 => &input.checksum_crc32,
        Algorithm::Crc32c => &input.checksum_crc32c,
        Algorithm::Crc64Nvme => &input.checksum_crc64nvme,
        Algorithm::Sha1 => &input.checksum_sha1,
        Algorithm::Sha256 => &input.checksum_sha256,
    };
    if let (Some(value), Some(announced)) = (&value, announced) {
        // Some clients leave out the number of parts.
        let same = value == announced || value.split_once('-').is_some_and(|(value, _)| value == announced);
        if !same {
            checksum::compare(algorithm, announced, value)?;
        }
    }
    Ok(Digests {
        etag,
        checksum: value.map(|value| algorithm.checksum(value)),
    })
}

pub(super) async fn abort(
    operations: &Operations,
    request: S3Request<AbortMultipartUploadInput>,
) -> Result<AbortMultipartUploadOutput, Error> {
    let input = request.input;
    let id = upload_id(&input.upload_id)?;
    if operations
        .store()
        .abort_upload(&input.bucket, &input.key, id)
        .await?
    {
        Ok(AbortMultipartUploadOutput::default())
    } else {
        Err(Error::new(Code::NoSuchUpload))
    }
}

pub(super) async fn list_parts(
    operations: &Operations,
    request: S3Request<ListPartsInput>,
) -> Result<ListPartsOutput, Error> {
    let input = request.input;
    let id = upload_id(&input.upload_id)?;
    let upload = find(operations, &input.bucket, &input.key, id).await?;
    let limit = bounded(input.max_parts, MAX_LISTED, "max-parts")?;
    let marker = input.part_number_marker;
    let after = bounded(Some(marker.unwrap_or(0)), MAX_PARTS, "part-number-marker")?;
    let found = operations
        .store()
        .list_parts(&input.bucket, &input.key, id, after, limit + 1)
        .await?;
    let mut found = found.ok_or_else(|| Error::new(Code::NoSuchUpload))?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let last = found.last().and_then(|part| i32::try_from(part.number).ok());
    let parts = found.into_iter().map(|part| {
        let mut shown = Part {
            part_number: i32::try_from(part.number).ok(),
            size: i64::try_from(part.size_bytes).ok(),
            e_tag: Some(etag(&part.etag)),
            last_modified: Some(moment(part.modified)),
            ..Part::default()
        };
        checksum_fields!(shown, part.checksum.as_ref());
        shown
    });
    Ok(ListPartsOutput {
        parts: Some(parts.collect()),
        is_truncated: Some(more),
        next_part_number_marker: last.filter(|_| more),
        part_number_marker: marker,
        max_parts: i32::try_from(limit).ok(),
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(input.upload_id),
        checksum_type: upload.checksum.as_ref().map(type_of),
        checksum_algorithm: upload.checksum.map(|checksum| checksum.algorithm.into()),
        initiator: Some(initiator()),
        owner: Some(owner()),
        storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
        ..ListPartsOutput::default()
    })
}

pub(super) async fn list(
    operations: &Operations,
    request: S3Request<ListMultipartUploadsInput>,
) -> Result<ListMultipartUploadsOutput, Error> {
    let input = request.input;
    if input.delimiter.as_ref().is_some_and(|text| !text.is_empty()) {
        return Err(Error::not_implemented("delimiter with ListMultipartUploads"));
    }
    let encoding = Encoding::new(input.encoding_type.as_ref())?;
    let limit = bounded(input.max_uploads, MAX_LISTED, "max-uploads")?;
    let id = input
        .upload_id_marker
        .as_deref()
        .filter(|text| !text.is_empty())
        .map(|text| Uuid::parse_str(text).map_err(|_| Error::argument("Invalid uploadId marker")))
        .transpose()?;
    let key = input.key_marker.as_deref().filter(|text| !text.is_empty());
    let prefix = input.prefix.clone().unwrap_or_default();
    let mut found = operations
        .store()
        .list_uploads(&input.bucket, &prefix, key.map(|key| (key, id)), limit + 1)
        .await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let last = found.last().filter(|_| more);
    let (next_key, next_id) = (
        last.map(|upload| encoding.text(upload.key.clone())),
        last.map(|upload| upload.id.to_string()),
    );
    let uploads = found.into_iter().map(|upload| MultipartUpload {
        checksum_type: upload.checksum.as_ref().map(type_of),
        checksum_algorithm: upload.checksum.map(|checksum| checksum.algorithm.into()),
        initiated: Some(moment(upload.created)),
        initiator: Some(initiator()),
        key: Some(encoding.text(upload.key)),
        owner: Some(owner()),
        storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
        upload_id: Some(upload.id.to_string()),
    });
    Ok(ListMultipartUploadsOutput {
        uploads: Some(uploads.collect()),
        is_truncated: Some(more),
        next_key_marker: next_key,
        next_upload_id_marker: next_id,
        max_uploads: i32::try_from(limit).ok(),
        prefix: Some(encoding.text(prefix)),
        key_marker: encoding.some(input.key_marker),
        upload_id_marker: input.upload_id_marker,
        bucket: Some(input.bucket),
        encoding_type: input.encoding_type,
        ..ListMultipartUploadsOutput::default()
    })
}
