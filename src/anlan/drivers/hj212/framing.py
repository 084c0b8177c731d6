"""How HJ 212 lines stand in a stream: ## and a length decide, the line end and the check sum confirm."""

from __future__ import annotations

from anlan.drivers.candidates import Layout
from anlan.drivers.hj212.codec import declared_size
from anlan.drivers.hj212.layout import HEADER, MAX_FRAME, OVERLAP, START

LAYOUT = Layout("hj212", START, HEADER, MAX_FRAME, declared_size, OVERLAP)
