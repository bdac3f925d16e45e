"""The papers signed in a meeting, as the asesi reads them: FR.AK.01, and the result with the FR.IA beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import abort, g
from flask.typing import ResponseReturnValue

from lsp.errors import DomainError
from lsp.forms.registration import SignForm
from lsp.models import FrAk02, Permohonan
from lsp.services import fr_ak_01, fr_ak_02_matrix, fr_ak_07, instrument_reading, meetings, signing
from lsp.views.asesi.shared import CASE, address, bp, own
from lsp.views.asesi.signing import SignRow
from lsp.views.editions import ChangedElsewhere, edition_of_result
from lsp.views.filters import jam, tanggal
from lsp.views.html import page
from lsp.views.plan_words import read_words_of
from lsp.vocabulary import Form, InstrumentPaper, MeetingKind, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.instruments import forms_to_sign, listed

#: Papers the asesi signs in a meeting, by their word in the address.
PAPERS = {"fr-ak-01": Form.FR_AK_01, "fr-ak-02": Form.FR_AK_02}
#: FR.IA that he reads before he signs, by theirs.
READ = {
    "fr-ia-07": InstrumentPaper.DPL,
    "fr-ia-08": InstrumentPaper.CVP,
    "fr-ia-09": InstrumentPaper.PW,
}
_KEY_OF = {paper: key for key, paper in READ.items()}


@bp.get(f"{CASE}/rapat/baca/<any('fr-ia-07', 'fr-ia-08', 'fr-ia-09'):paper_key>")
@own
def read_paper(permohonan_id: str, paper_key: str) -> ResponseReturnValue:
    """An FR.IA that his asesor finished."""
    readings = instrument_reading.newest_readings(g.permohonan, for_asesi=True)
    found = next((read for read in readings if read.paper is READ[paper_key]), None)
    if found is None:
        abort(404)
    return page("asesi/filled_paper.html", permohonan=g.permohonan, read=found)


def sign_paper_of(permohonan: Permohonan, key: str, form: SignForm) -> None:
    paper, dossier = PAPERS[key], dossier_of(permohonan)
    reason = signing.refusal(g.actor, permohonan, paper, Role.ASESI)
    if reason is not None:
        raise DomainError(reason)
    if form.seen.data != _seen(permohonan, paper):
        raise ChangedElsewhere
    name = form.typed_name.data or ""
    if paper is Form.FR_AK_02:
        signing.sign_result(g.actor, permohonan, Role.ASESI, typed_name=name)
    elif dossier.signature(paper, Role.ASESI, attempt=permohonan.attempt) is None:
        signing.sign(g.actor, permohonan, paper, Role.ASESI, typed_name=name)


def _seen(permohonan: Permohonan, paper: Form) -> str:
    """What stood on the screen; of the result every paper that the one press signs."""
    if paper is Form.FR_AK_02:
        return edition_of_result(permohonan, Role.ASESI)
    return dossier_of(permohonan).content_digest(paper)


def rows_of(permohonan: Permohonan, key: str, form: SignForm | None, error: str) -> list[SignRow]:
    rows = []
    for each, paper in PAPERS.items():
        refusal = signing.refusal(g.actor, permohonan, paper, Role.ASESI)
        if refusal not in (None, signing.NOT_EXPLAINED):
            continue
        here = each == key
        typed = (form.typed_name.data or "") if here and form is not None else ""
        make = _result_row if paper is Form.FR_AK_02 else _paper_row
        rows.append(
            replace(
                make(permohonan, each, paper),
                seen=_seen(permohonan, paper),
                reason=refusal or "",
                typed=typed,
                error=error if here else "",
            )
        )
    return rows


def _paper_row(permohonan: Permohonan, key: str, paper: Form) -> SignRow:
    signature = dossier_of(permohonan).signature(paper, Role.ASESI, attempt=permohonan.attempt)
    said = signing.statement(permohonan, paper, Role.ASESI)
    return SignRow(key, paper, said, "", signature, outdated=False, reason="")


def _result_row(permohonan: Permohonan, key: str, paper: Form) -> SignRow:
    """FR.AK.02 with the FR.IA beside it: one card, one press."""
    pack = signing.result_pack(permohonan, Role.ASESI)
    row = _paper_row(permohonan, key, paper)
    return replace(
        row,
        statement=" ".join(pack.statements),
        signature=None if pack.left else row.signature,
        names=pack.names,
        anew=pack.why_anew,
    )


def signed_rows(permohonan: Permohonan) -> list[SignRow]:
    """What he signed in a meeting and what lies no longer before him: he can read it as long as the case stands."""
    dossier, rows = dossier_of(permohonan), []
    for key, paper in PAPERS.items():
        signature = dossier.signature(paper, Role.ASESI, attempt=permohonan.attempt)
        if signature is not None and signing.refusal(g.actor, permohonan, paper, Role.ASESI):
            forms = forms_to_sign(dossier, Role.ASESI) if paper is Form.FR_AK_02 else [paper]
            names = listed([form.label for form in forms])
            rows.append(
                SignRow(key, paper, "", "", signature, outdated=False, reason="", names=names)
            )
    return rows


def _explained(permohonan: Permohonan) -> list[tuple[str, str]]:
    """What the asesor noted as explained, each with its hour; in the pre-assessment of this attempt."""
    records = [
        seat.record
        for seat in dossier_of(permohonan).bookings
        if seat.attempt == permohonan.attempt
        and seat.slot.kind is MeetingKind.PRE_ASSESSMENT
        and seat.record is not None
    ]
    record = records[-1] if records else None
    ticked = [
        f"{words}, {jam(at)}"
        for column, words in (meetings.TICKS[item] for item in ("banding", "hak"))
        if record is not None and (at := getattr(record, column)) is not None
    ]
    return [("Dicatat asesor", "; ".join(ticked) or "belum ada yang dicatat dijelaskan")]


def _at_tuk(place: str) -> str:
    """ "TUK Contoh"; most names of a TUK begin with the word already."""
    return place if place.upper().startswith("TUK ") else f"TUK {place}"


def papers_of(permohonan: Permohonan) -> dict[str, Any]:
    """What stands on the papers that are signed here."""
    dossier = dossier_of(permohonan)
    plan, agreement = dossier.plan, _explained(permohonan)
    if plan is not None and plan.fr_ak_01_at is not None:
        read_words_of(plan)
        words = fr_ak_01.words_for(permohonan)
        kinds = [label for label, chosen in fr_ak_01.evidence_words(permohonan, words) if chosen]
        agreement.append((words.body["evidence_title"], ", ".join(kinds)))
        if plan.agreed_starts_at is not None:
            held = f"{tanggal(plan.agreed_starts_at)}, {_at_tuk(plan.agreed_place)}"
            agreement.append((words.body["held_title"], held))
        adjusted = fr_ak_07.in_words(plan.fr_ak_07, fr_ak_07.words_for(plan.fr_ak_07).body)
        agreement += [(f"FR.AK.07: {label}", said) for label, said in adjusted]
    return {
        "agreement": agreement,
        "paper": dossier.fr_ak_02,
        "result": _result(permohonan, dossier.fr_ak_02),
    }


def _result(permohonan: Permohonan, paper: FrAk02 | None) -> dict[str, Any]:
    """FR.AK.02 unit by unit, and the FR.IA it rests on: each to be read, save what is rahasia."""
    if paper is None:
        return {"units": [], "papers": []}
    papers = [
        (f"{each.value}: pihak ketiga dimintai keterangan. Isinya rahasia.", "")
        if each in instrument_reading.SECRET
        else (
            f"{each.value} {each.label}",
            address("read_paper", permohonan, paper_key=_KEY_OF[each]),
        )
        for each, filled in dossier_of(permohonan).instruments.items()
        if filled.finished_at is not None
    ]
    return {"units": fr_ak_02_matrix.units_in_words(paper), "papers": sorted(papers)}
