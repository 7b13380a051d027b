"""Bodies as they are on the wire, compared with files: SDKs would hide how they look.

`SELFSAME_SNAPSHOTS=update` rewrites the files in `snapshots/`; look at the difference before committing it.
"""

import json
import os
import re
from pathlib import Path

import pytest

from conftest import created
from support.photos import PERSON, blank
from support.requests import valid
from support.server import Key
from support.sign import Signing

SNAPSHOTS = Path(__file__).parent / "snapshots"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CHANGING = [
    (UUID, "<uuid>"),
    (re.compile(r"collection-[0-9a-f]{12}"), "<collection>"),
    (re.compile(r"\d{8}T\d{6}Z"), "<time>"),
    # What a model says differs in the last digits from machine to machine.
    (re.compile(r"-?\d+\.\d+(e-?\d+)?"), "<float>"),
    (re.compile(r'("(?:IndexFaces|Face)ModelVersion": )"[^"]+"'), r'\1"<version>"'),
]
KEPT = ("content-type", "x-amzn-requestid")


def compare(name: str, answer):
    """Members stay in the order in which the server sent them."""
    head = f"HTTP {answer.status}\n" + "".join(f"{header}: {answer.headers.get(header)}\n" for header in KEPT)
    text = json.dumps(answer.json(), indent=2, ensure_ascii=False) + "\n"
    for pattern, replacement in CHANGING:
        text = pattern.sub(replacement, text)
    text = f"{UUID.sub('<uuid>', head)}\n{text}"
    file = SNAPSHOTS / f"{name}.txt"
    if os.environ.get("SELFSAME_SNAPSHOTS") == "update":
        file.write_text(text)
    assert text == file.read_text(), f"differs from {file.name}"


@pytest.fixture(scope="module")
def scene(rekognition, photos):
    """A collection with one face that belongs to a user."""
    with created(rekognition) as name:
        image = photos.read(PERSON[0])
        answer = rekognition.index_faces(CollectionId=name, Image={"Bytes": image}, ExternalImageId="photo:1")
        face = answer["FaceRecords"][0]["Face"]["FaceId"]
        arn = rekognition.describe_collection(CollectionId=name)["CollectionARN"]
        rekognition.tag_resource(ResourceArn=arn, Tags={"a": "b"})
        rekognition.create_user(CollectionId=name, UserId="somebody")
        rekognition.associate_faces(CollectionId=name, UserId="somebody", FaceIds=[face])
        rekognition.index_faces(CollectionId=name, Image={"Bytes": photos.read(PERSON[1])})
        yield name, valid(name, image, face)


SUCCESSES = [
    "DescribeCollection",
    "DetectFaces",
    "CompareFaces",
    "IndexFaces",
    "SearchFaces",
    "SearchFacesByImage",
    "ListFaces",
    "ListUsers",
    "AssociateFaces",
    "DisassociateFaces",
    "SearchUsers",
    "SearchUsersByImage",
    "TagResource",
    "ListTagsForResource",
    "UntagResource",
    "DeleteFaces",
]


@pytest.mark.parametrize("operation", SUCCESSES)
def test_successes(wire, signing, scene, operation):
    compare(operation, wire.call(signing, operation, scene[1][operation]))


def test_users_are_made_and_deleted_without_a_word(wire, signing, scene):
    body = {"CollectionId": scene[0], "UserId": "brief"}
    compare("CreateUser", wire.call(signing, "CreateUser", body))
    compare("DeleteUser", wire.call(signing, "DeleteUser", body))


def test_collections(wire, signing):
    body = {"CollectionId": "collection-000000000000"}
    compare("CreateCollection", wire.call(signing, "CreateCollection", body))
    compare("CreateCollection-again", wire.call(signing, "CreateCollection", body))
    compare("DeleteCollection", wire.call(signing, "DeleteCollection", body))
    compare("DeleteCollection-again", wire.call(signing, "DeleteCollection", body))


def test_errors(wire, signing, key, scene):
    name, bodies = scene
    face = bodies["SearchFaces"]["FaceId"]
    compare("no-face", wire.call(signing, "SearchFacesByImage", valid(name, blank())["SearchFacesByImage"]))
    compare("no-picture", wire.call(signing, "DetectFaces", valid(name, b"text")["DetectFaces"]))
    missing = {"Image": {"S3Object": {"Bucket": "no-such-bucket", "Name": "a.jpg"}}}
    compare("no-object", wire.call(signing, "DetectFaces", missing))
    compare("validation", wire.call(signing, "SearchFaces", {"CollectionId": "a b", "FaceId": face}))
    compare("serialization", wire.call(signing, "SearchFaces", b"{"))
    compare("pagination", wire.call(signing, "ListFaces", {"CollectionId": name, "NextToken": "x"}))
    compare("unknown-operation", wire.call(signing, "NoSuchOperation", {}))
    compare("unimplemented-operation", wire.call(signing, "DetectLabels", {}))
    wrong = Signing(Key("", key.access_key_id, "wrong"))
    compare("wrong-signature", wire.call(wrong, "ListCollections", {}))
    stranger = Signing(Key("", "AKIAIOSFODNN7EXAMPLE", "wrong"))
    compare("unknown-key", wire.call(stranger, "ListCollections", {}))
    unsigned = wire.send("POST", "/", wire.headers("RekognitionService.ListCollections"), b"{}")
    compare("no-signature", unsigned)


def test_nothing_of_a_rejected_value_gets_long(wire, signing):
    """An error that repeats a megabyte back is an amplifier."""
    answer = wire.call(signing, "DescribeCollection", {"CollectionId": " " * 1_000_000})
    assert answer.code() == "ValidationException" and len(answer.body) < 20_000


def test_cross_origin_requests_get_no_permission(wire, signing):
    answer = wire.call(signing, "ListCollections", {})
    assert not [name for name in answer.headers if name.startswith("access-control-")]
    preflight = wire.send("OPTIONS", "/", {"origin": "https://example.com", "access-control-request-method": "POST"})
    assert not [name for name in preflight.headers if name.startswith("access-control-")]
