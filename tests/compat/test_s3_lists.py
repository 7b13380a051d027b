"""ListObjectsV2."""

import pytest

from conftest import empty_and_delete, unique

KEYS = sorted(
    [f"photos/2024/{number:02}.jpg" for number in range(25)]
    + [f"photos/2025/{number:02}.jpg" for number in range(13)]
    + ["a.txt", "photos.txt", "photos/index.html", "zürich/ä ö.jpg", "zürich/+&=.jpg", "写真/1"],
    key=str.encode,
)


@pytest.fixture(scope="module")
def filled(s3):
    name = unique("list")
    s3.create_bucket(Bucket=name)
    for key in KEYS:
        s3.put_object(Bucket=name, Key=key, Body=key.encode())
    yield name
    empty_and_delete(s3, name)


def keys(answer):
    return [found["Key"] for found in answer.get("Contents", [])]


def prefixes(answer):
    return [found["Prefix"] for found in answer.get("CommonPrefixes", [])]


def test_everything_in_the_order_of_bytes(s3, filled):
    answer = s3.list_objects_v2(Bucket=filled)
    assert keys(answer) == KEYS
    assert (answer["KeyCount"], answer["IsTruncated"], answer["MaxKeys"]) == (len(KEYS), False, 1000)
    first = answer["Contents"][0]
    assert (first["Size"], first["StorageClass"]) == (len(KEYS[0]), "STANDARD")
    assert first["ETag"].startswith('"') and first["LastModified"].tzinfo
    assert "NextContinuationToken" not in answer and answer["Name"] == filled


@pytest.mark.parametrize("size", [1, 2, 7, 44, 45])
def test_pages_to_the_end(s3, filled, size):
    found = list(s3.get_paginator("list_objects_v2").paginate(Bucket=filled, PaginationConfig={"PageSize": size}))
    assert [key for page in found for key in keys(page)] == KEYS
    assert all(page["KeyCount"] == len(keys(page)) <= size for page in found)


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_folders(s3, filled, size):
    found = list(
        s3.get_paginator("list_objects_v2").paginate(Bucket=filled, Delimiter="/", PaginationConfig={"PageSize": size})
    )
    assert [key for page in found for key in keys(page)] == ["a.txt", "photos.txt"]
    assert [name for page in found for name in prefixes(page)] == ["photos/", "zürich/", "写真/"]
    assert all(page["KeyCount"] == len(keys(page)) + len(prefixes(page)) for page in found)


def test_prefixes(s3, filled):
    within = s3.list_objects_v2(Bucket=filled, Prefix="photos/", Delimiter="/")
    assert keys(within) == ["photos/index.html"]
    assert prefixes(within) == ["photos/2024/", "photos/2025/"]
    assert keys(s3.list_objects_v2(Bucket=filled, Prefix="photos/2025/")) == [
        key for key in KEYS if key.startswith("photos/2025/")
    ]
    assert keys(s3.list_objects_v2(Bucket=filled, Prefix="zürich/ä")) == ["zürich/ä ö.jpg"]
    nothing = s3.list_objects_v2(Bucket=filled, Prefix="none")
    assert nothing["KeyCount"] == 0 and "Contents" not in nothing


def test_any_delimiter(s3, filled):
    answer = s3.list_objects_v2(Bucket=filled, Prefix="photos/2024/", Delimiter="1")
    assert "photos/2024/1" in prefixes(answer) and "photos/2024/02.jpg" in keys(answer)


def test_start_after(s3, filled):
    answer = s3.list_objects_v2(Bucket=filled, StartAfter="photos/2025/10.jpg")
    assert keys(answer) == [key for key in KEYS if key.encode() > b"photos/2025/10.jpg"]
    assert answer["StartAfter"] == "photos/2025/10.jpg"


def test_the_first_version(s3, filled):
    """ListObjects, which older programs call."""
    found = list(s3.get_paginator("list_objects").paginate(Bucket=filled, PaginationConfig={"PageSize": 7}))
    assert [key for page in found for key in keys(page)] == KEYS
    folders = s3.list_objects(Bucket=filled, Delimiter="/")
    assert prefixes(folders) == ["photos/", "zürich/", "写真/"]


def test_no_keys_wanted(s3, filled):
    answer = s3.list_objects_v2(Bucket=filled, MaxKeys=0)
    assert (answer["KeyCount"], answer["IsTruncated"]) == (0, False)


def test_a_token_that_was_made_up(s3, filled, refused):
    with refused("InvalidArgument", status=400):
        s3.list_objects_v2(Bucket=filled, ContinuationToken="made up")


def test_more_than_a_page(s3, bucket):
    """The page is a thousand keys, whatever is asked for."""
    names = [f"{number:04}" for number in range(1003)]
    for name in names:
        s3.put_object(Bucket=bucket, Key=name, Body=b"")
    first = s3.list_objects_v2(Bucket=bucket, MaxKeys=5000)
    assert (len(keys(first)), first["IsTruncated"]) == (1000, True)
    rest = s3.list_objects_v2(Bucket=bucket, ContinuationToken=first["NextContinuationToken"])
    assert keys(first) + keys(rest) == names
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": name} for name in names[:1000]]})
