"""The kinds of journal entries that sensing writes, in Chinese and English."""

from __future__ import annotations

JOURNAL_KINDS: dict[str, tuple[str, str]] = {
    "station.registered": ("登记测站", "station registered"),
    "station.changed": ("修改测站", "station changed"),
    "station.retired": ("停用测站", "station taken down"),
    "station.silent": ("测站离线", "station fell silent"),
    "station.heard": ("测站恢复", "station heard again"),
    "station.clock_offset": ("测站时钟偏差", "station clock is off"),
    "station_link.linked": ("关联村庄", "village linked"),
    "station_link.changed": ("修改村庄阈值", "village thresholds changed"),
    "station_link.unlinked": ("取消关联", "village unlinked"),
    "crossing.recorded": ("越限", "threshold crossed"),
    "binding.uncertain": ("资料缺测，不能判为安全", "gaps: not to be called safe"),
    "binding.certain": ("资料恢复完整", "gaps closed"),
    "unknown_station.heard": ("未登记测站来报", "frame from an unregistered station"),
    "signal.unreadable": ("信号无法识别", "signal not understood"),
    "ingest_source.created": ("新建数据来源", "source created"),
    "ingest_source.token_renewed": ("更换令牌", "token renewed"),
    "ingest_source.revoked": ("停用数据来源", "source revoked"),
}
