"""The panel "Pihak ketiga": who was asked, how far each is, what he said, what the asesor makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import g

from lsp.forms.third_party import NO, YES, LetterForm, ThirdPartyForm
from lsp.models import Permohonan, ThirdParty
from lsp.services import third_party, third_party_judging
from lsp.views.third_party_reading import TO_JUDGE, reading_of, state_of
from lsp.vocabulary import InstrumentPaper
from lsp.workflow.dossier import dossier_of
from lsp.workflow.instruments import papers_asked

#: Name of the panel in its address.
KEY = "pihak-ketiga"


@dataclass(frozen=True, slots=True)
class Link:
    """A link that was just made, to be handed on; text: for WhatsApp, chat_url opens it there."""

    name: str
    url: str
    text: str
    chat_url: str


def third_party_context(permohonan: Permohonan) -> dict[str, Any]:
    return {
        "third_parties": reading_of(permohonan),
        "paper": third_party_judging.paper_of(permohonan),
        "wanted": InstrumentPaper.VPK in papers_asked(dossier_of(permohonan).plan),
        "why_not": third_party.refusal(g.actor, permohonan) or "",
        "invite_form": ThirdPartyForm(formdata=None, obj=third_party.suggestion(permohonan)),
        "letter_form": None,
        "letter_of": "",
        "letter_form_of": letter_form_of,
        "link": None,
    }


def third_party_row(permohonan: Permohonan, *, due: bool = False) -> dict[str, Any]:
    """Its row in the order of the meeting; where it is due it is asked of the asesor, if FR.MAPA wants it."""
    badge, tone, finished = _how_far(permohonan)
    wanted = due and InstrumentPaper.VPK in papers_asked(dossier_of(permohonan).plan)
    return {
        "key": KEY,
        "label": "FR.IA.10 pihak ketiga",
        "todo": "FR.IA.10: minta dan nilai jawaban pihak ketiga",
        "done": finished if wanted else None,
        "badge": badge,
        "tone": tone,
    }


def _how_far(permohonan: Permohonan) -> tuple[str, str, bool]:
    """The most pressing state of those who were asked, its tone, and whether the paper is finished."""
    rows, conclusion = third_party_judging.progress_of(permohonan)
    states = [state_of(row) for row in rows]
    if TO_JUDGE in states:
        return (*TO_JUDGE, False)
    if conclusion is not None:
        return conclusion.label.lower(), conclusion.tone, True
    return (*states[-1], False) if states else ("belum diminta", "", False)


def letter_form_of(row: ThirdParty, conclusion: Any) -> LetterForm:
    """As it was judged before, if it was."""
    said = None if row.supports is None else YES if row.supports else NO
    return LetterForm(
        formdata=None,
        supports=said,
        finding=row.finding,
        conclusion=conclusion.value if conclusion is not None and row.judged_at else None,
    )
