"""Forms of the pre-assessment that have a field for every item: data, evidence per unit, FR.AK.07; and when it is held.

Read by hand: a unit may have forty answers, and field objects cost more than the page itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict
from wtforms import StringField
from wtforms.validators import InputRequired

from lsp.forms.base import Form, as_line, at_most, one_line, required, trimmed
from lsp.forms.schedule import DayField, HourField
from lsp.services import data_check, evidence_walk, fr_ak_07
from lsp.services.data_check import Answer
from lsp.services.evidence_walk import Judged
from lsp.services.fr_ak_07 import NO, YES, Item, Paper

Posted = MultiDict[str, str]
_SAID: dict[str, bool | None] = {YES: True, NO: False}


class HeldForm(Form):
    """When and where the assessment is agreed to be; date and hour in the zone of who types them."""

    day = DayField("Hari/Tanggal", validators=[InputRequired(message="Isi tanggal asesmen.")])
    time = HourField("Waktu", validators=[InputRequired(message="Isi jam mulai asesmen.")])
    place = StringField(
        "TUK",
        filters=[as_line],
        validators=[required("TUK tempat asesmen"), at_most(200), one_line],
    )
    contact = StringField(
        "Kontak cadangan asesi",
        filters=[as_line],
        validators=[required("kontak cadangan"), at_most(200), one_line],
    )

    def starts_at(self, zone: str) -> datetime:
        """The moment that date and hour mean in `zone`."""
        if self.day.data is None or self.time.data is None:
            raise ValueError("not a valid form")
        return datetime.combine(self.day.data, self.time.data, ZoneInfo(zone))


# --- Data of FR.APL.01 -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TypedField:
    """A field as it was sent. fits None: not answered, so left as it stands."""

    fits: bool | None
    note: str
    error: str = ""


def read_data(form: Posted) -> dict[str, TypedField]:
    """Fields by name: `<field>` is ya or tidak, `<field>-note` what does not fit."""
    found = {}
    for name in data_check.FIELDS:
        fits, note, error = _SAID.get(form.get(name, "")), trimmed(form.get(f"{name}-note", "")), ""
        if fits is False and not note:
            error = "Tulis apa yang tidak sesuai."
        elif len(note) > data_check.LONGEST:
            error = str(at_most(data_check.LONGEST).message)
        found[name] = TypedField(fits, note, error)
    return found


def data_answers(typed: Mapping[str, TypedField]) -> dict[str, Answer]:
    return {
        name: Answer(each.fits, each.note) for name, each in typed.items() if each.fits is not None
    }


# --- Evidence of a unit ------------------------------------------------------------------------------------------


@dataclass(slots=True)
class TypedUnit:
    """The walk through a unit as it was sent. evidence: by the key of the piece in the form."""

    verdict: str = ""
    missing: str = ""
    evidence: dict[str, Judged] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def partial(self) -> int:
        """Pieces of which some rules are answered and some not."""
        return sum(judged.is_partial for judged in self.evidence.values())

    @property
    def can_continue(self) -> bool | None:
        return _SAID.get(self.verdict)


def read_unit(form: Posted, keys: Iterable[str], *, all_met: bool = False) -> TypedUnit:
    """Pieces named `<key>-<rule>` (ya, tidak) and `<key>-note`. all_met: what is still open becomes ya."""
    verdict = form.get("verdict", "")
    typed = TypedUnit(verdict if verdict in _SAID else "", trimmed(form.get("missing", "")))
    for key in keys:
        answers = {rule: _SAID.get(form.get(f"{key}-{rule}", "")) for rule in evidence_walk.RULES}
        if all_met:
            answers = {rule: True if said is None else said for rule, said in answers.items()}
        typed.evidence[key] = Judged(answers, trimmed(form.get(f"{key}-note", "")))
        if len(typed.evidence[key].note) > evidence_walk.LONGEST:
            typed.errors[f"{key}-note"] = str(at_most(evidence_walk.LONGEST).message)
        elif typed.evidence[key].lacks_note:
            typed.errors[f"{key}-note"] = "Tulis apa yang tidak memenuhi."
    if typed.verdict == NO and not typed.missing:
        typed.errors["missing"] = "Sebutkan bukti yang kurang untuk unit ini."
    elif len(typed.missing) > evidence_walk.LONGEST:
        typed.errors["missing"] = str(at_most(evidence_walk.LONGEST).message)
    return typed


# --- FR.AK.07 ----------------------------------------------------------------------------------------------------


def read_fr_ak_07(form: Posted, words: Mapping[str, Any]) -> Paper:
    """The paper as it was sent; unknown options are dropped, what is missing is said by `fr_ak_07.problems`."""
    known = {key for key, _label in words["potential"]}
    paper = Paper(potential=[key for key in form.getlist("potential") if key in known])
    for row in words["a"]:
        item = _item(form, f"a-{row['key']}")
        ticked = set(form.getlist(f"a-{row['key']}-options"))
        item.options = [key for key, _label in row["options"] if key in ticked]
        paper.a[row["key"]] = item
    for row in words["b"]:
        paper.b[row["key"]] = _item(form, f"b-{row['key']}")
    for key, _label in words["agreed"]:
        paper.agreed[key] = trimmed(form.get(f"agreed-{key}", ""))
    if "none" in form:
        fr_ak_07.nothing_needed(paper, words)
    return paper


def _item(form: Posted, name: str) -> Item:
    answer = form.get(name, "")
    return Item(answer if answer in (YES, NO) else "", trimmed(form.get(f"{name}-note", "")))
