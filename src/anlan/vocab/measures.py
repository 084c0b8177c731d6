"""Measures that a called party reports (C-16: a call-out closes only with feedback). The list is ours; a county may ask for more in words."""

from __future__ import annotations

MEASURES: dict[str, tuple[str, str]] = {
    "people_moved": ("已组织转移", "people moved"),
    "watch": ("已安排巡查值守", "watch kept"),
    "closed": ("已封控道路或场所", "road or place closed"),
    "told": ("已通知到户", "households told"),
    "school_stopped": ("已停课、停工或停业", "classes, work or business stopped"),
    "none_needed": ("核实后无需转移", "checked, nobody has to move"),
}
