#!/usr/bin/env bash
# Builds the environment, then measures: bash tests/bench.sh [figure ...]
# One line per figure: name value unit. Without a name: all figures.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
bash "$root/docker/setup.sh"
cd "$root/tests"
exec "$root/.odoo/venv/bin/python" -m bench "$@"
