"""Buckets."""

import contextlib

import pytest

from conftest import empty_and_delete, unique


def test_create_head_list_delete(s3):
    name = unique("bucket")
    assert s3.create_bucket(Bucket=name)["Location"].endswith(name)
    s3.get_waiter("bucket_exists").wait(Bucket=name, WaiterConfig={"Delay": 1, "MaxAttempts": 3})
    assert s3.head_bucket(Bucket=name)["ResponseMetadata"]["HTTPStatusCode"] == 200
    answer = s3.list_buckets()
    [found] = [bucket for bucket in answer["Buckets"] if bucket["Name"] == name]
    assert found["CreationDate"].tzinfo
    assert answer["Owner"]["ID"]
    assert s3.delete_bucket(Bucket=name)["ResponseMetadata"]["HTTPStatusCode"] == 204
    s3.get_waiter("bucket_not_exists").wait(Bucket=name, WaiterConfig={"Delay": 1, "MaxAttempts": 3})


def test_buckets_are_listed_by_name(s3):
    names = [unique(prefix) for prefix in ("zz", "aa", "mm")]
    for name in names:
        s3.create_bucket(Bucket=name)
    listed = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    assert listed == sorted(listed) and set(names) <= set(listed)
    for name in names:
        s3.delete_bucket(Bucket=name)


def test_another_region(connect, refused):
    s3 = connect("s3", region="eu-central-1")
    name = unique("bucket")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    with refused("BucketAlreadyOwnedByYou", status=409):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.delete_bucket(Bucket=name)


@pytest.mark.parametrize(
    "name", ["ab", "a" * 64, "Upper", "under_score", "-dash", "dash-", "two..dots", "192.168.0.1", "xn--a", ".a.b"]
)
def test_names_that_are_not_allowed(s3, refused, name):
    with refused("InvalidBucketName", status=400):
        s3.create_bucket(Bucket=name)


@pytest.mark.parametrize("name", ["abc", "a" * 63, "a.b-c.0", "0-0"])
def test_names_that_are_allowed(s3, name):
    with contextlib.suppress(s3.exceptions.NoSuchBucket):
        s3.delete_bucket(Bucket=name)
    s3.create_bucket(Bucket=name)
    s3.delete_bucket(Bucket=name)


def test_a_full_bucket_is_not_deleted(s3, refused):
    name = unique("bucket")
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="a", Body=b"")
    with refused("BucketNotEmpty", status=409):
        s3.delete_bucket(Bucket=name)
    empty_and_delete(s3, name)


def test_unknown_buckets(s3, refused):
    name = unique("unknown")
    for call in (
        lambda: s3.delete_bucket(Bucket=name),
        lambda: s3.list_objects_v2(Bucket=name),
        lambda: s3.put_object(Bucket=name, Key="a", Body=b"1"),
        lambda: s3.get_object(Bucket=name, Key="a"),
        lambda: s3.delete_object(Bucket=name, Key="a"),
        lambda: s3.delete_objects(Bucket=name, Delete={"Objects": [{"Key": "a"}]}),
        lambda: s3.create_multipart_upload(Bucket=name, Key="a"),
        lambda: s3.get_object_tagging(Bucket=name, Key="a"),
    ):
        with refused("NoSuchBucket", status=404):
            call()
    with refused("404"):
        s3.head_bucket(Bucket=name)
