-- The pictures of identity documents, encrypted by the server before they come here; they go with their user.
CREATE TABLE cards (
    user INTEGER PRIMARY KEY REFERENCES users (key) ON DELETE CASCADE,
    sealed BLOB NOT NULL
) STRICT;
