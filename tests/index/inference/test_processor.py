from __future__ import annotations

from pathlib import Path

import pytest

from index.inference import processor


@pytest.mark.parametrize(
    ("info", "bfloat16", "int8"),
    [
        ("processor : 0\nflags : avx2 avx512_bf16 sse\n\nprocessor : 1\n", True, True),
        ("flags\t\t: fpu amx_bf16\n", True, False),
        ("flags : fpu avx2\nmodel name : avx512_bf16\n", False, True),
        ("Features : fp asimd\n", False, False),
        (None, False, False),
    ],
)
def test_what_the_processor_says(
    info: str | None,
    bfloat16: bool,
    int8: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "cpuinfo"
    if info is not None:
        path.write_text(info, encoding="utf-8")
    monkeypatch.setattr(processor, "_CPU_INFO", path)
    processor._flags.cache_clear()
    assert (processor.has_bfloat16(), processor.has_int8()) == (bfloat16, int8)
    processor._flags.cache_clear()


def test_matrices_are_multiplied_as_asked() -> None:
    import torch

    layer = torch.nn.Linear(4, 4)
    with processor.inference(bfloat16=True):
        inside = layer(torch.ones(1, 4))
        assert not inside.requires_grad
    assert inside.dtype == torch.bfloat16
    with processor.inference(bfloat16=False):
        assert layer(torch.ones(1, 4)).dtype == torch.float32
