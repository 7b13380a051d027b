"""DetectFaces: what is found, in which form, and in which pictures."""

import pytest

from conftest import unique
from support import photos as pictures
from support.photos import GROUPS, OTHER, PERSON

LANDMARKS = set(
    "eyeLeft eyeRight nose mouthLeft mouthRight leftEyeBrowLeft leftEyeBrowRight leftEyeBrowUp rightEyeBrowLeft "
    "rightEyeBrowRight rightEyeBrowUp leftEyeLeft leftEyeRight leftEyeUp leftEyeDown rightEyeLeft rightEyeRight "
    "rightEyeUp rightEyeDown noseLeft noseRight mouthUp mouthDown leftPupil rightPupil upperJawlineLeft midJawlineLeft "
    "chinBottom midJawlineRight upperJawlineRight".split()
)


def detect(rekognition, data, **more):
    return rekognition.detect_faces(Image={"Bytes": data}, **more)["FaceDetails"]


def near(a, b, tolerance=0.02):
    return all(abs(a[side] - b[side]) < tolerance for side in ("Left", "Top", "Width", "Height"))


@pytest.mark.parametrize("name", [*PERSON, OTHER])
def test_the_default_attributes_are_complete(rekognition, photos, name):
    [face] = detect(rekognition, photos.read(name))
    assert set(face) == {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"}
    box, points = face["BoundingBox"], {point["Type"]: point for point in face["Landmarks"]}
    assert set(points) == LANDMARKS and len(face["Landmarks"]) == 30
    assert 99 < face["Confidence"] <= 100
    assert all(-180 <= face["Pose"][angle] <= 180 for angle in ("Pitch", "Roll", "Yaw"))
    assert all(0 <= face["Quality"][value] <= 100 for value in ("Brightness", "Sharpness"))

    # Ratios of the picture: the inner points lie in the box, left is left and up is up.
    inner = LANDMARKS - {name for name in LANDMARKS if "Jawline" in name or "chin" in name or "Brow" in name}
    for point in (points[name] for name in inner):
        assert box["Left"] < point["X"] < box["Left"] + box["Width"], point
        assert box["Top"] < point["Y"] < box["Top"] + box["Height"], point
    for left, right in (
        ("eyeLeft", "eyeRight"),
        ("mouthLeft", "mouthRight"),
        ("leftEyeLeft", "leftEyeRight"),
        ("rightEyeLeft", "rightEyeRight"),
        ("leftEyeBrowLeft", "leftEyeBrowRight"),
        ("noseLeft", "noseRight"),
        ("upperJawlineLeft", "upperJawlineRight"),
        ("midJawlineLeft", "midJawlineRight"),
        ("leftPupil", "rightPupil"),
    ):
        assert points[left]["X"] < points[right]["X"], (left, right)
    for upper, lower in (
        ("leftEyeBrowUp", "leftEyeUp"),
        ("leftEyeUp", "leftEyeDown"),
        ("rightEyeUp", "rightEyeDown"),
        ("nose", "mouthUp"),
        ("mouthUp", "mouthDown"),
        ("mouthDown", "chinBottom"),
        ("upperJawlineLeft", "midJawlineLeft"),
    ):
        assert points[upper]["Y"] < points[lower]["Y"], (upper, lower)


@pytest.mark.parametrize("name", GROUPS)
def test_groups_come_largest_first(rekognition, photos, name):
    faces = detect(rekognition, photos.read(name))
    areas = [face["BoundingBox"]["Width"] * face["BoundingBox"]["Height"] for face in faces]
    assert len(faces) == GROUPS[name]
    assert areas == sorted(areas, reverse=True)


@pytest.mark.parametrize(
    "attributes", [[], ["DEFAULT"], ["ALL"], ["DEFAULT", "ALL"], ["EYE_DIRECTION", "FACE_OCCLUDED"], ["SMILE"]]
)
def test_no_attribute_is_invented(rekognition, photos, attributes):
    """The default ones always come; of the others those that can be computed, and nothing else."""
    [face] = detect(rekognition, photos.read(PERSON[0]), Attributes=attributes)
    assert {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"} <= set(face)


DEFAULT = {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"}
JUDGED = {"Smile", "Eyeglasses", "Sunglasses", "Beard", "Mustache", "EyesOpen", "MouthOpen", "FaceOccluded", "Gender"}


def test_all_attributes_come_where_they_are_asked_for(rekognition, photos):
    [face] = detect(rekognition, photos.read(PERSON[0]), Attributes=["ALL"])
    assert set(face) == DEFAULT | JUDGED | {"AgeRange", "Emotions", "EyeDirection"}
    for name in JUDGED:
        assert 50 <= face[name]["Confidence"] <= 100, (name, face[name])
    assert face["Smile"]["Value"] is True and face["Sunglasses"]["Value"] is False
    assert 0 <= face["AgeRange"]["Low"] < face["AgeRange"]["High"]
    shares = [emotion["Confidence"] for emotion in face["Emotions"]]
    assert shares == sorted(shares, reverse=True) and abs(sum(shares) - 100) < 0.1


@pytest.mark.parametrize("asked, told", [([], set()), (["SUNGLASSES"], {"Sunglasses"}), (["GENDER"], {"Gender"})])
def test_what_is_not_asked_for_is_not_told(rekognition, photos, asked, told):
    [face] = detect(rekognition, photos.read(PERSON[0]), Attributes=asked)
    assert set(face) == DEFAULT | told


def test_every_attribute_of_the_model_is_accepted(rekognition, photos):
    for attribute in rekognition.meta.service_model.shape_for("Attribute").enum:
        assert len(detect(rekognition, photos.read(PERSON[0]), Attributes=[attribute])) == 1


def test_other_encodings_of_a_picture_show_the_same_face(rekognition, photos):
    image = photos.reduced(PERSON[0], 600)
    [expected] = detect(rekognition, pictures.encode(image))
    for name, data in {
        "JPEG": pictures.encode(image, "JPEG", quality=95),
        "progressive": pictures.encode(image, "JPEG", quality=95, progressive=True),
        "CMYK": pictures.encode(image.convert("CMYK"), "JPEG", quality=95),
        "transparency": pictures.encode(image.convert("RGBA")),
        "grey": pictures.encode(image.convert("L")),
        "palette": pictures.encode(image.quantize(256)),
        "turned": pictures.rotated(image),
    }.items():
        [face] = detect(rekognition, data)
        assert near(face["BoundingBox"], expected["BoundingBox"]), name


def test_a_face_at_the_edge_keeps_its_shape(rekognition, photos):
    """Boxes may reach beyond the picture."""
    image = photos.reduced(PERSON[0], 600)
    [face] = detect(rekognition, pictures.encode(image))
    box = face["BoundingBox"]
    left = int((box["Left"] + box["Width"] * 0.15) * image.width)
    faces = detect(rekognition, pictures.encode(image.crop((left, 0, image.width, image.height))))
    assert len(faces) == 1 and faces[0]["BoundingBox"]["Left"] < 0.03


def test_no_face(rekognition):
    for kind in ("PNG", "JPEG"):
        assert detect(rekognition, pictures.blank(kind=kind)) == []
    assert detect(rekognition, pictures.blank(80, 80)) == []


@pytest.mark.parametrize("kind", ["WEBP", "GIF", "BMP", "TIFF"])
def test_formats_that_are_not_accepted(rekognition, photos, refused, kind):
    data = pictures.encode(photos.reduced(PERSON[0], 300), kind)
    with refused("InvalidImageFormatException", r"^Request has invalid image format\.?$", 400):
        detect(rekognition, data)


def test_bytes_that_are_no_picture(rekognition, photos, refused):
    whole = photos.read(PERSON[0])
    for data in (b"x", b"\0" * 1000, b"<html></html>", whole[:2], whole[:100], pictures.blank()[:60]):
        with refused("InvalidImageFormatException", r"^Request has invalid image format\.?$", 400):
            detect(rekognition, data)


@pytest.mark.parametrize("size", [(79, 200), (200, 79), (1, 1)])
def test_pictures_below_eighty_pixels(rekognition, refused, size):
    with refused("InvalidParameterException"):
        detect(rekognition, pictures.blank(*size))


def test_pictures_of_too_many_pixels(rekognition, refused):
    with refused("ImageTooLargeException", r"^Image size is too large\.?$", 400):
        detect(rekognition, pictures.blank(20000, 100))
    with refused("ImageTooLargeException", r"^Image size is too large\.?$", 400):
        detect(rekognition, pictures.blank(11000, 11000))


def test_five_mebibytes_and_one_byte_more(rekognition, photos, refused):
    most = 5 * 1024 * 1024
    assert len(detect(rekognition, pictures.padded(photos.read(PERSON[0]), most))) == 1
    with refused("ValidationException", r"at 'image\.bytes' failed to satisfy constraint: "):
        detect(rekognition, pictures.padded(photos.read(PERSON[0]), most + 1))


@pytest.mark.parametrize("operation", ["detect_faces", "index_faces", "search_faces_by_image", "search_users_by_image"])
def test_an_image_is_bytes_or_an_object(rekognition, collection, photos, refused, operation):
    more = {} if operation == "detect_faces" else {"CollectionId": collection}
    both = {"Bytes": photos.read(PERSON[0]), "S3Object": {"Bucket": "bucket", "Name": "name"}}
    for image in ({}, both, {"S3Object": {}}, {"S3Object": {"Bucket": "bucket"}}, {"S3Object": {"Name": "name"}}):
        with refused("InvalidParameterException"):
            getattr(rekognition, operation)(Image=image, **more)


def test_buckets_that_are_not_there(rekognition, refused):
    with refused("InvalidS3ObjectException", "^Unable to get object metadata from S3", 400):
        rekognition.detect_faces(Image={"S3Object": {"Bucket": unique("bucket"), "Name": "a.jpg"}})


def test_the_hundred_largest_faces(rekognition, photos):
    """A sheet of 132 portraits."""
    face = photos.reduced(PERSON[0], 160).crop((40, 0, 130, 90))
    sheet = pictures.Image.new("RGB", (12 * 90, 11 * 90))
    for place in range(132):
        sheet.paste(face, (place % 12 * 90, place // 12 * 90))
    assert len(detect(rekognition, pictures.encode(sheet))) == 100


def test_no_face_where_people_see_none(rekognition, shared_data):
    """A few of sixty photos without people may fool a detector; more would make UnindexedFaces useless."""
    files = sorted((shared_data / "faces" / "no-face").glob("*.JPEG"))[:30]
    found = sum(len(detect(rekognition, path.read_bytes())) > 0 for path in files)
    assert files and found <= 3, f"{found} of {len(files)}"
