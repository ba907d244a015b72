#!/usr/bin/env bash
# Build the wheel, install it into a clean environment without the checkout in sight, and use it.
# Argument: the bin folder of the development environment (for the locked build tools).
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
bin=$(cd "$1" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$bin/python" -m build --quiet --wheel --no-isolation --outdir "$scratch/dist" "$root"
"${PYTHON:-python3}" -m venv "$scratch/venv"
"$scratch/venv/bin/python" -m pip --disable-pip-version-check --quiet install \
  --require-hashes --only-binary :all: -r "$root/requirements.txt"
"$scratch/venv/bin/python" -m pip --disable-pip-version-check --quiet install \
  --no-deps "$scratch"/dist/clausegraph-*.whl
cd "$scratch"
export CLAUSEGRAPH_DATA="$scratch/data"
clausegraph="$scratch/venv/bin/clausegraph"
"$clausegraph" check --json
"$clausegraph" load --json
"$clausegraph" publish --json
"$clausegraph" query 'ASK { ?s a <https://w3id.org/clausegraph/ns#Instrument> }' --format json | grep -q true
"$clausegraph" query '{ jurisdictions { totalCount } }' --format json | grep -q '"totalCount": 4'
port=$("$scratch/venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$clausegraph" serve --port "$port" & server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$scratch"' EXIT
until python3 "$root/tests/ask_once.py" "$port" 2>/dev/null; do
  kill -0 "$server"
  sleep 0.1
done
echo "wheel: installed, loaded, published, queried and served"
