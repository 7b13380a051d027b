//! Amazon Rekognition's operations on our faces, and those of Step Functions on our state machines (`states`): the mapping
//! between the wire and the domain, one file per operation.
//! Dispatch knows HTTP; operations do not, because workflows call them, too.

mod analyze_id;
mod arn;
mod associate_faces;
mod attributes;
mod authorize;
mod call;
mod compare_faces;
mod context;
mod create_collection;
mod create_user;
mod delete_collection;
mod delete_faces;
mod delete_user;
mod describe_collection;
mod detect_faces;
mod disassociate_faces;
mod dispatch;
mod error;
mod face_detail;
mod get_parameter;
mod idempotency;
mod image;
mod index_faces;
mod list_collections;
mod list_faces;
mod list_tags_for_resource;
mod list_users;
mod matches;
mod page;
mod quality_filter;
mod search_faces;
mod search_faces_by_image;
mod search_users;
mod search_users_by_image;
mod states;
mod status;
mod stored_face;
mod tag_resource;
mod tags;
mod token;
mod untag_resource;

pub(crate) use analyze_id::named as named_fields;
pub(crate) use call::{analyze_id as call_analyze_id, call};
pub(crate) use context::Context;
pub(crate) use dispatch::{Answered, TARGET, failed, serve, service, target};
pub(crate) use error::Error;
