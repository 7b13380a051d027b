"""A real server on a free port with a fresh data directory, and the keys it knows.

`python -m support.server COMMAND…` runs a command beside such a server, with the AWS variables of a new user set.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
REGION = "us-east-1"
# Loading models in a debug build takes a second; a busy machine, or a first start that fetches them, may take longer.
PATIENCE_S = 600
ADMINISTRATOR = "a-key-for-tests-only"


@dataclass(frozen=True)
class Key:
    """An access key as `selfsame keys create --aws` prints it."""

    id: str
    access_key_id: str
    secret_access_key: str


def binary() -> Path:
    """The program under test: `$SELFSAME_BIN`, else a debug build of this checkout."""
    if named := os.environ.get("SELFSAME_BIN"):
        return Path(named)
    subprocess.run(["cargo", "build", "--quiet", "--package", "selfsame-cli"], cwd=REPOSITORY, check=True)
    target = os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target")
    return REPOSITORY / target / "debug" / "selfsame"


def environment() -> dict[str, str]:
    """The caller's environment without settings of Selfsame or AWS, but with the models of the tests."""
    kept = ("SELFSAME_MODELS", "SELFSAME_MODEL_MIRROR")
    values = {
        name: value for name, value in os.environ.items() if name in kept or not name.startswith(("SELFSAME_", "AWS_"))
    }
    copies = REPOSITORY.parent / "shared" / "models"
    if copies.is_dir():
        values.setdefault("SELFSAME_MODEL_MIRROR", str(copies))
    return values


class Server:
    """A running server. Settings are those of `SELFSAME_…`, in lower case: `aws_region="eu-west-1"`."""

    def __init__(self, program: Path, **settings: str):
        self.program = program
        self.data = Path(tempfile.mkdtemp(prefix="selfsame-compat-"))
        # The clients keep connections and are told not to try twice, so none may be closed while it waits to be used again.
        values = environment() | {"SELFSAME_SERVER_HEADER_TIMEOUT_MS": "120000"}
        values |= {f"SELFSAME_{name.upper()}": value for name, value in settings.items()}
        values["SELFSAME_API_KEY"] = ADMINISTRATOR
        self.log: list[str] = []
        self.process = subprocess.Popen(
            [program, "serve", "--listen", "127.0.0.1:0", "--data", self.data],
            env=values,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            self.endpoint = self._address()
            threading.Thread(target=self._drain, daemon=True).start()
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def _address(self) -> str:
        for line in self.process.stderr:
            if line.startswith("listening on "):
                return line.removeprefix("listening on ").strip()
            self.log.append(line)
        raise RuntimeError("the server ended at its start:\n" + "".join(self.log))

    def _drain(self):
        # Nobody must wait for a full pipe.
        for line in self.process.stderr:
            self.log.append(line)

    def _wait_until_ready(self):
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if self.is_ready():
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError("the server does not get ready:\n" + "".join(self.log))

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.endpoint}/health/ready", timeout=10) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def command(self, *arguments: str) -> dict:
        """Runs a command of the program on this server's data directory, beside the running server."""
        done = subprocess.run(
            [self.program, *arguments, "--format", "json", "--data", self.data],
            env=environment(),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return json.loads(done.stdout)

    def key(self, *arguments: str) -> Key:
        """Makes an access key, as the documentation tells new users to."""
        made = self.command("keys", "create", "--aws", *arguments)
        return Key(made["id"], made["access_key_id"], made["secret_access_key"])

    def variables(self, key: Key) -> dict[str, str]:
        """What a user of any AWS client sets to talk to this server, and nothing of the caller's own accounts."""
        nowhere = str(self.data / "no-such-file")
        return environment() | {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": key.access_key_id,
            "AWS_SECRET_ACCESS_KEY": key.secret_access_key,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_CONFIG_FILE": nowhere,
            "AWS_SHARED_CREDENTIALS_FILE": nowhere,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
            "NO_PROXY": "127.0.0.1",
        }

    def stop(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.data, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def fetch_samples(program: Path, directory: Path) -> Path:
    """The project's own sample photos."""
    if not directory.is_dir():
        subprocess.run([program, "samples", directory], env=environment(), check=True, stdout=subprocess.DEVNULL)
    return directory


def main() -> int:
    program = binary()
    with Server(program) as server, tempfile.TemporaryDirectory() as photos:
        values = server.variables(server.key())
        administrator = server.key("--scope", "admin")
        values["SELFSAME_ADMIN_ACCESS_KEY_ID"] = administrator.access_key_id
        values["SELFSAME_ADMIN_SECRET_ACCESS_KEY"] = administrator.secret_access_key
        values["SELFSAME_PHOTOS"] = str(fetch_samples(program, Path(photos) / "samples"))
        return subprocess.run(sys.argv[1:], env=values).returncode


if __name__ == "__main__":
    sys.exit(main())
