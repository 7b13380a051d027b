-- State machines, their executions, and the journal by which an execution's writes are taken back.

-- Each text once. A row goes with the last machine or execution that refers to it.
CREATE TABLE definitions (
    key INTEGER PRIMARY KEY,
    -- SHA-256 of the text.
    digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    definition TEXT NOT NULL
) STRICT;

CREATE TABLE machines (
    key INTEGER PRIMARY KEY,
    name TEXT NOT NULL COLLATE BINARY UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('standard', 'express')),
    definition INTEGER NOT NULL REFERENCES definitions (key),
    role_arn TEXT NOT NULL,
    revision BLOB NOT NULL CHECK (length(revision) = 16),
    created_us INTEGER NOT NULL,
    updated_us INTEGER NOT NULL
) STRICT;

CREATE INDEX machines_of_definition ON machines (definition);

-- `machine` is a name and no reference: executions outlive their machine.
CREATE TABLE executions (
    key INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    machine TEXT NOT NULL COLLATE BINARY,
    name TEXT NOT NULL COLLATE BINARY,
    definition INTEGER NOT NULL REFERENCES definitions (key),
    revision BLOB CHECK (length(revision) = 16),
    subject TEXT COLLATE BINARY,
    started_us INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('running', 'succeeded', 'failed', 'timed-out', 'aborted')),
    stopped_us INTEGER CHECK ((stopped_us IS NULL) = (status = 'running')),
    -- The longest texts last, so that the columns above are read without them.
    error TEXT,
    cause TEXT,
    input TEXT NOT NULL,
    output TEXT,
    UNIQUE (machine, name)
) STRICT;

CREATE INDEX executions_by_start ON executions (started_us, id);
CREATE INDEX executions_by_status ON executions (status, started_us, id);
CREATE INDEX executions_of_machine ON executions (machine, started_us, id);
CREATE INDEX executions_of_machine_by_status ON executions (machine, status, started_us, id);
CREATE INDEX executions_of_definition ON executions (definition);
CREATE INDEX executions_by_end ON executions (stopped_us) WHERE stopped_us IS NOT NULL;
CREATE INDEX executions_about ON executions (subject) WHERE subject IS NOT NULL;

-- A row exactly for each execution that runs. `id` is the execution's, to walk along.
CREATE TABLE snapshots (
    execution INTEGER PRIMARY KEY REFERENCES executions (key) ON DELETE CASCADE,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    -- How many events of the history are stored.
    events INTEGER NOT NULL CHECK (events >= 0),
    state BLOB NOT NULL
) STRICT;

-- A history in pages: one for each commit that brought events, with the number of its first event and how many they
-- are. The events are JSON texts with U+001E between them, which no JSON text contains.
CREATE TABLE history (
    execution INTEGER NOT NULL REFERENCES executions (key) ON DELETE CASCADE,
    first INTEGER NOT NULL CHECK (first >= 1),
    count INTEGER NOT NULL CHECK (count >= 1),
    events TEXT NOT NULL,
    PRIMARY KEY (execution, first)
) STRICT;

-- What an execution has written and may still take back; in the order of the keys. `execution` is an id and no
-- reference: one that has written nothing else yet may have no row. An entry holds personal data, and goes with the user.
CREATE TABLE journal (
    key INTEGER PRIMARY KEY,
    execution BLOB NOT NULL CHECK (length(execution) = 16),
    user INTEGER NOT NULL REFERENCES users (key) ON DELETE CASCADE,
    -- The face that came.
    face BLOB NOT NULL CHECK (length(face) = 16),
    -- Of an update, NULL of a registration: what it replaced of the properties, the user's time before and after, and how
    -- many faces to keep.
    replaced TEXT,
    before_us INTEGER CHECK ((before_us IS NULL) = (replaced IS NULL)),
    after_us INTEGER CHECK ((after_us IS NULL) = (replaced IS NULL)),
    max_faces INTEGER CHECK ((max_faces IS NULL) = (replaced IS NULL))
) STRICT;

CREATE INDEX journal_of_execution ON journal (execution, key);
CREATE INDEX journal_of_user ON journal (user, face);
