"""The parts that review itself makes, in the order in which they are listed beside each other."""

from __future__ import annotations

from anlan.review.casefile.inforce import plan_parts, rule_parts
from anlan.review.casefile.maps import map_parts
from anlan.review.casefile.parts import register_part
from anlan.review.casefile.proof import journal_parts
from anlan.review.casefile.standing import board_parts, file_parts, roster_parts
from anlan.review.casefile.tables import table_parts
from anlan.review.casefile.telling import timeline_parts

for _name, _parts in (
    ("tables", table_parts),
    ("timeline", timeline_parts),
    ("boards", board_parts),
    ("roster", roster_parts),
    ("rules", rule_parts),
    ("plans", plan_parts),
    ("maps", map_parts),
    ("files", file_parts),
    ("journal", journal_parts),
):
    register_part(_name, _parts)
