#!/usr/bin/env bash
# Makes this folder ready: Debian packages, virtual environment, pinned dependencies.
#   scripts/setup.sh run    what Paperclaim needs
#   scripts/setup.sh dev    and what its tests need
# Does nothing where nothing has changed since the last time. Takes the package registries that
# apt and pip are configured with.
set -euo pipefail
cd "$(dirname "$0")/.."

what=${1:-run}
case $what in
  run) lists=(requirements/debian.txt) ;;
  dev) lists=(requirements/debian.txt requirements/debian-test.txt) ;;
  *) echo "usage: scripts/setup.sh run|dev" >&2; exit 2 ;;
esac
say() { echo "paperclaim setup: $*" >&2; }

# --- the Python that the virtual environment is made from
python=
for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
  if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$(command -v "$name")
    break
  fi
done
if [ -z "$python" ]; then
  say "Python 3.11 or newer is needed; PYTHON=/path/to/python3 names one."
  exit 1
fi

# --- what this environment was made from; the same again is nothing to do
stamp=.venv/made-from.$what
now=$(cat requirements/*.txt pyproject.toml scripts/*.sh |
  { cat; "$python" -VV; pwd; } | sha256sum)
# what the tests need holds what Paperclaim needs
for made in "$stamp" .venv/made-from.dev; do
  if [ -x .venv/bin/paperclaim ] && [ -e "$made" ] && [ "$(sed -n 1p "$made")" = "$now" ]; then
    exit 0
  fi
done

# --- Debian packages
packages=$(sed 's/#.*//' "${lists[@]}" | tr -s ' \n' ' ')
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
  packages+=" $("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
fi
if command -v dpkg-query >/dev/null; then
  missing=()
  for package in $packages; do
    scripts/installed.sh "$package" || missing+=("$package")
  done
  if [ ${#missing[@]} -gt 0 ]; then
    install=(bash scripts/debian.sh "${missing[@]}")
    if [ "$(id -u)" = 0 ]; then
      say "installing ${missing[*]}"
      "${install[@]}"
    elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
      say "installing ${missing[*]} (asks for root through sudo)"
      sudo "${install[@]}"
    else
      say "these Debian packages are missing, and installing them needs root:"
      say "  ${missing[*]}"
      say "Run this as root, then start again:"
      say "  cd $(pwd) && ${install[*]}"
      exit 1
    fi
  fi
else
  say "this is no Debian: see that these are installed, or what they are called here: $packages"
fi

# --- the virtual environment
if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
  ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
  say "making .venv with $("$python" -V)"
  rm -rf .venv
  "$python" -m venv .venv
fi
rm -f .venv/made-from.*
say "installing the pinned dependencies of requirements/$what.txt"
pip=(.venv/bin/python -m pip --disable-pip-version-check install --quiet --no-deps)
"${pip[@]}" --require-hashes -r "requirements/$what.txt"
# compat: one line that names this folder, so that a new package in it needs no new installation
"${pip[@]}" --no-build-isolation --config-settings editable_mode=compat --editable .
echo "$now" > "$stamp"
