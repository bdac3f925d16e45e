"""Files and database belong together, and only files that nobody has named for days are removed."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from lsp import clock
from lsp.database import db
from lsp.gateways import storage
from lsp.models import Document, KeyCheck
from lsp.services import file_keeping
from lsp.services.file_keeping import ORPHAN_DAYS, NotTogether, check_store, sweep_orphan_files
from lsp.vocabulary import PermohonanStatus
from tests.workflow.cases import make_permohonan


def later(**time):
    return time_machine.travel(clock.now() + timedelta(**time), tick=False)


def name_in_database(key):
    case = make_permohonan(PermohonanStatus.SUBMITTED)
    document = db.session.query(Document).filter_by(permohonan_id=case.id).first()
    document.storage_key = key
    db.session.commit()


@pytest.fixture
def joined(app):
    check_store()
    db.session.commit()


class TestTogether:
    def test_a_fresh_installation_is_marked_once(self, app):
        check_store()
        mark = storage.store().read_mark()
        check_store()
        assert storage.store().read_mark() == mark != ""
        assert file_keeping.belong_together()

    def test_an_empty_database_beside_files_stops_the_start(self, joined):
        storage.store().put(b"a document of somebody")
        db.session.query(KeyCheck).filter_by(purpose="store").delete()
        with pytest.raises(NotTogether, match="bukan milik basis data ini"):
            check_store()

    def test_files_without_any_mark_stop_the_start_of_an_empty_database(self, app):
        storage.store().put(b"a document of somebody")
        with pytest.raises(NotTogether):
            check_store()

    def test_files_from_before_marks_are_known_by_their_names(self, app):
        name_in_database(storage.store().put(b"a document of a case").key)
        check_store()
        assert file_keeping.belong_together()

    def test_an_empty_store_beside_a_used_database_stops_the_start(self, joined):
        name_in_database(storage.store().put(b"a document of a case").key)
        (storage.heavy_lock().parent / "files" / "installation-id").unlink()
        with pytest.raises(NotTogether):
            check_store()

    def test_another_installations_files_stop_the_start(self, joined):
        db.session.query(KeyCheck).filter_by(purpose="store").update({"fingerprint": "0" * 32})
        with pytest.raises(NotTogether):
            check_store()


class TestSweep:
    def test_an_orphan_goes_after_days_not_after_looks(self, joined):
        kept = storage.store().put(b"nobody names me")
        for _look in range(3):
            assert sweep_orphan_files() == []
        with later(days=ORPHAN_DAYS, minutes=-1):
            assert sweep_orphan_files() == []
        with later(days=ORPHAN_DAYS):
            assert sweep_orphan_files() == [kept.key]
        assert not storage.store().exists(kept.key)

    def test_a_named_file_is_never_swept(self, joined):
        stored = storage.store().put(b"a document of a case")
        name_in_database(stored.key)
        sweep_orphan_files()
        with later(days=30):
            sweep_orphan_files()
        assert storage.store().exists(stored.key)

    def test_an_empty_database_deletes_nothing(self, joined):
        kept = storage.store().put(b"a document of somebody")
        sweep_orphan_files()
        db.session.query(KeyCheck).filter_by(purpose="store").delete()
        db.session.commit()
        with later(days=30):
            assert sweep_orphan_files() == []
        assert storage.store().exists(kept.key)

    def test_too_many_orphans_are_a_sign_and_stay(self, joined, monkeypatch):
        monkeypatch.setattr(file_keeping, "ORPHANS_AT_MOST", 2)
        kept = [storage.store().put(b"nobody names me").key for _ in range(3)]
        sweep_orphan_files()
        with later(days=30):
            assert sweep_orphan_files() == []
        assert all(storage.store().exists(key) for key in kept)

    @pytest.mark.parametrize("broken", ["", "[]", '["a"]', '{"a": 1}', '{"a', "null"])
    def test_unreadable_notes_begin_anew(self, joined, broken):
        kept = storage.store().put(b"nobody names me")
        storage.heavy_lock().with_name("orphans.json").write_text(broken)
        assert sweep_orphan_files() == []
        with later(days=ORPHAN_DAYS):
            assert sweep_orphan_files() == [kept.key]
