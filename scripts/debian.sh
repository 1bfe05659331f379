#!/usr/bin/env bash
# Installs Debian packages, as root, without starting the services that come with them:
# Paperclaim runs a Redis of its own.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  trap 'rm -f $policy' EXIT
  printf '#!/bin/sh\nexit 101\n' > $policy
  chmod +x $policy
fi

# errors and warnings are printed, what goes well is not
install() { apt-get install -y -qq --no-install-recommends "$@" > /dev/null; }
# the lists of a machine are missing when it is new, and old after some weeks
if ! ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1 || ! install "$@"; then
  apt-get update -qq
  install "$@"
fi
if command -v systemctl >/dev/null; then
  for service in redis-server postgresql; do
    case " $* " in *" $service "*) systemctl disable --quiet "$service" || true ;; esac
  done
fi
