"""The name under which a worker leases rows, and which leases its successor may free."""

from __future__ import annotations

from lsp.database import db, write_transaction
from lsp.models import OutboxMessage
from lsp.services import outbox
from lsp.services.outbox import FOLDER_SIGNS
from lsp.vocabulary import Channel
from lsp.worker_process import name_held
from tests.support.outbox_app import add_mail


def leased(worker: str) -> str:
    """Public id of a new row that this worker has leased."""
    public_id = add_mail()
    with write_transaction():
        message = outbox.claim((Channel.MAIL,), worker=worker)
        assert message is not None
        assert message.public_id == public_id
    return public_id


def under_way() -> set[str]:
    db.session.rollback()
    rows = db.session.query(OutboxMessage).filter(OutboxMessage.lease_token.is_not(None))
    return {row.public_id for row in rows}


def test_two_of_one_folder_have_its_signs_and_differ(tmp_path):
    with name_held(tmp_path) as first:
        pass
    with name_held(tmp_path) as second:
        assert first[:FOLDER_SIGNS] == second[:FOLDER_SIGNS]
        assert first != second
        assert len(second) == 16


def test_beside_a_living_one_there_is_no_name(tmp_path):
    with name_held(tmp_path), name_held(tmp_path) as second:
        assert second == ""


def test_a_spoilt_file_is_written_anew(tmp_path):
    (tmp_path / "worker.lock").write_bytes(b"\xff not a name")
    with name_held(tmp_path) as first:
        assert (tmp_path / "worker.lock").read_text() == first[:FOLDER_SIGNS]


def test_only_leases_of_dead_ones_of_this_folder_are_freed(app):
    dead, own, elsewhere, nameless = (
        leased(name) for name in ("0a0a0a0a11111111", "0a0a0a0a22222222", "0b0b0b0b11111111", "")
    )
    with write_transaction():
        assert outbox.free_leases("0a0a0a0a22222222") == 1
    assert under_way() == {own, elsewhere, nameless}
    with write_transaction():
        again = outbox.claim((Channel.MAIL,), worker="0a0a0a0a22222222")
        assert again is not None
        assert again.public_id == dead


def test_a_row_that_may_be_what_kills_them_waits_for_its_lease(app):
    row = leased("0a0a0a0a11111111")
    with write_transaction():
        outbox.free_leases("0a0a0a0a22222222")
        assert outbox.claim((Channel.MAIL,), worker="0a0a0a0a22222222") is not None
    with write_transaction():
        assert outbox.free_leases("0a0a0a0a33333333") == 0
    assert under_way() == {row}
