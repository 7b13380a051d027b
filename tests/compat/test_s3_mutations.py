"""Damaged requests to S3: never a 5xx, never a hang, always an error in S3's words."""

import collections
import random
import time
import xml.etree.ElementTree as ElementTree

import pytest

from conftest import empty_and_delete, unique
from support.http import Wire
from support.sign import UNSIGNED, Signing, sign

LIMIT_S = 15
COUNT, CHUNKS = 400, 8
OUTCOMES = collections.Counter()

VALUES = [
    "",
    "0",
    "-1",
    "1",
    "1000000000000000000000",
    "x",
    "%00",
    "%2e%2e%2f",
    "a" * 5000,
    "bytes=0-0",
    "*",
    "é".encode().hex(),
]
QUERIES = (
    "list-type prefix delimiter max-keys continuation-token start-after encoding-type uploads uploadId partNumber tagging delete "
    "acl versioning versions versionId location policy lifecycle cors select restore x-id X-Amz-Expires attributes torrent"
).split()
HEADERS = (
    "range if-match if-none-match if-modified-since content-md5 content-type content-encoding x-amz-content-sha256 "
    "x-amz-decoded-content-length x-amz-trailer x-amz-checksum-crc32 x-amz-checksum-sha256 x-amz-sdk-checksum-algorithm x-amz-tagging "
    "x-amz-acl x-amz-copy-source x-amz-meta-a x-amz-storage-class x-amz-server-side-encryption expect x-amz-date content-length"
).split()
BODIES = [
    b"",
    b"data",
    b"<Delete><Object><Key>a</Key></Object></Delete>",
    b"<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>",
    b"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>",
    b"<CreateBucketConfiguration><LocationConstraint>eu</LocationConstraint></CreateBucketConfiguration>",
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><Delete>&b;</Delete>',
    b"<Delete>" * 2000,
    b"4\r\ndata\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n",
]


def mutated(chance: random.Random, bucket: str):
    method = chance.choice(["GET", "GET", "PUT", "PUT", "POST", "DELETE", "HEAD", "PATCH"])
    place = chance.choice(
        [
            "/",
            f"/{bucket}",
            f"/{bucket}/",
            f"/{bucket}/a",
            f"/{bucket}/a",
            f"/{bucket}/a",
            "/unknown/a",
            "//a",
            f"/{bucket}//%2e%2e/",
        ]
    )
    query = [(chance.choice(QUERIES), chance.choice(VALUES)) for _ in range(chance.choice([0, 0, 1, 1, 2]))]
    headers = {
        chance.choice(HEADERS): chance.choice(VALUES[:8] + ["STREAMING-UNSIGNED-PAYLOAD-TRAILER"])
        for _ in range(chance.choice([0, 1, 1, 2]))
    }
    body = bytearray(chance.choice(BODIES))
    if body and chance.random() < 0.3:
        body[chance.randrange(len(body))] = chance.randrange(256)
    if chance.random() < 0.1:
        body += bytes(200_000)
    return method, place, query, headers, bytes(body)


@pytest.fixture(scope="module")
def filled(s3):
    """Damaged requests may delete the object, its tags or even the bucket; what they need is made anew for every chunk."""
    name = unique("damaged")

    def fill():
        if name not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
            s3.create_bucket(Bucket=name)
        s3.put_object(Bucket=name, Key="a", Body=b"0123456789")
        return name

    yield fill
    fill()
    empty_and_delete(s3, name)


def problem(method, answer):
    if answer.status >= 500 and answer.status != 501:
        return f"status {answer.status}: {answer.body[:500]!r}"
    if answer.status < 300 or method == "HEAD" or answer.status == 304:
        return None
    if answer.status in (400, 431) and not answer.body:
        return None  # not even HTTP
    try:
        root = ElementTree.fromstring(answer.body)
    except ElementTree.ParseError:
        return f"status {answer.status} with {answer.body[:500]!r}"
    OUTCOMES[root.findtext("Code")] += 1
    # 501 is for what S3 has and we do not.
    if answer.status == 501 and root.findtext("Code") != "NotImplemented":
        return f"status 501 with {root.findtext('Code')}"
    return None if root.tag.endswith("Error") and root.findtext("Code") else f"no error: {answer.body[:500]!r}"


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_mutations(server, key, filled, chunk):
    wire, signing = Wire(server.endpoint, LIMIT_S), Signing(key, service="s3")
    chance, bucket, failures = random.Random(chunk), filled(), []
    for _ in range(COUNT // CHUNKS):
        method, place, query, headers, body = mutated(chance, bucket)
        length = headers.pop("content-length", None)
        way = signing.but(payload=headers.get("x-amz-content-sha256") or chance.choice([None, UNSIGNED]))
        # A value that is percent-encoded already is signed as what it stands for.
        query = [(name, value) for name, value in query if "%" not in value]
        signed = sign(way, method, place, {"host": wire.host} | headers, body, query)
        if length is not None and length.isdigit() and int(length) <= len(body):
            signed["content-length"] = length
        target = place + (
            "?" + "&".join(f"{name}={value}" for name, value in query).replace("=&", "&") if query else ""
        )
        start = time.monotonic()
        try:
            answer = wire.send(method, target.replace("*", "%2A"), signed, body)
        except OSError as error:
            failures.append(
                f"{method} {target[:200]} {headers}: no answer after {time.monotonic() - start:.1f} s: {error!r}"
            )
            continue
        OUTCOMES[answer.status] += 1
        if found := problem(method, answer):
            failures.append(f"{method} {target[:200]} {headers} {body[:100]!r}\n    {found}")
    assert not failures, "\n\n".join(failures)


def test_the_server_is_none_the_worse(server, s3, filled):
    print(dict(OUTCOMES.most_common()))
    assert OUTCOMES[200] > 20 and OUTCOMES[403] < COUNT / 2
    name = filled()
    assert s3.get_object(Bucket=name, Key="a")["Body"].read() == b"0123456789"
    assert server.is_ready() and "panicked" not in "".join(server.log)
