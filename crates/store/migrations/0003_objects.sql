-- Buckets, the objects in them, and uploads in parts that are not finished yet.

CREATE TABLE buckets (
    key INTEGER PRIMARY KEY,
    name TEXT NOT NULL COLLATE BINARY UNIQUE,
    location TEXT,
    created_us INTEGER NOT NULL
) STRICT;

-- `headers`, `metadata` and `tags` are JSON objects of texts.
CREATE TABLE objects (
    key INTEGER PRIMARY KEY,
    bucket INTEGER NOT NULL REFERENCES buckets (key),
    name TEXT NOT NULL COLLATE BINARY,
    size_bytes INTEGER NOT NULL,
    etag TEXT NOT NULL,
    checksum_algorithm TEXT,
    checksum TEXT,
    headers TEXT NOT NULL,
    metadata TEXT NOT NULL,
    tags TEXT NOT NULL,
    modified_us INTEGER NOT NULL,
    UNIQUE (bucket, name)
) STRICT;

-- An object's bytes: those of its segments, one after the other.
CREATE TABLE segments (
    object INTEGER NOT NULL REFERENCES objects (key),
    number INTEGER NOT NULL,
    blob TEXT NOT NULL UNIQUE,
    size_bytes INTEGER NOT NULL,
    PRIMARY KEY (object, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE uploads (
    key INTEGER PRIMARY KEY,
    bucket INTEGER NOT NULL REFERENCES buckets (key),
    name TEXT NOT NULL COLLATE BINARY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    checksum_algorithm TEXT,
    composite INTEGER NOT NULL DEFAULT 0 CHECK (composite IN (0, 1)),
    headers TEXT NOT NULL,
    metadata TEXT NOT NULL,
    tags TEXT NOT NULL,
    created_us INTEGER NOT NULL
) STRICT;

CREATE INDEX uploads_of_bucket ON uploads (bucket, name, id);

CREATE TABLE parts (
    upload INTEGER NOT NULL REFERENCES uploads (key),
    number INTEGER NOT NULL,
    blob TEXT NOT NULL UNIQUE,
    size_bytes INTEGER NOT NULL,
    etag TEXT NOT NULL,
    checksum_algorithm TEXT,
    checksum TEXT,
    modified_us INTEGER NOT NULL,
    PRIMARY KEY (upload, number)
) STRICT, WITHOUT ROWID;
