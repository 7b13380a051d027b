"""Signature version 4: what is let in, and which error everything else gets."""

from datetime import timedelta

import pytest

from support import shapes
from support.http import Wire
from support.server import Key, Server
from support.sign import UNSIGNED, Signing, sign

BODY = b'{"MaxResults": 1}'
OPERATION = shapes.model("rekognition").operation_model("ListCollections")
MISMATCH = "The request signature we calculated does not match the signature you provided"


@pytest.fixture
def send(wire):
    """Sends a signed ListCollections; `change` may spoil the signed headers."""

    def send(signing: Signing, change=lambda headers: headers, body=BODY, path="/", **headers):
        wanted = wire.headers("RekognitionService.ListCollections") | headers
        signed = change(sign(signing, "POST", "/", wanted, BODY))
        return wire.send("POST", path, signed, body)

    return send


def expect(answer, code, message=""):
    assert shapes.json_problems(OPERATION, answer.status, answer.headers, answer.body) == []
    assert (answer.status, answer.code()) == (400, code), answer.body
    assert message in answer.json()["Message"], answer.json()["Message"]


def test_a_right_signature(send, signing):
    assert send(signing).status == 200
    assert send(signing.but(region="ap-southeast-2")).status == 200


def test_requests_are_answered_with_different_ids(send, signing):
    assert len({send(signing).headers["x-amzn-requestid"] for _ in range(5)}) == 5


def test_no_signature(wire):
    answer = wire.send("POST", "/", wire.headers("RekognitionService.ListCollections"), BODY)
    expect(answer, "MissingAuthenticationTokenException", "Missing Authentication Token")


def test_an_unknown_key(send, key):
    invalid = "The security token included in the request is invalid"
    stranger = Key("", "AKIAIOSFODNN7EXAMPLE", key.secret_access_key)
    expect(send(Signing(stranger)), "UnrecognizedClientException", invalid)
    near = Key("", key.access_key_id[:-1] + ("A" if key.access_key_id[-1] != "A" else "B"), key.secret_access_key)
    expect(send(Signing(near)), "UnrecognizedClientException", invalid)


def test_a_wrong_secret(send, key):
    wrong = Key(key.id, key.access_key_id, key.secret_access_key[:-1] + "!")
    expect(send(Signing(wrong)), "InvalidSignatureException", MISMATCH)


def test_a_revoked_key(server, send):
    revoked = server.key("soon-gone")
    assert send(Signing(revoked)).status == 200
    server.command("keys", "revoke", revoked.id)
    expect(send(Signing(revoked)), "UnrecognizedClientException")


def test_a_key_works_at_once_beside_the_running_server(server, send):
    assert send(Signing(server.key())).status == 200


def replaced(name, value):
    return lambda headers: headers | {name: value(headers[name]) if callable(value) else value}


def flipped(signature: str) -> str:
    return signature[:-1] + ("0" if signature[-1] != "0" else "1")


@pytest.mark.parametrize(
    "change",
    [
        replaced("authorization", flipped),
        replaced("authorization", lambda text: text.split("Signature=")[0] + "Signature=" + "0" * 64),
        replaced("x-amz-target", "RekognitionService.DeleteCollection"),
        replaced("host", "another.example"),
    ],
    ids=["last digit", "zeros", "replayed target", "host"],
)
def test_what_was_signed_must_not_change(send, signing, change):
    expect(send(signing, change), "InvalidSignatureException", MISMATCH)


def test_the_body_is_signed(send, signing):
    expect(send(signing, body=b'{"MaxResults": 2}'), "InvalidSignatureException", MISMATCH)


def test_the_query_is_signed(send, signing):
    expect(send(signing, path="/?a=b"), "InvalidSignatureException", MISMATCH)


@pytest.mark.parametrize("header", ["host", "x-amz-target", "x-amz-date"])
def test_headers_that_must_be_signed(send, signing, header):
    """Else the signature of one operation would do for every other."""
    answer = send(signing.but(without=(header,)))
    assert answer.status == 400 and answer.code() in ("InvalidSignatureException", "IncompleteSignatureException")


@pytest.mark.parametrize("minutes", [-14, -5, 5, 14])
def test_clocks_may_differ_a_little(send, signing, minutes):
    assert send(signing.but(skew=timedelta(minutes=minutes))).status == 200


@pytest.mark.parametrize(
    ("minutes", "message"),
    [(-16, "Signature expired: "), (-3000, "Signature expired: "), (16, "Signature not yet current: ")],
)
def test_clocks_that_differ_too_much(send, signing, minutes, message):
    expect(send(signing.but(skew=timedelta(minutes=minutes))), "InvalidSignatureException", message)


def test_an_old_request_cannot_be_dated_anew(send, signing):
    now = signing.time()
    expect(send(signing.but(skew=timedelta(hours=-1)), replaced("x-amz-date", now)), "InvalidSignatureException")


@pytest.mark.parametrize("service", ["textract", "states", "ssm", "s3", "iam"])
def test_a_scope_of_another_service(send, signing, service):
    answer = send(signing.but(service=service))
    expect(answer, "InvalidSignatureException", "Credential should be scoped to correct service")


def test_a_scope_of_another_day(send, signing):
    expect(send(signing.but(scope_date="20200101")), "InvalidSignatureException")


MALFORMED = {
    "nothing": "",
    "algorithm only": "AWS4-HMAC-SHA256",
    "no credential": "AWS4-HMAC-SHA256 SignedHeaders=host;x-amz-date, Signature=" + "0" * 64,
    "no signed headers": "AWS4-HMAC-SHA256 Credential=ID/20250101/us-east-1/rekognition/aws4_request, Signature="
    + "0" * 64,
    "no signature": "AWS4-HMAC-SHA256 Credential=ID/20250101/us-east-1/rekognition/aws4_request, SignedHeaders=host",
    "short scope": "AWS4-HMAC-SHA256 Credential=ID/20250101/us-east-1, SignedHeaders=host, Signature=" + "0" * 64,
    "commas": "AWS4-HMAC-SHA256 ,,,,=,=,,",
    "twice": "AWS4-HMAC-SHA256 Credential=a, Credential=b, SignedHeaders=host, Signature=0",
    "long": "AWS4-HMAC-SHA256 Credential=" + "a" * 6000,
}


@pytest.mark.parametrize("value", MALFORMED.values(), ids=MALFORMED)
def test_malformed_signatures(send, signing, value):
    answer = send(signing, replaced("authorization", value))
    assert answer.status == 400
    assert answer.code() in (
        "IncompleteSignatureException",
        "MissingAuthenticationTokenException",
        "InvalidSignatureException",
        "UnrecognizedClientException",
    ), answer.body


@pytest.mark.parametrize("value", ["", "yesterday", "20250101", "20250101T000000", "99999999T999999Z"])
def test_malformed_dates(send, signing, value):
    answer = send(signing, replaced("x-amz-date", value))
    assert answer.status == 400
    assert answer.code() in ("IncompleteSignatureException", "InvalidSignatureException"), answer.body


def test_the_portals_key_does_not_open_the_wire(wire):
    headers = wire.headers("RekognitionService.ListCollections") | {"x-api-key": "a-key-for-tests-only"}
    expect(wire.send("POST", "/", headers, BODY), "MissingAuthenticationTokenException")


def test_an_unsigned_payload_is_no_way_around(send, signing):
    """S3 allows it; a JSON request whose body is not covered by its signature is refused."""
    answer = send(signing.but(payload=UNSIGNED), **{"x-amz-content-sha256": UNSIGNED})
    assert (answer.status, answer.code()) == (400, "InvalidSignatureException")


def test_a_configured_region(program):
    with Server(program, aws_region="eu-central-1") as server:
        wire, signing = Wire(server.endpoint), Signing(server.key())
        assert wire.call(signing.but(region="eu-central-1"), "ListCollections", {}).status == 200
        answer = wire.call(signing, "ListCollections", {})
        expect(answer, "InvalidSignatureException", "Credential should be scoped to a valid region")


def test_a_server_without_keys_takes_any_signature(program):
    with Server(program, access_insecure_no_auth="true") as server:
        wire = Wire(server.endpoint)
        stranger = Signing(Key("", "AKIAIOSFODNN7EXAMPLE", "anything"))
        assert wire.call(stranger, "ListCollections", {}).status == 200
        answer = wire.send("POST", "/", wire.headers("RekognitionService.ListCollections"), b"{}")
        assert answer.status == 200
