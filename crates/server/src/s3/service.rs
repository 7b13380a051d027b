//! The operations, as the adapter calls them.

use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;
use s3s::{S3, S3Request, S3Response, S3Result, dto};
use selfsame_store::Repository;
use tracing::instrument::{Instrument as _, WithSubscriber as _};
use tracing::{Dispatch, Span};
use uuid::Uuid;

use super::error::Error;
use super::{buckets, copy, delete, list, put, read, tags, uploads};
use crate::access::Caller;
use crate::app::App;

/// The operations of one request.
pub(super) struct Operations {
    pub(super) app: Arc<App>,
    pub(super) caller: Caller,
    request: Uuid,
    /// What the operation logs goes here, in spite of the silence around the adapter.
    log: Dispatch,
    span: Span,
}

impl Operations {
    pub(super) fn new(app: Arc<App>, caller: Caller, request: Uuid) -> Self {
        Self {
            app,
            caller,
            request,
            log: tracing::dispatcher::get_default(Dispatch::clone),
            span: Span::current(),
        }
    }

    pub(super) fn store(&self) -> &dyn Repository {
        self.app.store.as_ref()
    }

    /// Runs an operation and tells how it went: in full to the log, in S3's words to the client.
    async fn run<T>(
        &self,
        operation: &'static str,
        work: impl Future<Output = Result<T, Error>> + Send,
    ) -> S3Result<S3Response<T>> {
        let told = async {
            match work.await {
                Ok(output) => {
                    tracing::debug!(operation, outcome = "ok", "{operation}: ok");
                    Ok(S3Response::new(output))
                }
                Err(error) => {
                    error.log(operation);
                    Err(error.into_adapter(self.request))
                }
            }
        };
        told.instrument(self.span.clone())
            .with_subscriber(self.log.clone())
            .await
    }
}

/// Each operation by the adapter's name for it, and the function that carries it out.
macro_rules! operations {
    ($($method:ident $name:ident($input:ident) -> $output:ident = $function:path;)+) => {
        #[async_trait]
        impl S3 for Operations {
            $(async fn $method(&self, request: S3Request<dto::$input>) -> S3Result<S3Response<dto::$output>> {
                self.run(stringify!($name), $function(self, request)).await
            })+
        }
    };
}

operations! {
    create_bucket CreateBucket(CreateBucketInput) -> CreateBucketOutput = buckets::create;
    head_bucket HeadBucket(HeadBucketInput) -> HeadBucketOutput = buckets::head;
    list_buckets ListBuckets(ListBucketsInput) -> ListBucketsOutput = buckets::list;
    delete_bucket DeleteBucket(DeleteBucketInput) -> DeleteBucketOutput = buckets::delete;
    get_bucket_location GetBucketLocation(GetBucketLocationInput) -> GetBucketLocationOutput = buckets::location;
    put_object PutObject(PutObjectInput) -> PutObjectOutput = put::object;
    copy_object CopyObject(CopyObjectInput) -> CopyObjectOutput = copy::object;
    get_object GetObject(GetObjectInput) -> GetObjectOutput = read::get;
    head_object HeadObject(HeadObjectInput) -> HeadObjectOutput = read::head;
    delete_object DeleteObject(DeleteObjectInput) -> DeleteObjectOutput = delete::one;
    delete_objects DeleteObjects(DeleteObjectsInput) -> DeleteObjectsOutput = delete::many;
    list_objects ListObjects(ListObjectsInput) -> ListObjectsOutput = list::first_version;
    list_objects_v2 ListObjectsV2(ListObjectsV2Input) -> ListObjectsV2Output = list::second_version;
    get_object_tagging GetObjectTagging(GetObjectTaggingInput) -> GetObjectTaggingOutput = tags::get;
    put_object_tagging PutObjectTagging(PutObjectTaggingInput) -> PutObjectTaggingOutput = tags::put;
    delete_object_tagging DeleteObjectTagging(DeleteObjectTaggingInput) -> DeleteObjectTaggingOutput = tags::delete;
    create_multipart_upload CreateMultipartUpload(CreateMultipartUploadInput) -> CreateMultipartUploadOutput =
        uploads::create;
    upload_part UploadPart(UploadPartInput) -> UploadPartOutput = uploads::put_part;
    upload_part_copy UploadPartCopy(UploadPartCopyInput) -> UploadPartCopyOutput = copy::part;
    complete_multipart_upload CompleteMultipartUpload(CompleteMultipartUploadInput) -> CompleteMultipartUploadOutput =
        uploads::complete;
    abort_multipart_upload AbortMultipartUpload(AbortMultipartUploadInput) -> AbortMultipartUploadOutput =
        uploads::abort;
    list_parts ListParts(ListPartsInput) -> ListPartsOutput = uploads::list_parts;
    list_multipart_uploads ListMultipartUploads(ListMultipartUploadsInput) -> ListMultipartUploadsOutput =
        uploads::list;
}
