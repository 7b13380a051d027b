//! Repositories and blobs: SQLite, local files, an in-memory twin and a public conformance suite.
