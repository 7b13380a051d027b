"""What a key may do: scopes, and limits to collections and buckets."""

import contextlib

import pytest

from conftest import created, empty_and_delete, unique
from support.photos import PERSON

DENIED = "AccessDeniedException"
PORTAL = "selfsame-users"


@pytest.fixture(scope="module")
def reader(server, connect):
    return connect("rekognition", server.key("--scope", "gallery-read"))


@pytest.fixture(scope="module")
def portal(server, connect):
    return connect("rekognition", server.key("--scope", "portal"))


@pytest.fixture(scope="module")
def admin(server, connect):
    return connect("rekognition", server.key("--scope", "admin"))


def writes(name, image):
    arn = f"arn:aws:rekognition:us-east-1:000000000000:collection/{name}"
    within, face = {"CollectionId": name}, "11111111-2222-3333-4444-555555555555"
    return {
        "create_collection": {"CollectionId": unique("denied")},
        "delete_collection": within,
        "index_faces": within | {"Image": image},
        "delete_faces": within | {"FaceIds": [face]},
        "create_user": within | {"UserId": "ada"},
        "delete_user": within | {"UserId": "ada"},
        "associate_faces": within | {"UserId": "ada", "FaceIds": [face]},
        "disassociate_faces": within | {"UserId": "ada", "FaceIds": [face]},
        "tag_resource": {"ResourceArn": arn, "Tags": {"a": "b"}},
        "untag_resource": {"ResourceArn": arn, "TagKeys": ["a"]},
    }


def reads(name, image):
    arn = f"arn:aws:rekognition:us-east-1:000000000000:collection/{name}"
    within = {"CollectionId": name}
    return {
        "describe_collection": within,
        "list_collections": {},
        "list_faces": within,
        "list_users": within,
        "list_tags_for_resource": {"ResourceArn": arn},
        "search_faces_by_image": within | {"Image": image},
        "search_users_by_image": within | {"Image": image},
        "detect_faces": {"Image": image},
        "compare_faces": {"SourceImage": image, "TargetImage": image},
    }


def test_readers_read(reader, collection, photos):
    for operation, arguments in reads(collection, {"Bytes": photos.read(PERSON[0])}).items():
        getattr(reader, operation)(**arguments)


def test_readers_do_not_write(reader, rekognition, collection, photos, refused):
    for operation, arguments in writes(collection, {"Bytes": photos.read(PERSON[0])}).items():
        with refused(DENIED, status=400):
            getattr(reader, operation)(**arguments)
    assert rekognition.describe_collection(CollectionId=collection)["FaceCount"] == 0


def test_the_portals_keys_do_neither(portal, collection, photos, refused):
    image = {"Bytes": photos.read(PERSON[0])}
    for operation, arguments in (reads(collection, image) | writes(collection, image)).items():
        with refused(DENIED, status=400):
            getattr(portal, operation)(**arguments)


def test_who_may_not_know_is_not_told(reader, portal, refused):
    """A refusal says nothing about what exists."""
    with refused(DENIED):
        portal.describe_collection(CollectionId=unique("unknown"))
    with refused(DENIED):
        reader.delete_collection(CollectionId=unique("unknown"))


def test_a_key_for_one_collection(server, connect, rekognition, collection, photos, refused):
    image = {"Bytes": photos.read(PERSON[0])}
    own = unique("own")
    limited = connect("rekognition", server.key("--collection", own))
    with refused(DENIED):
        limited.create_collection(CollectionId=unique("other"))
    limited.create_collection(CollectionId=own)
    assert limited.list_collections()["CollectionIds"] == [own]
    limited.index_faces(CollectionId=own, Image=image)
    arguments = reads(collection, image) | writes(collection, image)
    for operation in ("list_collections", "create_collection", "detect_faces", "compare_faces"):
        arguments.pop(operation)
    for operation, values in arguments.items():
        with refused(DENIED):
            getattr(limited, operation)(**values)
    with refused(DENIED):
        limited.describe_collection(CollectionId=unique("unknown"))
    assert own in rekognition.list_collections(MaxResults=4096)["CollectionIds"]
    limited.delete_collection(CollectionId=own)


def test_pages_of_a_limited_key_hold_only_its_collections(server, connect, rekognition):
    names = sorted(unique("limit") for _ in range(3))
    for name in names:
        rekognition.create_collection(CollectionId=name)
    key = server.key(*(part for name in names[:2] for part in ("--collection", name)))
    pages = connect("rekognition", key).get_paginator("list_collections").paginate(PaginationConfig={"PageSize": 1})
    assert [name for page in pages for name in page["CollectionIds"]] == names[:2]
    for name in names:
        rekognition.delete_collection(CollectionId=name)


@pytest.fixture
def own_bucket(server, connect, s3):
    name = unique("own")
    yield name, connect("s3", server.key("--bucket", name))
    with contextlib.suppress(s3.exceptions.ClientError):
        empty_and_delete(s3, name)


def test_a_key_for_one_bucket(own_bucket, bucket, s3, refused):
    name, limited = own_bucket
    with refused("AccessDenied", status=403):
        limited.create_bucket(Bucket=unique("other"))
    limited.create_bucket(Bucket=name)
    limited.put_object(Bucket=name, Key="a", Body=b"1")
    assert [found["Name"] for found in limited.list_buckets()["Buckets"]] == [name]
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    for operation, arguments in {
        "get_object": {"Key": "a"},
        "put_object": {"Key": "a", "Body": b"2"},
        "delete_object": {"Key": "a"},
        "list_objects_v2": {},
        "get_object_tagging": {"Key": "a"},
        "create_multipart_upload": {"Key": "a"},
        "delete_bucket": {},
    }.items():
        with refused("AccessDenied", status=403):
            getattr(limited, operation)(Bucket=bucket, **arguments)
    with refused("403"):
        limited.head_bucket(Bucket=bucket)
    with refused("AccessDenied", status=403):
        limited.copy_object(Bucket=name, Key="b", CopySource={"Bucket": bucket, "Key": "a"})
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"1"


def test_readers_do_not_write_objects(server, connect, s3, bucket, refused):
    limited = connect("s3", server.key("--scope", "gallery-read"))
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    assert limited.get_object(Bucket=bucket, Key="a")["Body"].read() == b"1"
    limited.list_objects_v2(Bucket=bucket)
    for call in (
        lambda: limited.put_object(Bucket=bucket, Key="b", Body=b""),
        lambda: limited.delete_object(Bucket=bucket, Key="a"),
        lambda: limited.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a"}]}),
        lambda: limited.put_object_tagging(Bucket=bucket, Key="a", Tagging={"TagSet": []}),
        lambda: limited.create_multipart_upload(Bucket=bucket, Key="b"),
        lambda: limited.create_bucket(Bucket=unique("denied")),
        lambda: limited.delete_bucket(Bucket=bucket),
    ):
        with refused("AccessDenied", status=403):
            call()


def test_the_portals_keys_see_no_objects(server, connect, bucket, refused):
    limited = connect("s3", server.key("--scope", "portal"))
    for call in (lambda: limited.list_buckets(), lambda: limited.list_objects_v2(Bucket=bucket)):
        with refused("AccessDenied", status=403):
            call()


def test_an_image_from_a_bucket_that_is_not_the_keys(server, connect, own_bucket, bucket, s3, photos, refused):
    """The same words as for an object that is not there."""
    s3.put_object(Bucket=bucket, Key="photo.jpg", Body=photos.read(PERSON[0]))
    name, _ = own_bucket
    limited = connect("rekognition", server.key("--bucket", name))
    for key in ("photo.jpg", "missing.jpg"):
        with refused("InvalidS3ObjectException", "^Unable to get object metadata from S3"):
            limited.detect_faces(Image={"S3Object": {"Bucket": bucket, "Name": key}})


def test_the_portals_collection_is_for_administrators(rekognition, admin, photos, refused):
    image = {"Bytes": photos.read(PERSON[0])}
    for operation, arguments in writes(PORTAL, image).items():
        if operation == "create_collection":
            arguments = {"CollectionId": PORTAL}
        with refused(DENIED):
            getattr(rekognition, operation)(**arguments)
    with contextlib.suppress(admin.exceptions.ResourceAlreadyExistsException):
        admin.create_collection(CollectionId=PORTAL)
    assert admin.index_faces(CollectionId=PORTAL, Image=image)["FaceRecords"]
    admin.delete_collection(CollectionId=PORTAL)


def test_administrators_may_do_everything(admin, connect, photos):
    with created(admin) as name:
        admin.index_faces(CollectionId=name, Image={"Bytes": photos.read(PERSON[0])})
        assert admin.search_faces_by_image(CollectionId=name, Image={"Bytes": photos.read(PERSON[1])})["FaceMatches"]


def test_no_list_of_keys_holds_a_secret(server, key):
    text = str(server.command("keys", "list"))
    assert key.access_key_id in text and key.secret_access_key not in text


def test_keys_have_the_documented_form(server):
    made = server.command("keys", "create", "--aws")
    assert len(made["access_key_id"]) == 20 and made["access_key_id"].startswith("SSAK")
    assert len(made["secret_access_key"]) == 40
