//! S3 for the clients of face APIs: buckets and objects over the data directory's blobs. The adapter `s3s` knows the
//! REST protocol, XML and routes; what it leaves open is done here: signatures, chunks, checksums, limits and access.
//!
//! One request: verify the signature (headers) → plain request → adapter: route, parse → access → operation → store.
//! Bodies of objects go past the adapter, piece by piece, both ways.

mod access;
mod attributes;
mod body;
mod buckets;
mod checksum;
mod chunked;
mod conditions;
mod convert;
mod copy;
mod delete;
mod error;
mod image;
mod list;
mod put;
mod read;
mod receive;
mod remote;
mod request;
mod serve;
mod service;
mod settings;
mod tags;
mod unsupported;
mod uploads;
mod whole;

pub(crate) use image::read_image;
pub(crate) use serve::serve;
pub(crate) use settings::Settings;
pub(crate) use whole::{StoredBytes, WholeError, read_bytes, write_bytes};

/// The store knows an outcome that this version does not.
#[derive(Debug, thiserror::Error)]
#[error("the store answered in an unknown way")]
struct Unexpected;
