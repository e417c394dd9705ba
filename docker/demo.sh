#!/usr/bin/env bash
# The demo: bash docker/demo.sh [--check|--stop]
#   (nothing)  starts everything, prints URL and logins, serves until Ctrl-C
#   --check    starts everything and exits 0 once all mail is in the chatters (5 minutes at most); it stays up
#   --stop     ends what was started
# PORT=8069 sets Odoo's port. All data is below .odoo/; delete .odoo/data/demo to begin anew.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
case ${1:-} in "" | --check | --stop) ;; *) sed -n '2,6s/^# //p' "$0"; exit 2 ;; esac
if [ "${1:-}" = --stop ] && [ ! -x "$root/.odoo/venv/bin/python" ]; then exit 0; fi
[ "${1:-}" = --stop ] || bash "$root/docker/setup.sh"
exec "$root/.odoo/venv/bin/python" "$root/docker/demo.py" "$@"
