"""Collections: create, describe, list, delete."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from conftest import created, unique
from support.photos import PERSON


def test_create_answers_as_documented(rekognition):
    name = unique("new")
    answer = rekognition.create_collection(CollectionId=name)
    # AWS's own examples have no leading "arn:" here.
    assert re.fullmatch(rf"aws:rekognition:us-east-1:\d{{12}}:collection/{name}", answer["CollectionArn"])
    assert answer["StatusCode"] == 200
    assert answer["FaceModelVersion"]
    assert rekognition.delete_collection(CollectionId=name)["StatusCode"] == 200


def test_the_region_of_an_arn_is_the_callers(connect):
    client = connect("rekognition", region="eu-west-3")
    with created(client) as name:
        assert ":eu-west-3:" in client.describe_collection(CollectionId=name)["CollectionARN"]


def test_describe(rekognition, collection, photos):
    before = rekognition.describe_collection(CollectionId=collection)
    assert before["FaceCount"] == before["UserCount"] == 0
    assert re.fullmatch(rf"arn:aws:rekognition:us-east-1:\d{{12}}:collection/{collection}", before["CollectionARN"])
    assert abs(datetime.now(UTC) - before["CreationTimestamp"]) < timedelta(minutes=5)

    rekognition.index_faces(CollectionId=collection, Image={"Bytes": photos.read("sample5.jpg")})
    rekognition.create_user(CollectionId=collection, UserId="somebody")
    after = rekognition.describe_collection(CollectionId=collection)
    assert (after["FaceCount"], after["UserCount"]) == (5, 1)
    assert after["CreationTimestamp"] == before["CreationTimestamp"]


def test_a_name_is_taken_once(rekognition, collection, refused):
    with refused("ResourceAlreadyExistsException", rf"^The collection id: {collection} already exists\.$", 400):
        rekognition.create_collection(CollectionId=collection)


@pytest.mark.parametrize("name", ["a", "A", "a" * 255, "x_y.z-0", ".", "..", "-"])
def test_names_of_every_allowed_form(rekognition, name):
    assert rekognition.create_collection(CollectionId=name)["StatusCode"] == 200
    assert rekognition.describe_collection(CollectionId=name)["CollectionARN"].endswith(f"/{name}")
    assert rekognition.delete_collection(CollectionId=name)["StatusCode"] == 200


def test_names_keep_their_case(rekognition):
    name = unique("Case")
    rekognition.create_collection(CollectionId=name)
    rekognition.create_collection(CollectionId=name.lower())
    rekognition.delete_collection(CollectionId=name)
    assert rekognition.describe_collection(CollectionId=name.lower())["FaceCount"] == 0
    rekognition.delete_collection(CollectionId=name.lower())


def test_unknown_collections(rekognition, photos, refused):
    name, face = unique("unknown"), "11111111-2222-3333-4444-555555555555"
    image, user = {"Bytes": photos.read(PERSON[0])}, "somebody"
    calls = {
        "describe_collection": {},
        "delete_collection": {},
        "index_faces": {"Image": image},
        "search_faces": {"FaceId": face},
        "search_faces_by_image": {"Image": image},
        "list_faces": {},
        "delete_faces": {"FaceIds": [face]},
        "create_user": {"UserId": user},
        "delete_user": {"UserId": user},
        "list_users": {},
        "associate_faces": {"UserId": user, "FaceIds": [face]},
        "disassociate_faces": {"UserId": user, "FaceIds": [face]},
        "search_users": {"UserId": user},
        "search_users_by_image": {"Image": image},
    }
    for operation, arguments in calls.items():
        with refused("ResourceNotFoundException", f"The collection id: {name} does not exist", 400):
            getattr(rekognition, operation)(CollectionId=name, **arguments)


def test_a_deleted_collection_takes_everything_along(rekognition, photos, refused):
    name = unique("deleted")
    rekognition.create_collection(CollectionId=name, Tags={"kept": "no"})
    rekognition.index_faces(CollectionId=name, Image={"Bytes": photos.read(PERSON[0])})
    rekognition.create_user(CollectionId=name, UserId="somebody")
    arn = rekognition.describe_collection(CollectionId=name)["CollectionARN"]
    rekognition.delete_collection(CollectionId=name)
    with refused("ResourceNotFoundException"):
        rekognition.delete_collection(CollectionId=name)

    rekognition.create_collection(CollectionId=name)
    again = rekognition.describe_collection(CollectionId=name)
    assert (again["FaceCount"], again["UserCount"]) == (0, 0)
    assert rekognition.list_tags_for_resource(ResourceArn=arn)["Tags"] == {}
    found = rekognition.search_faces_by_image(
        CollectionId=name, Image={"Bytes": photos.read(PERSON[0])}, FaceMatchThreshold=0
    )
    assert found["FaceMatches"] == []
    rekognition.delete_collection(CollectionId=name)


def test_list_is_parallel(rekognition, collection):
    answer = rekognition.list_collections(MaxResults=4096)
    assert collection in answer["CollectionIds"]
    assert len(answer["CollectionIds"]) == len(answer["FaceModelVersions"])
    version = rekognition.describe_collection(CollectionId=collection)["FaceModelVersion"]
    assert set(answer["FaceModelVersions"]) == {version}
