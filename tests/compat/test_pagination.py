"""Lists in pages, and tokens that nobody can make up."""

import base64
import re

import pytest

from conftest import created, unique
from support.photos import GROUPS

TOKEN = re.compile(r"[A-Za-z0-9_-]+")


@pytest.fixture(scope="module")
def full(rekognition, shared_collection, photos):
    """Nineteen faces, and 1 203 users, of whom one has the first four faces."""
    faces = []
    for name in GROUPS:
        answer = rekognition.index_faces(
            CollectionId=shared_collection, Image={"Bytes": photos.read(name)}, QualityFilter="NONE"
        )
        faces += [record["Face"]["FaceId"] for record in answer["FaceRecords"]]
    for number in range(1203):
        rekognition.create_user(CollectionId=shared_collection, UserId=f"user{number:04}")
    rekognition.associate_faces(
        CollectionId=shared_collection, UserId="user0007", FaceIds=faces[:4], UserMatchThreshold=0
    )
    return faces


def pages(rekognition, operation, size, **more):
    found = list(rekognition.get_paginator(operation).paginate(PaginationConfig={"PageSize": size}, **more))
    for page in found[:-1]:
        assert TOKEN.fullmatch(page["NextToken"]) and len(page["NextToken"]) <= 255
    assert "NextToken" not in found[-1]
    return found


@pytest.mark.parametrize("size", [1, 2, 3, 7, 19, 20, 4096])
def test_faces_in_pages(rekognition, shared_collection, full, size):
    found = pages(rekognition, "list_faces", size, CollectionId=shared_collection)
    assert all(len(page["Faces"]) <= size and page["FaceModelVersion"] for page in found)
    assert all(len(page["Faces"]) == size for page in found[:-1])
    listed = [face["FaceId"] for page in found for face in page["Faces"]]
    assert len(listed) == 19 and set(listed) == set(full)


@pytest.mark.parametrize("size", [1, 3, 4, 5])
def test_the_faces_of_a_user_in_pages(rekognition, shared_collection, full, size):
    found = pages(rekognition, "list_faces", size, CollectionId=shared_collection, UserId="user0007")
    assert {face["FaceId"] for page in found for face in page["Faces"]} == set(full[:4])


def test_chosen_faces_in_pages(rekognition, shared_collection, full):
    wanted = full[3:14]
    found = pages(rekognition, "list_faces", 4, CollectionId=shared_collection, FaceIds=wanted)
    assert {face["FaceId"] for page in found for face in page["Faces"]} == set(wanted)


@pytest.mark.parametrize("size", [100, 401, 500, None])
def test_users_in_pages(rekognition, shared_collection, full, size):
    arguments = {"PaginationConfig": {"PageSize": size}} if size else {}
    found = list(rekognition.get_paginator("list_users").paginate(CollectionId=shared_collection, **arguments))
    listed = [user["UserId"] for page in found for user in page["Users"]]
    assert all(len(page["Users"]) <= (size or 500) for page in found)
    assert len(listed) == 1203 and len(set(listed)) == 1203
    statuses = {user["UserId"]: user["UserStatus"] for page in found for user in page["Users"]}
    assert statuses["user0007"] == "ACTIVE"


@pytest.mark.parametrize("size", [1, 4, 11])
def test_collections_in_pages(rekognition, size):
    names = {unique("page") for _ in range(11)}
    for name in names:
        rekognition.create_collection(CollectionId=name)
    found = pages(rekognition, "list_collections", size)
    listed = [name for page in found for name in page["CollectionIds"]]
    assert all(len(page["CollectionIds"]) == len(page["FaceModelVersions"]) <= size for page in found)
    assert names <= set(listed) and len(listed) == len(set(listed))
    for name in names:
        rekognition.delete_collection(CollectionId=name)


def test_a_page_size_of_nothing_is_the_default(rekognition, shared_collection, full):
    """The model allows 0; AWS treats it as not given."""
    assert len(rekognition.list_faces(CollectionId=shared_collection, MaxResults=0)["Faces"]) == 19
    rekognition.list_collections(MaxResults=0)


def test_deletions_while_paging_skip_nobody(rekognition, collection, photos):
    answer = rekognition.index_faces(CollectionId=collection, Image={"Bytes": photos.read("sample5.jpg")})
    faces = {record["Face"]["FaceId"] for record in answer["FaceRecords"]}
    first = rekognition.list_faces(CollectionId=collection, MaxResults=2)
    seen = [face["FaceId"] for face in first["Faces"]]
    rekognition.delete_faces(CollectionId=collection, FaceIds=seen)
    rest = rekognition.list_faces(CollectionId=collection, NextToken=first["NextToken"])
    assert {face["FaceId"] for face in rest["Faces"]} == faces - set(seen)


@pytest.fixture
def tokens(rekognition, shared_collection, full):
    return {
        "faces": rekognition.list_faces(CollectionId=shared_collection, MaxResults=3)["NextToken"],
        "users": rekognition.list_users(CollectionId=shared_collection, MaxResults=3)["NextToken"],
    }


def test_tokens_that_were_changed(rekognition, shared_collection, tokens, refused):
    token = tokens["faces"]
    raw = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    changed = []
    for position in (0, len(raw) // 2, len(raw) - 1):
        copy = raw.copy()
        copy[position] ^= 1
        changed.append(base64.urlsafe_b64encode(bytes(copy)).decode().rstrip("="))
    for bad in (*changed, token[:-4], token + "AAAA", token[4:], "x", "!", " ", "é", "0", "A" * 255):
        with refused("InvalidPaginationTokenException", "^Invalid Pagination Token$", 400):
            rekognition.list_faces(CollectionId=shared_collection, NextToken=bad)
        with refused("InvalidPaginationTokenException", "^Invalid Pagination Token$", 400):
            rekognition.list_users(CollectionId=shared_collection, NextToken=bad)
        with refused("InvalidPaginationTokenException", "^Invalid Pagination Token$", 400):
            rekognition.list_collections(NextToken=bad)


def test_tokens_belong_to_their_question(rekognition, shared_collection, full, tokens, refused):
    invalid = ("InvalidPaginationTokenException", "^Invalid Pagination Token$")
    with refused(*invalid):
        rekognition.list_users(CollectionId=shared_collection, NextToken=tokens["faces"])
    with refused(*invalid):
        rekognition.list_faces(CollectionId=shared_collection, NextToken=tokens["users"])
    with refused(*invalid):
        rekognition.list_collections(NextToken=tokens["faces"])
    with refused(*invalid):
        rekognition.list_faces(CollectionId=shared_collection, NextToken=tokens["faces"], UserId="user0007")
    with refused(*invalid):
        rekognition.list_faces(CollectionId=shared_collection, NextToken=tokens["faces"], FaceIds=full[:5])
    with created(rekognition) as other, refused(*invalid):
        rekognition.list_faces(CollectionId=other, NextToken=tokens["faces"])


def test_a_page_size_may_change_on_the_way(rekognition, shared_collection, tokens):
    rest = rekognition.list_faces(CollectionId=shared_collection, NextToken=tokens["faces"], MaxResults=100)
    assert len(rest["Faces"]) == 16


def test_a_token_that_is_too_long(rekognition, shared_collection, refused):
    with refused("ValidationException", "at 'nextToken' .*less than or equal to 255"):
        rekognition.list_faces(CollectionId=shared_collection, NextToken="A" * 256)


def test_faces_of_an_unknown_user(rekognition, shared_collection, full):
    """AWS documents no error for it: nobody has no faces."""
    assert rekognition.list_faces(CollectionId=shared_collection, UserId="nobody")["Faces"] == []
