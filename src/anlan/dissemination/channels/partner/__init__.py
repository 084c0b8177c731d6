"""Partners that pass a text on: television, radio, newspaper, carriers, scenic spots (C-07, C-18, D-14, U-19).

The text goes to the desk as a printable sheet, by mail to the keeper, or to the partner's own interface; the receipt is
the partner's "on air at".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from anlan.dissemination.channels import ChannelKind, Manifest, Nature, Proof, register
from anlan.dissemination.channels.addressed import open_addressed
from anlan.dissemination.channels.routing import RouteKind, RouteSettings, register_route

if TYPE_CHECKING:
    import httpx

    from anlan.dissemination.channels.partner.push import HttpPush

#: Where a text "goes" whose partner has no interface: a sheet of paper.
PAPER = "paper"

_PARTNERS: tuple[tuple[str, str, str], ...] = (
    ("tv", "电视字幕", "television caption"),
    ("radio", "广播电台", "radio"),
    ("newspaper", "报纸与融媒体", "newspaper and county media"),
    ("cell_broadcast", "运营商小区短信", "carrier broadcast SMS"),
    ("scenic_screen", "景区大屏", "scenic-spot screen"),
)
PARTNERS = tuple(code for code, _zh, _en in _PARTNERS)


def _register(code: str, zh: str, en: str) -> None:
    face = Manifest(
        code=code,
        zh=zh,
        en=en,
        contact_kinds=(),
        proofs=frozenset({Proof.SENT, Proof.DELIVERED}),
        can_be_asked=False,
        carries_links=True,
        rate_per_s=20.0,
        nature=Nature.PARTNER,
    )
    register(ChannelKind(face, lambda http: open_addressed(face, http, indoors=PAPER)))


for _code, _zh, _en in _PARTNERS:
    _register(_code, _zh, _en)


def _open(entry: RouteSettings, _manifest: Manifest, http: httpx.Client) -> HttpPush:
    from anlan.dissemination.channels.partner.push import HttpPush  # brings the HTTP client

    return HttpPush(http, entry.text("url"), entry.text("token", ""))


register_route(
    RouteKind(
        code="http_push",
        zh="对方接口（HTTP 推送）",
        en="their interface (HTTP push)",
        carries=frozenset({*PARTNERS, "display"}),
        proofs=frozenset({Proof.SENT}),
        can_be_asked=False,
        open=_open,
    )
)
