import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { Readable } from "node:stream";
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  NoSuchBucket,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
  PutObjectTaggingCommand,
  UploadPartCommand,
  paginateListObjectsV2,
  waitUntilBucketExists,
  waitUntilObjectExists,
} from "@aws-sdk/client-s3";
import { DetectFacesCommand } from "@aws-sdk/client-rekognition";
import { GetParameterCommand, ParameterNotFound, SSMClient } from "@aws-sdk/client-ssm";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { photo, rekognition, s3, unique } from "./helpers.js";

const Bucket = unique("javascript");
const send = (command) => s3.send(command);
const bytes = async (Key, more = {}) => {
  const got = await send(new GetObjectCommand({ Bucket, Key, ...more }));
  return Buffer.from(await got.Body.transformToByteArray());
};

before(async () => {
  await send(new CreateBucketCommand({ Bucket }));
  await waitUntilBucketExists({ client: s3, maxWaitTime: 10 }, { Bucket });
});

after(async () => {
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket })) {
    const Objects = (page.Contents ?? []).map(({ Key }) => ({ Key }));
    if (Objects.length > 0) await send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  }
  await send(new DeleteBucketCommand({ Bucket }));
});

for (const size of [0, 1, 5 * 1024 * 1024, 15 * 1024 * 1024]) {
  test(`a round trip of ${size} bytes`, async () => {
    const data = Buffer.alloc(size, "0123456789abcdef");
    const put = await send(new PutObjectCommand({ Bucket, Key: "round trip", Body: data }));
    assert.equal(put.ETag, `"${createHash("md5").update(data).digest("hex")}"`);
    assert.ok((await bytes("round trip")).equals(data));
  });
}

test("a stream with a checksum behind it", async () => {
  const data = Buffer.alloc(300_000, "stream");
  const body = Readable.from([data.subarray(0, 100_001), data.subarray(100_001)]);
  await send(
    new PutObjectCommand({ Bucket, Key: "stream", Body: body, ContentLength: data.length, ChecksumAlgorithm: "CRC32" }),
  );
  await waitUntilObjectExists({ client: s3, maxWaitTime: 10 }, { Bucket, Key: "stream" });
  assert.ok((await bytes("stream")).equals(data));
  assert.ok((await bytes("stream", { Range: "bytes=-6" })).equals(Buffer.from("stream")));
});

test("an upload in parts", async () => {
  const upload = { Bucket, Key: "parts" };
  const { UploadId } = await send(new CreateMultipartUploadCommand(upload));
  const bodies = [Buffer.alloc(5 * 1024 * 1024, "a"), Buffer.from("b")];
  const Parts = [];
  for (const [index, Body] of bodies.entries()) {
    const PartNumber = index + 1;
    const { ETag } = await send(new UploadPartCommand({ ...upload, UploadId, PartNumber, Body }));
    Parts.push({ ETag, PartNumber });
  }
  await send(new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload: { Parts } }));
  assert.ok((await bytes("parts")).equals(Buffer.concat(bodies)));
});

test("names, metadata and tags of every alphabet", async () => {
  const Key = "фото/été 写真 🙂+&=.jpg";
  await send(
    new PutObjectCommand({ Bucket, Key, Body: "x", ContentType: "image/jpeg", Metadata: { subject: "Ada" } }),
  );
  const head = await send(new HeadObjectCommand({ Bucket, Key }));
  assert.deepEqual([head.ContentType, head.Metadata], ["image/jpeg", { subject: "Ada" }]);
  const TagSet = [{ Key: "équipe", Value: "写真" }];
  await send(new PutObjectTaggingCommand({ Bucket, Key, Tagging: { TagSet } }));
  assert.deepEqual((await send(new GetObjectTaggingCommand({ Bucket, Key }))).TagSet, TagSet);
  const listed = await send(new ListObjectsV2Command({ Bucket, Prefix: "фото/", Delimiter: "/" }));
  assert.deepEqual(
    listed.Contents.map((found) => found.Key),
    [Key],
  );
  const buckets = await send(new ListBucketsCommand({}));
  assert.ok(buckets.Buckets.some(({ Name }) => Name === Bucket));
});

test("presigned addresses", async () => {
  const Key = "presigned é.txt";
  const put = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key }), { expiresIn: 60 });
  assert.equal((await fetch(put, { method: "PUT", body: "by anybody" })).status, 200);
  const get = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key }), { expiresIn: 60 });
  assert.equal(await (await fetch(get)).text(), "by anybody");
  assert.equal((await fetch(get.replace("presigned", "another"))).status, 403);
});

test("an image in a bucket", async () => {
  await send(new PutObjectCommand({ Bucket, Key: "photo.jpg", Body: photo("obama.jpg") }));
  const { FaceDetails } = await rekognition.send(
    new DetectFacesCommand({ Image: { S3Object: { Bucket, Name: "photo.jpg" } } }),
  );
  assert.equal(FaceDetails.length, 1);
});

test("errors are instances of their classes", async () => {
  await assert.rejects(send(new GetObjectCommand({ Bucket, Key: "missing" })), NoSuchKey);
  await assert.rejects(send(new HeadObjectCommand({ Bucket, Key: "missing" })), NotFound);
  await assert.rejects(send(new ListObjectsV2Command({ Bucket: unique("none") })), NoSuchBucket);
});

test("where the portal is", async () => {
  const ssm = new SSMClient({ maxAttempts: 1 });
  const found = await ssm.send(new GetParameterCommand({ Name: "/riv/riv/userportal/url" }));
  assert.match(found.Parameter.Value, /^https?:/);
  await assert.rejects(ssm.send(new GetParameterCommand({ Name: "/riv/riv/other" })), ParameterNotFound);
});
