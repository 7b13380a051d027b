"""What Selfsame does not do says so, and stays apart from what it has never heard of."""

import pytest

from support import shapes
from support.requests import OPERATIONS

MODEL = shapes.model("rekognition")
UNSERVED = sorted(set(MODEL.operation_names) - set(OPERATIONS))


@pytest.mark.parametrize("operation", UNSERVED)
def test_operations_of_amazon_that_are_not_implemented(wire, signing, operation):
    answer = wire.call(signing, operation, {})
    error = answer.json()
    assert (answer.status, error["__type"]) == (400, "UnknownOperationException")
    assert operation in error["Message"] and "docs/COMPATIBILITY.md" in error["Message"]


@pytest.mark.parametrize("operation", ["NoSuchOperation", "listCollections", "ListCollections2", "", " ", "é"])
def test_operations_that_nobody_knows(wire, signing, operation):
    answer = wire.call(signing, operation.encode().decode("latin-1"), {})
    assert (answer.status, answer.code()) == (400, "UnknownOperationException")
    assert "docs/COMPATIBILITY.md" not in answer.json()["Message"]


@pytest.mark.parametrize("prefix", ["NoSuchService", "", "RekognitionService.", "DynamoDB_20120810"])
def test_services_that_nobody_knows(wire, signing, prefix):
    answer = wire.call(signing, "ListCollections", {}, prefix)
    assert answer.status == 400 and answer.code() in ("UnknownOperationException", "InvalidSignatureException")


@pytest.mark.parametrize(
    ("service", "prefix", "operation"),
    [("textract", "Textract", "DetectDocumentText"), ("states", "AWSStepFunctions", "CreateActivity")],
)
def test_services_that_are_to_come(wire, signing, service, prefix, operation):
    answer = wire.call(signing.but(service=service), operation, {}, prefix)
    assert (answer.status, answer.code()) == (400, "UnknownOperationException")
    assert operation in answer.json()["Message"]


def test_strangers_learn_nothing(wire):
    """Without a signature the answer is the same, whatever was asked of a service that is there."""
    for operation, body in (("ListCollections", b"{}"), ("DescribeCollection", b"{}"), ("DetectFaces", b"no JSON")):
        answer = wire.send("POST", "/", wire.headers(f"RekognitionService.{operation}"), body)
        assert (answer.status, answer.code()) == (400, "MissingAuthenticationTokenException")
