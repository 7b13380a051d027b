-- Faces that are nobody's, found in images that may be given again; tags; answers kept for repeated requests; keys
-- that sign requests and may be limited.
--
-- `faces.user` loses its NOT NULL, so the table is made anew, and with it `pictures`, whose rows refer to it. The
-- order below never leaves a reference without its row, so foreign keys stay on and all of this is one transaction.

CREATE TABLE new_faces (
    key INTEGER PRIMARY KEY,
    collection INTEGER NOT NULL REFERENCES collections (key),
    seq INTEGER NOT NULL,
    -- NULL: enrolled, but nobody's.
    user INTEGER REFERENCES users (key),
    -- For a face that was nobody's first: the collection's last_seq when it was given to the user.
    owned_since INTEGER CHECK (owned_since IS NULL OR user IS NOT NULL),
    face BLOB NOT NULL UNIQUE CHECK (length(face) = 16),
    image BLOB NOT NULL CHECK (length(image) = 16),
    -- SHA-256 of the image's bytes and the face's place among its faces, where the image may be given again.
    image_digest BLOB CHECK (length(image_digest) = 32),
    ordinal INTEGER CHECK ((ordinal IS NULL) = (image_digest IS NULL)),
    external_image_id TEXT COLLATE BINARY,
    template BLOB NOT NULL,
    metadata TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    UNIQUE (collection, seq)
) STRICT;

INSERT INTO new_faces (key, collection, seq, user, face, image, template, metadata, created_us)
SELECT key, collection, seq, user, face, image, template, metadata, created_us FROM faces ORDER BY key;

CREATE TABLE new_pictures (
    image BLOB NOT NULL PRIMARY KEY CHECK (length(image) = 16),
    face INTEGER NOT NULL UNIQUE REFERENCES new_faces (key),
    blob TEXT NOT NULL UNIQUE,
    content_type TEXT NOT NULL,
    size_bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO new_pictures (image, face, blob, content_type, size_bytes)
SELECT image, face, blob, content_type, size_bytes FROM pictures;

DROP TABLE pictures;
DROP TABLE faces;
-- Renaming a table renames it in the references to it too.
ALTER TABLE new_faces RENAME TO faces;
ALTER TABLE new_pictures RENAME TO pictures;

CREATE INDEX faces_of_user ON faces (user, seq);
CREATE INDEX faces_given_to_users ON faces (collection, owned_since) WHERE owned_since IS NOT NULL;
-- One face per place in an image. NULLs differ from each other in an index, hence 0 for "no external id", which no
-- text equals.
CREATE UNIQUE INDEX faces_of_image
ON faces (collection, image_digest, ifnull(external_image_id, 0), ordinal) WHERE image_digest IS NOT NULL;

-- The collection of the portal gets a name of its own, so that `users` is free for others.
UPDATE collections SET id = 'selfsame-users'
WHERE id = 'users' AND live = 1 AND NOT EXISTS (SELECT 1 FROM collections WHERE id = 'selfsame-users');

-- Of collections.
CREATE TABLE tags (
    collection INTEGER NOT NULL REFERENCES collections (key),
    tag TEXT NOT NULL COLLATE BINARY,
    value TEXT NOT NULL,
    PRIMARY KEY (collection, tag)
) STRICT, WITHOUT ROWID;

-- What was answered to requests that may be repeated: the same token gets the same answer while the row is here.
CREATE TABLE requests (
    collection INTEGER NOT NULL REFERENCES collections (key),
    operation TEXT NOT NULL,
    token TEXT NOT NULL COLLATE BINARY,
    -- SHA-256 of what was asked.
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    outcome TEXT NOT NULL,
    -- Whether the outcome names a user, and so must go when they are erased.
    names_users INTEGER NOT NULL CHECK (names_users IN (0, 1)),
    created_us INTEGER NOT NULL,
    PRIMARY KEY (collection, operation, token)
) STRICT, WITHOUT ROWID;

CREATE INDEX requests_by_age ON requests (created_us);
CREATE INDEX requests_naming_users ON requests (collection) WHERE names_users = 1;

-- Of keys that sign requests. The secret they sign with is derived from their id and is not here either.
ALTER TABLE api_keys ADD COLUMN access_key_id TEXT COLLATE BINARY;
-- JSON arrays of the only names that the key may touch; empty where it is not limited.
ALTER TABLE api_keys ADD COLUMN collections TEXT NOT NULL DEFAULT '[]';
ALTER TABLE api_keys ADD COLUMN buckets TEXT NOT NULL DEFAULT '[]';

CREATE UNIQUE INDEX api_keys_by_access_key_id ON api_keys (access_key_id);
