"""Judges every response against botocore's own description of it.

botocore is forgiving: it drops members it does not know and believes types. Other SDKs are not, so nothing unknown, nothing
missing and nothing of a wrong type passes here, whatever a test looks at.
"""

import base64
import json
import re
import xml.etree.ElementTree as ElementTree

import botocore.session

# What any operation may answer besides the errors in its model.
COMMON = {
    "AccessDeniedException",
    "IncompleteSignatureException",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "RequestEntityTooLargeException",
    "RequestTimeoutException",
    "SerializationException",
    "ServiceUnavailableException",
    "UnknownOperationException",
    "UnrecognizedClientException",
    "ValidationException",
}
STATUS = {"InternalServerError": 500, "ServiceUnavailableException": 503}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# What AWS sends otherwise than its model has it: the recorded answers of AnalyzeID.
RECORDED = {"ValueType": {"Date"}}
# AWS documents these as "always null".
NULLABLE = {"OrientationCorrection", "SourceImageOrientationCorrection", "TargetImageOrientationCorrection"}


def model(service: str):
    return botocore.session.get_session().get_service_model(service)


def errors_of(operation) -> set[str]:
    """The names by which an operation's errors go on the wire."""
    modelled = {shape.metadata.get("error", {}).get("code", shape.name) for shape in operation.error_shapes}
    return modelled | COMMON


def problems(shape, value, path="$") -> list[str]:
    """Everything in which a JSON value is not what the shape says."""
    if value is None:
        return [] if path.rsplit(".", 1)[-1] in NULLABLE else [f"{path} is null"]
    return _CHECKS[shape.type_name](shape, value, path)


def _structure(shape, value, path):
    if not isinstance(value, dict):
        return [f"{path} is no object: {value!r:.80}"]
    members = {member.serialization.get("name", name): member for name, member in shape.members.items()}
    found = [f"{path}.{name} is not in the model" for name in value if name not in members]
    found += [f"{path}.{name} is missing" for name in shape.required_members if name not in value]
    for name, member in members.items():
        if name in value:
            found += problems(member, value[name], f"{path}.{name}")
    return found


def _list(shape, value, path):
    if not isinstance(value, list):
        return [f"{path} is no list: {value!r:.80}"]
    return [text for i, item in enumerate(value) for text in problems(shape.member, item, f"{path}[{i}]")]


def _map(shape, value, path):
    if not isinstance(value, dict):
        return [f"{path} is no map: {value!r:.80}"]
    return [
        text
        for name, item in value.items()
        for text in problems(shape.key, name, f"{path} key") + problems(shape.value, item, f"{path}[{name!r}]")
    ]


def _string(shape, value, path):
    if not isinstance(value, str):
        return [f"{path} is no string: {value!r:.80}"]
    if getattr(shape, "enum", None) and value not in RECORDED.get(shape.name, shape.enum):
        return [f"{path} is {value!r}, none of {shape.enum}"]
    pattern = shape.metadata.get("pattern")
    if pattern and "\\p" not in pattern and not re.fullmatch(pattern, value):
        return [f"{path} is {value!r}, not {pattern}"]
    return _range(shape, len(value), path)


def _number(shape, value, path):
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return [f"{path} is no number: {value!r:.80}"]
    if shape.type_name in ("integer", "long") and not isinstance(value, int):
        return [f"{path} is no whole number: {value!r}"]
    return _range(shape, value, path)


def _range(shape, value, path):
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if (least is not None and value < least) or (most is not None and value > most):
        return [f"{path}: {value} is not within {least} and {most}"]
    return []


def _boolean(_shape, value, path):
    return [] if isinstance(value, bool) else [f"{path} is no boolean: {value!r:.80}"]


def _timestamp(_shape, value, path):
    good = isinstance(value, (int, float)) and not isinstance(value, bool) and 1.5e9 < value < 4e9
    return [] if good else [f"{path} is no time in seconds: {value!r:.80}"]


def _blob(_shape, value, path):
    try:
        base64.b64decode(value, validate=True)
    except (TypeError, ValueError):
        return [f"{path} is not base64"]
    return []


_CHECKS = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _string,
    "integer": _number,
    "long": _number,
    "float": _number,
    "double": _number,
    "boolean": _boolean,
    "timestamp": _timestamp,
    "blob": _blob,
}


def json_problems(operation, status: int, headers, body: bytes) -> list[str]:
    """Everything that is wrong with an answer of a JSON service."""
    found = []
    request = headers.get("x-amzn-requestid", "")
    if not UUID.fullmatch(request):
        found.append(f"x-amzn-RequestId is {request!r}")
    kind = headers.get("content-type", "")
    if not kind.startswith("application/x-amz-json-1."):
        found.append(f"content type is {kind!r}")
    try:
        value = json.loads(body)
    except ValueError as error:
        return [*found, f"the body is not JSON: {error}: {body[:200]!r}"]
    if status == 200:
        return found + problems(operation.output_shape, value)
    return found + _error_problems(operation, status, request, value)


def _error_problems(operation, status, request, value) -> list[str]:
    expected = {"__type", "Code", "Logref", "Message"}
    if not isinstance(value, dict) or set(value) != expected:
        return [f"an error has the members {sorted(expected)}, this one is {value!r:.200}"]
    code, found = value["__type"], []
    if code != value["Code"]:
        found.append(f"__type {code} and Code {value['Code']} differ")
    if value["Logref"] != request:
        found.append("Logref is not the request id")
    if not isinstance(value["Message"], str) or not value["Message"]:
        found.append(f"Message is {value['Message']!r}")
    if operation is not None and code not in errors_of(operation):
        found.append(f"{code} is not an error of {operation.name}")
    if status != STATUS.get(code, 400):
        found.append(f"{code} with status {status}")
    return found


def xml_problems(operation, status: int, headers, body) -> list[str]:
    """Everything that is wrong with an answer of S3."""
    found = [f"{name} is missing" for name in ("x-amz-request-id",) if not headers.get(name)]
    if status >= 300:
        if not body:
            return found  # HEAD, and 304
        root = ElementTree.fromstring(body)
        names = {_local(child) for child in root}
        if _local(root) != "Error" or not {"Code", "Message", "RequestId"} <= names:
            found.append(f"an error is {_local(root)} with {sorted(names)}")
        return found
    shape = operation.output_shape
    if shape is None or operation.has_streaming_output or not isinstance(body, bytes):
        return found
    payload = shape.serialization.get("payload")
    if payload:
        shape = shape.members[payload]
    if shape.type_name != "structure" or not any("location" not in m.serialization for m in shape.members.values()):
        return found + ([f"an unexpected body: {body[:200]!r}"] if body else [])
    return found + _element_problems(shape, ElementTree.fromstring(body), "$")


def _local(element) -> str:
    return element.tag.rsplit("}", 1)[-1]


def _element_problems(shape, element, path) -> list[str]:
    if shape.type_name == "list":
        return [text for child in element for text in _element_problems(shape.member, child, f"{path}[]")]
    if shape.type_name != "structure":
        return [] if len(element) == 0 else [f"{path} has elements within"]
    members = {}
    for name, member in shape.members.items():
        if "location" in member.serialization:
            continue
        if member.type_name == "list" and member.serialization.get("flattened"):
            name, member = (
                member.serialization.get("name", member.member.serialization.get("name", name)),
                member.member,
            )
        else:
            name = member.serialization.get("name", name)
        members[name] = member
    found = []
    for child in element:
        name = _local(child)
        if name not in members:
            found.append(f"{path}/{name} is not in the model")
        else:
            found += _element_problems(members[name], child, f"{path}/{name}")
    return found


def judge(operation_model, response_dict, **_):
    """A hook for botocore: an answer that is not what the model says fails the test that caused it."""
    status, headers, body = response_dict["status_code"], response_dict["headers"], response_dict["body"]
    check = xml_problems if operation_model.service_model.service_name == "s3" else json_problems
    found = check(operation_model, status, headers, body)
    assert not found, f"{operation_model.name} ({status}):\n  " + "\n  ".join(found)
