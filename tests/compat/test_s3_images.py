"""Images that are named instead of sent."""

import pytest

from conftest import unique
from support import photos as pictures
from support.photos import OTHER, PERSON
from support.server import Server

METADATA = r"^Unable to get object metadata from S3\. Check object key, region and/or access permissions\.?$"


@pytest.fixture(scope="module")
def stored(s3, shared_bucket, photos):
    for name in (*PERSON, OTHER, "sample5.jpg"):
        s3.put_object(Bucket=shared_bucket, Key=name, Body=photos.read(name))
    return shared_bucket


def image(bucket, name):
    return {"S3Object": {"Bucket": bucket, "Name": name}}


def test_every_operation_with_an_image(rekognition, collection, stored, photos):
    by_bytes = rekognition.detect_faces(Image={"Bytes": photos.read(PERSON[0])})["FaceDetails"]
    assert rekognition.detect_faces(Image=image(stored, PERSON[0]))["FaceDetails"] == by_bytes
    assert rekognition.compare_faces(
        SourceImage=image(stored, PERSON[0]), TargetImage={"Bytes": photos.read(PERSON[1])}
    )["FaceMatches"]
    indexed = rekognition.index_faces(CollectionId=collection, Image=image(stored, PERSON[0]))
    assert len(indexed["FaceRecords"]) == 1
    found = rekognition.search_faces_by_image(CollectionId=collection, Image=image(stored, PERSON[1]))
    assert len(found["FaceMatches"]) == 1
    rekognition.search_users_by_image(CollectionId=collection, Image=image(stored, PERSON[1]))


def test_the_same_image_by_bytes_and_by_name(rekognition, collection, stored, photos):
    by_name = rekognition.index_faces(CollectionId=collection, Image=image(stored, OTHER))["FaceRecords"]
    by_bytes = rekognition.index_faces(CollectionId=collection, Image={"Bytes": photos.read(OTHER)})["FaceRecords"]
    assert by_name[0]["Face"]["FaceId"] == by_bytes[0]["Face"]["FaceId"]


@pytest.mark.parametrize("name", ["фото/été 写真.jpg", "a b+c&d=e.jpg", "x" * 1024])
def test_names_of_every_form(rekognition, s3, stored, photos, name):
    s3.put_object(Bucket=stored, Key=name, Body=photos.read(PERSON[0]))
    assert len(rekognition.detect_faces(Image=image(stored, name))["FaceDetails"]) == 1
    s3.delete_object(Bucket=stored, Key=name)


def test_objects_may_be_larger_than_bytes(rekognition, s3, stored, photos, refused):
    most = 15 * 1024 * 1024
    for size in (5 * 1024 * 1024 + 1, most):
        s3.put_object(Bucket=stored, Key="large", Body=pictures.padded(photos.read(PERSON[0]), size))
        assert len(rekognition.detect_faces(Image=image(stored, "large"))["FaceDetails"]) == 1
    s3.put_object(Bucket=stored, Key="large", Body=pictures.padded(photos.read(PERSON[0]), most + 1))
    with refused("ImageTooLargeException", r"^Image size is too large\.?$", 400):
        rekognition.detect_faces(Image=image(stored, "large"))


def test_an_object_of_many_parts(rekognition, s3, stored, photos):
    data = pictures.padded(photos.read("sample5.jpg"), 11 * 1024 * 1024)
    upload = {"Bucket": stored, "Key": "parts.jpg"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    parts, size = [], 5 * 1024 * 1024
    for number, place in enumerate(range(0, len(data), size), 1):
        answer = s3.upload_part(**upload, PartNumber=number, Body=data[place : place + size])
        parts.append({"PartNumber": number, "ETag": answer["ETag"]})
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    assert len(rekognition.detect_faces(Image=image(stored, "parts.jpg"))["FaceDetails"]) == 5


def test_objects_that_are_not_there(rekognition, collection, stored, refused):
    for missing in (image(stored, "missing.jpg"), image(unique("bucket"), PERSON[0])):
        for call in (
            lambda: rekognition.detect_faces(Image=missing),
            lambda: rekognition.compare_faces(SourceImage=missing, TargetImage=missing),
            lambda: rekognition.index_faces(CollectionId=collection, Image=missing),
            lambda: rekognition.search_faces_by_image(CollectionId=collection, Image=missing),
            lambda: rekognition.search_users_by_image(CollectionId=collection, Image=missing),
        ):
            with refused("InvalidS3ObjectException", METADATA, 400):
                call()


def test_versions_do_not_exist(rekognition, stored, refused):
    """Buckets are not versioned: `null` is the only version, as on AWS."""
    rekognition.detect_faces(Image={"S3Object": {"Bucket": stored, "Name": PERSON[0], "Version": "null"}})
    with refused("InvalidS3ObjectException", status=400):
        rekognition.detect_faces(
            Image={"S3Object": {"Bucket": stored, "Name": PERSON[0], "Version": "3HL4kqtJvjVBH40N"}}
        )


def test_objects_that_are_no_picture(rekognition, s3, stored, refused):
    for body in (b"", b"text", pictures.blank()[:50]):
        s3.put_object(Bucket=stored, Key="not a picture", Body=body)
        with refused("InvalidImageFormatException", r"^Request has invalid image format\.?$"):
            rekognition.detect_faces(Image=image(stored, "not a picture"))


def test_images_on_another_s3_server(program, connect, server, key, stored, collection, photos, refused):
    """The server of these tests is the other server here."""
    settings = {
        "s3_endpoint": server.endpoint,
        "s3_allow_http": "true",
        "s3_access_key_id": key.access_key_id,
        "s3_secret_access_key": key.secret_access_key,
    }
    with Server(program, **settings) as near:
        own = near.key()
        rekognition = connect("rekognition", own, near.endpoint)
        s3 = connect("s3", own, near.endpoint)
        assert len(rekognition.detect_faces(Image=image(stored, PERSON[0]))["FaceDetails"]) == 1
        with refused("InvalidS3ObjectException", METADATA, 400):
            rekognition.detect_faces(Image=image(stored, "missing.jpg"))
        with refused("InvalidS3ObjectException", METADATA, 400):
            rekognition.detect_faces(Image=image(unique("bucket"), PERSON[0]))
        # A bucket of one's own comes first, even where it lacks the object.
        s3.create_bucket(Bucket=stored)
        with refused("InvalidS3ObjectException", METADATA, 400):
            rekognition.detect_faces(Image=image(stored, PERSON[0]))
        s3.delete_bucket(Bucket=stored)
        # Only for reading photos: the other server's objects are not served here.
        with refused("NoSuchBucket"):
            s3.get_object(Bucket=stored, Key=PERSON[0])
        # A key that is limited to other buckets reads none there either.
        limited = connect("rekognition", near.key("--bucket", "another"), near.endpoint)
        with refused("InvalidS3ObjectException", METADATA, 400):
            limited.detect_faces(Image=image(stored, PERSON[0]))


def test_another_s3_server_that_is_gone(program, connect, refused):
    settings = {
        "s3_endpoint": "http://127.0.0.1:1",
        "s3_allow_http": "true",
        "s3_access_key_id": "AKIAIOSFODNN7EXAMPLE",
        "s3_secret_access_key": "secret",
    }
    with Server(program, **settings) as near:
        rekognition = connect("rekognition", near.key(), near.endpoint)
        with refused("InvalidS3ObjectException", METADATA, 400):
            rekognition.detect_faces(Image=image(unique("bucket"), PERSON[0]))
