"""A thousand damaged requests: never a 5xx, never a hang, always an error that clients know."""

import collections
import contextlib
import time

import pytest

from conftest import unique
from mutations import Mutator
from support import shapes
from support.http import Wire
from support.photos import PERSON, encode
from support.requests import valid

MODEL = shapes.model("rekognition")
# Far more than any of these requests needs; what takes longer hangs.
LIMIT_S = 15
COUNT, CHUNKS = 1000, 20
OUTCOMES = collections.Counter()


@pytest.fixture(scope="module")
def scene(rekognition, photos):
    """Makes valid requests about things that exist. Damaged ones may delete those, so it is called for every chunk."""
    name, image = unique("collection"), encode(photos.reduced(PERSON[0], 320), "JPEG", quality=85)

    def scene() -> dict[str, dict]:
        with contextlib.suppress(rekognition.exceptions.ResourceAlreadyExistsException):
            rekognition.create_collection(CollectionId=name)
        answer = rekognition.index_faces(CollectionId=name, Image={"Bytes": image}, QualityFilter="NONE")
        with contextlib.suppress(rekognition.exceptions.ConflictException):
            rekognition.create_user(CollectionId=name, UserId="somebody")
        bodies = valid(name, image, answer["FaceRecords"][0]["Face"]["FaceId"])
        # The others need what this one would take away.
        bodies["DeleteCollection"] = {"CollectionId": f"{name}-victim"}
        bodies["CreateCollection"]["CollectionId"] = f"{name}-new"
        return bodies

    before = set(rekognition.list_collections(MaxResults=4096)["CollectionIds"])
    yield scene
    for made in set(rekognition.list_collections(MaxResults=4096)["CollectionIds"]) - before:
        rekognition.delete_collection(CollectionId=made)


def problems(request, answer):
    """What is wrong with an answer."""
    if answer.status >= 500:
        return [f"status {answer.status}: {answer.body[:500]!r}"]
    if not request.is_json():
        # No request to a JSON service any more: an error of the portal, or of HTTP.
        return [] if 200 <= answer.status < 500 else [f"status {answer.status}"]
    if answer.status in (400, 431) and not answer.body:
        return []  # not even HTTP
    operation = request.headers["x-amz-target"].rpartition(".")[2]
    known = MODEL.operation_model(operation) if operation in MODEL.operation_names else None
    if answer.status == 200 and known is None:
        return [f"success of {operation}"]
    return shapes.json_problems(known, answer.status, answer.headers, answer.body)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_mutations(server, signing, scene, chunk):
    wire = Wire(server.endpoint, LIMIT_S)
    mutator = Mutator(chunk, wire, signing, scene())
    failures = []
    for number in range(COUNT // CHUNKS):
        request = mutator.request(chunk * (COUNT // CHUNKS) + number)
        start = time.monotonic()
        try:
            answer = wire.send(request.method, request.path, request.headers, request.body)
        except OSError as error:
            failures.append(f"{request}\n    no answer after {time.monotonic() - start:.1f} s: {error!r}")
            continue
        code = answer.code() if request.is_json() and answer.status >= 400 and answer.body else str(answer.status)
        OUTCOMES[code] += 1
        failures += [f"{request}\n    {text}" for text in problems(request, answer)]
    assert not failures, "\n\n".join(failures)


def test_the_mutations_reached_everything():
    """A run in which every request failed at the door would show little."""
    print(dict(OUTCOMES.most_common()))
    wanted = {
        "200",
        "ValidationException",
        "SerializationException",
        "InvalidSignatureException",
        "ResourceNotFoundException",
        "InvalidImageFormatException",
        "UnknownOperationException",
    }
    assert wanted <= set(OUTCOMES), wanted - set(OUTCOMES)
    assert OUTCOMES.total() == COUNT and OUTCOMES["200"] > 50


def test_the_server_is_none_the_worse(server, wire, signing, scene):
    assert server.process.poll() is None and server.is_ready()
    answer = wire.call(signing, "SearchFacesByImage", scene()["SearchFacesByImage"])
    assert answer.status == 200 and answer.json()["FaceMatches"]
    assert "panicked" not in "".join(server.log)
