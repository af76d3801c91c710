"""Matrices in int8: rounding, outlying columns, smoothing."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_OUTLIERS = 16
_SMOOTHING = 0.8


def rounded_rows(rows: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """int8 rows, and the scale [rows] that each is to be multiplied with."""
    scales = np.maximum(np.abs(rows).max(axis=1), np.float32(1e-8)) / np.float32(127)
    return np.round(rows / scales[:, None]).astype(np.int8), scales.astype(np.float32)


def parted_columns(
    peaks: NDArray[np.float32], rows: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The columns with the largest inputs, weighted a little by the matrix, and all others."""
    weight = peaks * np.abs(rows).max(axis=0) ** 0.25
    order = np.argsort(-weight, kind="stable")
    return np.sort(order[:_OUTLIERS]), np.sort(order[_OUTLIERS:])


def smoothing_factors(peaks: NDArray[Any], rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """[in]: what each column of the input is divided by, and of the matrix multiplied with; the
    geometric mean is 1."""
    inputs = np.maximum(peaks.astype(np.float64), 1e-3)
    columns = np.maximum(np.abs(rows).max(axis=0).astype(np.float64), 1e-6)
    logs = _SMOOTHING * np.log(inputs) - (1 - _SMOOTHING) * np.log(columns)
    factors: NDArray[np.float32] = np.exp(logs - logs.mean()).astype(np.float32)
    return factors
