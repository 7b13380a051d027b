"""Fits the maps in models/maps/ (crates/face/src/template_map.rs) to photos of many people.

    python scripts/fit_template_map.py target/release/selfsame PHOTOS... --out models/maps

Labels are not used: one photo of each of some thousand people is best. Needs numpy; the photos are encoded by the
`standard` pack itself, each of its networks alone and without a map.

Of both embedders the mean is subtracted and the directions of largest spread (principal components) are kept, of the first
all of them, scaled as a whitening would do whose covariance is mixed with the identity (SHRINKAGE parts of the sample's,
the rest identity).

The constants were chosen on the choosing half of other people: docs/ACCURACY.md, "The embedding".
"""

import argparse
import json
import os
import subprocess
import tempfile
import tomllib
from pathlib import Path

import numpy as np

# By role: the map's name, how many directions are kept, SHRINKAGE.
MAPS = {"embedder": ("mobilefacenet-foamliu-1", 128, 0.5), "second-embedder": ("dlib-resnet-1", 64, 0.2)}
STANDARD = Path(__file__).parent.parent / "models/packs/standard.toml"


def toml(value):
    """A value as inline TOML."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(v)}" for key, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


def alone(role):
    """The standard pack with one network and no map."""
    pack = tomllib.loads(STANDARD.read_text())
    pack.pop("fallback")
    embedder = pack["roles"].pop("second-embedder")
    if role == "embedder":
        embedder = pack["roles"]["embedder"]
    for name in ("map", "weight", "calibration"):
        embedder["parameters"].pop(name, None)
    # Nothing is compared; any calibration will do.
    anything = [[0.0, -1.0], [0.5, -4.0]]
    embedder["parameters"]["calibration"] = {"single": anything, "flip_averaged": anything}
    pack["roles"]["embedder"] = embedder
    return pack | {"name": "alone"}


def templates(selfsame, photos, role):
    with tempfile.TemporaryDirectory() as directory:
        text = "\n".join(f"{key} = {toml(value)}" for key, value in alone(role).items())
        Path(directory, "alone.toml").write_text(text)
        command = [selfsame, "--pack", "alone", "encode", *map(str, photos)]
        environment = os.environ | {"SELFSAME_MODELS_PACKS": directory}
        lines = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=False, text=True).stdout
    return np.array([json.loads(line)["template"] for line in lines.splitlines()])


def principal(values):
    """Spread and direction, the largest first."""
    spread, directions = np.linalg.eigh(np.cov(values.T))
    return spread[::-1], directions.T[::-1]


def whitening(spread, shrinkage):
    """What each direction is multiplied by."""
    return (shrinkage * spread / spread.mean() + 1 - shrinkage) ** -0.5


def numbers(values):
    return "[" + ", ".join(f"{value:.3f}" for value in values) + "]"


def fit(values, count, shrinkage):
    spread, directions = principal(values)
    scaled = directions[:count] * whitening(spread[:count], shrinkage)[:, None]
    rows = [f"    {numbers(direction)}," for direction in scaled]
    return [f"centre = {numbers(values.mean(0))}", "kept = [", *rows, "]"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("selfsame")
    parser.add_argument("photos", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    for role, (name, count, shrinkage) in MAPS.items():
        values = templates(arguments.selfsame, arguments.photos, role)
        header = f"# Fitted to {len(values)} faces by scripts/fit_template_map.py; docs/MODELS.md says to whose."
        (arguments.out / f"{name}.toml").write_text("\n".join([header, *fit(values, count, shrinkage)]) + "\n")
        print(f"{name}: {len(values)} faces")


if __name__ == "__main__":
    main()
