"""What may be cut in a place (三断: power, network, road)."""

from __future__ import annotations

KINDS: dict[str, tuple[str, str]] = {
    "network": ("断网", "network down"),
    "power": ("断电", "power down"),
    "road": ("断路", "road cut"),
}
#: Those that keep a call from arriving; a cut road only keeps people from going there.
SILENCING = ("network", "power")
