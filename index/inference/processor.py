"""What the processor can do fast, and doing it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Literal

_CPU_INFO = Path("/proc/cpuinfo")


Precision = Literal["auto", "float32", "bfloat16", "int8"]


def has_bfloat16() -> bool:
    """Whether matrices of bfloat16 are multiplied in hardware, as far as Linux tells; told
    without importing torch."""
    return not {"avx512_bf16", "amx_bf16"}.isdisjoint(_flags())


def has_int8() -> bool:
    """Whether products of int8 are faster than those of float32, as far as Linux tells."""
    return "avx2" in _flags()


def in_int8(precision: Precision) -> bool:
    """Whether a network that there is an int8 form of is to run in it."""
    return precision == "int8" or (precision == "auto" and has_int8())


def in_bfloat16(precision: Precision) -> bool:
    """Whether a network that torch runs multiplies in bfloat16; there is no int8 form of it."""
    return precision == "bfloat16" or (precision != "float32" and has_bfloat16())


@cache
def _flags() -> frozenset[str]:
    if not _CPU_INFO.exists():
        return frozenset()
    flags = _CPU_INFO.read_text(encoding="utf-8", errors="replace").partition("flags")[2]
    return frozenset(flags.partition("\n")[0].split())


@contextmanager
def inference(bfloat16: bool) -> Iterator[None]:
    """Networks run inside without gradients, with matrices multiplied in bfloat16 if so asked;
    sums, norms and what is stored stay float32."""
    import torch

    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16):
        yield
