"""What the work list is narrowed to, in the query string; carried along as `dari` while a case is open.

A NIK never becomes part of it: addresses stay in histories and logs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode

from lsp.forms.base import trimmed
from lsp.services.work_kinds import MINE, WORK, Age
from lsp.services.worklist_rows import NEWEST, NOBODY_YET, OLDEST, Wanted, nik_in
from lsp.vocabulary import PermohonanStatus

#: Every case, newest first.
ALL = "semua"
_NAMES = {
    "kerja": "work",
    "keadaan": "status",
    "skema": "skema",
    "umur": "age",
    "verifikator": "verifier",
    "urut": "order",
    "cari": "search",
    "posisi": "cursor",
}
_LONGEST = 200
#: What may be chosen as age and order, with its words.
AGES = {
    Age.SOON.value: "Kuning: segera",
    Age.LATE.value: "Merah: terlambat",
    "7": "Lewat 7 hari",
    "14": "Lewat 14 hari",
    "30": "Lewat 30 hari",
    "90": "Lewat 90 hari",
}
ORDERS = {OLDEST: "Terlama dulu", NEWEST: "Terbaru dulu"}
VERIFIERS = {MINE: "Milik saya", NOBODY_YET: "Belum ada"}
_PUBLIC_ID = re.compile(r"[0-9A-Z]{16}")


@dataclass(frozen=True, slots=True)
class ListFilter:
    """As `Wanted`, in the words of an address. work: also `ALL`, or "" for the first kind that waits."""

    work: str = ""
    status: str = ""
    skema: str = ""
    age: str = ""
    verifier: str = ""
    order: str = ""
    search: str = ""
    cursor: str = ""

    @classmethod
    def read(cls, values: Mapping[str, str]) -> ListFilter:
        """From a query string; what is unknown, too long or a NIK is left out."""
        found = {field: trimmed(values.get(name, ""))[:_LONGEST] for name, field in _NAMES.items()}
        known = {
            "work": found["work"] in (*WORK, ALL),
            "status": found["status"] in list(PermohonanStatus),
            "age": found["age"] in AGES,
            "verifier": found["verifier"] in VERIFIERS
            or _PUBLIC_ID.fullmatch(found["verifier"]) is not None,
            "order": found["order"] in ORDERS,
            "search": not nik_in(found["search"]),
        }
        return cls(**(found | {field: "" for field, is_known in known.items() if not is_known}))

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

    @property
    def narrows(self) -> bool:
        """Whether anything but the kind of work is chosen; then an unnamed kind means every case."""
        return any((self.status, self.skema, self.age, self.verifier, self.search))

    def settled(self) -> ListFilter:
        """A state that the kind of work does not hold is looked for everywhere."""
        states = WORK[self.work][1] if self.work in WORK else ()
        return replace(self, work=ALL) if self.status and self.status not in states else self

    def wanted(self, *, nik: str = "") -> Wanted:
        """For the service; a NIK comes from the form alone."""
        return Wanted(
            work="" if self.work == ALL else self.work,
            status=PermohonanStatus(self.status) if self.status else None,
            skema=self.skema,
            search=nik or self.search,
            age=self.age,
            verifier=self.verifier,
            order=self.order,
            cursor=self.cursor,
        )

    def first_page(self) -> ListFilter:
        return replace(self, cursor="")

    def at(self, cursor: str) -> ListFilter:
        return replace(self, cursor=cursor)

    def of(self, work: str) -> ListFilter:
        """The whole list of another kind of work."""
        return ListFilter(work=work)
