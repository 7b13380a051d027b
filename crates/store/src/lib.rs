//! Repositories and blobs: who is enrolled, with which faces, pictures and properties, which API keys exist, which
//! workflows run.
//!
//! The truth lives here; the gallery is derived from the change log ([`FaceStore::changes`]) and may lag. Callers
//! see small dyn-safe traits, together [`Repository`]. [`Sqlite`] keeps everything in one directory, [`Memory`] is
//! its twin for tests and trials; both pass the same public [`conformance`] suite.
//!
//! What holds for every backend:
//! - A registration is all or nothing, also when the process is killed in its middle.
//! - A face is enrolled to one user: the exact check behind the index' watermark runs under the collection's lock.
//!   Faces may also be nobody's; those do not count in the check until they are given to a user.
//! - A repeated request with the same token changes nothing and is answered as before.
//! - What is erased is gone: the change log keeps the face's id and nothing else.
//! - What an execution writes with a journal can be taken back until it is settled, also after a crash.
//! - User ids are compared byte for byte.
//!
//! This crate never reads the clock, never makes up an id, never infers and never logs a template, a picture or a
//! property. SQL is spoken here and nowhere else.

mod blobs;
pub mod conformance;
mod error;
mod memory;
mod model;
mod objects;
mod ownership;
mod repository;
mod requests;
mod rules;
mod sqlite;
mod workflows;

pub use error::Error;
pub use memory::Memory;
pub use model::{
    ApiKey, Association, Collection, Counts, Creation, DuplicatePolicy, Enrolled, Enrolment, FaceDeletion,
    FaceFilter, FaceRecord, Idempotency, ModelChange, NewFace, NewImage, NewImageFace, NewUser, Once,
    Picture, PictureRecord, Place, Properties, Refusal, RegisterOutcome, Unprepared, UpdateOutcome,
    UpdateUser, User, UserCreation, UserSummary, Versions,
};
pub use objects::{
    Attributes, Bucket, Checksum, Complete, Completion, Condition, Digests, Entry, Listing, NewObject,
    NewPart, NewUpload, Object, ObjectBytes, Objects, OpenObject, Page, Part, PutOutcome, Source,
    SourceError, Tags, Upload, UploadChecksum,
};
pub use ownership::MAX_FACES_PER_USER;
pub use repository::{
    CollectionTags, Collections, FaceStore, Keys, Models, Pictures, Repository, Secrets, Users,
};
pub use rules::{MAX_CARD_BYTES, MAX_METADATA_BYTES, MAX_NESTING, MAX_PROPERTIES_BYTES};
pub use sqlite::Sqlite;
pub use workflows::{
    Advance, Ending, ExecutionFilter, ExecutionRecord, ExecutionStart, ExecutionStatus, ExecutionSummary,
    Executions, Journal, Machine, MachineCreation, MachineKind, MachineUpdate, Machines, NewExecution,
    Unfinished,
};

/// What every function here returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;
