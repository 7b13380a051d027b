"""CompareFaces."""

import pytest

from support import photos as pictures
from support.photos import OTHER, PERSON


def compare(rekognition, source, target, **more):
    return rekognition.compare_faces(SourceImage={"Bytes": source}, TargetImage={"Bytes": target}, **more)


def test_the_answer_has_the_documented_form(rekognition, photos):
    answer = compare(rekognition, photos.read(PERSON[0]), photos.read(PERSON[1]))
    assert set(answer["SourceImageFace"]) == {"BoundingBox", "Confidence"}
    [match] = answer["FaceMatches"]
    assert match["Similarity"] > 95
    assert {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"} <= set(match["Face"])
    # Five points here, not thirty: so do the examples in AWS's documentation.
    assert {point["Type"] for point in match["Face"]["Landmarks"]} == {
        "eyeLeft",
        "eyeRight",
        "nose",
        "mouthLeft",
        "mouthRight",
    }
    assert answer["UnmatchedFaces"] == []


def test_another_person_is_unmatched(rekognition, photos):
    answer = compare(rekognition, photos.read(PERSON[0]), photos.read(OTHER))
    assert answer["FaceMatches"] == []
    assert len(answer["UnmatchedFaces"]) == 1
    assert "Similarity" not in answer["UnmatchedFaces"][0]


@pytest.fixture(scope="module")
def mixed(photos):
    """The person and the other one side by side."""
    person, other = photos.reduced(PERSON[1], 400), photos.reduced(OTHER, 400)
    sheet = pictures.Image.new("RGB", (800, max(person.height, other.height)))
    sheet.paste(person, (0, 0))
    sheet.paste(other, (400, 0))
    return pictures.encode(sheet)


def test_every_face_of_the_target_is_compared(rekognition, photos, mixed):
    answer = compare(rekognition, photos.read(PERSON[0]), mixed)
    assert (len(answer["FaceMatches"]), len(answer["UnmatchedFaces"])) == (1, 1)
    assert answer["FaceMatches"][0]["Face"]["BoundingBox"]["Left"] < 0.5


def test_the_threshold_divides_matched_from_unmatched(rekognition, photos, mixed):
    everything = compare(rekognition, photos.read(PERSON[0]), mixed, SimilarityThreshold=0)
    similarities = [match["Similarity"] for match in everything["FaceMatches"]]
    assert len(similarities) == 2 and everything["UnmatchedFaces"] == []
    assert similarities == sorted(similarities, reverse=True)
    nothing = compare(rekognition, photos.read(PERSON[0]), mixed, SimilarityThreshold=100)
    assert nothing["FaceMatches"] == [] and len(nothing["UnmatchedFaces"]) == 2


def test_the_same_picture_is_a_full_match(rekognition, photos):
    [match] = compare(rekognition, photos.read(PERSON[0]), photos.read(PERSON[0]), SimilarityThreshold=100)[
        "FaceMatches"
    ]
    assert match["Similarity"] == 100


def test_the_largest_face_of_the_source_counts(rekognition, photos):
    person, other = photos.reduced(PERSON[1], 500), photos.reduced(OTHER, 200)
    sheet = pictures.Image.new("RGB", (700, person.height))
    sheet.paste(other, (500, 0))
    sheet.paste(person, (0, 0))
    answer = compare(rekognition, pictures.encode(sheet), photos.read(PERSON[0]))
    assert len(answer["FaceMatches"]) == 1
    assert answer["SourceImageFace"]["BoundingBox"]["Left"] < 0.7


def test_no_face_on_one_side(rekognition, photos, refused):
    """AWS: "If no faces are detected in the source or target images, CompareFaces returns an InvalidParameterException"."""
    for source, target in (
        (pictures.blank(), photos.read(PERSON[0])),
        (photos.read(PERSON[0]), pictures.blank()),
        (pictures.blank(), pictures.blank()),
    ):
        with refused("InvalidParameterException"):
            compare(rekognition, source, target)


@pytest.mark.parametrize("quality", ["NONE", "AUTO", "LOW", "MEDIUM", "HIGH"])
def test_quality_filters(rekognition, photos, quality):
    answer = compare(rekognition, photos.read(PERSON[0]), photos.read(PERSON[2]), QualityFilter=quality)
    assert len(answer["FaceMatches"]) == 1


def test_a_filter_keeps_what_is_unusable_out_of_the_matches(rekognition, photos, refused):
    """A face of forty pixels that was blown up is too blurred for HIGH."""
    blurred = pictures.encode(photos.reduced(PERSON[0], 110).resize((910, 1137)))
    source = photos.read(PERSON[0])
    assert compare(rekognition, source, blurred, SimilarityThreshold=0, QualityFilter="NONE")["FaceMatches"]
    # Filtered faces are not compared: it is as if nobody were in the picture.
    with refused("InvalidParameterException"):
        compare(rekognition, source, blurred, SimilarityThreshold=0, QualityFilter="HIGH")


def test_both_sides_are_checked(rekognition, photos, refused):
    good = photos.read(PERSON[0])
    for source, target in ((b"nothing", good), (good, b"nothing")):
        with refused("InvalidImageFormatException"):
            compare(rekognition, source, target)
