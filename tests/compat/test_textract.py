"""AnalyzeID."""

import json

import pytest

import cli
from conftest import unique
from support import cards
from support import photos as pictures

# Recorded answers hold all of these, in this order.
FIELDS = [
    "FIRST_NAME",
    "LAST_NAME",
    "MIDDLE_NAME",
    "SUFFIX",
    "CITY_IN_ADDRESS",
    "ZIP_CODE_IN_ADDRESS",
    "STATE_IN_ADDRESS",
    "STATE_NAME",
    "DOCUMENT_NUMBER",
    "EXPIRATION_DATE",
    "DATE_OF_BIRTH",
    "DATE_OF_ISSUE",
    "ID_TYPE",
    "ENDORSEMENTS",
    "VETERAN",
    "RESTRICTIONS",
    "CLASS",
    "ADDRESS",
    "COUNTY",
    "PLACE_OF_BIRTH",
    "MRZ_CODE",
]


@pytest.fixture(scope="session")
def textract(connect):
    return connect("textract")


@pytest.fixture(scope="session")
def licence():
    return cards.scan(cards.licence(), quality=90)


def analyze(textract, *pages):
    return textract.analyze_id(DocumentPages=[{"Bytes": page} for page in pages])


def texts(document):
    return {field["Type"]["Text"]: field["ValueDetection"]["Text"] for field in document["IdentityDocumentFields"]}


def test_a_licence_is_read_field_by_field(textract, licence):
    answer = analyze(textract, licence)
    assert answer["AnalyzeIDModelVersion"] == "1.0"
    assert answer["DocumentMetadata"] == {"Pages": 1}
    [document] = answer["IdentityDocuments"]
    assert document["DocumentIndex"] == 1
    read = texts(document)
    assert list(read) == FIELDS
    assert {name: text for name, text in read.items() if text} == cards.LICENCE
    for field in document["IdentityDocumentFields"]:
        assert 0 < field["ValueDetection"]["Confidence"] <= 100
    dates = {
        field["Type"]["Text"]: field["ValueDetection"]["NormalizedValue"]
        for field in document["IdentityDocumentFields"]
        if "NormalizedValue" in field["ValueDetection"]
    }
    assert dates == {
        "EXPIRATION_DATE": {"Value": "2031-04-17T00:00:00", "ValueType": "Date"},
        "DATE_OF_BIRTH": {"Value": "1988-04-17T00:00:00", "ValueType": "Date"},
        "DATE_OF_ISSUE": {"Value": "2023-04-20T00:00:00", "ValueType": "Date"},
    }


def test_our_own_fields_are_told_to_who_asks(connect, licence):
    curious = connect("textract")

    def ask(request, **_):
        request.headers["X-Selfsame-Extra-Fields"] = "true"

    curious.meta.events.register("before-send.textract.AnalyzeID", ask)
    [document] = analyze(curious, licence)["IdentityDocuments"]
    read = texts(document)
    assert list(read)[: len(FIELDS)] == FIELDS
    assert {name: read[name] for name in list(read)[len(FIELDS) :]} == {
        "SEX": "F",
        "HEIGHT": "5'-07\"",
        "EYE_COLOR": "BRO",
        "ISSUER": "OH",
    }


def test_blocks_are_a_page_its_lines_and_their_words(textract, licence):
    [document] = analyze(textract, licence)["IdentityDocuments"]
    blocks = {block["Id"]: block for block in document["Blocks"]}
    assert len(blocks) == len(document["Blocks"])
    [page] = [block for block in blocks.values() if block["BlockType"] == "PAGE"]
    lines = [blocks[id] for id in page["Relationships"][0]["Ids"]]
    assert [line["BlockType"] for line in lines] == ["LINE"] * len(lines)
    for line in lines:
        words = [blocks[id] for id in line["Relationships"][0]["Ids"]]
        assert " ".join(word["Text"] for word in words) == line["Text"]
        assert all(word["BlockType"] == "WORD" and word["TextType"] == "PRINTED" for word in words)
    for block in blocks.values():
        box, polygon = block["Geometry"]["BoundingBox"], block["Geometry"]["Polygon"]
        assert len(polygon) == 4
        assert min(point["X"] for point in polygon) == pytest.approx(box["Left"], abs=1e-4)
        assert max(point["Y"] for point in polygon) == pytest.approx(box["Top"] + box["Height"], abs=1e-4)
    [name] = [line for line in lines if "MARLOWE" in line["Text"]]
    assert name["Geometry"]["BoundingBox"]["Left"] == pytest.approx(400 / 1220, abs=0.03)
    assert name["Geometry"]["BoundingBox"]["Top"] == pytest.approx(240 / 770, abs=0.04)


def test_two_pages_are_two_documents(textract, licence):
    answer = analyze(textract, licence, licence)
    assert answer["DocumentMetadata"] == {"Pages": 2}
    assert [document["DocumentIndex"] for document in answer["IdentityDocuments"]] == [1, 2]
    assert texts(answer["IdentityDocuments"][0]) == texts(answer["IdentityDocuments"][1])


@pytest.mark.parametrize(("kind", "options"), [("PNG", {}), ("TIFF", {}), ("PDF", {"resolution": 300})])
def test_other_formats(textract, kind, options):
    [document] = analyze(textract, cards.scan(cards.licence(), kind, **options))["IdentityDocuments"]
    assert texts(document)["DOCUMENT_NUMBER"] == cards.LICENCE["DOCUMENT_NUMBER"]


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_any_orientation(textract, degrees):
    card = cards.licence().rotate(degrees, expand=True)
    [document] = analyze(textract, cards.scan(card))["IdentityDocuments"]
    assert texts(document)["LAST_NAME"] == "MARLOWE"


def test_a_page_in_a_bucket(textract, s3, licence):
    bucket = unique("cards")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="card.jpg", Body=licence)
    page = {"S3Object": {"Bucket": bucket, "Name": "card.jpg"}}
    [document] = textract.analyze_id(DocumentPages=[page])["IdentityDocuments"]
    assert texts(document)["LAST_NAME"] == "MARLOWE"


def test_what_is_no_page(textract, refused, licence):
    for page in ({}, {"Bytes": licence, "S3Object": {"Bucket": "cards", "Name": "x"}}):
        with refused("InvalidParameterException"):
            textract.analyze_id(DocumentPages=[page])
    with refused("InvalidS3ObjectException"):
        textract.analyze_id(DocumentPages=[{"S3Object": {"Bucket": unique("none"), "Name": "x"}}])


def test_what_is_no_document(textract, refused, licence):
    for page in (pictures.blank(600, 400), cards.scan(cards.licence(), "GIF")):
        with refused("UnsupportedDocumentException"):
            analyze(textract, page)
    pages = [cards.licence(), cards.licence()]
    for kind in ("TIFF", "PDF"):
        with refused("UnsupportedDocumentException", "several pages|2 pages"):
            analyze(textract, cards.scan(pages[0], kind, save_all=True, append_images=pages[1:]))
    with refused("BadDocumentException"):
        analyze(textract, licence[: len(licence) // 2])
    with refused("DocumentTooLargeException"):
        analyze(textract, pictures.blank(20000, 100))


def test_the_command_line(server, key, s3, licence):
    bucket = unique("cards")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="card.jpg", Body=licence)
    line = f"aws textract analyze-id --document-pages 'S3Object={{Bucket={bucket},Name=card.jpg}}' --output json"
    [document] = json.loads(cli.run(line, server.variables(key)))["IdentityDocuments"]
    assert texts(document)["LAST_NAME"] == "MARLOWE"
