"""What a worker process is deprived of before it reads a query: memory beyond a limit, network.

SPARQL text is checked for SERVICE before it runs (`sparql_guard`); this is the second wall. A
seccomp filter makes the kernel refuse every new socket to the process, needs no privilege and
cannot be undone. Linux on x86-64 and arm64 only; elsewhere the first wall stands alone.
"""

from __future__ import annotations

import contextlib
import ctypes
import platform
import struct
import sys

if sys.platform != "win32":
    import resource

_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2
_ALLOW = 0x7FFF0000
_REFUSE = 0x00050001  # SECCOMP_RET_ERRNO with EPERM
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_X32 = 0x40000000  # calls of the x32 ABI have numbers of their own, from here on

# Architecture in the kernel's audit numbering; the calls socket, connect and io_uring_setup.
_MACHINES = {
    "x86_64": (0xC000003E, (41, 42, 425)),
    "aarch64": (0xC00000B7, (198, 203, 425)),
}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def limit_memory(limit: int) -> None:
    """Let the process have `limit` bytes of data and no core dump.

    RLIMIT_DATA and not RLIMIT_AS: RocksDB and the allocator reserve half a gigabyte of addresses
    that they never use.
    """
    if sys.platform != "win32":
        with contextlib.suppress(ValueError, OSError):  # a lower hard limit holds already
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def deny_network() -> bool:
    """Make the kernel refuse sockets to this thread and its future ones; whether it agreed."""
    if sys.platform != "linux" or platform.machine() not in _MACHINES:
        return False
    code = _filter(*_MACHINES[platform.machine()])
    buffer = ctypes.create_string_buffer(code)
    program = _Program(len(code) // 8, ctypes.addressof(buffer))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    zero = ctypes.c_ulong(0)
    if prctl(_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), zero, zero, zero) != 0:
        return False
    mode = ctypes.c_ulong(_SECCOMP_MODE_FILTER)
    return bool(prctl(_PR_SET_SECCOMP, mode, ctypes.byref(program), zero, zero) == 0)


def _filter(architecture: int, calls: tuple[int, ...]) -> bytes:
    """The filter: any other architecture and the calls named are refused, the rest is allowed.

    The two numbers of a jump say how many instructions to pass over if it holds and if not.
    """
    refuse = len(calls) + 1  # index of the last instruction, counted from the first comparison
    steps = [
        (_LOAD, 0, 0, 4),
        (_IF_EQUAL, 0, refuse + 2, architecture),
        (_LOAD, 0, 0, 0),
        (_IF_AT_LEAST, refuse, 0, _X32),
        *((_IF_EQUAL, refuse - 1 - index, 0, call) for index, call in enumerate(calls)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    return b"".join(struct.pack("HBBI", *step) for step in steps)
