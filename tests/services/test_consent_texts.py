"""Texts by version: who is asked anew, what is refused, and that page, text and rule name the same periods."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import ConsentText, Permohonan, Setting
from lsp.models.inforce import consent_text, texts_in_force
from lsp.services import consent_texts, consents, retention, signing
from lsp.services.consent_texts import NewText
from lsp.vocabulary import ConsentKind, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from tests import factories
from tests.views.asesi import situations

KIND = ConsentKind.PERJANJIAN
BODY = "Perjanjian contoh yang baru, cukup panjang supaya diterima sebagai teks. " * 3


def new(days=0, body=BODY, after=1, title="Perjanjian contoh"):
    return NewText(title, body, clock.today_wib() + timedelta(days=days), after)


@pytest.fixture
def admin(app):
    return situations.actor_of(factories.make_user(Role.ADMIN))


def publish(admin, kind=KIND, **named):
    row = consent_texts.write(admin, kind, new(**named))
    db.session.commit()
    return row


def reload(case):
    db.session.commit()
    return db.session.get_one(Permohonan, case.id)


class TestWriting:
    @pytest.mark.both
    def test_a_version_holds_from_its_day_and_the_old_one_stays(self, admin):
        publish(admin, days=3)
        assert consent_text(KIND).version_number == 1
        assert consent_text(KIND, clock.today_wib() + timedelta(days=3)).version_number == 2
        assert [row.text.version_number for row in consent_texts.versions(KIND)] == [2, 1]

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"days": -1}, "paling cepat hari ini"), ({"body": "pendek"}, "100 sampai"),
            ({"after": 0}, "Versi 1 baru saja ditulis"), ({"body": BODY + "{simpan_selamanya}"}, "tidak dikenal"),
            ({"body": BODY + "漢"}, "tidak dapat dicetak"),
        ],
    )  # fmt: skip
    def test_is_refused(self, admin, changes, said):
        with pytest.raises(DomainError, match=said):
            consent_texts.write(admin, KIND, new(**changes))

    def test_the_same_again_is_refused(self, admin):
        publish(admin)
        with pytest.raises(DomainError, match="sama dengan versi 2"):
            publish(admin, after=2)

    def test_two_who_write_at_once_do_not_both_publish(self, admin):
        publish(admin)
        with pytest.raises(DomainError, match="baru saja ditulis"):
            publish(admin, body=BODY + "Lain.")


@pytest.mark.both
class TestAgreementsThatStand:
    def test_a_draft_is_asked_anew_from_the_day_it_holds(self, admin):
        case = situations.draft()
        situations.agree_all(case)
        assert KIND in dossier_of(reload(case)).consents
        assert consent_texts.drafts_to_ask_anew(KIND) == 1
        publish(admin, days=2)
        assert KIND in dossier_of(reload(case)).consents
        with time_machine.travel(clock.now() + timedelta(days=2)):
            assert dossier_of(reload(case)).consents == {
                ConsentKind.DATA_PROCESSING,
                ConsentKind.PERNYATAAN,
            }
            situations.agree_all(case)
            assert KIND in dossier_of(reload(case)).consents

    @pytest.mark.parametrize("status", [PermohonanStatus.RETURNED, PermohonanStatus.SUBMITTED])
    def test_a_case_once_sent_keeps_its_version(self, admin, status):
        case = situations.draft(status=status)
        situations.agree_all(case)
        publish(admin)
        assert KIND in dossier_of(reload(case)).consents

    def test_what_was_agreed_to_is_found_after_a_newer_one(self, admin):
        case = situations.draft()
        situations.agree_all(case)
        old = consent_text(KIND).body
        publish(admin)
        found = consents.given_to(case.id, KIND, 1)
        assert found.text.body == old
        assert consents.given_to(case.id, KIND, 2) is None


class TestPeriods:
    def test_texts_as_installed_name_the_periods_of_the_rules(self, app):
        periods = retention.periods()
        text = consent_text(ConsentKind.DATA_PROCESSING).body
        for words in periods.values():
            assert words in text
        assert "{" not in text
        assert periods["simpan_rekaman"] in consent_text(ConsentKind.RECORDING).body

    @pytest.mark.both
    def test_a_changed_rule_changes_the_table_and_marks_the_text(self, app):
        today = clock.today_wib()
        row = Setting(
            key="retention_ended_years", effective_from=today, value=4, label="Lama simpan"
        )
        factories.saved(row)
        assert any(
            "4 tahun sejak permohonan berakhir" in kind.keep for kind in retention.data_kinds()
        )
        assert consent_texts.line(ConsentKind.DATA_PROCESSING).outdated_since == today
        assert consent_texts.line(KIND).outdated_since is None, "it names no period"

    def test_a_version_written_after_names_the_new_period(self, app, admin):
        factories.saved(
            Setting(
                key="retention_certificate_years", effective_from=clock.today_wib(), value=0, label="Lama simpan"
            )
        )  # fmt: skip
        made = publish(
            admin, ConsentKind.DATA_PROCESSING, body=BODY + "\n- Berkas: {simpan_sertifikat}."
        )
        assert made.body.endswith("- Berkas: sampai masa berlaku sertifikat berakhir.")
        assert consent_texts.line(ConsentKind.DATA_PROCESSING).outdated_since is None

    def test_no_row_of_the_table_keeps_a_mark(self, app):
        assert all(
            "{" not in f"{row.name}{row.why}{row.keep}{row.who}" for row in retention.data_kinds()
        )


@pytest.mark.both
def test_each_kind_has_one_text_in_force(app, admin):
    publish(admin)
    found = texts_in_force()
    assert set(found) == set(ConsentKind)
    assert found[KIND].version_number == 2
    assert db.session.query(ConsentText).count() == 5


def test_agreeing_takes_the_text_in_force(app, admin):
    case = situations.draft()
    publish(admin)
    actor = situations.actor_of(case.asesi)
    signing.agree(actor, case, KIND)
    assert consents.standing(case)[0].text.version_number == 2
