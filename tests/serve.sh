#!/usr/bin/env bash
# The README's first command on a clean checkout: `make serve`, one question, stop.
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$scratch"' EXIT
export CLAUSEGRAPH_DATA="$scratch/data"
CLAUSEGRAPH_PORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export CLAUSEGRAPH_PORT
start=$SECONDS
make --no-print-directory serve &
server=$!
until answer=$(python3 tests/ask_once.py "$CLAUSEGRAPH_PORT" 2>/dev/null); do
  kill -0 "$server" || { echo "make serve ended" >&2; exit 1; }
  [ $((SECONDS - start)) -lt 300 ] || { echo "make serve did not answer in 300 s" >&2; exit 1; }
  sleep 0.2
done
echo "make serve: answered after $((SECONDS - start)) s: $answer"
