-- Templates of more than one model in a collection: what a change of models prepares, and what it leaves behind.

-- NULL: the collection's. Any other version means that the face was left behind when the collection changed its model:
-- nothing is compared with its template.
ALTER TABLE faces ADD COLUMN face_model_version TEXT;

CREATE INDEX faces_left_behind ON faces (collection) WHERE face_model_version IS NOT NULL;

-- A face that was left behind does not keep its image from being enrolled again.
DROP INDEX faces_of_image;
CREATE UNIQUE INDEX faces_of_image
ON faces (collection, image_digest, ifnull(external_image_id, 0), ordinal)
WHERE image_digest IS NOT NULL AND face_model_version IS NULL;

-- Templates of the model that a collection is about to change to, beside those that are searched. A row goes with its
-- face, and with the change.
CREATE TABLE prepared_templates (
    face INTEGER PRIMARY KEY REFERENCES faces (key) ON DELETE CASCADE,
    face_model_version TEXT NOT NULL,
    template BLOB NOT NULL
) STRICT;
