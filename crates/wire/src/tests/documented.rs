//! The limits that AWS documents, against the tables: should a newer service model be laxer than the documentation, this is
//! where it shows.

use crate::shape::{Member, Shape};

use super::requests;

/// What a member of a request may hold, in words.
fn limits(path: &str) -> String {
    let (request, members) = path.split_once('.').expect("a request and a member");
    let (_, mut shape) = requests()
        .find(|(name, _)| *name == request)
        .expect("a request of that name");
    for name in members.split('.') {
        let Shape::Structure(members) = shape else {
            panic!("{path} leads nowhere");
        };
        let found: Option<&Member> = members.iter().find(|member| member.name == name);
        shape = found.expect("a member of that name").shape;
    }
    describe(shape)
}

fn describe(shape: &'static Shape) -> String {
    match shape {
        Shape::Text(text) => format!("{} to {} characters", text.length.min, text.length.max),
        Shape::Blob(length) => format!("{} to {} bytes", length.min, length.max),
        Shape::List(_, length) => format!("{} to {} elements", length.min, length.max),
        Shape::Map { key, value, length } => format!(
            "{} to {} elements, keys of {} to {}, values of {} to {}",
            length.min, length.max, key.length.min, key.length.max, value.length.min, value.length.max
        ),
        Shape::Integer(range) | Shape::Long(range) | Shape::Float(range) => {
            format!("{} to {}", range.min, range.max)
        }
        Shape::Choice(choices) => choices.join(" "),
        Shape::Boolean | Shape::Timestamp | Shape::Structure(_) => format!("{shape:?}"),
    }
}

#[test]
fn limits_are_those_of_the_documentation() {
    for (path, expected) in [
        ("CreateCollectionRequest.CollectionId", "1 to 255 characters"),
        (
            "CreateCollectionRequest.Tags",
            "0 to 200 elements, keys of 1 to 128, values of 0 to 256",
        ),
        ("UntagResourceRequest.TagKeys", "0 to 200 elements"),
        ("IndexFacesRequest.ExternalImageId", "1 to 255 characters"),
        ("IndexFacesRequest.MaxFaces", "1 to inf"),
        ("IndexFacesRequest.QualityFilter", "NONE AUTO LOW MEDIUM HIGH"),
        ("IndexFacesRequest.Image.Bytes", "1 to 5242880 bytes"),
        ("IndexFacesRequest.Image.S3Object.Bucket", "3 to 255 characters"),
        ("IndexFacesRequest.Image.S3Object.Name", "1 to 1024 characters"),
        ("CreateUserRequest.UserId", "1 to 128 characters"),
        ("CreateUserRequest.ClientRequestToken", "1 to 64 characters"),
        ("ListCollectionsRequest.NextToken", "0 to 255 characters"),
        ("ListCollectionsRequest.MaxResults", "0 to 4096"),
        ("ListFacesRequest.MaxResults", "0 to 4096"),
        ("ListUsersRequest.MaxResults", "1 to 500"),
        ("SearchFacesRequest.MaxFaces", "1 to 4096"),
        ("SearchFacesRequest.FaceMatchThreshold", "0 to 100"),
        ("SearchUsersRequest.MaxUsers", "1 to 500"),
        ("DeleteFacesRequest.FaceIds", "1 to 4096 elements"),
        ("AssociateFacesRequest.FaceIds", "1 to 100 elements"),
        ("DisassociateFacesRequest.FaceIds", "1 to 100 elements"),
        (
            "CreateFaceLivenessSessionRequest.Settings.AuditImagesLimit",
            "0 to 4",
        ),
        ("AnalyzeIDRequest.DocumentPages", "1 to 2 elements"),
        ("GetParameterRequest.Name", "1 to 2048 characters"),
        ("CreateStateMachineInput.name", "1 to 80 characters"),
        ("CreateStateMachineInput.definition", "1 to 1048576 characters"),
        // Ours: AWS has 262144.
        ("StartExecutionInput.input", "0 to 25165824 characters"),
        ("StartSyncExecutionInput.input", "0 to 25165824 characters"),
        ("SendTaskSuccessInput.output", "0 to 25165824 characters"),
        ("SendTaskSuccessInput.taskToken", "1 to 2048 characters"),
        ("SendTaskFailureInput.error", "0 to 256 characters"),
        ("SendTaskFailureInput.cause", "0 to 32768 characters"),
        ("ListExecutionsInput.maxResults", "0 to 1000"),
        ("ListExecutionsInput.nextToken", "1 to 3096 characters"),
        ("ListStateMachinesInput.nextToken", "1 to 1024 characters"),
        ("ValidateStateMachineDefinitionInput.maxResults", "0 to 100"),
    ] {
        assert_eq!(limits(path), expected, "{path}");
    }
}
