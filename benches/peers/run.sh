#!/bin/sh
# Measures Selfsame beside the same models under onnxruntime in Python, taking turns, and prints the ratio.
#   benches/peers/run.sh [arguments of `selfsame bench`]
# PYTHON names an interpreter that has requirements.txt installed; without it an environment of our own is made once
# under target/. SELFSAME names the binary; without it a release build is made.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}

if [ -z "${PYTHON:-}" ]; then
    PYTHON=$target/peers/bin/python
    if ! [ -x "$PYTHON" ]; then
        python3 -m venv "$target/peers"
        "$target/peers/bin/pip" install --quiet --requirement "$here/requirements.txt"
    fi
fi
if [ -z "${SELFSAME:-}" ]; then
    cargo build --release --quiet --manifest-path "$root/Cargo.toml"
    SELFSAME=$target/release/selfsame
fi
# Neither side tells anybody what was measured.
export ORT_DISABLE_TELEMETRY=1
exec "$SELFSAME" bench pipeline --threads 1 --peer "$PYTHON" "$@"
