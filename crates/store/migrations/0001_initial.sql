-- Text ids compare byte for byte: BINARY is SQLite's default collation and is spelled out where it matters.
-- Times are whole microseconds since 1970 (UTC). UUIDs are 16-byte blobs.

-- A deleted collection keeps its row (live = 0): its counter goes on where it stopped when the name is used again,
-- so a position in a change log never means two things.
CREATE TABLE collections (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL COLLATE BINARY UNIQUE,
    face_model_version TEXT NOT NULL,
    last_seq INTEGER NOT NULL DEFAULT 0 CHECK (last_seq >= 0),
    created_us INTEGER NOT NULL,
    live INTEGER NOT NULL DEFAULT 1 CHECK (live IN (0, 1))
) STRICT;

CREATE TABLE users (
    key INTEGER PRIMARY KEY,
    collection INTEGER NOT NULL REFERENCES collections (key),
    id TEXT NOT NULL COLLATE BINARY,
    properties TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    updated_us INTEGER NOT NULL,
    UNIQUE (collection, id)
) STRICT;

-- An enrolled face is at once the entry of the change log with its number.
CREATE TABLE faces (
    key INTEGER PRIMARY KEY,
    collection INTEGER NOT NULL REFERENCES collections (key),
    seq INTEGER NOT NULL,
    user INTEGER NOT NULL REFERENCES users (key),
    face BLOB NOT NULL UNIQUE CHECK (length(face) = 16),
    image BLOB NOT NULL CHECK (length(image) = 16),
    template BLOB NOT NULL,
    metadata TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    UNIQUE (collection, seq)
) STRICT;

CREATE INDEX faces_of_user ON faces (user, seq);

-- The other half of the change log: that a face was erased, and nothing else about it.
CREATE TABLE erasures (
    collection INTEGER NOT NULL REFERENCES collections (key),
    seq INTEGER NOT NULL,
    face BLOB NOT NULL CHECK (length(face) = 16),
    PRIMARY KEY (collection, seq)
) STRICT, WITHOUT ROWID;

-- A row only where the picture was kept.
CREATE TABLE pictures (
    image BLOB NOT NULL PRIMARY KEY CHECK (length(image) = 16),
    face INTEGER NOT NULL UNIQUE REFERENCES faces (key),
    blob TEXT NOT NULL UNIQUE,
    content_type TEXT NOT NULL,
    size_bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Blobs that no committed picture owns: about to be written (erasing = 0) or about to be removed (erasing = 1).
-- Whatever stands here when a server opens the directory is removed.
CREATE TABLE blob_intents (
    blob TEXT NOT NULL PRIMARY KEY,
    erasing INTEGER NOT NULL DEFAULT 0 CHECK (erasing IN (0, 1))
) STRICT, WITHOUT ROWID;

-- The keys themselves are never stored, only their SHA-256.
CREATE TABLE api_keys (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name TEXT NOT NULL,
    scope TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    created_us INTEGER NOT NULL,
    revoked_us INTEGER
) STRICT, WITHOUT ROWID;
