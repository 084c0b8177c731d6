"""What was sent, what was acknowledged, and which faults were committed."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from simulator.storm.reports import Key, Report


@dataclass(slots=True)
class Tally:
    """Counts of one run; a reading counts once as distinct however often it travels."""

    sent: set[Key] = field(default_factory=set)
    acked: set[Key] = field(default_factory=set)
    sent_total: int = 0
    refused: int = 0
    frames: int = 0
    frames_acked: int = 0
    faults: Counter[str] = field(default_factory=Counter)

    def report_sent(self, report: Report) -> None:
        """A whole, correct frame was written to the wire."""
        self.frames += 1
        self.sent.update(report.readings)
        self.sent_total += len(report.readings)

    def report_acked(self, report: Report) -> None:
        """The centre acknowledged the frame."""
        self.frames_acked += 1
        self.acked.update(report.readings)

    def document(self) -> dict[str, Any]:
        """The readings part of the run's report."""
        by_quantity = Counter(quantity for _, quantity, _ in self.sent)
        return {
            "sent_distinct": len(self.sent),
            "sent_total": self.sent_total,
            "acked": len(self.acked),
            "refused": self.refused,
            "by_quantity": dict(sorted(by_quantity.items())),
            "frames": self.frames,
            "frames_acked": self.frames_acked,
        }
