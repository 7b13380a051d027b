"""ClientRequestToken: the same request happens once, another one with its token is refused."""

import pytest

from conftest import unique
from support.photos import PERSON

IN_USE = r"^The ClientRequestToken: {} you have supplied is already in use\.$"


@pytest.fixture
def faces(rekognition, collection, photos):
    found = []
    for name in PERSON:
        answer = rekognition.index_faces(CollectionId=collection, Image={"Bytes": photos.read(name)})
        found += [record["Face"]["FaceId"] for record in answer["FaceRecords"]]
    return found


def test_create_user(rekognition, collection, refused):
    token = unique("token")
    for _ in range(3):
        rekognition.create_user(CollectionId=collection, UserId="ada", ClientRequestToken=token)
    assert rekognition.describe_collection(CollectionId=collection)["UserCount"] == 1
    with refused("IdempotentParameterMismatchException", IN_USE.format(token), 400):
        rekognition.create_user(CollectionId=collection, UserId="eve", ClientRequestToken=token)
    with refused("ConflictException"):
        rekognition.create_user(CollectionId=collection, UserId="ada", ClientRequestToken=unique("token"))


def test_delete_user(rekognition, collection, refused):
    token = unique("token")
    for user in ("ada", "eve"):
        rekognition.create_user(CollectionId=collection, UserId=user)
    for _ in range(3):
        rekognition.delete_user(CollectionId=collection, UserId="ada", ClientRequestToken=token)
    with refused("IdempotentParameterMismatchException", IN_USE.format(token)):
        rekognition.delete_user(CollectionId=collection, UserId="eve", ClientRequestToken=token)
    with refused("ResourceNotFoundException"):
        rekognition.delete_user(CollectionId=collection, UserId="ada")
    assert [user["UserId"] for user in rekognition.list_users(CollectionId=collection)["Users"]] == ["eve"]


def test_a_replay_answers_as_the_first_time(rekognition, collection, faces, refused):
    token = unique("token")
    rekognition.create_user(CollectionId=collection, UserId="ada")
    call = {"CollectionId": collection, "UserId": "ada", "FaceIds": faces[:2], "ClientRequestToken": token}
    first = rekognition.associate_faces(**call)
    rekognition.disassociate_faces(CollectionId=collection, UserId="ada", FaceIds=faces[:1])
    again = rekognition.associate_faces(**call)
    assert again["AssociatedFaces"] == first["AssociatedFaces"]
    # It did not happen a second time.
    found = rekognition.list_faces(CollectionId=collection, UserId="ada")["Faces"]
    assert [face["FaceId"] for face in found] == faces[1:2]
    for change in ({"FaceIds": faces[2:]}, {"UserMatchThreshold": 10}):
        with refused("IdempotentParameterMismatchException", IN_USE.format(token)):
            rekognition.associate_faces(**call | change)


def test_disassociate_faces(rekognition, collection, faces, refused):
    token = unique("token")
    rekognition.create_user(CollectionId=collection, UserId="ada")
    rekognition.associate_faces(CollectionId=collection, UserId="ada", FaceIds=faces)
    call = {"CollectionId": collection, "UserId": "ada", "FaceIds": faces[:1], "ClientRequestToken": token}
    first = rekognition.disassociate_faces(**call)
    assert rekognition.disassociate_faces(**call)["DisassociatedFaces"] == first["DisassociatedFaces"]
    with refused("IdempotentParameterMismatchException", IN_USE.format(token)):
        rekognition.disassociate_faces(**call | {"FaceIds": faces[1:]})


def test_tokens_of_two_collections_do_not_meet(rekognition, collection):
    token, other = unique("token"), unique("other")
    rekognition.create_collection(CollectionId=other)
    rekognition.create_user(CollectionId=collection, UserId="ada", ClientRequestToken=token)
    rekognition.create_user(CollectionId=other, UserId="ada", ClientRequestToken=token)
    assert rekognition.describe_collection(CollectionId=other)["UserCount"] == 1
    rekognition.delete_collection(CollectionId=other)


def test_the_longest_token(rekognition, collection, refused):
    rekognition.create_user(CollectionId=collection, UserId="ada", ClientRequestToken="t" * 64)
    with refused("ValidationException", "'clientRequestToken'"):
        rekognition.create_user(CollectionId=collection, UserId="eve", ClientRequestToken="t" * 65)
    with refused("ValidationException", "'clientRequestToken'"):
        rekognition.create_user(CollectionId=collection, UserId="eve", ClientRequestToken="a b")
