"""Take from the decoding child what it never needs: other files, the network, other processes.

By Landlock (Linux 5.13 and later, docs.kernel.org/userspace-api/landlock.html), which needs no
rights and cannot be undone. The child may then read the system's programs, libraries and fonts,
Python, and the one scan; write nothing that it has not open already; neither connect nor listen by
TCP (from 6.7 on), nor signal other processes (from 6.12 on). Not covered: UDP, sockets in files,
and what was in its parent's memory. An older kernel gives less, or nothing: `level` tells.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import stat
import struct
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

#: loaded before the fork: a dlopen in the child would take the loader's lock
LIBC: Final = ctypes.CDLL(None, use_errno=True)
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
#: flag that asks for the version; the kind of a rule that names a folder
_VERSION, _PATH_BENEATH = 1, 1
_EXECUTE, _WRITE, _READ_FILE, _READ_FOLDER = 1, 1 << 1, 1 << 2, 1 << 3
#: rights over files by the version that brought the last of them: all 13 of the first, then
#: REFER, TRUNCATE, IOCTL_DEV
_FILE_RIGHTS: Final = (
    (5, (1 << 16) - 1),
    (3, (1 << 15) - 1),
    (2, (1 << 14) - 1),
    (1, (1 << 13) - 1),
)
#: versions that brought TCP (bind and connect), and scopes (abstract sockets and signals)
_TCP, _SCOPES = 4, 6
#: what poppler and Python read
_READ: Final = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/opt", "/nix", "/gnu", "/snap"),
    *("/etc/fonts", "/etc/alternatives", "/etc/ld.so.cache", "/etc/localtime"),
    *("/var/cache/fontconfig", "~/.cache/fontconfig", "~/.fonts", "~/.local/share/fonts"),
    *("/dev/null", "/dev/urandom", sys.prefix, sys.base_prefix),
)


def _outermost(names: Iterable[str]) -> list[Path]:
    """What is there, without what lies in another of them."""
    found = {
        path.resolve() for path in (Path(name).expanduser() for name in names) if path.exists()
    }
    return sorted(path for path in found if found.isdisjoint(path.parents))


_SYSTEM: Final = _outermost(_READ)


def level() -> int:
    """The version of Landlock that this kernel has; 0 where it has none or forbids it."""
    return max(0, int(LIBC.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION)))


def confine(files: Iterable[Path]) -> None:
    """Confine this process, for good, to the system and to reading `files`.

    Asks for as much as the kernel gives; it must have been told to gain no new rights.
    """
    version = level()
    if not version:
        return
    handled = next(rights for since, rights in _FILE_RIGHTS if version >= since)
    attributes = struct.pack("=Q", handled)
    if version >= _TCP:
        attributes += struct.pack("=Q", 0b11)
    if version >= _SCOPES:
        attributes += struct.pack("=Q", 0b11)
    rules = LIBC.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if rules < 0:
        return
    # Its own processes' folder; another's would tell that one's environment.
    for path in (*_SYSTEM, Path("/proc/self"), *files):
        _allow(rules, path)
    LIBC.syscall(_RESTRICT_SELF, rules, 0)
    os.close(rules)


def _allow(rules: int, path: Path) -> None:
    """Let a file be read, or all that lies in a folder be read and run."""
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
            rights = _READ_FILE | (_EXECUTE | _READ_FOLDER if folder else 0)
            if path == Path(os.devnull):
                rights |= _WRITE
            rule = struct.pack("=Qi", rights, descriptor)
            LIBC.syscall(_ADD_RULE, rules, _PATH_BENEATH, rule, 0)
        finally:
            os.close(descriptor)
