"""Uploads in parts."""

import hashlib

import pytest

from conftest import unique
from support.photos import noise

PART = 5 * 1024 * 1024


@pytest.fixture
def upload(s3, shared_bucket):
    key = unique("parts")
    started = s3.create_multipart_upload(Bucket=shared_bucket, Key=key, ContentType="image/jpeg", Metadata={"a": "b"})
    assert (started["Bucket"], started["Key"]) == (shared_bucket, key)
    return {"Bucket": shared_bucket, "Key": key, "UploadId": started["UploadId"]}


def put(s3, upload, number, body):
    answer = s3.upload_part(**upload, PartNumber=number, Body=body)
    return {"PartNumber": number, "ETag": answer["ETag"]}


def complete(s3, upload, parts):
    return s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})


def test_parts_become_one_object(s3, upload):
    bodies = [noise(PART, 1), noise(PART + 7, 2), b"the last part may be short"]
    # In any order, with gaps in the numbers, and one of them twice.
    put(s3, upload, 20, b"to be replaced" * 500_000)
    parts = [put(s3, upload, number, body) for number, body in ((99, bodies[2]), (3, bodies[0]), (20, bodies[1]))]
    parts.sort(key=lambda part: part["PartNumber"])
    listed = s3.list_parts(**upload)["Parts"]
    assert [(part["PartNumber"], part["Size"]) for part in listed] == [
        (3, len(bodies[0])),
        (20, len(bodies[1])),
        (99, len(bodies[2])),
    ]
    done = complete(s3, upload, parts)
    digests = b"".join(hashlib.md5(body).digest() for body in bodies)
    assert done["ETag"] == f'"{hashlib.md5(digests).hexdigest()}-3"'
    where = {"Bucket": upload["Bucket"], "Key": upload["Key"]}
    got = s3.get_object(**where)
    assert got["Body"].read() == b"".join(bodies)
    assert (got["ContentType"], got["Metadata"], got["ETag"]) == ("image/jpeg", {"a": "b"}, done["ETag"])
    across = s3.get_object(**where, Range=f"bytes={PART - 2}-{PART + 1}")["Body"].read()
    assert across == b"".join(bodies)[PART - 2 : PART + 2]


def test_one_small_part(s3, upload):
    complete(s3, upload, [put(s3, upload, 1, b"small")])
    got = s3.get_object(Bucket=upload["Bucket"], Key=upload["Key"])
    assert got["Body"].read() == b"small" and got["ETag"].endswith('-1"')


def test_an_unfinished_upload_is_no_object(s3, upload, refused):
    put(s3, upload, 1, b"data")
    with refused("NoSuchKey"):
        s3.get_object(Bucket=upload["Bucket"], Key=upload["Key"])
    assert s3.list_objects_v2(Bucket=upload["Bucket"], Prefix=upload["Key"])["KeyCount"] == 0
    running = s3.list_multipart_uploads(Bucket=upload["Bucket"])["Uploads"]
    assert upload["UploadId"] in [found["UploadId"] for found in running]
    s3.abort_multipart_upload(**upload)
    with refused("NoSuchUpload", status=404):
        s3.list_parts(**upload)


def test_uploads_that_are_not_there(s3, upload, refused):
    s3.abort_multipart_upload(**upload)
    for call in (
        lambda: put(s3, upload, 1, b"x"),
        lambda: complete(s3, upload, [{"PartNumber": 1, "ETag": '"0"'}]),
        lambda: s3.abort_multipart_upload(**upload),
        lambda: s3.list_parts(**upload | {"UploadId": "made up"}),
    ):
        with refused("NoSuchUpload", status=404):
            call()


def test_parts_that_do_not_fit(s3, upload, refused):
    first, second = put(s3, upload, 1, b"too small"), put(s3, upload, 2, b"last")
    with refused("EntityTooSmall", status=400):
        complete(s3, upload, [first, second])
    with refused("InvalidPartOrder", status=400):
        complete(s3, upload, [second, first])
    with refused("InvalidPart", status=400):
        complete(s3, upload, [first | {"ETag": '"00000000000000000000000000000000"'}])
    with refused("InvalidPart", status=400):
        complete(s3, upload, [{"PartNumber": 7, "ETag": first["ETag"]}])
    with refused("MalformedXML", status=400):
        s3.complete_multipart_upload(**upload)
    # Still there: a failed completion loses nothing.
    complete(s3, upload, [second])
    assert s3.get_object(Bucket=upload["Bucket"], Key=upload["Key"])["Body"].read() == b"last"


@pytest.mark.parametrize("number", [0, -1, 10001])
def test_part_numbers(s3, upload, refused, number):
    with refused("InvalidArgument", status=400):
        put(s3, upload, number, b"x")
