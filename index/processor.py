"""What the processor can do fast, and doing it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

_CPU_INFO = Path("/proc/cpuinfo")


@cache
def has_bfloat16() -> bool:
    """Whether matrices of bfloat16 are multiplied in hardware, as far as Linux tells; told
    without importing torch."""
    if not _CPU_INFO.exists():
        return False
    flags = _CPU_INFO.read_text(encoding="utf-8", errors="replace").partition("flags")[2]
    return not {"avx512_bf16", "amx_bf16"}.isdisjoint(flags.partition("\n")[0].split())


@contextmanager
def inference(bfloat16: bool) -> Iterator[None]:
    """Networks run inside without gradients, with matrices multiplied in bfloat16 if so asked;
    sums, norms and what is stored stay float32."""
    import torch

    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16):
        yield
