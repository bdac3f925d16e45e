"""What the work list is narrowed to, in the query string; carried along as `dari` while a case is open.

A NIK never becomes part of it: addresses stay in histories and logs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode

from lsp.services import worklist

#: Every case, newest first.
ALL = "semua"
_NAMES = {"kerja": "work", "skema": "skema", "cari": "search", "posisi": "cursor"}
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class ListFilter:
    """work: a key of `worklist.WORK`, `ALL`, or "" for the first kind that waits."""

    work: str = ""
    skema: str = ""
    search: str = ""
    cursor: str = ""

    @classmethod
    def read(cls, values: Mapping[str, str]) -> ListFilter:
        """From a query string; what is unknown, too long or a NIK is left out."""
        found = {field: values.get(name, "").strip()[:_LONGEST] for name, field in _NAMES.items()}
        if found["work"] not in (*worklist.WORK, ALL):
            found["work"] = ""
        if worklist.nik_in(found["search"]):
            found["search"] = ""
        return cls(**found)

    @classmethod
    def unpack(cls, packed: str) -> ListFilter:
        """From the value of `dari`."""
        return cls.read(dict(parse_qsl(packed[:1_000])))

    @property
    def query(self) -> dict[str, str]:
        """For url_for: only what is set."""
        found = {name: getattr(self, field) for name, field in _NAMES.items()}
        return {name: value for name, value in found.items() if value}

    @property
    def packed(self) -> str:
        return urlencode(self.query)

    def first_page(self) -> ListFilter:
        return replace(self, cursor="")

    def at(self, cursor: str) -> ListFilter:
        return replace(self, cursor=cursor)

    def of(self, work: str) -> ListFilter:
        """The whole list of another kind of work."""
        return ListFilter(work=work)
