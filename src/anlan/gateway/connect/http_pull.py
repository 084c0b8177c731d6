"""Fetching JSON over HTTP with a cursor and pages. Bounded in pages, bytes and time; redirects and foreign hosts are not followed."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from anlan.drivers.jsonmap import BadDocument, open_document
from anlan.drivers.jsonmap.paths import Missing, descend, plain, segments
from anlan.gateway.connect.pulling import PullFailed, need_stored
from anlan.gateway.connect.secrets import read_secret
from anlan.gateway.connect.store import ConnectStore
from anlan.gateway.connect.taking import Taken, Taker
from anlan.kernel.clock import SHANGHAI
from anlan.sensing.connect.settings import Cursor, HttpPull

if TYPE_CHECKING:
    import httpx

_PART = "cursor"


class HttpPuller:
    """See `pulling.Puller`."""

    def __init__(self, taker: Taker, settings: HttpPull, store: ConnectStore) -> None:
        self.every_s = settings.every_s
        self._taker, self._settings, self._store = taker, settings, store
        self._client: httpx.Client | None = None
        self._hosts = {urlsplit(settings.url).netloc, *settings.hosts}

    async def round(self) -> None:
        """All pages; the cursor moves once every page is stored."""
        settings, name = self._settings, self._taker.entry.name
        before = self._store.mark(name, _PART)
        url, query = settings.url, dict(settings.query)
        if settings.cursor is not None:
            value = before or settings.cursor.start
            query |= {settings.cursor.param: value} if value else {}
        newest: datetime | None = None
        told = ""
        for number in range(settings.paging.max_pages):
            body = await asyncio.to_thread(self._get, url, self._paged(query, number))
            taken = need_stored(await self._taker.take(body))
            if taken.is_refused:
                raise PullFailed(taken.refused[0].reason)
            newest = max(filter(None, (newest, taken.newest)), default=None)
            document = self._document(body)
            told = self._told(document) or told
            following = self._next(document, taken, url)
            if following is None:
                break
            url, query = (following, {}) if settings.paging.kind == "next" else (url, query)
        mark = told or self._from_time(newest, before)
        if mark and mark != before:
            self._store.set_mark(name, _PART, mark)

    def close(self) -> None:
        if self._client is not None:
            self._client.close()

    def _get(self, url: str, query: dict[str, str]) -> bytes:
        import httpx

        settings = self._settings
        if self._client is None:
            self._client = httpx.Client(timeout=settings.timeout_s, follow_redirects=False, trust_env=False)
        headers = {"Accept": "application/json"}
        if settings.secret_header:
            headers[settings.secret_header] = read_secret(self._taker.entry.secret_name)
        try:
            with self._client.stream("GET", url, params=query or None, headers=headers) as answer:
                if answer.status_code != 200:
                    raise PullFailed(f"The other side answered {answer.status_code}.")
                body = bytearray()
                for part in answer.iter_bytes():
                    body += part
                    if len(body) > settings.max_bytes:
                        raise PullFailed(f"The answer is longer than {settings.max_bytes} bytes.")
        except httpx.HTTPError as error:
            raise PullFailed(f"The other side does not answer: {type(error).__name__}.") from None
        return bytes(body)

    def _paged(self, query: dict[str, str], number: int) -> dict[str, str]:
        paging = self._settings.paging
        if paging.kind != "page":
            return query
        size = {paging.size_param: str(paging.size)} if paging.size_param else {}
        return {**query, paging.page_param: str(paging.first + number), **size}

    def _document(self, body: bytes) -> object:
        """Once more for cursor and links, which stand outside a sealed field."""
        from anlan.drivers.jsonmap.mapping import Mapping

        try:
            return open_document(Mapping(parts=[]), body)
        except BadDocument:
            return None

    def _told(self, document: object) -> str:
        cursor = self._settings.cursor
        if cursor is None or not cursor.source:
            return ""
        found = descend(document, segments(cursor.source.removeprefix("$.")))
        return "" if isinstance(found, Missing) else plain(found) or ""

    def _next(self, document: object, taken: Taken, url: str) -> str | None:
        """The address of the next page; None where this was the last."""
        paging = self._settings.paging
        rows = sum(row.code != "document.no_rows" for row in taken.refused) + taken.rows + taken.duplicates
        if paging.kind == "none":
            return None
        if paging.kind == "page":
            return url if rows else None
        found = descend(document, segments(paging.next_from.removeprefix("$.")))
        link = None if isinstance(found, Missing) else plain(found)
        if not link:
            return None
        following = urljoin(url, link)
        if urlsplit(following).netloc not in self._hosts or urlsplit(following).scheme not in (
            "http",
            "https",
        ):
            raise PullFailed("The next page lies on a host that is not allowed.")
        return following

    def _from_time(self, newest: datetime | None, before: str) -> str:
        cursor = self._settings.cursor
        if cursor is None or cursor.source or newest is None:
            return before
        return _written(cursor, newest - timedelta(seconds=cursor.overlap_s))


def _written(cursor: Cursor, moment: datetime) -> str:
    if cursor.format in ("epoch_s", "epoch_ms"):
        return str(int(moment.timestamp() * (1000 if cursor.format == "epoch_ms" else 1)))
    local = moment.astimezone(SHANGHAI)
    return local.isoformat() if cursor.format == "iso" else local.strftime(cursor.format)
