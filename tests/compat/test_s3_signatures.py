"""Signatures of S3 requests: headers, presigned addresses, chunks with trailers."""

import base64
import binascii
import hashlib
import hmac
import re
import time
import urllib.error
import urllib.request
import xml.etree.ElementTree as ElementTree
from datetime import timedelta

import pytest

from support.server import Key
from support.sign import UNSIGNED, Signing, digest, presign, sign, signing_key

TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
SIGNED_CHUNKS = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"


@pytest.fixture(scope="module")
def signer(key):
    return Signing(key, service="s3")


def error(answer):
    return ElementTree.fromstring(answer.body).findtext("Code")


@pytest.fixture
def request_s3(wire):
    def send(signing, method, path, body=b"", sent=None, query=(), change=lambda headers: headers, **headers):
        wanted = {"host": wire.host} | {name.replace("_", "-"): value for name, value in headers.items()}
        signed = change(sign(signing, method, path, wanted, body, query))
        target = path + ("?" + "&".join(f"{a}={b}" for a, b in query) if query else "")
        return wire.send(method, target, signed, body if sent is None else sent)

    return send


def test_a_right_signature(request_s3, signer, shared_bucket):
    path = f"/{shared_bucket}/signed"
    assert request_s3(signer, "PUT", path, b"data").status == 200
    assert request_s3(signer, "GET", path).body == b"data"
    assert request_s3(signer.but(payload=UNSIGNED), "PUT", path, b"other").status == 200
    assert request_s3(signer.but(payload=UNSIGNED), "GET", path).body == b"other"


def test_bodies_are_signed(request_s3, signer, shared_bucket):
    answer = request_s3(signer, "PUT", f"/{shared_bucket}/changed", b"data", sent=b"DATA")
    assert (answer.status, error(answer)) == (400, "XAmzContentSHA256Mismatch")
    assert request_s3(signer, "GET", f"/{shared_bucket}/changed").status == 404


def test_wrong_keys(request_s3, signer, key, shared_bucket):
    stranger = signer.but(key=Key("", "AKIAIOSFODNN7EXAMPLE", "x"))
    wrong = signer.but(key=Key("", key.access_key_id, key.secret_access_key[::-1]))
    for signing, code in ((stranger, "InvalidAccessKeyId"), (wrong, "SignatureDoesNotMatch")):
        answer = request_s3(signing, "GET", f"/{shared_bucket}/a")
        assert (answer.status, error(answer)) == (403, code)


def test_a_revoked_key(request_s3, server, signer, shared_bucket):
    revoked = server.key()
    assert request_s3(signer.but(key=revoked), "GET", "/").status == 200
    server.command("keys", "revoke", revoked.id)
    answer = request_s3(signer.but(key=revoked), "GET", "/")
    assert (answer.status, error(answer)) == (403, "InvalidAccessKeyId")


def test_clocks(request_s3, signer):
    for minutes, status in ((14, 200), (-14, 200), (16, 403), (-16, 403)):
        answer = request_s3(signer.but(skew=timedelta(minutes=minutes)), "GET", "/")
        assert answer.status == status, minutes
        assert status == 200 or error(answer) == "RequestTimeTooSkewed"


def test_no_signature_is_not_s3(wire, shared_bucket):
    """Without a credential nothing tells that a request is for S3; it gets no object, whatever it gets."""
    answer = wire.send("GET", f"/{shared_bucket}/signed")
    assert answer.status in (401, 403, 404)


@pytest.fixture
def fetch(server):
    def fetch(url, method="GET", body=None, **headers):
        request = urllib.request.Request(url, data=body, method=method, headers=headers)
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read()

    return fetch


@pytest.fixture(scope="module", params=["as boto3 does by itself", "s3v4"])
def presigner(request, connect):
    """In `us-east-1`, boto3 and the CLI presign with version 2 unless they are told otherwise."""
    return connect("s3") if request.param != "s3v4" else connect("s3", signature_version="s3v4")


def test_presigned_by_boto3(presigner, shared_bucket, fetch):
    where = {"Bucket": shared_bucket, "Key": "presigned/é +&.jpg"}
    put = presigner.generate_presigned_url("put_object", Params=where, ExpiresIn=60)
    assert fetch(put, "PUT", b"by anybody", **{"content-type": ""}) == (200, b"")
    get = presigner.generate_presigned_url("get_object", Params=where, ExpiresIn=60)
    assert fetch(get) == (200, b"by anybody")
    assert fetch(get, Range="bytes=3-") == (206, b"anybody")
    head = presigner.generate_presigned_url("head_object", Params=where, ExpiresIn=60)
    assert fetch(head, "HEAD") == (200, b"")
    delete = presigner.generate_presigned_url("delete_object", Params=where, ExpiresIn=60)
    assert fetch(delete, "DELETE")[0] == 204
    assert fetch(get)[0] == 404


def test_presigned_addresses_are_for_one_purpose(presigner, shared_bucket, fetch):
    presigner.put_object(Bucket=shared_bucket, Key="mine", Body=b"x")
    presigner.put_object(Bucket=shared_bucket, Key="other", Body=b"y")
    url = presigner.generate_presigned_url("get_object", Params={"Bucket": shared_bucket, "Key": "mine"})
    longer = re.sub(r"Expires=(\d+)", lambda found: f"Expires={int(found[1]) + 1}", url)
    assert longer != url
    for status, body in (
        fetch(url.replace("/mine?", "/other?")),
        fetch(url, "DELETE"),
        fetch(url, "PUT", b"z"),
        fetch(longer),
        fetch(url + "&response-content-type=text/html"),
    ):
        assert status == 403 and b"<Code>SignatureDoesNotMatch</Code>" in body
    assert presigner.get_object(Bucket=shared_bucket, Key="mine")["Body"].read() == b"x"


def test_addresses_presigned_in_the_past(presigner, shared_bucket, fetch):
    where = {"Bucket": shared_bucket, "Key": "mine"}
    presigner.put_object(**where, Body=b"x")
    url = presigner.generate_presigned_url("get_object", Params=where, ExpiresIn=1)
    time.sleep(2.2)
    status, body = fetch(url)
    assert status == 403 and b"<Code>AccessDenied</Code>" in body and b"expired" in body


def test_presigned_addresses_expire(s3, wire, signer, shared_bucket):
    s3.put_object(Bucket=shared_bucket, Key="soon gone", Body=b"x")
    path = f"/{shared_bucket}/soon%20gone"
    assert wire.send("GET", presign(signer, "GET", wire.host, path, 60)).status == 200
    late = signer.but(skew=timedelta(minutes=-2))
    answer = wire.send("GET", presign(late, "GET", wire.host, path, 60))
    assert (answer.status, error(answer)) == (403, "AccessDenied")
    assert "expired" in ElementTree.fromstring(answer.body).findtext("Message")
    # An old signature is fine as long as it says so: unlike headers, addresses are made to be kept.
    old = signer.but(skew=timedelta(hours=-5))
    assert wire.send("GET", presign(old, "GET", wire.host, path, 6 * 3600)).status == 200


@pytest.mark.parametrize("expires", [-1, 604801, 10**12])
def test_presigned_addresses_live_a_week_at_most(wire, signer, shared_bucket, expires):
    answer = wire.send("GET", presign(signer, "GET", wire.host, f"/{shared_bucket}/a", expires))
    assert (answer.status, error(answer)) == (400, "AuthorizationQueryParametersError")


def crc32(data: bytes) -> str:
    return base64.b64encode(binascii.crc32(data).to_bytes(4, "big")).decode()


def chunked(data: bytes, trailer: str, size: int = 65536) -> bytes:
    """A body in aws-chunked encoding with a checksum behind it, as SDKs send streams."""
    parts = [data[place : place + size] for place in range(0, len(data), size)] + [b""]
    body = b"".join(f"{len(part):x}\r\n".encode() + part + (b"\r\n" if part else b"") for part in parts)
    return body + f"x-amz-checksum-crc32:{trailer}\r\n\r\n".encode()


def put_chunked(request_s3, signing, path, data, trailer):
    body = chunked(data, trailer)
    return request_s3(
        signing.but(payload=TRAILER),
        "PUT",
        path,
        sent=body,
        content_length=str(len(body)),
        content_encoding="aws-chunked",
        x_amz_decoded_content_length=str(len(data)),
        x_amz_trailer="x-amz-checksum-crc32",
    )


@pytest.mark.parametrize("size", [0, 1, 65536, 200_000])
def test_trailing_checksums(request_s3, signer, shared_bucket, s3, size):
    data = bytes(number % 251 for number in range(size))
    path = f"/{shared_bucket}/chunked"
    answer = put_chunked(request_s3, signer, path, data, crc32(data))
    assert answer.status == 200, answer.body
    assert s3.get_object(Bucket=shared_bucket, Key="chunked")["Body"].read() == data
    # The encoding of the transfer is not the object's.
    assert "aws-chunked" not in s3.head_object(Bucket=shared_bucket, Key="chunked").get("ContentEncoding", "")


def test_a_wrong_trailing_checksum(request_s3, signer, shared_bucket, s3):
    s3.put_object(Bucket=shared_bucket, Key="kept", Body=b"before")
    answer = put_chunked(request_s3, signer, f"/{shared_bucket}/kept", b"data", crc32(b"other"))
    assert (answer.status, error(answer)) == (400, "BadDigest")
    assert s3.get_object(Bucket=shared_bucket, Key="kept")["Body"].read() == b"before"


def signed_chunks(signing, headers, data, size=65536):
    """Chunks that are signed one by one, each with the signature before it."""
    time_, scope = (
        headers["x-amz-date"],
        headers["authorization"].split("Credential=")[1].split(",")[0].split("/", 1)[1],
    )
    key, before = signing_key(signing, time_[:8]), headers["authorization"].rsplit("=", 1)[1]
    for part in [data[place : place + size] for place in range(0, len(data), size)] + [b""]:
        text = "\n".join(
            ["AWS4-HMAC-SHA256-PAYLOAD", time_, scope, before, hashlib.sha256(b"").hexdigest(), digest(part)]
        )
        before = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        yield f"{len(part):x};chunk-signature={before}\r\n".encode() + part + b"\r\n"


@pytest.mark.parametrize("spoil", [False, True])
def test_signed_chunks(wire, signer, shared_bucket, s3, spoil):
    data = bytes(number % 253 for number in range(150_000))
    signing = signer.but(payload=SIGNED_CHUNKS)
    path = f"/{shared_bucket}/signed-chunks-{spoil}"
    headers = {
        "host": wire.host,
        "content-encoding": "aws-chunked",
        "x-amz-decoded-content-length": str(len(data)),
    }
    headers = sign(signing, "PUT", path, headers, b"")
    body = b"".join(signed_chunks(signing, headers, data))
    if spoil:
        body = body.replace(b"\x05\x06\x07\x08", b"\x05\x06\x08\x07", 1)
    answer = wire.send("PUT", path, headers | {"content-length": str(len(body))}, body)
    if spoil:
        assert (answer.status, error(answer)) == (403, "SignatureDoesNotMatch")
        assert s3.list_objects_v2(Bucket=shared_bucket, Prefix="signed-chunks-True")["KeyCount"] == 0
    else:
        assert answer.status == 200, answer.body
        assert s3.get_object(Bucket=shared_bucket, Key="signed-chunks-False")["Body"].read() == data
