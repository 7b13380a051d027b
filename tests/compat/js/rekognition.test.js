import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  AccessDeniedException,
  AssociateFacesCommand,
  CompareFacesCommand,
  CreateCollectionCommand,
  CreateUserCommand,
  DeleteCollectionCommand,
  DeleteFacesCommand,
  DescribeCollectionCommand,
  DetectFacesCommand,
  DetectLabelsCommand,
  IndexFacesCommand,
  InvalidImageFormatException,
  InvalidPaginationTokenException,
  InvalidParameterException,
  InvalidS3ObjectException,
  ListTagsForResourceCommand,
  RekognitionClient,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
  SearchFacesByImageCommand,
  SearchFacesCommand,
  SearchUsersByImageCommand,
  ListFacesCommand,
  paginateListCollections,
  paginateListFaces,
} from "@aws-sdk/client-rekognition";
import { photo, rekognition, unique } from "./helpers.js";

const collection = unique("javascript");
const within = { CollectionId: collection };
const send = (command) => rekognition.send(command);

before(async () => {
  const made = await send(new CreateCollectionCommand({ ...within, Tags: { équipe: "写真" } }));
  assert.equal(made.StatusCode, 200);
  assert.match(made.CollectionArn, new RegExp(`^aws:rekognition:us-east-1:\\d{12}:collection/${collection}$`));
  assert.ok(made.FaceModelVersion);
});

after(async () => {
  assert.equal((await send(new DeleteCollectionCommand(within))).StatusCode, 200);
  await assert.rejects(send(new DescribeCollectionCommand(within)), ResourceNotFoundException);
});

test("a collection is described", async () => {
  const found = await send(new DescribeCollectionCommand(within));
  assert.equal(found.UserCount, 0);
  assert.ok(found.CreationTimestamp instanceof Date);
  assert.ok(Math.abs(Date.now() - found.CreationTimestamp.getTime()) < 300_000);
  const tags = await send(new ListTagsForResourceCommand({ ResourceArn: found.CollectionARN }));
  assert.deepEqual(tags.Tags, { équipe: "写真" });
});

test("collections are listed in pages", async () => {
  const names = [];
  for await (const page of paginateListCollections({ client: rekognition, pageSize: 1 }, {})) {
    names.push(...page.CollectionIds);
  }
  assert.ok(names.includes(collection));
});

test("faces are detected", async () => {
  const { FaceDetails } = await send(
    new DetectFacesCommand({ Image: { Bytes: photo("obama.jpg") }, Attributes: ["ALL"] }),
  );
  assert.equal(FaceDetails.length, 1);
  assert.equal(FaceDetails[0].Landmarks.length, 30);
  assert.ok(FaceDetails[0].Confidence > 99);
  assert.equal(typeof FaceDetails[0].Pose.Yaw, "number");
});

test("faces are compared", async () => {
  const same = await send(
    new CompareFacesCommand({
      SourceImage: { Bytes: photo("obama.jpg") },
      TargetImage: { Bytes: photo("obama2.jpg") },
    }),
  );
  assert.ok(same.FaceMatches[0].Similarity > 95);
  const other = await send(
    new CompareFacesCommand({ SourceImage: { Bytes: photo("obama.jpg") }, TargetImage: { Bytes: photo("biden.jpg") } }),
  );
  assert.deepEqual([other.FaceMatches.length, other.UnmatchedFaces.length], [0, 1]);
});

test("faces are indexed, listed, searched and deleted", async () => {
  const indexed = await send(
    new IndexFacesCommand({ ...within, Image: { Bytes: photo("sample5.jpg") }, ExternalImageId: "sample5.jpg" }),
  );
  const faces = indexed.FaceRecords.map((record) => record.Face.FaceId);
  assert.equal(faces.length, 5);
  const listed = [];
  for await (const page of paginateListFaces({ client: rekognition, pageSize: 2 }, within)) {
    listed.push(...page.Faces.map((face) => face.FaceId));
  }
  assert.deepEqual(listed.sort(), [...faces].sort());

  const found = await send(
    new SearchFacesByImageCommand({ ...within, Image: { Bytes: photo("sample5.jpg") }, FaceMatchThreshold: 99 }),
  );
  assert.deepEqual(
    found.FaceMatches.map((match) => match.Face.FaceId),
    [faces[0]],
  );
  const near = await send(new SearchFacesCommand({ ...within, FaceId: faces[0], FaceMatchThreshold: 0 }));
  assert.equal(near.FaceMatches.length, 4);

  const deleted = await send(new DeleteFacesCommand({ ...within, FaceIds: faces }));
  assert.deepEqual(deleted.DeletedFaces.sort(), [...faces].sort());
});

test("users are searched", async () => {
  const indexed = await send(new IndexFacesCommand({ ...within, Image: { Bytes: photo("obama.jpg") } }));
  const faces = indexed.FaceRecords.map((record) => record.Face.FaceId);
  await send(new CreateUserCommand({ ...within, UserId: "barack" }));
  const associated = await send(new AssociateFacesCommand({ ...within, UserId: "barack", FaceIds: faces }));
  assert.deepEqual(
    associated.AssociatedFaces.map((face) => face.FaceId),
    faces,
  );
  const found = await send(new SearchUsersByImageCommand({ ...within, Image: { Bytes: photo("obama2.jpg") } }));
  assert.equal(found.UserMatches[0].User.UserId, "barack");
});

test("errors are instances of their classes", async () => {
  const rejects = async (command, kind, message) => {
    await assert.rejects(send(command), (error) => {
      assert.ok(error instanceof kind, `${error.name} is no ${kind.name}`);
      assert.equal(error.name, kind.name);
      assert.match(error.message || error.Message, message);
      assert.equal(error.$metadata.httpStatusCode, 400);
      assert.match(error.$metadata.requestId, /^[0-9a-f-]{36}$/);
      return true;
    });
  };
  await rejects(new CreateCollectionCommand(within), ResourceAlreadyExistsException, /already exists/);
  await rejects(
    new DescribeCollectionCommand({ CollectionId: unique("none") }),
    ResourceNotFoundException,
    /does not exist/,
  );
  await rejects(
    new DetectFacesCommand({ Image: { Bytes: Buffer.from("text") } }),
    InvalidImageFormatException,
    /invalid image format/,
  );
  await rejects(
    new DetectFacesCommand({ Image: { S3Object: { Bucket: unique("none"), Name: "a.jpg" } } }),
    InvalidS3ObjectException,
    /Unable to get object metadata from S3/,
  );
  await rejects(
    new ListFacesCommand({ ...within, NextToken: "made-up" }),
    InvalidPaginationTokenException,
    /Invalid Pagination Token/,
  );
  await rejects(new DetectFacesCommand({ Image: {} }), InvalidParameterException, /./);
});

test("errors without a class have a name", async () => {
  await assert.rejects(send(new DescribeCollectionCommand({ CollectionId: "a b" })), { name: "ValidationException" });
  await assert.rejects(send(new DetectLabelsCommand({ Image: { Bytes: photo("obama.jpg") } })), {
    name: "UnknownOperationException",
  });
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = process.env;
  for (const [credentials, name] of [
    [{ accessKeyId, secretAccessKey: "wrong" }, "InvalidSignatureException"],
    [{ accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey }, "UnrecognizedClientException"],
  ]) {
    const stranger = new RekognitionClient({ credentials, maxAttempts: 1 });
    await assert.rejects(stranger.send(new DescribeCollectionCommand(within)), { name });
  }
});

test("what a key may not do is an AccessDeniedException", async () => {
  await assert.rejects(send(new DeleteCollectionCommand({ CollectionId: "selfsame-users" })), AccessDeniedException);
});
