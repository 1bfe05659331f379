#!/usr/bin/env bash
# Is this Debian package installed, or one that took its name (libglib2.0-0t64 on Ubuntu 24.04)?
set -euo pipefail
# no grep -q: it ends at the first find, and those before it in the pipe fail
dpkg-query -W -f='${db:Status-Status} ${Package} ${Provides}\n' 2>/dev/null |
  sed -n 's/^installed //p' | tr -d ',' | tr ' ' '\n' | grep -xF -- "$1" > /dev/null
