"""What papers refuse."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from anlan.kernel.refusals import Refusal


class UnknownKind(Refusal):
    code = "paper.unknown_kind"
    text = _("There is no such kind of paper.")
    next_step = _("Choose one from the list.")
    status = 404


class PeriodWrong(Refusal):
    code = "paper.period_wrong"
    text = _("The period has no end after its beginning, or is longer than a year.")
    next_step = _("Choose the first and the last day again.")


class NothingWritten(Refusal):
    code = "paper.nothing_written"
    text = _("The paper has no text.")
    next_step = _("Fill in the subject and what was decided.")


class AlreadySigned(Refusal):
    code = "paper.already_signed"
    text = _("A signed paper is not changed any more.")
    next_step = _("Make a new one; the signed one stays in the record.")


class SignedInItsChain(Refusal):
    code = "paper.signed_in_its_chain"
    text = _("A report of the chain is signed in its chain, not on paper.")
    next_step = _("Sign the report, then make its paper again.")


class ReasonMissing(Refusal):
    code = "paper.reason_missing"
    text = _("Say why.")
    next_step = _("One sentence is enough; it stays in the record.")


class TemplateNotUsable(Refusal):
    code = "paper.template_not_usable"
    text = _("This template is not taken: %(why)s %(detail)s")
    next_step = _("Correct it in Word, save it as .docx and upload it again.")


class OwnTemplate(Refusal):
    code = "paper.own_template"
    text = _("Whoever uploaded a template does not put it into force.")
    next_step = _("Ask a second person who may approve it.")


class NoPdfHere(Refusal):
    code = "paper.no_pdf_here"
    text = _("No PDF can be made on this machine: it has no Chinese font or no typesetter.")
    next_step = _("Use the Word file, or put a Chinese font into the folder “fonts” of the data folder.")


class PersonNeeded(Refusal):
    code = "paper.person_needed"
    text = _("A paper is signed by a person.")
    next_step = _("Sign in with an account that belongs to somebody.")


#: Why a template was refused, by the code of the check.
TEMPLATE_PROBLEMS: dict[str, str] = {
    "too_large": _("it is larger than 4 MB."),
    "not_word": _("it is no Word document (.docx)."),
    "bomb": _("unpacked it would be far too large."),
    "encrypted": _("it is locked with a password."),
    "program": _("it carries a macro, an embedded file or an active field."),
    "entities": _("its XML declares entities."),
    "link": _("it refers to something outside itself."),
    "bad_place": _("a place in double braces is more than a name."),
    "unknown_place": _("it names a place that does not exist:"),
    "no_body": _("the place of the text is missing: {{p 正文 }}"),
    "cannot_be_filled": _("it could not be filled with the sample."),
}
