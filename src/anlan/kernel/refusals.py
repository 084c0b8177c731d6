"""A refusal is an answer: a code, its data, a sentence for the person and a next step."""

from __future__ import annotations

from typing import ClassVar


class Refusal(Exception):
    """Base of everything Anlan declines to do. `text` and `next_step` are translatable msgids with %(name)s."""

    code: ClassVar[str] = "refused"
    text: ClassVar[str] = "This was refused."
    next_step: ClassVar[str] = ""
    #: HTTP status that a surface answers with.
    status: ClassVar[int] = 409

    def __init__(self, **data: object) -> None:
        super().__init__(self.code)
        self.data = data

    def sentence(self) -> str:
        """The English sentence with its data; surfaces translate `text` first."""
        return fill(self.text, self.data)

    def __str__(self) -> str:
        step = fill(self.next_step, self.data)
        return f"{self.sentence()} {step}".strip()


def fill(text: str, data: dict[str, object]) -> str:
    """Put data into named placeholders; text without placeholders is left alone."""
    return text % data if "%(" in text else text


class BadSetting(Refusal):
    code = "setting.bad"
    text = "%(name)s is not usable: %(why)s."
    next_step = "Set it to something like %(example)s."


class NotFound(Refusal):
    """A name that does not exist and a name one may not see look the same from outside."""

    code = "not_found"
    text = "There is nothing here that you may see."
    next_step = "Go back to the list."
    status = 404


class NotAllowed(Refusal):
    code = "not_allowed"
    text = "Your post does not give you the right to do this."
    next_step = "Ask the duty chief, or sign in with another post."
    status = 403
