"""What drills refuse."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from anlan.kernel.refusals import Refusal


class ScriptWrong(Refusal):
    code = "drill.script_wrong"
    text = _("The script cannot be played: %(why)s")
    next_step = _("Mend the line that is named, then start again.")


class NoTitleOfDrill(Refusal):
    code = "drill.no_title"
    text = _("The drill has no title.")
    next_step = _("Write one short line.")


class ScriptStands(Refusal):
    code = "drill.script_stands"
    text = _("The drill has begun or is over; its script stays as it is.")
    next_step = _("Plan a new drill and copy the script into it.")


class NoScriptFile(Refusal):
    code = "drill.no_script_file"
    text = _("This file is no script: %(why)s")
    next_step = _(
        "Take an exported script as the pattern, mend the place that is named, and choose the file again."
    )
    status = 422


class NothingToPlay(Refusal):
    code = "drill.nothing_to_play"
    text = _("The script has no line.")
    next_step = _("Write at least one line, or record the drill as held outside the system.")


class NotRunning(Refusal):
    code = "drill.not_running"
    text = _("The drill does not run.")
    next_step = _("Start it first.")


class DayOfDrill(Refusal):
    code = "drill.day"
    text = _("A drill that was held has a day that is not in the future.")
    next_step = _("Enter the day on which it was held.")


class NoSuchStream(Refusal):
    code = "drill.no_such_stream"
    text = _("“%(station)s” with “%(quantity)s” is no station, quantity and list of numbers.")
    next_step = _("Take the code from the station's page and write numbers divided by spaces.")


class TooManyDrillFiles(Refusal):
    code = "drill.too_many_files"
    text = _("A drill keeps at most %(most)s files.")
    next_step = _("Keep the most telling ones; put papers together into one document.")
