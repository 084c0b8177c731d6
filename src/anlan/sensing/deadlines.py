"""What sensing does when a time has come: a rule's effective date, the next look of a rule that the worker evaluates."""

from __future__ import annotations

from datetime import datetime

from anlan.journal.deadlines import deadline
from anlan.kernel.actor import system
from anlan.sensing.models import EnterpriseAlarm, RuleDefinition, RuleWork, StationCommand
from anlan.sensing.rules.work import do_work
from anlan.sensing.services.commands import give_up_command
from anlan.sensing.services.enterprise import escalate_alarm
from anlan.sensing.services.rules import enter_force


@deadline("sensing.rule_effective", RuleDefinition, "effective_from", state="approved")
def on_effective(row: RuleDefinition, at: datetime) -> None:
    """An approved rule reaches its date."""
    enter_force(row, by=system("rules"), at=at)


@deadline("sensing.rule_work", RuleWork, "due_at")
def on_work(row: RuleWork, at: datetime) -> None:
    do_work(row, at)


@deadline("sensing.command_over", StationCommand, "due_at")
def on_command_over(row: StationCommand, at: datetime) -> None:
    """Nobody released it, the station never came, or it never answered."""
    give_up_command(row, at=at)


@deadline("sensing.enterprise_overdue", EnterpriseAlarm, "due_at")
def on_enterprise_overdue(row: EnterpriseAlarm, at: datetime) -> None:
    """The enterprise neither acknowledged nor explained within its limit."""
    escalate_alarm(row, at=at)
