"""Requests without an SDK in between."""

import http.client
import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from .sign import Signing, sign

# No request of these tests takes nearly as long; one that does hangs.
TIMEOUT_S = 30


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self):
        return json.loads(self.body)

    def code(self) -> str:
        """The error's name, or nothing."""
        return self.json().get("__type", "") if self.status >= 400 else ""


class Wire:
    """Sends what it is told to, byte for byte."""

    def __init__(self, endpoint: str, timeout_s: float = TIMEOUT_S):
        self.host = urlsplit(endpoint).netloc
        self.timeout_s = timeout_s

    def send(self, method: str, target: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Answer:
        connection = http.client.HTTPConnection(self.host, timeout=self.timeout_s)
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            named = {name.lower() for name in headers or {}}
            if "host" not in named:
                connection.putheader("host", self.host)
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            if "content-length" not in named and "transfer-encoding" not in named:
                connection.putheader("content-length", str(len(body)))
            connection.endheaders()
            try:
                connection.send(body)
            except (BrokenPipeError, ConnectionResetError):
                pass  # refused before all of it was read: the answer says why
            answer = connection.getresponse()
            names = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, names, answer.read())
        finally:
            connection.close()

    def headers(self, target: str, version: str = "1.1") -> dict[str, str]:
        return {
            "host": self.host,
            "content-type": f"application/x-amz-json-{version}",
            "x-amz-target": target,
        }

    def call(self, signing: Signing, operation: str, body, prefix: str = "RekognitionService") -> Answer:
        """A signed JSON request. `body` is bytes as they are, or anything that JSON can hold."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = self.headers(f"{prefix}.{operation}")
        return self.send("POST", "/", sign(signing, "POST", "/", headers, data), data)
