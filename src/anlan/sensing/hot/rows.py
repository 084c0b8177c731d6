"""Readings as NumPy columns: the writing end. Pages and the worker do without, which saves each of them 20 MB."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]


class Rows(NamedTuple):
    """Readings as columns of equal length, in the order of arrival; `flag` holds QualityFlag bits."""

    t: Ints
    s: Ints
    v: Ints
    flag: Ints
    received: Ints

    def pick(self, chosen: Ints | Bools) -> Rows:
        return Rows(*(column[chosen] for column in self))

    @staticmethod
    def empty() -> Rows:
        return Rows(*(np.empty(0, np.int64) for _ in range(5)))

    @staticmethod
    def joined(parts: list[Rows]) -> Rows:
        return (
            Rows(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
            if parts
            else Rows.empty()
        )
