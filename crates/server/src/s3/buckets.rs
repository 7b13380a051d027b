//! Buckets: made, looked at, listed, removed.

use s3s::S3ErrorCode as Code;
use s3s::S3Request;
use s3s::dto::{
    Bucket, BucketLocationConstraint, CreateBucketInput, CreateBucketOutput, DeleteBucketInput,
    DeleteBucketOutput, GetBucketLocationInput, GetBucketLocationOutput, HeadBucketInput, HeadBucketOutput,
    ListBucketsInput, ListBucketsOutput,
};

use super::convert::{bounded, moment, owner};
use super::error::Error;
use super::service::Operations;

/// As AWS begins to count. Ours: one list of them must fit into an answer.
const MAX_BUCKETS: usize = 1000;
/// Where buckets are whose makers did not say. AWS calls it so, too.
const DEFAULT_REGION: &str = "us-east-1";

pub(super) async fn create(
    operations: &Operations,
    request: S3Request<CreateBucketInput>,
) -> Result<CreateBucketOutput, Error> {
    let input = request.input;
    let location = input
        .create_bucket_configuration
        .and_then(|configuration| configuration.location_constraint);
    let location = location.as_ref().map(BucketLocationConstraint::as_str);
    let store = operations.store();
    if store.list_buckets().await?.len() >= MAX_BUCKETS {
        return Err(Error::new(Code::TooManyBuckets));
    }
    let now = operations.app.clock.now();
    if !store.create_bucket(&input.bucket, location, now).await? {
        return Err(Error::new(Code::BucketAlreadyOwnedByYou));
    }
    Ok(CreateBucketOutput {
        location: Some(format!("/{}", input.bucket)),
    })
}

pub(super) async fn head(
    operations: &Operations,
    request: S3Request<HeadBucketInput>,
) -> Result<HeadBucketOutput, Error> {
    let bucket = operations.store().get_bucket(&request.input.bucket).await?;
    let bucket = bucket.ok_or_else(|| Error::new(Code::NoSuchBucket))?;
    Ok(HeadBucketOutput {
        bucket_region: Some(bucket.location.unwrap_or_else(|| DEFAULT_REGION.to_owned())),
        ..HeadBucketOutput::default()
    })
}

pub(super) async fn list(
    operations: &Operations,
    request: S3Request<ListBucketsInput>,
) -> Result<ListBucketsOutput, Error> {
    let ListBucketsInput {
        bucket_region,
        continuation_token,
        max_buckets,
        prefix,
    } = request.input;
    let limit = bounded(max_buckets, MAX_BUCKETS as u32, "max-buckets")? as usize;
    let begins = prefix.as_deref().unwrap_or_default();
    let after = continuation_token.unwrap_or_default();
    let buckets = operations.store().list_buckets().await?;
    let mut shown = buckets.into_iter().filter(|bucket| {
        let region = bucket.location.as_deref().unwrap_or(DEFAULT_REGION);
        operations.caller.may_bucket(&bucket.name)
            && bucket.name.starts_with(begins)
            && bucket.name > after
            && bucket_region.as_deref().is_none_or(|wanted| wanted == region)
    });
    let page: Vec<_> = shown.by_ref().take(limit).collect();
    let next = page.last().map(|bucket| bucket.name.clone());
    let continuation_token = next.filter(|_| shown.next().is_some());
    let buckets = page.into_iter().map(|bucket| Bucket {
        name: Some(bucket.name),
        creation_date: Some(moment(bucket.created)),
        bucket_region: None,
    });
    Ok(ListBucketsOutput {
        buckets: Some(buckets.collect()),
        continuation_token,
        owner: Some(owner()),
        prefix,
    })
}

pub(super) async fn delete(
    operations: &Operations,
    request: S3Request<DeleteBucketInput>,
) -> Result<DeleteBucketOutput, Error> {
    if operations.store().delete_bucket(&request.input.bucket).await? {
        Ok(DeleteBucketOutput {})
    } else {
        Err(Error::new(Code::BucketNotEmpty))
    }
}

pub(super) async fn location(
    operations: &Operations,
    request: S3Request<GetBucketLocationInput>,
) -> Result<GetBucketLocationOutput, Error> {
    let bucket = operations.store().get_bucket(&request.input.bucket).await?;
    let bucket = bucket.ok_or_else(|| Error::new(Code::NoSuchBucket))?;
    Ok(GetBucketLocationOutput {
        location_constraint: bucket.location.map(Into::into),
    })
}
