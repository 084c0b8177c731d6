"""A flagged reading that would have meant orange or red asks for a person."""

from __future__ import annotations

from anlan.duty.models import Alarm
from anlan.duty.reactions import on_reading_suspected
from anlan.events.published import ReadingSuspected
from anlan.journal.models import Announcement
from anlan.kernel.ids import uuid7
from anlan.sensing.hot.types import Signal
from anlan.sensing.services.signals import _Batch
from anlan.sensing.tests.world import T0, build_world


def test_a_suspicious_reading_rings_in_the_duty_room(db: None) -> None:
    world = build_world()
    body = {
        "station": world.rain.code, "quantity": "rain_5min", "phenomenon_time": T0.isoformat(), "value": 45.0,
        "flag": 128, "would_reach": 2, "reason_zh": "长时间不变。", "reason_en": "Does not move.",
    }  # fmt: skip
    _Batch([Signal(str(uuid7()), "suspect", T0, body)], T0).write()
    event = Announcement.objects.get(event="sensing.reading_suspected")
    on_reading_suspected(ReadingSuspected(**event.payload), T0)
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.level) == ("reading_suspect", 2)
    assert "长时间不变" in alarm.text_zh
