"""Signature version 4, written from AWS's description of it, so that a test can get any part of it wrong."""

import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode

from .server import REGION, Key

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"


@dataclass(frozen=True)
class Signing:
    """How a request is signed. Defaults are right; tests replace what they want wrong."""

    key: Key
    service: str = "rekognition"
    region: str = REGION
    skew: timedelta = timedelta(0)
    # Signed headers besides x-amz-*; `without` leaves some out.
    also: tuple[str, ...] = ("host", "content-type")
    without: tuple[str, ...] = ()
    # The date in the scope, where it differs from the time of the request.
    scope_date: str | None = None
    # What is signed as the body's digest; the real one where absent.
    payload: str | None = None

    def but(self, **changes) -> "Signing":
        return replace(self, **changes)

    def time(self) -> str:
        return (datetime.now(UTC) + self.skew).strftime("%Y%m%dT%H%M%SZ")


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def signing_key(signing: Signing, date: str) -> bytes:
    key = f"AWS4{signing.key.secret_access_key}".encode()
    for part in (date, signing.region, signing.service, "aws4_request"):
        key = _mac(key, part)
    return key


def canonical_query(query: list[tuple[str, str]]) -> str:
    pairs = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in query)
    return "&".join(f"{name}={value}" for name, value in pairs)


def _string_to_sign(signing, time, scope, method, path, query, headers, names, payload) -> str:
    canonical = "\n".join(
        [
            method,
            path,
            canonical_query(query),
            *(f"{name}:{' '.join(headers[name].split())}" for name in names),
            "",
            ";".join(names),
            payload,
        ]
    )
    return "\n".join([ALGORITHM, time, scope, digest(canonical.encode())])


def sign(
    signing: Signing,
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes,
    query: list[tuple[str, str]] = (),
) -> dict[str, str]:
    """The headers, in lower case, with `authorization` among them. `path` is percent-encoded already."""
    headers = {name.lower(): value for name, value in headers.items()}
    time = headers.setdefault("x-amz-date", signing.time())
    payload = signing.payload or digest(body)
    if signing.service == "s3":
        headers.setdefault("x-amz-content-sha256", payload)
    names = sorted(
        name for name in headers if (name.startswith("x-amz-") or name in signing.also) and name not in signing.without
    )
    date = signing.scope_date or time[:8]
    scope = f"{date}/{signing.region}/{signing.service}/aws4_request"
    text = _string_to_sign(signing, time, scope, method, path, list(query), headers, names, payload)
    signature = _mac(signing_key(signing, date), text).hex()
    headers["authorization"] = (
        f"{ALGORITHM} Credential={signing.key.access_key_id}/{scope}, "
        f"SignedHeaders={';'.join(names)}, Signature={signature}"
    )
    return headers


def presign(
    signing: Signing, method: str, host: str, path: str, expires_s: int, query: dict[str, str] | None = None
) -> str:
    """A path with a query that carries the signature."""
    time = signing.time()
    scope = f"{time[:8]}/{signing.region}/{signing.service}/aws4_request"
    pairs = list((query or {}).items()) + [
        ("X-Amz-Algorithm", ALGORITHM),
        ("X-Amz-Credential", f"{signing.key.access_key_id}/{scope}"),
        ("X-Amz-Date", time),
        ("X-Amz-Expires", str(expires_s)),
        ("X-Amz-SignedHeaders", "host"),
    ]
    text = _string_to_sign(
        signing, time, scope, method, path, pairs, {"host": host}, ["host"], signing.payload or UNSIGNED
    )
    pairs.append(("X-Amz-Signature", _mac(signing_key(signing, time[:8]), text).hex()))
    return f"{path}?{urlencode(pairs, quote_via=quote, safe='-_.~')}"
