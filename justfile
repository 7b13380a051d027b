# `just` lists the recipes. Everything works without just too: the recipes are one line each.

_list:
    @just --list

# Format everything.
fmt:
    cargo fmt --all

# What CI checks besides the tests.
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps
    cargo run -q -p xtask -- walls

# The README's test command.
test:
    cargo test --workspace

# Licences, sources, bans (and advisories, where the database can be reached).
deny:
    cargo deny check bans licenses sources

# Latency, throughput and search speed of this machine.
bench:
    cargo run --release -- bench

# The same models under onnxruntime in Python, side by side.
peers:
    benches/peers/run.sh

# Redraws the README's picture (needs Python with pip for the sample portrait).
picture:
    scripts/picture.sh

# The shapes of the wire crate, from the service models: the directory `data` of the Python package botocore.
codegen models:
    cargo run -q -p xtask -- codegen --models {{ models }}

# Regenerates what is generated and fails if the tree changes.
assert-unchanged: fmt
    git diff --exit-code
