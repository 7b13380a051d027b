// The server's address and keys are in the environment; `python -m support.server` starts one and sets them.
import { readFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { RekognitionClient } from "@aws-sdk/client-rekognition";
import { S3Client } from "@aws-sdk/client-s3";

export const photo = (name) => readFileSync(`${process.env.SELFSAME_PHOTOS}/${name}`);
export const unique = (prefix) => `${prefix}-${randomUUID()}`;

// Nothing is configured but what a new user configures: AWS_ENDPOINT_URL and keys.
export const rekognition = new RekognitionClient({ maxAttempts: 1 });
// Buckets are part of the path, as with any S3 that has no wildcard DNS.
export const s3 = new S3Client({ forcePathStyle: true, maxAttempts: 1 });
