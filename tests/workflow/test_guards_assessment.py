"""Guards of the assessment itself: incident, FR.AK.02, recommendation."""

from __future__ import annotations

import pytest

from lsp import clock
from lsp.actor import SYSTEM
from lsp.database import db
from lsp.models import Countersignature, Incident
from lsp.vocabulary import Answer, Conclusion, InstrumentPaper, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.effects.assessment import open_new_edition
from lsp.workflow.guards import assessment as guards
from lsp.workflow.permohonan import PERMOHONAN
from tests.workflow.asking import Question, answer, in_turn, on
from tests.workflow.cases import actor_of, make_cast, make_permohonan

S = PermohonanStatus
NOW = S.IN_ASSESSMENT
CVP, PW = InstrumentPaper.CVP, InstrumentPaper.PW
#: A plan of the time before MAPA were documents, with a method whose paper cannot be filled here.
OBSERVED = {"mapa_id": None, "methods": ["observasi", "wawancara"]}


def paper(dossier):
    return dossier.fr_ak_02


def record(dossier):
    return dossier.booking.record


def first_unit(dossier):
    return dossier.fr_ak_02.units[0]


def record_incident(case, cast):
    db.session.add(
        Incident(
            booking_id=dossier_of(case).booking.id,
            at=clock.now(),
            kind="listrik padam",
            action="menunggu 10 menit",
            recorded_by_id=cast.asesor.id,
        )
    )


def seat_gone(case, cast):
    dossier_of(case).booking.cancelled_at = clock.now()


def name_second_asesor(case, cast):
    dossier_of(case).booking.slot.jadwal.asesor_2_id = cast.second_asesor.id


def countersign(case, cast):
    db.session.add(
        Countersignature(
            fr_ak_02_id=dossier_of(case).fr_ak_02.id, by_id=cast.second_asesor.id, word="agrees"
        )
    )


def new_edition(case, cast):
    """As after a send-back: a fresh paper that nobody countersigned."""
    open_new_edition(case, actor_of(cast.chair), "")


def sent_back(case, cast):
    """As after a send-back, the words of the asesor mended in the edition that follows."""
    dossier = dossier_of(case)
    for frozen in (dossier.fr_ak_02, *dossier.instruments.values()):
        frozen.frozen_at = clock.now()
    new_edition(case, cast)
    db.session.flush()
    dossier_of(case).fr_ak_02.comment = MENDED


def put_back(case, cast):
    paper(dossier_of(case)).comment = dossier_of(case).returned_record.comment


def first_answer(dossier):
    return dossier.instruments[PW].answers[0]


def paper_plan(dossier):
    return dossier.plan


def instrument(which):
    return lambda dossier: dossier.instruments[which]


MENDED = "Bukti unit pertama dilihat ulang bersama asesi."
negative = in_turn(
    on(paper, recommendation=Answer.BK, follow_up="Latihan menyusun laporan."),
    on(first_unit, failed=True, reason="Belum dapat menjelaskan prosedur."),
)
QUESTIONS = [
    Question(guards.incident_recorded, NOW, seat_gone, "Catat gangguannya", prepare=record_incident),
    Question(
        guards.asesor_one,
        NOW,
        lambda case, cast: on(paper, asesor_id=cast.second_asesor.id)(case, cast),
        "asesor yang mengisinya",
        role=Role.ASESOR,
    ),
    Question(
        guards.reworked_since_sent_back, NOW, put_back, "belum ada yang Anda ubah", prepare=sent_back
    ),
    Question(guards.every_unit_has_evidence, NOW, on(first_unit, evidence=[]), "1 unit belum punya bukti"),
    Question(guards.evidence_as_found, NOW, on(first_answer, achieved=False), "bukti unit 1 tidak sama lagi"),
    Question(
        guards.evidence_as_found,
        NOW,
        on(first_unit, changed_reason=" "),
        "bukti unit 1",
        prepare=on(first_unit, evidence=["wawancara", "lainnya"], changed_reason="Surat dari proyek."),
    ),
    Question(
        guards.each_instrument_complete, NOW, on(instrument(CVP), finished_at=None), "FR.IA.08 belum selesai"
    ),
    Question(
        guards.each_instrument_complete, NOW, on(paper_plan, **OBSERVED), "FR.IA.01 diminta MAPA ini"
    ),
    Question(
        guards.each_instrument_complete,
        NOW,
        on(first_unit, evidence=["wawancara"]),
        "FR.AK.02 belum memuat bukti dari FR.IA.01",
        prepare=in_turn(
            on(paper_plan, **OBSERVED, papers_outside=True), on(first_unit, evidence=["observasi"])
        ),
    ),
    Question(
        guards.recommendation_reasoned,
        NOW,
        on(paper, comment=""),
        "FR.IA.09 disimpulkan belum memenuhi",
        prepare=in_turn(
            on(instrument(PW), conclusion=Conclusion.NOT_MET), on(paper, comment="Dijawab kemudian.")
        ),
    ),
    Question(guards.recommendation_reasoned, NOW, on(paper, recommendation=None), "Pilih rekomendasi"),
    Question(guards.recommendation_reasoned, NOW, on(first_unit, failed=True), "Kompeten tidak dapat diberikan"),
    Question(
        guards.recommendation_reasoned, NOW, on(first_unit, failed=False), "Tandai unit", prepare=negative
    ),
    Question(guards.recommendation_reasoned, NOW, on(first_unit, reason=" "), "alasan untuk", prepare=negative),
    Question(guards.recommendation_reasoned, NOW, on(paper, follow_up=""), "tindak lanjut", prepare=negative),
    Question(
        guards.recommendation_is_bk, NOW, on(paper, recommendation=Answer.K), "Belum kompeten", prepare=negative
    ),
    Question(guards.written_feedback_given, NOW, on(paper, written_feedback="Bagus."), "sedikitnya 20 huruf"),
    Question(guards.asesi_signed_or_declined, NOW, on(paper, comment="Baru."), "belum ditandatangani asesi"),
    Question(
        guards.asesi_signed_or_declined,
        NOW,
        on(paper, asesi_refusal_reason=" "),
        "alasan asesi tidak menandatangani",
        prepare=on(paper, asesi_signature="refused", asesi_refusal_reason="Tidak setuju."),
    ),
    Question(guards.asesor_signed, NOW, on(paper, comment="Baru."), "belum Anda tandatangani", role=Role.ASESOR),
    Question(
        guards.asesor_signed,
        NOW,
        on(instrument(CVP), feedback="Baru."),
        "FR.IA.08 belum Anda tandatangani",
        role=Role.ASESOR,
    ),
    Question(
        guards.asesi_signed_or_declined,
        NOW,
        in_turn(on(instrument(CVP), feedback="Baru."), on(instrument(PW), feedback="Baru.")),
        "FR.IA.08 dan FR.IA.09 belum ditandatangani asesi",
    ),
    Question(
        guards.every_unit_has_evidence,
        NOW,
        on(first_unit, failed=False),
        "tandai belum memenuhi",
        prepare=in_turn(
            on(paper, recommendation=Answer.BK), on(first_unit, evidence=[], failed=True, reason="Tidak ada bukti.")
        ),
    ),
    Question(
        guards.second_asesor_spoke,
        NOW,
        new_edition,
        "Asesor 2 belum",
        prepare=in_turn(name_second_asesor, countersign),
    ),
    Question(
        guards.meeting_ended, NOW, on(record, ended_at=None), "jam selesai"
    ),
]  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_guard(app, question):
    question.ask()


def test_second_asesor_is_asked_only_where_one_is_named(app):
    cast = make_cast()
    case = make_permohonan(NOW, cast=cast)
    asesor = cast.of(Role.ASESOR, case)
    assert answer(guards.second_asesor_spoke, case, asesor) is None
    name_second_asesor(case, cast)
    db.session.flush()
    assert (
        answer(guards.second_asesor_spoke, case, asesor)
        == "Asesor 2 belum menandatangani FR.AK.02."
    )


@pytest.mark.parametrize(
    "guard",
    [guards.incident_recorded, guards.asesor_one, guards.every_unit_has_evidence,
     guards.each_instrument_complete, guards.evidence_as_found,
     guards.recommendation_reasoned, guards.recommendation_is_bk, guards.written_feedback_given,
     guards.asesi_signed_or_declined, guards.asesor_signed, guards.meeting_ended],
    ids=lambda guard: guard.__name__,
)  # fmt: skip
def test_nothing_written_is_refused(app, guard):
    cast = make_cast()
    case = make_permohonan(S.READY, cast=cast)
    assert answer(guard, case, cast.of(Role.ASESOR, case)) is not None


@pytest.mark.parametrize(
    "guard", [guards.second_asesor_spoke, guards.meeting_ended], ids=lambda guard: guard.__name__
)
def test_system_is_answered_too(app, guard):
    case = make_permohonan(NOW)
    assert answer(guard, case, SYSTEM) is None


def test_a_signature_of_another_asesor_is_not_his(app):
    cast = make_cast()
    case = make_permohonan(NOW, cast=cast)
    assert answer(guards.asesor_signed, case, cast.of(Role.ASESOR, case)) is None
    assert "belum Anda" in answer(guards.asesor_signed, case, actor_of(cast.second_asesor))


def test_both_ways_to_the_pleno_are_open_to_the_asesor_of_the_paper_alone():
    for key in (("recommend", "in_assessment"), ("recommend_not_continue", "pre_scheduled")):
        assert guards.asesor_one in PERMOHONAN.index[key].guards
