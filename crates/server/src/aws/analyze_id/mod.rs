//! `AnalyzeID` of Amazon Textract: what an identity document says. The mapping from our fields to AWS's is here; reading
//! is `selfsame_document`'s business.

mod blocks;
mod fields;

use selfsame_document::Document;
use selfsame_wire::ErrorCode;
use selfsame_wire::textract::{
    AnalyzeIDRequest, AnalyzeIDResponse, Document as Page, DocumentMetadata, IdentityDocument,
};

use super::context::{Context, Purpose};
use super::error::Error;
use crate::engine::DocumentError;

pub(crate) use fields::named;

/// What the recorded answers have.
const MODEL_VERSION: &str = "1.0";

/// Reads every page as a document of its own, as AWS does.
pub(crate) async fn run(context: &Context, input: AnalyzeIDRequest) -> Result<AnalyzeIDResponse, Error> {
    context.allow(Purpose::Read)?;
    let mut documents = Vec::new();
    for page in input.document_pages {
        let bytes = bytes(context, page).await?;
        let permit = context.permit()?;
        let today = context.app.today();
        let read = context.ready()?.engine.read_document(permit, bytes, today);
        documents.push(read.await.map_err(refused)?);
    }
    let pages = documents.len();
    let documents = documents
        .iter()
        .enumerate()
        .map(|(index, document)| identity_document(context, index, document));
    Ok(AnalyzeIDResponse {
        identity_documents: Some(documents.collect()),
        document_metadata: Some(DocumentMetadata {
            pages: Some(pages as i32),
        }),
        analyze_id_model_version: Some(MODEL_VERSION.to_owned()),
    })
}

fn identity_document(context: &Context, index: usize, document: &Document) -> IdentityDocument {
    IdentityDocument {
        document_index: Some(index as i32 + 1),
        identity_document_fields: Some(fields::all(document, context.extras)),
        blocks: Some(blocks::all(document, &mut || context.app.ids.uuid().to_string())),
    }
}

/// The bytes of a page.
async fn bytes(context: &Context, page: Page) -> Result<Vec<u8>, Error> {
    match (page.bytes, page.s3_object) {
        (Some(bytes), None) => Ok(bytes.0),
        (None, Some(object)) => {
            let (Some(bucket), Some(name)) = (object.bucket, object.name) else {
                return Err(Error::invalid_parameters());
            };
            let version = object.version.as_deref();
            let read = crate::s3::read_image(&context.app, &context.caller, &bucket, &name, version);
            Ok(read.await?)
        }
        _ => Err(Error::invalid_parameters()),
    }
}

/// What cannot be read is the client's matter, an engine that fails is ours.
fn refused(error: DocumentError) -> Error {
    let code = match &error {
        DocumentError::Read(read) if read.is_too_large() => ErrorCode::DocumentTooLargeException,
        DocumentError::Read(read) if read.is_unsupported() => ErrorCode::UnsupportedDocumentException,
        DocumentError::Read(read) if read.is_about_the_file() => ErrorCode::BadDocumentException,
        _ => return Error::internal(error),
    };
    Error::new(code, sentence(&error.to_string()))
}

/// A message as AWS writes them: a capital first, a full stop last.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), characters.as_str())
}
