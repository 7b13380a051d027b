//! Operations called from this process, by tasks of state machines: the same code as on the wire, from a value to a value.

use selfsame_wire::rekognition::OperationName as Name;
use selfsame_wire::{Operation, decode_value, rekognition, textract};
use serde_json::Value;

use super::context::Context;
use super::error::Error;

/// Runs one operation of Amazon Rekognition.
pub(crate) async fn call(context: &Context, operation: Name, input: &Value) -> Result<Value, Error> {
    macro_rules! run {
        ($operation:ident, $module:ident) => {{
            let input = read::<rekognition::$operation>(input)?;
            written(&super::$module::run(context, input).await?)
        }};
    }
    match operation {
        Name::AssociateFaces => run!(AssociateFaces, associate_faces),
        Name::CompareFaces => run!(CompareFaces, compare_faces),
        Name::CreateCollection => run!(CreateCollection, create_collection),
        Name::CreateUser => run!(CreateUser, create_user),
        Name::DeleteCollection => run!(DeleteCollection, delete_collection),
        Name::DeleteFaces => run!(DeleteFaces, delete_faces),
        Name::DeleteUser => run!(DeleteUser, delete_user),
        Name::DescribeCollection => run!(DescribeCollection, describe_collection),
        Name::DetectFaces => run!(DetectFaces, detect_faces),
        Name::DisassociateFaces => run!(DisassociateFaces, disassociate_faces),
        Name::IndexFaces => run!(IndexFaces, index_faces),
        Name::ListCollections => run!(ListCollections, list_collections),
        Name::ListFaces => run!(ListFaces, list_faces),
        Name::ListTagsForResource => run!(ListTagsForResource, list_tags_for_resource),
        Name::ListUsers => run!(ListUsers, list_users),
        Name::SearchFaces => run!(SearchFaces, search_faces),
        Name::SearchFacesByImage => run!(SearchFacesByImage, search_faces_by_image),
        Name::SearchUsers => run!(SearchUsers, search_users),
        Name::SearchUsersByImage => run!(SearchUsersByImage, search_users_by_image),
        Name::TagResource => run!(TagResource, tag_resource),
        Name::UntagResource => run!(UntagResource, untag_resource),
    }
}

/// Runs `AnalyzeID` of Amazon Textract.
pub(crate) async fn analyze_id(context: &Context, input: &Value) -> Result<Value, Error> {
    let input = read::<textract::AnalyzeID>(input)?;
    written(&super::analyze_id::run(context, input).await?)
}

fn read<O: Operation>(input: &Value) -> Result<O::Input, Error> {
    Ok(decode_value::<O>(input)?)
}

fn written(output: &impl serde::Serialize) -> Result<Value, Error> {
    serde_json::to_value(output).map_err(Error::internal)
}
