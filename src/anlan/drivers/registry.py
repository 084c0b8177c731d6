"""The drivers that this build offers."""

from __future__ import annotations

from dataclasses import fields

from anlan.drivers.beidou.manifest import MANIFEST as BEIDOU
from anlan.drivers.gb26875.manifest import MANIFEST as GB26875
from anlan.drivers.hj212.manifest import MANIFEST as HJ212
from anlan.drivers.jt808.manifest import MANIFEST as JT808
from anlan.drivers.sl427.manifest import MANIFEST as SL427
from anlan.drivers.sl651.manifest import MANIFEST as SL651
from anlan.drivers.types import Manifest
from anlan.kernel.registry import Registry


def build_registry(*manifests: Manifest) -> Registry[Manifest]:
    """A registry of these drivers; ValueError for two of one name or for one that leaves a declaration empty."""
    registry: Registry[Manifest] = Registry("driver", needs=tuple(field.name for field in fields(Manifest)))
    for manifest in manifests:
        empty = [field.name for field in fields(Manifest) if getattr(manifest, field.name) == ""]
        if empty:
            raise ValueError(f"the driver {manifest.protocol!r} leaves empty: {', '.join(empty)}")
        registry.add(manifest.protocol, manifest)
    return registry


DRIVERS = build_registry(SL651, HJ212, SL427, BEIDOU, JT808, GB26875)
