"""One list of what a remote meeting keeps: the guard, packs and pages read it, and the index of gaps is made of it."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from lsp import clock
from lsp.database import db
from lsp.models import MeetingRecord
from lsp.models.jadwal import RECORD_GAP, REMOTE_RECORD
from lsp.services import meeting_packs
from lsp.vocabulary import Mode, PermohonanStatus as S
from lsp.workflow.guards.decision import missing_papers
from lsp.workflow.remote_record import lacking, lacks, still_to_hand_in
from tests.support.recordings import held_seat
from tests.workflow.cases import make_permohonan


@pytest.fixture
def seat(app):
    """A meeting whose record lacks nothing."""
    seat = held_seat(make_permohonan(S.RECOMMENDED))
    assert seat.record is not None
    seat.record.ended_at = clock.now()
    db.session.flush()
    return seat


def rows(condition) -> list[int]:
    return list(db.session.scalars(select(MeetingRecord.booking_id).where(condition)))


def test_a_whole_record_lacks_nothing(seat):
    assert lacking(seat) == []
    assert seat.id not in rows(text(RECORD_GAP))


@pytest.mark.parametrize("kept", REMOTE_RECORD, ids=lambda kept: kept.name)
def test_each_gap_is_one_gap_everywhere(seat, kept):
    """For Python, for a query, for the index, for the packs; and for the pleno where it may follow."""
    assert seat.id not in rows(lacks(kept))
    setattr(seat.record, kept.column, kept.empty)
    db.session.flush()
    assert lacking(seat) == [kept]
    assert seat.id in rows(lacks(kept))
    assert seat.id in rows(text(RECORD_GAP))
    assert meeting_packs.gaps_of(seat, []) == (kept.name,)
    told = [each for each in missing_papers(seat.permohonan) if each.startswith(kept.words)]
    assert bool(still_to_hand_in(seat)) is bool(told) is kept.may_follow


def test_nothing_lacks_face_to_face_nor_before_it_began(seat):
    seat.record.recording_reference = ""
    assert lacking(seat)
    seat.slot.jadwal.mode = Mode.LURING
    assert lacking(seat) == []
    seat.slot.jadwal.mode = Mode.DARING
    seat.record.started_at = None
    assert lacking(seat) == []


def test_the_index_of_gaps_is_made_of_the_list(app):
    """A line more is another index, and so a migration."""
    made = db.session.scalar(
        text("SELECT sql FROM sqlite_master WHERE name = 'ix_meeting_record_gap'")
    )
    assert str(made).endswith(f"WHERE {RECORD_GAP}")
    assert RECORD_GAP == (
        "started_at IS NOT NULL AND (recording_reference = '' OR screenshot_document_id IS NULL OR"
        " recording_consent_at IS NULL OR identity_checked_at IS NULL OR surroundings_checked_at IS NULL OR"
        " ended_at IS NULL)"
    ), "as migration 0021 has it"
