"""IndexFaces, ListFaces, DeleteFaces."""

import re
import uuid

import pytest

from conftest import created
from support import photos as pictures
from support.photos import GROUPS, OTHER, PERSON

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def index(rekognition, collection, data, **more):
    return rekognition.index_faces(CollectionId=collection, Image={"Bytes": data}, **more)


def ids(records):
    return [record["Face"]["FaceId"] for record in records]


def every_face(rekognition, collection, **more):
    pages = rekognition.get_paginator("list_faces").paginate(CollectionId=collection, **more)
    return [face for page in pages for face in page["Faces"]]


def test_the_answer_has_the_documented_form(rekognition, collection, photos):
    answer = index(rekognition, collection, photos.read(PERSON[0]), ExternalImageId="photo:1.jpg")
    [record] = answer["FaceRecords"]
    assert answer["UnindexedFaces"] == []
    assert answer["FaceModelVersion"]
    face, detail = record["Face"], record["FaceDetail"]
    assert set(face) == {"FaceId", "BoundingBox", "ImageId", "ExternalImageId", "Confidence"}
    assert UUID.fullmatch(face["FaceId"]) and UUID.fullmatch(face["ImageId"])
    assert face["ExternalImageId"] == "photo:1.jpg"
    assert (face["BoundingBox"], face["Confidence"]) == (detail["BoundingBox"], detail["Confidence"])
    assert {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"} <= set(detail)
    [listed] = every_face(rekognition, collection)
    assert listed["FaceId"] == face["FaceId"] and listed["ImageId"] == face["ImageId"]
    assert listed["ExternalImageId"] == "photo:1.jpg" and "UserId" not in listed
    for side in ("Left", "Top", "Width", "Height"):
        assert listed["BoundingBox"][side] == pytest.approx(face["BoundingBox"][side], abs=1e-4)


@pytest.mark.parametrize("name", GROUPS)
def test_groups_are_indexed_largest_first(rekognition, collection, photos, name):
    answer = index(rekognition, collection, photos.read(name), QualityFilter="NONE")
    boxes = [record["Face"]["BoundingBox"] for record in answer["FaceRecords"]]
    areas = [box["Width"] * box["Height"] for box in boxes]
    assert len(boxes) == GROUPS[name] and areas == sorted(areas, reverse=True)
    assert len({record["Face"]["ImageId"] for record in answer["FaceRecords"]}) == 1
    assert len(set(ids(answer["FaceRecords"]))) == GROUPS[name]


def test_the_same_image_is_indexed_once(rekognition, collection, photos):
    first = index(rekognition, collection, photos.read("sample5.jpg"), ExternalImageId="a")
    again = index(rekognition, collection, photos.read("sample5.jpg"), ExternalImageId="a")
    assert ids(again["FaceRecords"]) == ids(first["FaceRecords"])
    assert again["FaceRecords"][0]["Face"]["ImageId"] == first["FaceRecords"][0]["Face"]["ImageId"]
    assert len(every_face(rekognition, collection)) == 5

    # Another external id, or none, makes faces of their own.
    other = index(rekognition, collection, photos.read("sample5.jpg"), ExternalImageId="b")
    without = index(rekognition, collection, photos.read("sample5.jpg"))
    assert not set(ids(first["FaceRecords"])) & set(ids(other["FaceRecords"]))
    assert not set(ids(other["FaceRecords"])) & set(ids(without["FaceRecords"]))
    assert ids(index(rekognition, collection, photos.read("sample5.jpg"))["FaceRecords"]) == ids(without["FaceRecords"])
    assert len(every_face(rekognition, collection)) == 15
    assert rekognition.describe_collection(CollectionId=collection)["FaceCount"] == 15


def test_the_rest_of_an_image_comes_later(rekognition, collection, photos):
    """MaxFaces is no part of what makes an image the same."""
    two = index(rekognition, collection, photos.read("sample5.jpg"), MaxFaces=2)
    assert len(two["FaceRecords"]) == 2
    assert [face["Reasons"] for face in two["UnindexedFaces"]] == [["EXCEEDS_MAX_FACES"]] * 3
    assert all({"BoundingBox", "Landmarks"} <= set(face["FaceDetail"]) for face in two["UnindexedFaces"])
    everybody = index(rekognition, collection, photos.read("sample5.jpg"))
    assert ids(everybody["FaceRecords"])[:2] == ids(two["FaceRecords"])
    assert everybody["UnindexedFaces"] == []
    assert len(every_face(rekognition, collection)) == 5


def test_a_deleted_face_can_be_indexed_again(rekognition, collection, photos):
    [first] = ids(index(rekognition, collection, photos.read(OTHER))["FaceRecords"])
    rekognition.delete_faces(CollectionId=collection, FaceIds=[first])
    [second] = ids(index(rekognition, collection, photos.read(OTHER))["FaceRecords"])
    assert second != first
    assert [face["FaceId"] for face in every_face(rekognition, collection)] == [second]


def test_the_same_image_in_two_collections(rekognition, collection, photos):
    with created(rekognition) as other:
        a = index(rekognition, collection, photos.read(PERSON[0]))
        b = index(rekognition, other, photos.read(PERSON[0]))
        assert ids(a["FaceRecords"]) != ids(b["FaceRecords"])


def test_no_face(rekognition, collection):
    answer = index(rekognition, collection, pictures.blank())
    assert answer["FaceRecords"] == answer["UnindexedFaces"] == []
    assert every_face(rekognition, collection) == []


def test_what_is_left_out_says_why(rekognition, collection, photos):
    """A small face beside a large one: filtered out unless nothing is to be filtered."""
    person, other = photos.reduced(PERSON[0], 700), photos.reduced(OTHER, 150)
    sheet = pictures.Image.new("RGB", (1920, 1080), (120, 120, 120))
    sheet.paste(person, (0, 0))
    sheet.paste(other, (1200, 400))
    data = pictures.encode(sheet)
    assert len(rekognition.detect_faces(Image={"Bytes": data})["FaceDetails"]) == 2
    filtered = index(rekognition, collection, data, QualityFilter="HIGH", ExternalImageId="high")
    assert len(filtered["FaceRecords"]) == 1
    [left_out] = filtered["UnindexedFaces"]
    assert "SMALL_BOUNDING_BOX" in left_out["Reasons"]
    assert left_out["FaceDetail"]["BoundingBox"]["Left"] > 0.5
    assert len(index(rekognition, collection, data, QualityFilter="NONE", ExternalImageId="none")["FaceRecords"]) == 2


def test_stricter_filters_let_less_through(rekognition, photos):
    with created(rekognition) as name:
        kept = [
            sum(
                len(index(rekognition, name, photos.read(group), QualityFilter=quality)["FaceRecords"])
                for group in GROUPS
            )
            for quality in ("NONE", "LOW", "MEDIUM", "HIGH")
        ]
    assert kept == sorted(kept, reverse=True) and kept[0] == sum(GROUPS.values())


def test_a_turned_head_is_an_extreme_pose(rekognition, collection, photos):
    """sample2 shows one face in profile."""
    answer = index(rekognition, collection, photos.read("sample2.jpg"), QualityFilter="HIGH")
    reasons = {reason for face in answer["UnindexedFaces"] for reason in face["Reasons"]}
    assert "EXTREME_POSE" in reasons, answer["UnindexedFaces"]


@pytest.mark.parametrize("attributes", [[], ["DEFAULT"], ["ALL"]])
def test_detection_attributes(rekognition, collection, photos, attributes):
    [record] = index(rekognition, collection, photos.read(PERSON[0]), DetectionAttributes=attributes)["FaceRecords"]
    assert len(record["FaceDetail"]["Landmarks"]) == 30


def test_images_that_will_not_do(rekognition, collection, refused):
    with refused("InvalidImageFormatException", "^Request has invalid image format"):
        index(rekognition, collection, b"no picture")
    with refused("InvalidParameterException"):
        index(rekognition, collection, pictures.blank(79, 79))
    assert every_face(rekognition, collection) == []


def test_list_faces_by_id(rekognition, collection, photos):
    faces = ids(index(rekognition, collection, photos.read("sample5.jpg"))["FaceRecords"])
    wanted = [faces[3], faces[1], str(uuid.uuid4())]
    found = {face["FaceId"] for face in every_face(rekognition, collection, FaceIds=wanted)}
    assert found == set(wanted[:2])


def test_delete_faces(rekognition, collection, photos):
    faces = ids(index(rekognition, collection, photos.read("sample5.jpg"))["FaceRecords"])
    unknown = str(uuid.uuid4())
    answer = rekognition.delete_faces(CollectionId=collection, FaceIds=[faces[0], unknown, faces[1]])
    assert set(answer["DeletedFaces"]) == set(faces[:2])
    assert answer["UnsuccessfulFaceDeletions"] == [{"FaceId": unknown, "Reasons": ["FACE_NOT_FOUND"]}]
    assert {face["FaceId"] for face in every_face(rekognition, collection)} == set(faces[2:])
    found = rekognition.search_faces(CollectionId=collection, FaceId=faces[2], FaceMatchThreshold=0)
    assert not {match["Face"]["FaceId"] for match in found["FaceMatches"]} & set(faces[:2])


def test_a_face_named_twice_is_deleted_once(rekognition, collection, photos):
    [face] = ids(index(rekognition, collection, photos.read(OTHER))["FaceRecords"])
    answer = rekognition.delete_faces(CollectionId=collection, FaceIds=[face, face])
    assert set(answer["DeletedFaces"]) == {face}
    assert rekognition.describe_collection(CollectionId=collection)["FaceCount"] == 0


def test_faces_of_users_are_not_deleted(rekognition, collection, photos):
    [face] = ids(index(rekognition, collection, photos.read(PERSON[0]))["FaceRecords"])
    rekognition.create_user(CollectionId=collection, UserId="owner")
    rekognition.associate_faces(CollectionId=collection, UserId="owner", FaceIds=[face])
    answer = rekognition.delete_faces(CollectionId=collection, FaceIds=[face])
    assert answer["DeletedFaces"] == []
    assert answer["UnsuccessfulFaceDeletions"] == [
        {"FaceId": face, "UserId": "owner", "Reasons": ["ASSOCIATED_TO_AN_EXISTING_USER"]}
    ]


def test_four_thousand_and_ninety_six_faces_at_a_time(rekognition, unchecked, collection, photos, refused):
    faces = ids(index(rekognition, collection, photos.read("sample5.jpg"))["FaceRecords"])
    many = [str(uuid.uuid4()) for _ in range(4096 - len(faces))] + faces
    assert len(every_face(rekognition, collection, FaceIds=many)) == 5
    answer = rekognition.delete_faces(CollectionId=collection, FaceIds=many)
    assert len(answer["DeletedFaces"]) == 5
    assert len(answer["UnsuccessfulFaceDeletions"]) == 4091

    too_many = [*many, str(uuid.uuid4())]
    message = "at 'faceIds' failed to satisfy constraint: Member must have length less than or equal to 4096"
    with refused("ValidationException", message):
        rekognition.delete_faces(CollectionId=collection, FaceIds=too_many)
    with refused("ValidationException", message):
        rekognition.list_faces(CollectionId=collection, FaceIds=too_many)
    with refused("ValidationException", "greater than or equal to 1"):
        unchecked.delete_faces(CollectionId=collection, FaceIds=[])


@pytest.mark.parametrize("size", [5 * 1024 * 1024, 5 * 1024 * 1024 + 1])
def test_bytes_up_to_five_mebibytes(rekognition, collection, photos, refused, size):
    data = pictures.padded(photos.read(PERSON[0]), size)
    if size == 5 * 1024 * 1024:
        assert len(index(rekognition, collection, data)["FaceRecords"]) == 1
    else:
        with refused("ValidationException", "at 'image.bytes'"):
            index(rekognition, collection, data)
