"""Users: their faces, and searches among them."""

import uuid

import pytest

from support import photos as pictures
from support.photos import OTHER, PERSON

UNKNOWN = "11111111-2222-3333-4444-555555555555"


def index(rekognition, collection, data, **more):
    answer = rekognition.index_faces(CollectionId=collection, Image={"Bytes": data}, **more)
    return [record["Face"]["FaceId"] for record in answer["FaceRecords"]]


@pytest.fixture
def people(rekognition, collection, photos):
    """Two users without faces, and the faces that will be theirs."""
    faces = [face for name in PERSON for face in index(rekognition, collection, photos.read(name))]
    [other] = index(rekognition, collection, photos.read(OTHER))
    for user in ("person", "other"):
        rekognition.create_user(CollectionId=collection, UserId=user)
    return faces, other


def associate(rekognition, collection, user, faces, **more):
    return rekognition.associate_faces(CollectionId=collection, UserId=user, FaceIds=faces, **more)


def listed(rekognition, collection, **more):
    return [face["FaceId"] for face in rekognition.list_faces(CollectionId=collection, **more)["Faces"]]


@pytest.mark.parametrize("user", ["a", "x" * 128, "Ada.Lovelace-1:2_3", ".", "0"])
def test_create_list_delete(rekognition, collection, user):
    assert set(rekognition.create_user(CollectionId=collection, UserId=user)) == {"ResponseMetadata"}
    [found] = rekognition.list_users(CollectionId=collection)["Users"]
    assert found["UserId"] == user
    assert found["UserStatus"] in ("CREATED", "ACTIVE")
    assert set(rekognition.delete_user(CollectionId=collection, UserId=user)) == {"ResponseMetadata"}
    assert rekognition.list_users(CollectionId=collection)["Users"] == []


def test_a_user_exists_once(rekognition, collection, refused):
    rekognition.create_user(CollectionId=collection, UserId="ada")
    with refused("ConflictException", status=400):
        rekognition.create_user(CollectionId=collection, UserId="ada")
    # Case counts.
    rekognition.create_user(CollectionId=collection, UserId="Ada")
    assert rekognition.describe_collection(CollectionId=collection)["UserCount"] == 2


def test_users_that_do_not_exist(rekognition, collection, refused):
    for call in (
        lambda: rekognition.delete_user(CollectionId=collection, UserId="nobody"),
        lambda: associate(rekognition, collection, "nobody", [UNKNOWN]),
        lambda: rekognition.disassociate_faces(CollectionId=collection, UserId="nobody", FaceIds=[UNKNOWN]),
        lambda: rekognition.search_users(CollectionId=collection, UserId="nobody"),
    ):
        with refused("ResourceNotFoundException", status=400):
            call()


def test_association(rekognition, collection, people):
    faces, other = people
    answer = associate(rekognition, collection, "person", faces)
    assert {face["FaceId"] for face in answer["AssociatedFaces"]} == set(faces)
    assert answer["UnsuccessfulFaceAssociations"] == []
    assert answer["UserStatus"] in ("ACTIVE", "UPDATING")
    assert set(listed(rekognition, collection, UserId="person")) == set(faces)
    owners = {face["FaceId"]: face.get("UserId") for face in rekognition.list_faces(CollectionId=collection)["Faces"]}
    assert owners == {**dict.fromkeys(faces, "person"), other: None}
    [status] = [
        user["UserStatus"]
        for user in rekognition.list_users(CollectionId=collection)["Users"]
        if user["UserId"] == "person"
    ]
    assert status == "ACTIVE"
    # Again is fine: a face may be associated with its own user.
    again = associate(rekognition, collection, "person", faces[:1])
    assert [face["FaceId"] for face in again["AssociatedFaces"]] == faces[:1]


def test_faces_that_cannot_be_associated(rekognition, collection, people):
    faces, other = people
    associate(rekognition, collection, "person", faces)
    answer = associate(rekognition, collection, "other", [faces[0], UNKNOWN, other], UserMatchThreshold=0)
    assert [face["FaceId"] for face in answer["AssociatedFaces"]] == [other]
    reasons = {face["FaceId"]: face for face in answer["UnsuccessfulFaceAssociations"]}
    assert reasons[faces[0]]["Reasons"] == ["ASSOCIATED_TO_A_DIFFERENT_USER"]
    assert reasons[faces[0]]["UserId"] == "person"
    assert reasons[UNKNOWN]["Reasons"] == ["FACE_NOT_FOUND"]


def test_a_face_of_somebody_else_has_low_confidence(rekognition, collection, people):
    faces, other = people
    associate(rekognition, collection, "person", faces[:2])
    answer = associate(rekognition, collection, "person", [other, faces[2]])
    assert [face["FaceId"] for face in answer["AssociatedFaces"]] == faces[2:]
    [refusal] = answer["UnsuccessfulFaceAssociations"]
    assert (refusal["FaceId"], refusal["Reasons"]) == (other, ["LOW_MATCH_CONFIDENCE"])
    assert 0 <= refusal["Confidence"] < 75
    # The caller may insist.
    assert associate(rekognition, collection, "person", [other], UserMatchThreshold=0)["AssociatedFaces"]


def test_disassociation(rekognition, collection, people):
    faces, other = people
    associate(rekognition, collection, "person", faces)
    associate(rekognition, collection, "other", [other])
    answer = rekognition.disassociate_faces(
        CollectionId=collection, UserId="person", FaceIds=[faces[0], other, UNKNOWN]
    )
    assert [face["FaceId"] for face in answer["DisassociatedFaces"]] == faces[:1]
    reasons = {face["FaceId"]: face["Reasons"] for face in answer["UnsuccessfulFaceDisassociations"]}
    assert reasons == {other: ["ASSOCIATED_TO_A_DIFFERENT_USER"], UNKNOWN: ["FACE_NOT_FOUND"]}
    assert set(listed(rekognition, collection, UserId="person")) == set(faces[1:])
    # Free now: it can be deleted.
    assert rekognition.delete_faces(CollectionId=collection, FaceIds=faces[:1])["DeletedFaces"] == faces[:1]


def test_a_deleted_user_leaves_the_faces(rekognition, collection, people):
    faces, _ = people
    associate(rekognition, collection, "person", faces)
    rekognition.delete_user(CollectionId=collection, UserId="person")
    assert len(listed(rekognition, collection)) == 4
    found = rekognition.list_faces(CollectionId=collection)["Faces"]
    assert all("UserId" not in face for face in found)
    image = rekognition.search_users(CollectionId=collection, FaceId=faces[0], UserMatchThreshold=0)
    assert "person" not in [match["User"]["UserId"] for match in image["UserMatches"]]


def test_search_users_by_user_and_by_face(rekognition, collection, people, photos):
    faces, other = people
    associate(rekognition, collection, "person", faces[:2])
    associate(rekognition, collection, "other", [other])
    rekognition.create_user(CollectionId=collection, UserId="twin")
    associate(rekognition, collection, "twin", faces[2:])

    by_user = rekognition.search_users(CollectionId=collection, UserId="person")
    assert by_user["SearchedUser"] == {"UserId": "person"} and "SearchedFace" not in by_user
    [match] = by_user["UserMatches"]
    assert match["User"]["UserId"] == "twin" and match["Similarity"] > 90
    assert match["User"]["UserStatus"] == "ACTIVE"

    by_face = rekognition.search_users(CollectionId=collection, FaceId=faces[0])
    assert by_face["SearchedFace"] == {"FaceId": faces[0]} and "SearchedUser" not in by_face
    assert {match["User"]["UserId"] for match in by_face["UserMatches"]} == {"person", "twin"}
    assert by_face["FaceModelVersion"]

    everybody = rekognition.search_users(CollectionId=collection, FaceId=faces[0], UserMatchThreshold=0)
    assert [match["User"]["UserId"] for match in everybody["UserMatches"]][-1] == "other"
    similarities = [match["Similarity"] for match in everybody["UserMatches"]]
    assert similarities == sorted(similarities, reverse=True) and len(similarities) == 3
    one = rekognition.search_users(CollectionId=collection, FaceId=faces[0], UserMatchThreshold=0, MaxUsers=1)
    assert len(one["UserMatches"]) == 1


def test_one_of_user_and_face_is_needed(rekognition, collection, people, refused):
    faces, _ = people
    with refused("InvalidParameterException"):
        rekognition.search_users(CollectionId=collection)
    with refused("InvalidParameterException"):
        rekognition.search_users(CollectionId=collection, UserId="person", FaceId=faces[0])


def test_searching_with_nothing_to_search(rekognition, collection, people, refused):
    """A user without faces has nothing to compare; a face that is not there is an error as in SearchFaces."""
    assert rekognition.search_users(CollectionId=collection, UserId="person")["UserMatches"] == []
    with refused("InvalidParameterException"):
        rekognition.search_users(CollectionId=collection, FaceId=UNKNOWN)


def test_search_users_by_image(rekognition, collection, people, photos):
    faces, other = people
    associate(rekognition, collection, "person", faces[:2])
    associate(rekognition, collection, "other", [other])
    answer = rekognition.search_users_by_image(CollectionId=collection, Image={"Bytes": photos.read(PERSON[2])})
    [match] = answer["UserMatches"]
    assert match["User"]["UserId"] == "person" and match["Similarity"] > 95
    assert answer["SearchedFace"]["FaceDetail"]["Confidence"] > 99
    assert answer["UnsearchedFaces"] == [] and answer["FaceModelVersion"]


def test_the_other_faces_of_the_image_are_named(rekognition, collection, people, photos):
    answer = rekognition.search_users_by_image(CollectionId=collection, Image={"Bytes": photos.read("sample5.jpg")})
    assert answer["UserMatches"] == []
    assert [face["Reasons"] for face in answer["UnsearchedFaces"]] == [["FACE_NOT_LARGEST"]] * 4
    assert all("BoundingBox" in face["FaceDetails"] for face in answer["UnsearchedFaces"])


def test_no_face_in_the_image_is_no_error_here(rekognition, collection, people):
    answer = rekognition.search_users_by_image(CollectionId=collection, Image={"Bytes": pictures.blank()})
    assert answer["UserMatches"] == [] and answer["UnsearchedFaces"] == []
    assert "SearchedFace" not in answer


def test_a_filter_says_why_nothing_was_searched(rekognition, collection, people, photos):
    image = {"Bytes": pictures.encode(photos.reduced(PERSON[0], 110).resize((910, 1137)))}
    answer = rekognition.search_users_by_image(CollectionId=collection, Image=image, QualityFilter="HIGH")
    assert answer["UserMatches"] == []
    [unsearched] = answer["UnsearchedFaces"]
    assert unsearched["Reasons"] and "FACE_NOT_LARGEST" not in unsearched["Reasons"]


def test_faces_of_users_are_marked_in_searches(rekognition, collection, people):
    """Search results name the user a face belongs to."""
    faces, _ = people
    associate(rekognition, collection, "person", faces)
    answer = rekognition.search_faces(CollectionId=collection, FaceId=faces[0])
    assert {match["Face"]["UserId"] for match in answer["FaceMatches"]} == {"person"}


def test_a_hundred_faces_per_user_and_per_call(rekognition, collection, photos, refused):
    rekognition.create_user(CollectionId=collection, UserId="many")
    faces = []
    for number in range(21):
        faces += index(rekognition, collection, photos.read("sample5.jpg"), ExternalImageId=str(number))
    assert len(faces) == 105
    with refused("ValidationException", "at 'faceIds' .*less than or equal to 100"):
        associate(rekognition, collection, "many", faces[:101])
    first = associate(rekognition, collection, "many", faces[:100], UserMatchThreshold=0)
    assert len(first["AssociatedFaces"]) == 100
    with refused("ServiceQuotaExceededException", status=400):
        associate(rekognition, collection, "many", faces[100:101], UserMatchThreshold=0)
    # Nothing of a refused call happened, and those who are in may be named again.
    assert len(associate(rekognition, collection, "many", faces[:100], UserMatchThreshold=0)["AssociatedFaces"]) == 100
    assert len(listed(rekognition, collection, UserId="many")) == 100


def test_unknown_faces_by_the_hundred(rekognition, collection):
    rekognition.create_user(CollectionId=collection, UserId="empty")
    unknown = [str(uuid.uuid4()) for _ in range(100)]
    answer = associate(rekognition, collection, "empty", unknown)
    assert answer["AssociatedFaces"] == [] and len(answer["UnsuccessfulFaceAssociations"]) == 100
