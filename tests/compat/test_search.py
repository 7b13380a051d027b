"""SearchFaces and SearchFacesByImage."""

import pytest

from support import photos as pictures
from support.photos import OTHER, PERSON


@pytest.fixture(scope="module")
def faces(rekognition, shared_collection, photos):
    """The person three times, another one, and five strangers: face ids by photo."""
    found = {}
    for name in (*PERSON, OTHER, "sample5.jpg"):
        answer = rekognition.index_faces(
            CollectionId=shared_collection, Image={"Bytes": photos.read(name)}, ExternalImageId=name
        )
        found[name] = [record["Face"]["FaceId"] for record in answer["FaceRecords"]]
    return found


def matches(answer):
    return [match["Face"]["FaceId"] for match in answer["FaceMatches"]]


def test_by_face(rekognition, shared_collection, faces):
    [wanted] = faces[PERSON[0]]
    answer = rekognition.search_faces(CollectionId=shared_collection, FaceId=wanted)
    assert answer["SearchedFaceId"] == wanted and answer["FaceModelVersion"]
    # The face itself is no match of its own.
    assert set(matches(answer)) == {faces[PERSON[1]][0], faces[PERSON[2]][0]}
    similarities = [match["Similarity"] for match in answer["FaceMatches"]]
    assert similarities == sorted(similarities, reverse=True) and min(similarities) >= 80
    face = answer["FaceMatches"][0]["Face"]
    described = {"FaceId", "BoundingBox", "ImageId", "ExternalImageId", "Confidence", "IndexFacesModelVersion"}
    assert described == set(face)
    assert face["ExternalImageId"] in PERSON


def test_by_image(rekognition, shared_collection, faces, photos):
    answer = rekognition.search_faces_by_image(CollectionId=shared_collection, Image={"Bytes": photos.read(PERSON[1])})
    assert set(matches(answer)) == {faces[name][0] for name in PERSON}
    # Its own picture comes first, as good as certain.
    assert matches(answer)[0] == faces[PERSON[1]][0] and answer["FaceMatches"][0]["Similarity"] > 99.9
    assert 99 < answer["SearchedFaceConfidence"] <= 100
    assert set(answer["SearchedFaceBoundingBox"]) == {"Left", "Top", "Width", "Height"}


def test_thresholds_and_counts(rekognition, shared_collection, faces, photos):
    image = {"Bytes": photos.read(PERSON[0])}
    everything = rekognition.search_faces_by_image(
        CollectionId=shared_collection, Image=image, FaceMatchThreshold=0, MaxFaces=4096
    )
    assert len(matches(everything)) == 9
    assert all(0 <= match["Similarity"] <= 100 for match in everything["FaceMatches"])
    first = rekognition.search_faces_by_image(
        CollectionId=shared_collection, Image=image, FaceMatchThreshold=0, MaxFaces=1
    )
    assert matches(first) == matches(everything)[:1]
    strict = rekognition.search_faces_by_image(CollectionId=shared_collection, Image=image, FaceMatchThreshold=100)
    assert matches(strict) in ([], faces[PERSON[0]])
    by_face = rekognition.search_faces(
        CollectionId=shared_collection, FaceId=faces[PERSON[0]][0], FaceMatchThreshold=0, MaxFaces=3
    )
    assert matches(by_face) == matches(everything)[1:4]


def test_the_largest_face_is_searched(rekognition, shared_collection, faces, photos):
    answer = rekognition.search_faces_by_image(
        CollectionId=shared_collection, Image={"Bytes": photos.read("sample5.jpg")}, FaceMatchThreshold=99
    )
    assert matches(answer) == faces["sample5.jpg"][:1]


def test_nothing_found(rekognition, collection, photos):
    answer = rekognition.search_faces_by_image(CollectionId=collection, Image={"Bytes": photos.read(OTHER)})
    assert answer["FaceMatches"] == [] and answer["SearchedFaceConfidence"] > 99


def test_no_face_in_the_image(rekognition, shared_collection, refused):
    with refused("InvalidParameterException", r"^There are no faces in the image\. Should be at least 1\.$", 400):
        rekognition.search_faces_by_image(CollectionId=shared_collection, Image={"Bytes": pictures.blank()})


def test_a_face_that_is_not_there(rekognition, shared_collection, refused):
    with refused("InvalidParameterException", r"^faceId was not found in the collection\.?$", 400):
        rekognition.search_faces(CollectionId=shared_collection, FaceId="11111111-2222-3333-4444-555555555555")


@pytest.mark.parametrize("quality", ["NONE", "AUTO", "LOW", "MEDIUM", "HIGH"])
def test_a_good_photo_passes_every_filter(rekognition, shared_collection, faces, photos, quality):
    answer = rekognition.search_faces_by_image(
        CollectionId=shared_collection, Image={"Bytes": photos.read(PERSON[0])}, QualityFilter=quality
    )
    assert set(matches(answer)) == {faces[name][0] for name in PERSON}


def test_a_bad_photo_does_not_pass_a_strict_filter(rekognition, shared_collection, faces, photos, refused):
    image = {"Bytes": pictures.encode(photos.reduced(PERSON[0], 110).resize((910, 1137)))}
    rekognition.search_faces_by_image(CollectionId=shared_collection, Image=image)
    with refused("InvalidParameterException"):
        rekognition.search_faces_by_image(CollectionId=shared_collection, Image=image, QualityFilter="HIGH")


def test_what_was_just_indexed_is_found(rekognition, collection, photos):
    for name in PERSON:
        rekognition.index_faces(CollectionId=collection, Image={"Bytes": photos.read(name)})
        found = rekognition.search_faces_by_image(CollectionId=collection, Image={"Bytes": photos.read(name)})
        assert found["FaceMatches"][0]["Similarity"] > 99.9
    assert len(found["FaceMatches"]) == 3


def test_people_are_found_again(rekognition, collection, shared_data):
    """Photos in the wild: of everybody there are two, and the second one must find the first among all others'.

    A few of these photos are labelled wrongly, or show others in front; `selfsame eval` measures, this only looks whether
    search works on more than a handful of faces.
    """
    folder = shared_data / "faces" / "identities"
    lines = [line.split(",")[:2] for line in (folder / "pairs.csv").read_text().splitlines() if line.endswith(",1")]
    pairs = list({a.split("/")[0]: (a, b) for a, b in lines}.values())
    for number, (a, _) in enumerate(pairs):
        rekognition.index_faces(
            CollectionId=collection,
            Image={"Bytes": (folder / a).read_bytes()},
            ExternalImageId=str(number),
            MaxFaces=1,
            QualityFilter="NONE",
        )
    right = 0
    for number, (_, b) in enumerate(pairs):
        answer = rekognition.search_faces_by_image(
            CollectionId=collection, Image={"Bytes": (folder / b).read_bytes()}, FaceMatchThreshold=0, MaxFaces=1
        )
        right += answer["FaceMatches"][0]["Face"]["ExternalImageId"] == str(number)
    assert len(pairs) > 50 and right > 0.85 * len(pairs), f"{right} of {len(pairs)}"
