"""Damaged copies of valid requests, the same ones for the same seed."""

import base64
import copy
import json
import random
from dataclasses import dataclass

from support.http import Wire
from support.requests import OPERATIONS
from support.sign import Signing, sign

STRINGS = [
    "",
    " ",
    "\u0000",
    "é",
    "写真",
    "🙂" * 20,
    "\u202egnp.exe",
    "a" * 256,
    "a" * 100_000,
    "../../etc/passwd",
    "%00%2e%2e/",
    "'; DROP TABLE faces; --",
    "${jndi:ldap://x}",
    "11111111-2222-3333-4444-55555555555G",
    "arn:aws:rekognition:::collection/",
    "NaN",
    "null",
]
NUMBERS = [0, -1, 1, 0.5, 4097, 2**31, 2**63, 2**64, -(2**63), 1e308, -1e308, 1e-320, 100.00001, 10**40]
OTHERS = [None, True, False, [], {}, [[]], [None], {"": None}, {"Bytes": ""}]


@dataclass
class Request:
    """What is sent, and what it was made of."""

    operation: str
    what: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def __str__(self):
        return f"{self.operation}: {self.what}: {self.method} {self.path} {self.headers} {self.body[:300]!r}"

    def is_json(self) -> bool:
        """Whether it is still a request to a JSON service; else it may be anything that HTTP knows."""
        return self.method == "POST" and self.path.split("?")[0] == "/" and "x-amz-target" in self.headers


def paths(value, path=()):
    """The places in a JSON value."""
    if path:
        yield path
    if isinstance(value, (dict, list)):
        for name in value if isinstance(value, dict) else range(len(value)):
            yield from paths(value[name], (*path, name))


def at(value, path):
    for part in path:
        value = value[part]
    return value


class Mutator:
    """Picks operations in turn and ways of damage by chance."""

    def __init__(self, seed: int, wire: Wire, signing: Signing, bodies: dict[str, dict]):
        self.random = random.Random(seed)
        self.wire, self.signing, self.bodies = wire, signing, bodies
        self.ways = {
            "bytes of the body": self.damage_bytes,
            "length of the body": self.damage_length,
            "a member removed": self.remove,
            "a member replaced": self.replace,
            "a member multiplied": self.multiply,
            "a member renamed": self.rename,
            "a picture damaged": self.damage_picture,
            "another target": self.retarget,
            "headers before signing": self.change_headers,
            "headers after signing": self.change_signed,
            "method or path": self.reroute,
        }

    def request(self, number: int) -> Request:
        operation = OPERATIONS[number % len(OPERATIONS)]
        what = self.random.choice(list(self.ways))
        body = copy.deepcopy(self.bodies[operation])
        request = Request(
            operation,
            what,
            "POST",
            "/",
            self.wire.headers(f"RekognitionService.{operation}"),
            json.dumps(body).encode(),
        )
        self.ways[what](request, body)
        return request

    def sign(self, request: Request):
        request.headers = sign(self.signing, request.method, "/", request.headers, request.body)

    def put(self, request: Request, body):
        request.body = json.dumps(body).encode()
        self.sign(request)

    # Bodies.

    def damage_bytes(self, request, _body):
        data = bytearray(request.body)
        for _ in range(self.random.choice([1, 1, 2, 5, 20])):
            data[self.random.randrange(len(data))] = self.random.randrange(256)
        request.body = bytes(data)
        self.sign(request)

    def damage_length(self, request, _body):
        data, place = request.body, self.random.randrange(len(request.body))
        request.body = self.random.choice(
            [data[:place], data[place:], data + data, b"", data[:place] + b"\xff" * 9 + data[place:], data + b"\0"]
        )
        self.sign(request)

    def remove(self, request, body):
        path = self.random.choice(list(paths(body)))
        del at(body, path[:-1])[path[-1]]
        self.put(request, body)

    def replace(self, request, body):
        path = self.random.choice(list(paths(body)))
        value = self.random.choice(self.random.choice([STRINGS, NUMBERS, OTHERS]))
        at(body, path[:-1])[path[-1]] = value
        self.put(request, body)

    def multiply(self, request, body):
        """A list, a map or a string becomes long, or deep."""
        path = self.random.choice(list(paths(body)))
        value, count = at(body, path), self.random.choice([2, 101, 4097, 20_000])
        if isinstance(value, list):
            value = (value or ["x"]) * count
        elif isinstance(value, dict):
            value = value | {f"key{number}": "x" for number in range(count)}
        elif isinstance(value, str) and len(value) < 1000:
            value = (value or "x") * count
        else:
            value = json.loads("[" * min(count, 500) + "]" * min(count, 500))
        at(body, path[:-1])[path[-1]] = value
        self.put(request, body)

    def rename(self, request, body):
        name = self.random.choice(list(body))
        change = self.random.choice([str.lower, str.upper, lambda text: text + "\u0000", lambda text: f" {text}"])
        body[change(name)] = body.pop(name)
        text = json.dumps(body)
        if self.random.random() < 0.3:
            # The same name twice.
            first = next(iter(body))
            text = text[:-1] + f", {json.dumps(first)}: {json.dumps(body[first])}}}"
        request.body = text.encode()
        self.sign(request)

    def damage_picture(self, request, body):
        pictures = [name for name in ("Image", "SourceImage", "TargetImage") if name in body]
        if not pictures:
            return self.replace(request, body)
        name = self.random.choice(pictures)
        data = bytearray(base64.b64decode(body[name]["Bytes"]))
        for _ in range(self.random.choice([1, 3, 30, 300])):
            # The head of a file matters most.
            end = self.random.choice([64, 1024, len(data)])
            data[self.random.randrange(min(end, len(data)))] = self.random.randrange(256)
        if self.random.random() < 0.2:
            del data[self.random.randrange(len(data)) :]
        body[name]["Bytes"] = base64.b64encode(bytes(data)).decode()
        return self.put(request, body)

    # Headers.

    def retarget(self, request, _body):
        target = self.random.choice(
            [f"RekognitionService.{operation}" for operation in OPERATIONS]
            + ["RekognitionService.DetectLabels", "RekognitionService", ".", "Textract.DetectDocumentText", "a" * 5000]
            + [
                "RekognitionService.CreateFaceLivenessSession",
                "AmazonSSM.GetParameter",
                "rekognitionservice.DetectFaces",
            ]
        )
        request.headers["x-amz-target"] = target
        self.sign(request)

    def change_headers(self, request, _body):
        kinds = ["text/plain", "application/x-amz-json-1.0", "application/cbor", "multipart/form-data", "", "x" * 2000]
        extra = [
            {"content-type": self.random.choice(kinds)},
            {"accept-encoding": "gzip, br"},
            {"content-encoding": "gzip"},
            {"expect": "nothing"},
            {"x-amz-security-token": "x" * 1000},
            {
                "x-amz-content-sha256": self.random.choice(
                    ["UNSIGNED-PAYLOAD", "0" * 64, "STREAMING-UNSIGNED-PAYLOAD-TRAILER"]
                )
            },
            {"origin": "https://example.com"},
            {"x-amz-meta-x": "a  b\t c"},
            {f"x-amz-{number}": "x" for number in range(60)},
            {"host": self.random.choice(["", "example.com", "localhost:1", "[::1]", "a" * 300])},
        ]
        request.headers |= self.random.choice(extra)
        self.sign(request)

    def change_signed(self, request, _body):
        self.sign(request)
        name = self.random.choice(["authorization", "x-amz-date", "x-amz-target", "host", "content-type"])
        value = request.headers[name]
        place = self.random.randrange(len(value))
        letter = chr(self.random.randrange(33, 127))
        change = self.random.choice(["replace", "cut", "remove", "double"])
        if change == "remove":
            del request.headers[name]
        else:
            request.headers[name] = {
                "replace": value[:place] + letter + value[place + 1 :],
                "cut": value[:place],
                "double": value + value,
            }[change].strip()

    def reroute(self, request, _body):
        self.sign(request)
        if self.random.random() < 0.5:
            request.method = self.random.choice(["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
        else:
            request.path = self.random.choice(["/?a=b", "/x", "//", "/%2e%2e/", "/?X-Amz-Credential=a/b/c", "/?", "/*"])
