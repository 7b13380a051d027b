"""The AWS CLI as a new user types it: the commands and the answers of AWS's own examples.

The CLI brings the examples of its documentation along; the answers here are compared with those, member by member.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import awscli

EXAMPLES = Path(awscli.__file__).parent / "examples" / "rekognition"

# What the examples show and Selfsame may leave out: attributes that it cannot compute are absent, never invented. See
# docs/COMPATIBILITY.md.
MAY_BE_ABSENT = {
    "AgeRange",
    "Beard",
    "Emotions",
    "EyeDirection",
    "Eyeglasses",
    "EyesOpen",
    "FaceOccluded",
    "Gender",
    "MouthOpen",
    "Mustache",
    # Always null with the models of today, AWS's documentation says; the examples are older.
    "OrientationCorrection",
    "Smile",
    "Sunglasses",
}


def example(command: str) -> dict:
    """The answer that AWS's documentation shows for a command."""
    text = (EXAMPLES / f"{command}.rst").read_text()
    start = text.index("{\n", text.index("::\n"))
    return json.JSONDecoder().raw_decode(text[start:])[0]


def run(line: str, variables: dict[str, str]) -> str:
    """Runs a line in a shell, with this environment's `aws`; its standard output."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{variables['PATH']}"
    done = subprocess.run(
        ["bash", "-c", line], env=variables | {"PATH": path}, capture_output=True, text=True, timeout=120
    )
    if done.returncode:
        raise CommandError(done.returncode, done.stderr.strip())
    return done.stdout


class CommandError(Exception):
    def __init__(self, status: int, text: str):
        super().__init__(text)
        self.status = status
        found = re.search(r"An error occurred \((\w+)\)", text)
        self.code = found[1] if found else None


def differences(documented, ours, path="$") -> list[str]:
    """Members of the documented answer that ours lacks, or has with another type."""
    if isinstance(documented, dict):
        if not isinstance(ours, dict):
            return [f"{path} is no object"]
        return [
            text
            for name, value in documented.items()
            if name in ours or name not in MAY_BE_ABSENT
            for text in (
                differences(value, ours[name], f"{path}.{name}") if name in ours else [f"{path}.{name} is absent"]
            )
        ]
    if isinstance(documented, list):
        if not isinstance(ours, list):
            return [f"{path} is no list"]
        if path.endswith("Landmarks"):
            missing = {point["Type"] for point in documented} - {point["Type"] for point in ours}
            return [f"{path} lacks {sorted(missing)}"] if missing else []
        return [
            text
            for number, value in enumerate(ours if documented else [])
            for text in differences(documented[0], value, f"{path}[{number}]")
        ]
    number = (int, float)
    if isinstance(documented, number) and not isinstance(documented, bool):
        return [] if isinstance(ours, number) else [f"{path} is {type(ours).__name__}"]
    return [] if isinstance(ours, type(documented)) else [f"{path} is {type(ours).__name__}"]
