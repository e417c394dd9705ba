#!/usr/bin/env bash
# Builds the environment, then tests: bash tests/run.sh [--deep] [path ...] [pytest options]
# No path: all tests. Only paths below tests/unit: no database is made. --deep: the long families too.
# The last line is "N passed, N failed[, N skipped]".
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
bash "$root/docker/setup.sh" --tests || { echo "0 passed, 0 failed"; exit 1; }
export WAIMAOLANG_TEST_SETUP_SECONDS=$SECONDS
exec "$root/.odoo/venv/bin/python" "$root/tests/run.py" "$@"
