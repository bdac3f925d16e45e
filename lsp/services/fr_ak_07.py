"""FR.AK.07, Ceklis Penyesuaian yang Wajar dan Beralasan (forms 6): reading, checking and storing it.

Its words are data with a version (`FormTemplate`); the filled form keeps the version, so it shows its old words.
Papers filled before that held only part A with a note; they read as version 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import AssessmentPlan, FormTemplate, Permohonan
from lsp.models.inforce import form_template
from lsp.services import audit, plan_papers
from lsp.services.assessment import open_plan
from lsp.vocabulary import Form, Role

CODE = Form.FR_AK_07.value
LONGEST = 1_000
YES, NO = "ya", "tidak"


@dataclass(slots=True)
class Item:
    """A row of part A or B. options: what was ticked under Keterangan, part A only."""

    answer: str = ""
    note: str = ""
    options: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Paper:
    """FR.AK.07 as it was filled, or as it is being typed."""

    potential: list[str] = field(default_factory=list)
    a: dict[str, Item] = field(default_factory=dict)
    b: dict[str, Item] = field(default_factory=dict)
    agreed: dict[str, str] = field(default_factory=dict)


def words_for(stored: Mapping[str, Any] | None) -> FormTemplate:
    """The words a stored paper was filled with; of an empty one those in force."""
    return form_template(CODE, version=version_of(stored))


def version_of(stored: Mapping[str, Any] | None) -> int | None:
    """None for an empty paper."""
    return int(stored.get("version", 1)) if stored else None


def read(stored: Mapping[str, Any] | None) -> Paper:
    """A stored paper; the old shape had items of part A at its top."""
    stored = stored or {}
    if "version" not in stored:
        return Paper(a={key: _item(value) for key, value in stored.items()})
    return Paper(
        potential=[str(each) for each in stored["potential"]],
        a={key: _item(value) for key, value in stored["a"].items()},
        b={key: _item(value) for key, value in stored["b"].items()},
        agreed=dict(stored["agreed"]),
    )


def _item(value: Any) -> Item:
    value = value if isinstance(value, Mapping) else {"answer": value}
    options = [str(each) for each in value.get("options", ())]
    return Item(str(value.get("answer", "")), str(value.get("note", "")), options)


def preset(permohonan: Permohonan, plan: AssessmentPlan | None, words: Mapping[str, Any]) -> Paper:
    """An empty paper with what the plan already says; every word of it may be changed."""
    version = permohonan.skema_version
    planned = plan_papers.words_of(plan, version.methods)
    standard = version.skkni or version.title
    paper = Paper(agreed={key: planned.methods for key, _label in words["agreed"]})
    paper.agreed |= {"benchmark": standard, "instruments": planned.instruments}
    for number, row in enumerate(words["b"]):
        paper.b[row["key"]] = Item(note=planned.both if number else standard)
    return paper


def nothing_needed(paper: Paper, words: Mapping[str, Any]) -> None:
    """No adjustment: part A is "tidak" throughout, and the plan stands as it is. The potential is still asked."""
    paper.a = {row["key"]: Item(NO) for row in words["a"]}
    for row in words["b"]:
        paper.b.setdefault(row["key"], Item()).answer = YES


def problems(paper: Paper, words: Mapping[str, Any]) -> dict[str, str]:
    """What still bars storing it: name of the control -> a sentence. Empty when all is well."""
    found: dict[str, str] = {}
    if not paper.potential:
        found["potential"] = "Centang potensi asesi."
    for row in words["a"]:
        item = paper.a.get(row["key"], Item())
        if item.answer == YES and not item.options and not item.note:
            found[f"a-{row['key']}"] = "Centang penyesuaian yang disepakati, atau tulis."
        _check(found, f"a-{row['key']}", item)
    for row in words["b"]:
        item = paper.b.get(row["key"], Item())
        if item.answer and not item.note:
            found[f"b-{row['key']}"] = "Tulis keterangannya."
        _check(found, f"b-{row['key']}", item)
    for key, label in words["agreed"]:
        text = paper.agreed.get(key, "")
        if not text:
            found[f"agreed-{key}"] = f"Isi {label[0].lower()}{label[1:]}."
        elif len(text) > LONGEST:
            found[f"agreed-{key}"] = _TOO_LONG
    return found


_TOO_LONG = f"Paling panjang {LONGEST} huruf."


def _check(found: dict[str, str], name: str, item: Item) -> None:
    if item.answer not in (YES, NO):
        found[name] = "Pilih ya atau tidak."
    elif len(item.note) > LONGEST:
        found[name] = _TOO_LONG


def fill(actor: Actor, permohonan: Permohonan, paper: Paper, words: FormTemplate) -> None:
    """Store the whole form. Raises DomainError with how much is missing."""
    missing = problems(paper, words.body)
    if missing:
        raise DomainError(f"FR.AK.07: {len(missing)} isian belum lengkap.")
    plan = open_plan(actor, permohonan)
    plan.fr_ak_07 = {
        "version": words.version_number,
        "potential": _known(paper.potential, [key for key, _label in words.body["potential"]]),
        "a": {row["key"]: _stored(paper.a[row["key"]], row) for row in words.body["a"]},
        "b": {row["key"]: _stored(paper.b[row["key"]]) for row in words.body["b"]},
        "agreed": {key: paper.agreed[key] for key, _label in words.body["agreed"]},
    }
    plan.fr_ak_07_at = clock.now()
    audit.note(actor, "fr_ak_07.fill", "permohonan", permohonan.public_id, role=Role.ASESOR)
    db.session.flush()


def _known(chosen: list[str], possible: list[str]) -> list[str]:
    return [key for key in possible if key in chosen]


def _stored(item: Item, row: Mapping[str, Any] | None = None) -> dict[str, Any]:
    if row is None:
        return {"answer": item.answer, "note": item.note}
    # What was ticked before the answer became "tidak" says nothing any more.
    options = [key for key, _label in row["options"]] if item.answer == YES else []
    note = item.note if item.answer == YES else ""
    return {"answer": item.answer, "note": note, "options": _known(item.options, options)}


def in_words(stored: Mapping[str, Any], words: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(item, what was agreed) of each "ya" of part A, then the agreed trio; for pages that only tell of it."""
    paper, told = read(stored), []
    labels = {row["key"]: row for row in words["a"]}
    for key, item in paper.a.items():
        if item.answer != YES:
            continue
        options = dict(labels[key]["options"]) if key in labels else {}
        parts = [*(options.get(each, each) for each in item.options), item.note]
        label = labels[key]["label"] if key in labels else key
        told.append((label, "; ".join(filter(None, parts))))
    agreed = dict(words["agreed"])
    return told + [(agreed.get(key, key), text) for key, text in paper.agreed.items()]
