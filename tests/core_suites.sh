#!/usr/bin/env bash
# Invariant I12: runs Odoo's own suites in a database without and in one with our addons; what passes without must pass with.
#   bash tests/core_suites.sh [path below Odoo's addons ...]     default: those named in core_suites.py, ten minutes
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
bash "$root/docker/setup.sh" --tests
exec "$root/.odoo/venv/bin/python" "$root/tests/core_suites.py" "$@"
