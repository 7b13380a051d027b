"""Objects: what is stored comes back, byte for byte."""

import base64
import hashlib
import io
from datetime import UTC, datetime, timedelta

import pytest
from boto3.s3.transfer import TransferConfig

from conftest import unique
from support.photos import noise

MEBIBYTE = 1024 * 1024


def md5(data: bytes) -> str:
    return f'"{hashlib.md5(data).hexdigest()}"'


@pytest.mark.parametrize("size", [0, 1, 1000, 65537, 5 * MEBIBYTE, 15 * MEBIBYTE, 15 * MEBIBYTE + 1])
def test_round_trips(s3, shared_bucket, size):
    data = noise(size)
    put = s3.put_object(Bucket=shared_bucket, Key="round trip", Body=data, ContentType="image/jpeg")
    assert put["ETag"] == md5(data)
    got = s3.get_object(Bucket=shared_bucket, Key="round trip")
    assert got["Body"].read() == data
    assert (got["ContentLength"], got["ETag"], got["ContentType"]) == (size, md5(data), "image/jpeg")
    assert abs(datetime.now(UTC) - got["LastModified"]) < timedelta(minutes=5)
    head = s3.head_object(Bucket=shared_bucket, Key="round trip")
    assert (head["ContentLength"], head["ETag"], head["ContentType"]) == (size, md5(data), "image/jpeg")


def test_streams(s3, shared_bucket):
    """boto3 sends a stream with `Expect: 100-continue` and a checksum."""
    data = noise(3 * MEBIBYTE, seed=2)
    s3.put_object(Bucket=shared_bucket, Key="stream", Body=io.BytesIO(data))
    assert s3.get_object(Bucket=shared_bucket, Key="stream")["Body"].read() == data


def crc(data: bytes, polynomial: int, bits: int) -> bytes:
    """A reflected CRC, bit by bit."""
    ones = (1 << bits) - 1
    value = ones
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (polynomial if value & 1 else 0)
    return (value ^ ones).to_bytes(bits // 8, "big")


CHECKSUMS = {
    "CRC32": lambda data: crc(data, 0xEDB88320, 32),
    "CRC32C": lambda data: crc(data, 0x82F63B78, 32),
    "CRC64NVME": lambda data: crc(data, 0x9A6C9329AC4BC9B5, 64),
    "SHA1": lambda data: hashlib.sha1(data).digest(),
    "SHA256": lambda data: hashlib.sha256(data).digest(),
}


@pytest.mark.parametrize("algorithm", CHECKSUMS)
def test_checksums(s3, shared_bucket, refused, algorithm):
    data, member = noise(3000, seed=3), f"Checksum{algorithm}"
    right, wrong = (base64.b64encode(CHECKSUMS[algorithm](some)).decode() for some in (data, b"other"))
    where = {"Bucket": shared_bucket, "Key": f"checksum {algorithm}"}
    with refused("BadDigest", status=400):
        s3.put_object(**where, Body=data, **{member: wrong})
    with refused("NoSuchKey"):
        s3.get_object(**where)
    assert s3.put_object(**where, Body=data, **{member: right})[member] == right
    got = s3.get_object(**where, ChecksumMode="ENABLED")
    assert got["Body"].read() == data and got[member] == right


def test_a_wrong_checksum_is_refused(s3, shared_bucket, refused):
    s3.put_object(Bucket=shared_bucket, Key="checked", Body=b"before")
    wrong = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    with refused("BadDigest", status=400):
        s3.put_object(Bucket=shared_bucket, Key="checked", Body=b"data", ChecksumSHA256=wrong)
    with refused("BadDigest", status=400):
        s3.put_object(
            Bucket=shared_bucket,
            Key="checked",
            Body=b"data",
            ContentMD5=base64.b64encode(hashlib.md5(b"other").digest()).decode(),
        )
    assert s3.get_object(Bucket=shared_bucket, Key="checked")["Body"].read() == b"before"


def test_metadata(s3, shared_bucket):
    metadata = {"subject": "Ada Lovelace", "number": "5", "empty": ""}
    s3.put_object(
        Bucket=shared_bucket,
        Key="metadata",
        Body=b"x",
        Metadata=metadata,
        ContentType="image/png",
        CacheControl="no-store",
        ContentDisposition='attachment; filename="a.png"',
    )
    for got in (
        s3.head_object(Bucket=shared_bucket, Key="metadata"),
        s3.get_object(Bucket=shared_bucket, Key="metadata"),
    ):
        assert got["Metadata"] == metadata and got["ContentType"] == "image/png"
    # Without a type it is what S3 says of unknown bytes.
    s3.put_object(Bucket=shared_bucket, Key="metadata", Body=b"y")
    got = s3.head_object(Bucket=shared_bucket, Key="metadata")
    assert got["Metadata"] == {} and got["ContentType"] in ("binary/octet-stream", "application/octet-stream")


KEYS = [
    "a",
    "folder/sub folder/photo (1).jpg",
    "фото/été/写真 🙂.jpg",
    "plus+and&equals=and?question#hash%25",
    "quotes'\"<>&;.xml",
    "~!*()-_.",
    "/leading",
    "trailing/",
    "double//slash",
    "x" * 1024,
    "é" * 512,
]


@pytest.mark.parametrize("name", KEYS, ids=lambda name: name[:24])
def test_keys_of_every_form(s3, shared_bucket, name):
    data = name.encode()
    s3.put_object(Bucket=shared_bucket, Key=name, Body=data)
    assert s3.get_object(Bucket=shared_bucket, Key=name)["Body"].read() == data
    listed = s3.list_objects_v2(Bucket=shared_bucket, Prefix=name)["Contents"]
    assert [found["Key"] for found in listed] == [name]
    s3.put_object_tagging(Bucket=shared_bucket, Key=name, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    assert s3.delete_object(Bucket=shared_bucket, Key=name)["ResponseMetadata"]["HTTPStatusCode"] == 204


@pytest.mark.parametrize("name", ["../escape", "a/../../b", "..", ".", "a/./b", "a\\..\\b", "nul\u0001"])
def test_keys_that_look_like_paths(s3, server, shared_bucket, name):
    """They are names like any other, or refused; they are no paths on the server's disk."""
    try:
        s3.put_object(Bucket=shared_bucket, Key=name, Body=b"inside")
    except s3.exceptions.ClientError as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    else:
        assert s3.get_object(Bucket=shared_bucket, Key=name)["Body"].read() == b"inside"
    assert not (server.data.parent / "escape").exists() and not (server.data / "escape").exists()


def test_a_key_that_is_too_long(s3, shared_bucket, refused):
    with refused("KeyTooLongError", status=400):
        s3.put_object(Bucket=shared_bucket, Key="x" * 1025, Body=b"")


def test_the_last_write_wins(s3, shared_bucket):
    for body in (b"one", b"two", b""):
        s3.put_object(Bucket=shared_bucket, Key="again", Body=body)
        assert s3.get_object(Bucket=shared_bucket, Key="again")["Body"].read() == body


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [
        ("0-0", 0, 1),
        ("10-19", 10, 20),
        ("990-", 990, 1000),
        ("-5", 995, 1000),
        ("0-99999", 0, 1000),
        ("-99999", 0, 1000),
    ],
)
def test_ranges(s3, shared_bucket, wanted, start, end):
    data = noise(1000, seed=4)
    s3.put_object(Bucket=shared_bucket, Key="range", Body=data)
    got = s3.get_object(Bucket=shared_bucket, Key="range", Range=f"bytes={wanted}")
    assert got["Body"].read() == data[start:end]
    assert got["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert got["ContentRange"] == f"bytes {start}-{end - 1}/1000"


def test_ranges_across_a_large_object(s3, shared_bucket):
    data = noise(12 * MEBIBYTE, seed=5)
    s3.put_object(Bucket=shared_bucket, Key="range", Body=data)
    for start, end in ((0, 1), (5 * MEBIBYTE - 3, 5 * MEBIBYTE + 3), (11 * MEBIBYTE, 12 * MEBIBYTE)):
        got = s3.get_object(Bucket=shared_bucket, Key="range", Range=f"bytes={start}-{end - 1}")
        assert got["Body"].read() == data[start:end]


def test_ranges_beyond_the_end(s3, shared_bucket, refused):
    s3.put_object(Bucket=shared_bucket, Key="range", Body=b"12345")
    with refused("InvalidRange", status=416):
        s3.get_object(Bucket=shared_bucket, Key="range", Range="bytes=5-")


def test_conditions(s3, shared_bucket, refused):
    etag = s3.put_object(Bucket=shared_bucket, Key="condition", Body=b"x")["ETag"]
    assert s3.get_object(Bucket=shared_bucket, Key="condition", IfMatch=etag)["ETag"] == etag
    with refused("304"):
        s3.get_object(Bucket=shared_bucket, Key="condition", IfNoneMatch=etag)
    with refused("PreconditionFailed", status=412):
        s3.get_object(Bucket=shared_bucket, Key="condition", IfMatch='"0"')


def test_objects_that_are_not_there(s3, shared_bucket, refused):
    with refused("NoSuchKey", status=404):
        s3.get_object(Bucket=shared_bucket, Key="missing")
    with refused("404"):
        s3.head_object(Bucket=shared_bucket, Key="missing")
    with refused("NoSuchKey", status=404):
        s3.get_object_tagging(Bucket=shared_bucket, Key="missing")
    # Deleting what is not there is fine.
    assert s3.delete_object(Bucket=shared_bucket, Key="missing")["ResponseMetadata"]["HTTPStatusCode"] == 204


def test_waiters(s3, shared_bucket):
    wait = {"Delay": 1, "MaxAttempts": 3}
    s3.put_object(Bucket=shared_bucket, Key="waited for", Body=b"")
    s3.get_waiter("object_exists").wait(Bucket=shared_bucket, Key="waited for", WaiterConfig=wait)
    s3.delete_object(Bucket=shared_bucket, Key="waited for")
    s3.get_waiter("object_not_exists").wait(Bucket=shared_bucket, Key="waited for", WaiterConfig=wait)


def test_tagging(s3, shared_bucket, refused):
    tags = [{"Key": "équipe", "Value": "Zürich"}, {"Key": "a b", "Value": ""}]
    s3.put_object(Bucket=shared_bucket, Key="tagged", Body=b"x", Tagging="first=1&two=a%20b")
    at_first = s3.get_object_tagging(Bucket=shared_bucket, Key="tagged")["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in at_first} == {"first": "1", "two": "a b"}
    s3.put_object_tagging(Bucket=shared_bucket, Key="tagged", Tagging={"TagSet": tags})
    found = s3.get_object_tagging(Bucket=shared_bucket, Key="tagged")["TagSet"]
    assert sorted(found, key=str) == sorted(tags, key=str)
    assert s3.get_object(Bucket=shared_bucket, Key="tagged")["TagCount"] == 2
    many = [{"Key": str(number), "Value": ""} for number in range(11)]
    for bad in (many, [{"Key": "k" * 129, "Value": ""}], [{"Key": "a", "Value": "v" * 257}], [tags[0], tags[0]]):
        with refused("BadRequest" if bad is many else "InvalidTag", status=400):
            s3.put_object_tagging(Bucket=shared_bucket, Key="tagged", Tagging={"TagSet": bad})
    s3.delete_object_tagging(Bucket=shared_bucket, Key="tagged")
    assert s3.get_object_tagging(Bucket=shared_bucket, Key="tagged")["TagSet"] == []
    # A new object of the same name starts without tags.
    s3.put_object_tagging(Bucket=shared_bucket, Key="tagged", Tagging={"TagSet": tags})
    s3.put_object(Bucket=shared_bucket, Key="tagged", Body=b"y")
    assert s3.get_object_tagging(Bucket=shared_bucket, Key="tagged")["TagSet"] == []


def test_delete_objects(s3, bucket):
    for key in ("a", "b & <c>", "d"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    names = [{"Key": key} for key in ("a", "b & <c>", "never there")]
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": names})
    assert {found["Key"] for found in answer["Deleted"]} == {"a", "b & <c>", "never there"}
    assert "Errors" not in answer
    assert [found["Key"] for found in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["d"]
    quiet = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "d"}], "Quiet": True})
    assert "Deleted" not in quiet and s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_a_thousand_deletions_and_one_more(s3, bucket, refused):
    names = [{"Key": f"{number:04}"} for number in range(1001)]
    assert len(s3.delete_objects(Bucket=bucket, Delete={"Objects": names[:1000]})["Deleted"]) == 1000
    with refused("MalformedXML", status=400):
        s3.delete_objects(Bucket=bucket, Delete={"Objects": names})


def test_transfers(s3, bucket):
    """upload_fileobj and download_fileobj: parts in parallel."""
    config = TransferConfig(multipart_threshold=6 * MEBIBYTE, multipart_chunksize=5 * MEBIBYTE, max_concurrency=4)
    data = noise(17 * MEBIBYTE + 3, seed=6)
    s3.upload_fileobj(io.BytesIO(data), bucket, "transfer.jpg", Config=config)
    assert s3.head_object(Bucket=bucket, Key="transfer.jpg")["ETag"].endswith('-4"')
    back = io.BytesIO()
    s3.download_fileobj(bucket, "transfer.jpg", back, Config=config)
    assert back.getvalue() == data


def test_objects_live_in_their_bucket(s3, bucket, shared_bucket, refused):
    key = unique("key")
    s3.put_object(Bucket=bucket, Key=key, Body=b"here")
    with refused("NoSuchKey"):
        s3.get_object(Bucket=shared_bucket, Key=key)


def test_copies(s3, bucket, shared_bucket, refused):
    s3.put_object(
        Bucket=bucket, Key="é +&.jpg", Body=b"data", Metadata={"a": "b"}, ContentType="image/jpeg", Tagging="x=y"
    )
    source = {"Bucket": bucket, "Key": "é +&.jpg"}
    answer = s3.copy_object(Bucket=shared_bucket, Key="copy", CopySource=source)
    assert answer["CopyObjectResult"]["ETag"] == md5(b"data")
    got = s3.get_object(Bucket=shared_bucket, Key="copy")
    assert got["Body"].read() == b"data"
    assert (got["Metadata"], got["ContentType"], got["TagCount"]) == ({"a": "b"}, "image/jpeg", 1)
    s3.copy_object(
        Bucket=shared_bucket, Key="copy", CopySource=source, MetadataDirective="REPLACE", Metadata={"c": "d"}
    )
    assert s3.head_object(Bucket=shared_bucket, Key="copy")["Metadata"] == {"c": "d"}
    with refused("NoSuchKey", status=404):
        s3.copy_object(Bucket=shared_bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "missing"})
    with refused("NoSuchBucket", status=404):
        s3.copy_object(Bucket=shared_bucket, Key="copy", CopySource={"Bucket": unique("no"), "Key": "missing"})
    # Onto itself only to change something.
    with refused("InvalidRequest", status=400):
        s3.copy_object(**source, CopySource=source)


def test_what_is_not_there_says_so(s3, shared_bucket, refused):
    """What S3 has and this server has not is refused, not half obeyed."""
    with refused("NotImplemented"):
        s3.put_object(Bucket=shared_bucket, Key="secret", Body=b"x", ServerSideEncryption="AES256")
    with refused("404"):
        s3.head_object(Bucket=shared_bucket, Key="secret")
    for call in (
        lambda: s3.get_bucket_versioning(Bucket=shared_bucket),
        lambda: s3.put_bucket_policy(Bucket=shared_bucket, Policy="{}"),
        lambda: s3.get_object_acl(Bucket=shared_bucket, Key="a"),
        lambda: s3.select_object_content(
            Bucket=shared_bucket,
            Key="a",
            Expression="select 1",
            ExpressionType="SQL",
            InputSerialization={"CSV": {}},
            OutputSerialization={"CSV": {}},
        ),
    ):
        with refused("NotImplemented", status=501):
            call()
