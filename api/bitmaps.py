"""Between roaring bitmaps of row numbers and arrays, at the speed of memory.

pyroaring takes numbers one by one, save from an array of Python's own; what it reads from bytes is a thousand times faster, so large
bitmaps of masks are written in the portable format of Roaring (RoaringFormatSpec, without runs) and read.
"""

from __future__ import annotations

import struct
from array import array
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

Array = NDArray[Any]
_COOKIE = 12346
_CHUNK = 1 << 16
_SPARSE = 4096  # the most numbers of a chunk that the format lists instead of setting bits
_FEW = 2_000


def of_mask(mask: Array) -> BitMap:
    """The numbers at which a mask is true."""
    size = -(-len(mask) // _CHUNK) * _CHUNK
    whole = np.zeros(size, bool)
    whole[: len(mask)] = mask
    chunks = whole.reshape(-1, _CHUNK)
    counts = np.count_nonzero(chunks, axis=1)
    keys = np.flatnonzero(counts)
    heads = np.empty((len(keys), 2), "<u2")
    heads[:, 0], heads[:, 1] = keys, counts[keys] - 1
    parts = [_chunk(chunks[key], counts[key]) for key in keys]
    starts = 8 + 8 * len(keys) + np.cumsum([0, *map(len, parts)])[:-1]
    head = struct.pack("<II", _COOKIE, len(keys)) + heads.tobytes()
    return BitMap.deserialize(head + starts.astype("<u4").tobytes() + b"".join(parts))


def _chunk(chunk: Array, count: int) -> bytes:
    if count > _SPARSE:
        return np.packbits(chunk, bitorder="little").tobytes()
    return np.flatnonzero(chunk).astype("<u2").tobytes()


def listed(ids: Array) -> BitMap:
    """A bitmap of some numbers, in any order: fast where they rise and are few for their range."""
    return BitMap(array("I", ids.astype(np.uint32).tobytes()))


def of_ids(ids: Array, length: int) -> BitMap:
    """A bitmap of some numbers below a length, in any order, even repeated."""
    if len(ids) <= _FEW:
        return listed(ids)
    mask = np.zeros(length, bool)
    mask[ids] = True
    return of_mask(mask)


def to_ids(found: BitMap) -> Array:
    """The numbers of a bitmap in order."""
    return np.asarray(found.to_array(), dtype=np.uint32)


def to_mask(found: BitMap, length: int) -> Array:
    """True at the numbers of a bitmap."""
    mask = np.zeros(length, bool)
    mask[to_ids(found)] = True
    return mask
