"""One server for the whole run; clients, keys and photos."""

import contextlib
import os
import re
import tempfile
import uuid
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from support import shapes
from support.http import Wire
from support.photos import Photos
from support.server import REGION, Key, Server, binary, fetch_samples
from support.sign import Signing
from support.states import ROLE


@pytest.fixture(scope="session")
def program() -> Path:
    return binary()


@pytest.fixture(scope="session")
def server(program):
    with Server(program) as server:
        yield server


@pytest.fixture(scope="session")
def photos(program):
    with tempfile.TemporaryDirectory() as directory:
        yield Photos(fetch_samples(program, Path(directory) / "samples"))


@pytest.fixture(scope="session")
def key(server) -> Key:
    """A key as a new user makes it."""
    return server.key()


@pytest.fixture(scope="session")
def connect(server, key):
    """Makes clients. Each answer that they get is judged against the model."""

    def connect(service: str, key: Key = key, endpoint: str = server.endpoint, region: str = REGION, **config):
        config = {
            "retries": {"total_max_attempts": 1},
            "read_timeout": 60,
            "proxies": {},
            "s3": {"addressing_style": "path"},
        } | config
        client = boto3.client(
            service,
            endpoint_url=endpoint,
            region_name=region,
            aws_access_key_id=key.access_key_id,
            aws_secret_access_key=key.secret_access_key,
            config=Config(**config),
        )
        client.meta.events.register("before-parse", shapes.judge)
        return client

    return connect


@pytest.fixture(scope="session")
def rekognition(connect):
    return connect("rekognition")


@pytest.fixture(scope="session")
def unchecked(connect):
    """A client that sends what it is told to, as hand-written ones do."""
    return connect("rekognition", parameter_validation=False)


@pytest.fixture(scope="session")
def s3(connect):
    return connect("s3")


@pytest.fixture(scope="session")
def administrator(server) -> Key:
    return server.key("--scope", "admin")


@pytest.fixture(scope="session")
def states(connect, administrator):
    """Step Functions. Without the option, `start_sync_execution` asks for a host called `sync-127.0.0.1`."""
    return connect("stepfunctions", administrator, inject_host_prefix=False)


@pytest.fixture(scope="session")
def wire(server) -> Wire:
    return Wire(server.endpoint)


@pytest.fixture(scope="session")
def signing(key) -> Signing:
    return Signing(key)


def unique(prefix: str) -> str:
    return f"{prefix}-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def collection(rekognition):
    """An empty collection."""
    with created(rekognition) as name:
        yield name


@pytest.fixture(scope="module")
def shared_collection(rekognition):
    """A collection that the tests of a module fill and read together."""
    with created(rekognition) as name:
        yield name


@contextlib.contextmanager
def created(rekognition):
    name = unique("collection")
    rekognition.create_collection(CollectionId=name)
    yield name
    with contextlib.suppress(rekognition.exceptions.ResourceNotFoundException):
        rekognition.delete_collection(CollectionId=name)


@pytest.fixture
def machines(states):
    """Makes state machines, and removes them."""
    with made(states) as make:
        yield make


@pytest.fixture(scope="module")
def shared_machines(states):
    with made(states) as make:
        yield make


@contextlib.contextmanager
def made(states):
    arns = []

    def make(definition: str, kind: str = "STANDARD", name: str | None = None) -> str:
        answer = states.create_state_machine(
            name=name or unique("machine"), definition=definition, roleArn=ROLE, type=kind
        )
        arns.append(answer["stateMachineArn"])
        return arns[-1]

    yield make
    for arn in arns:
        states.delete_state_machine(stateMachineArn=arn)


@pytest.fixture
def bucket(s3):
    """An empty bucket."""
    name = unique("bucket")
    s3.create_bucket(Bucket=name)
    yield name
    empty_and_delete(s3, name)


@pytest.fixture(scope="module")
def shared_bucket(s3):
    name = unique("bucket")
    s3.create_bucket(Bucket=name)
    yield name
    empty_and_delete(s3, name)


def empty_and_delete(s3, name):
    with contextlib.suppress(s3.exceptions.NoSuchBucket):
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name):
            for found in page.get("Contents", []):
                s3.delete_object(Bucket=name, Key=found["Key"])
        s3.delete_bucket(Bucket=name)


@pytest.fixture(scope="session")
def refused():
    """`with refused("SomeException", "the message as a pattern"): …` expects exactly this error."""

    @contextlib.contextmanager
    def refused(code: str, message: str = ".+", status: int | None = None):
        with pytest.raises(ClientError) as caught:
            yield
        response = caught.value.response
        assert (code, True) == (
            response["Error"]["Code"],
            bool(re.search(message, response["Error"].get("Message", ""), re.DOTALL)),
        ), response["Error"]
        if status is not None:
            assert response["ResponseMetadata"]["HTTPStatusCode"] == status

    return refused


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Photos with ground truth beside the checkout; tests that need them say so loudly where there are none."""
    directory = Path(__file__).resolve().parents[3] / "shared" / "data"
    if not directory.is_dir():
        if os.environ.get("SELFSAME_REQUIRE_SHARED_DATA"):
            pytest.fail(f"{directory} is not there")
        pytest.skip(f"SKIPPED LOUDLY: no photos with ground truth at {directory.name}")
    return directory
