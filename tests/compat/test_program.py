"""A whole boto3 program, unchanged but for the endpoint."""

import json
import subprocess
import sys
from pathlib import Path

from support.photos import OTHER, PERSON


def test_the_program_runs(server, key, photos, tmp_path):
    # Two people; one of them three times.
    for number, name in enumerate(PERSON):
        (tmp_path / f"barack-{number}.jpg").write_bytes(photos.read(name))
    (tmp_path / "joe.jpg").write_bytes(photos.read(OTHER))
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("program.py"), tmp_path],
        env=server.variables(key),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "photos": 4,
        "users": 2,
        "faces": 3,
        "welcome": 2,
        "same": 1,
        "different": 1,
        "neighbours": 1,
        "twins": 0,
        "strangers": 1,
        "users left": 1,
        "mistakes": [
            "ResourceAlreadyExistsException",
            "ResourceNotFoundException",
            "InvalidS3ObjectException",
            "InvalidImageFormatException",
            "NoSuchKey",
        ],
        "tags": {"purpose": "door", "owner": "Zoë"},
    }
