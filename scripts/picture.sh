#!/usr/bin/env bash
# Draws docs/portrait.png, the README's picture: NASA's portrait of Eileen Collins (public domain), as PyPI's
# scikit-image 0.26.0 carries it, annotated by the tool itself.
set -euo pipefail
cd "$(dirname "$0")/.."
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
pip download --quiet --no-deps --only-binary=:all: --dest "$work" scikit-image==0.26.0
python3 -m zipfile -e "$work"/scikit_image-*.whl "$work"
cargo run --quiet --release -- detect "$work/skimage/data/astronaut.png" --annotate docs/portrait.png
