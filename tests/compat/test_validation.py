"""Every constraint of the model, violated: cases are made from botocore's description, not written down."""

import copy
import json
import re

import pytest

from support import shapes
from support.photos import blank
from support.requests import FACE, OPERATIONS, valid

MODEL = shapes.model("rekognition")
NAME = "no-such-collection"


def lower(name: str) -> str:
    return name[0].lower() + name[1:]


def violations(shape, path=(), required=()):
    """(path in the request, path in the message, value, constraint) for everything that the model limits."""
    limits, kind = shape.metadata, shape.type_name
    words = ".".join(lower(part) if isinstance(part, str) else "1.member" for part in path)
    if kind == "structure":
        for name in shape.required_members:
            member = ".".join([*filter(None, [words]), lower(name)])
            yield (*path, name), member, None, "Member must not be null"
        for name, member in shape.members.items():
            yield from violations(member, (*path, name))
    elif kind == "string":
        yield from ((path, words, value, text) for value, text in _strings(shape, limits))
    elif kind in ("integer", "long", "float", "double"):
        if "min" in limits:
            yield path, words, limits["min"] - 1, f"Member must have value greater than or equal to {limits['min']}"
        if "max" in limits:
            yield path, words, limits["max"] + 1, f"Member must have value less than or equal to {limits['max']}"
    elif kind in ("list", "map"):
        yield from _collections(shape, limits, path, words)
    # Blobs have limits that a whole picture must break: see test_blobs.


def _strings(shape, limits):
    if getattr(shape, "enum", None):
        yield "no such value", "Member must satisfy enum value set: ["
    if limits.get("min"):
        yield "", f"Member must have length greater than or equal to {limits['min']}"
    if limits.get("max"):
        yield "a" * (limits["max"] + 1), f"Member must have length less than or equal to {limits['max']}"
    if limits.get("pattern"):
        # Python has no \\p{…}; control characters are in no pattern that uses it.
        unknown = "\\p" in limits["pattern"]
        for value in ("a\u0007b", "ü\u0000", "\n") + (() if unknown else (" ", "é")):
            if unknown or not re.fullmatch(limits["pattern"], value):
                yield value, f"Member must satisfy regular expression pattern: {limits['pattern']}"


def _collections(shape, limits, path, words):
    if shape.type_name == "map":
        if limits.get("max"):
            value = {f"key{number}": "" for number in range(limits["max"] + 1)}
            yield path, words, value, f"Member must have length less than or equal to {limits['max']}"
        return
    if limits.get("min"):
        yield path, words, [], f"Member must have length greater than or equal to {limits['min']}"
    if limits.get("max"):
        value = [FACE] * (limits["max"] + 1)
        yield path, words, value, f"Member must have length less than or equal to {limits['max']}"
    yield from violations(shape.member, (*path, 0))


CASES = [
    pytest.param(operation, *case, id=f"{operation}-{case[1]}-{number}")
    for operation in OPERATIONS
    for number, case in enumerate(violations(MODEL.operation_model(operation).input_shape))
]


def changed(body: dict, path, value) -> dict:
    body = copy.deepcopy(body)
    place = body
    for part, after in zip(path[:-1], path[1:]):
        if isinstance(part, str):
            # A list or an object on the way is made where the valid request has none.
            place = place.setdefault(part, [None] if isinstance(after, int) else {})
        else:
            place = place[part]
    if value is None:
        place.pop(path[-1], None)
    elif isinstance(path[-1], int):
        place[:] = [value]
    else:
        place[path[-1]] = value
    return body


@pytest.mark.parametrize(("operation", "path", "words", "value", "constraint"), CASES)
def test_a_violated_constraint_is_named(wire, signing, operation, path, words, value, constraint):
    body = valid(NAME, blank())[operation]
    answer = wire.call(signing, operation, changed(body, path, value))
    found = shapes.json_problems(MODEL.operation_model(operation), answer.status, answer.headers, answer.body)
    assert found == []
    error = answer.json()
    assert (answer.status, error["__type"]) == (400, "ValidationException"), error
    assert re.match(r"\d+ validation errors? detected: ", error["Message"]), error["Message"]
    assert f"at '{words}' failed to satisfy constraint: {constraint}" in error["Message"], error["Message"]


def test_the_message_has_amazons_words(wire, signing):
    answer = wire.call(signing, "DescribeCollection", {"CollectionId": "a b"})
    assert answer.json()["Message"] == (
        "1 validation error detected: Value 'a b' at 'collectionId' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [a-zA-Z0-9_.\-]+"
    )
    answer = wire.call(signing, "DescribeCollection", {})
    assert answer.json()["Message"] == (
        "1 validation error detected: Value null at 'collectionId' failed to satisfy constraint: "
        "Member must not be null"
    )


def test_several_errors_are_counted(wire, signing):
    answer = wire.call(signing, "ListFaces", {"CollectionId": "a b", "MaxResults": 5000, "UserId": "ü"})
    message = answer.json()["Message"]
    assert message.startswith("3 validation errors detected: ")
    assert message.count("failed to satisfy constraint: ") == 3 and message.count("; ") == 2


def test_blobs_are_not_repeated(wire, signing):
    huge = blank() + b"\0" * (5 * 1024 * 1024)
    body = valid(NAME, huge)["DetectFaces"]
    answer = wire.call(signing, "DetectFaces", body)
    assert answer.json()["Message"] == (
        "1 validation error detected: Value at 'image.bytes' failed to satisfy constraint: "
        "Member must have length less than or equal to 5242880"
    )


def test_blobs(wire, signing):
    for value, code in (("", "ValidationException"), ("not base64!", "SerializationException")):
        answer = wire.call(signing, "DetectFaces", {"Image": {"Bytes": value}})
        assert (answer.status, answer.code()) == (400, code)


WRONG = [
    ("DescribeCollection", {"CollectionId": 5}),
    ("DescribeCollection", {"CollectionId": ["a"]}),
    ("DescribeCollection", {"CollectionId": {"a": "b"}}),
    ("DescribeCollection", {"CollectionId": True}),
    ("ListCollections", {"MaxResults": "10"}),
    ("ListCollections", {"MaxResults": [1]}),
    ("ListFaces", {"CollectionId": NAME, "FaceIds": "one"}),
    ("ListFaces", {"CollectionId": NAME, "FaceIds": {"0": "one"}}),
    ("DetectFaces", {"Image": "bytes"}),
    ("DetectFaces", {"Image": []}),
    ("SearchFaces", {"CollectionId": NAME, "FaceId": "x", "FaceMatchThreshold": "high"}),
    ("CreateCollection", {"CollectionId": NAME, "Tags": ["a"]}),
    ("CreateCollection", {"CollectionId": NAME, "Tags": {"a": 1}}),
]


@pytest.mark.parametrize(("operation", "body"), WRONG, ids=lambda value: json.dumps(value)[:40])
def test_wrong_types(wire, signing, operation, body):
    answer = wire.call(signing, operation, body)
    assert (answer.status, answer.code()) == (400, "SerializationException"), answer.body


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"text"',
        b"5",
        b'{"CollectionId": "a"} more',
        b"\xff\xfe",
        b'{"CollectionId": "\xff"}',
        b'{"CollectionId": "\\ud800"}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"CollectionId": NaN}',
    ],
    ids=lambda body: repr(body[:24]),
)
def test_bodies_that_are_no_json_object(wire, signing, body):
    answer = wire.call(signing, "DescribeCollection", body)
    assert (answer.status, answer.code()) == (400, "SerializationException"), answer.body


def test_an_absent_body_is_an_empty_object(wire, signing):
    """Some clients send nothing where nothing is required; required members are missed all the same."""
    assert wire.call(signing, "ListCollections", b"{}").status == 200
    answer = wire.call(signing, "DescribeCollection", b"{}")
    assert answer.code() == "ValidationException"


def test_members_that_nobody_knows_are_ignored(wire, signing, collection):
    """As on AWS: newer clients may know more than the server."""
    answer = wire.call(signing, "DescribeCollection", {"CollectionId": collection, "Newer": {"a": [1]}})
    assert answer.status == 200


def test_null_is_absent(wire, signing):
    assert wire.call(signing, "ListCollections", {"NextToken": None, "MaxResults": None}).status == 200
    assert wire.call(signing, "DescribeCollection", {"CollectionId": None}).code() == "ValidationException"


@pytest.mark.parametrize("value", [1e300, 99999999999999999999, 2**63, -(2**31), 10.5])
def test_numbers_beyond_an_integer(wire, signing, value):
    answer = wire.call(signing, "ListCollections", {"MaxResults": value})
    assert answer.status == 400
    assert answer.code() in ("ValidationException", "SerializationException")
