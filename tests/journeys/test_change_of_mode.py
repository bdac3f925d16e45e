"""An asesi refuses to be recorded: he agrees to luring, the meeting is rescheduled, the admin changes the mode."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import url_for
from sqlalchemy import select

from lsp import clock
from lsp.database import db, write_transaction
from lsp.errors import DomainError, StaleCase
from lsp.models import Fee, MeetingJoin, OutboxMessage, Permohonan
from lsp.services import meeting_news, mode_change
from lsp.vocabulary import Mode, PermohonanStatus, Role
from tests import factories
from tests.html import main, soup, words
from tests.htmx import HX
from tests.journeys.hands import Lost, PlainHands
from tests.views.asesi import situations
from tests.workflow.cases import actor_of, make_permohonan, seat_of

S = PermohonanStatus


@pytest.fixture(params=[False, True], ids=["scripts off", "htmx"])
def hands(request, sign_in):
    def of(who) -> PlainHands:
        return PlainHands(sign_in(who), htmx=request.param)

    return of


def reread(case) -> Permohonan:
    db.session.rollback()
    return db.session.get_one(Permohonan, case.id, populate_existing=True)


def kinds(case) -> set[str]:
    return set(
        db.session.scalars(select(OutboxMessage.kind).where(OutboxMessage.permohonan_id == case.id))
    )


def test_from_the_refusal_to_luring(hands):
    case = make_permohonan(S.PRE_SCHEDULED, work_done=False)
    admin, asesi = hands(Role.ADMIN), hands(case.asesi)
    page = f"/admin/permohonan/{case.public_id}"

    asesi.go(f"/asesi/permohonan/{case.public_id}")
    asesi.follow("Ganti ke tatap muka")
    assert "Tidak ada biaya tambahan" in asesi.text() or "tagihan selisihnya" in asesi.text()
    assert "dijadwalkan ulang" in asesi.text()
    asesi.press("Saya setuju ganti ke tatap muka")
    assert "Persetujuan Anda tersimpan" in asesi.text()
    assert {"mode_agreed_admin", "mode_agreed_asesor"} <= kinds(case)

    admin.go(page)
    assert "Asesi setuju ganti ke tatap muka" in admin.text()
    assert "Tekan “Lepas jadwal…”, lalu “Ganti ke tatap muka (luring)”" in admin.text()
    assert "Pindahkan rapat" not in admin.text()
    admin.follow("Lepas jadwal…")
    admin.fill("Alasan", "Asesi menolak direkam.")
    admin.press("Lepas jadwal")
    admin.go(page)
    assert "masih terpesan" not in admin.text()
    assert "Pesankan jadwal" not in admin.text()
    admin.follow("Ganti ke tatap muka (luring)…")
    assert "Ganti dari jarak jauh ke tatap muka?" in admin.text()
    assert "tagihan selisih Rp200.000" in admin.text()
    admin.press("Ganti ke tatap muka")

    changed = reread(case)
    assert (changed.status, changed.mode) == (S.PAID, Mode.LURING)
    assert changed.mode_agreed_at is None
    assert "mode_changed" in kinds(case)
    asesi.go(f"/asesi/permohonan/{case.public_id}")
    assert "tatap muka" in asesi.text()


def test_one_press_reaches_the_asesor_who_reschedules(hands):
    """The asesi says no on his page; the asesor's open page learns of it and offers the way to luring."""
    case = make_permohonan(S.PRE_SCHEDULED, work_done=False)
    asesi, asesor, admin = hands(case.asesi), hands(seat_of(case).slot.asesor), hands(Role.ADMIN)
    order = f"/asesor/permohonan/{case.public_id}"
    asesor.go(order)
    before = meeting_news.edition(reread(case))
    assert "menunggu asesi" in asesor.text()

    asesi.go(f"/asesi/permohonan/{case.public_id}/rapat")
    assert "tidak dihitung sebagai absen" in asesi.text()
    assert "Tidak ada biaya tambahan" in asesi.text() or "tagihan selisihnya" in asesi.text()
    asesi.follow("Saya tidak mau direkam…")
    assert "Tidak ada biaya tambahan" in asesi.text() or "tagihan selisihnya" in asesi.text()
    asesi.press("Saya tidak mau direkam")
    assert "Anda menolak direkam" in asesi.text()
    assert "Rapat diganti tatap muka" in asesi.text()
    asesi.go(f"/asesi/permohonan/{case.public_id}/rapat")
    assert "Saya setuju direkam" not in asesi.text()
    for invitation in ("Masuk rapat", "Simpan ke kalender", "Uji kamera", "Pindahkan rapat"):
        assert invitation not in asesi.text()

    assert meeting_news.edition(reread(case)) != before  # so the open page is told
    asesor.go(order)
    assert "Asesi tidak mau direkam" in asesor.text()
    assert "asesi menolak" in asesor.text()
    asesor.follow("Lepas jadwal rapat ini…")
    asesor.fill("Alasan", "Asesi tidak mau direkam, diganti tatap muka.")
    asesor.press("Lepas jadwal")
    admin.go(f"/admin/permohonan/{case.public_id}")
    admin.follow("Ganti ke tatap muka (luring)…")
    admin.press("Ganti ke tatap muka")
    changed = reread(case)
    assert (changed.status, changed.mode) == (S.PAID, Mode.LURING)


def test_the_poll_of_the_open_page_brings_the_refusal(sign_in):
    case = make_permohonan(S.PRE_SCHEDULED, work_done=False)
    seat = seat_of(case)
    seat.slot.starts_at, seat.slot.ends_at = clock.now(), clock.now() + timedelta(hours=1)
    db.session.commit()
    browser, url = sign_in(seat.slot.asesor), f"/asesor/permohonan/{case.public_id}"
    known = meeting_news.edition(reread(case))
    quiet = browser.get(f"{url}/kabar?sejak={known}", headers=HX)
    assert "HX-Retarget" not in quiet.headers, "only the line that waits is drawn again"
    with write_transaction():
        asked = db.session.get_one(Permohonan, case.id)
        mode_change.agree(
            actor_of(asked.asesi), asked, version=asked.version, refuses_recording=True
        )
    answer = browser.get(f"{url}/kabar?sejak={known}", headers=HX)
    assert "Asesi tidak mau direkam" in words(soup(answer))
    row = soup(browser.get(f"{url}/persetujuan-rekam", headers=HX)).find(id="recording-consent")
    assert "asesi menolak" in words(row)
    assert row.get("hx-get") is None


def test_before_he_agrees_the_admin_reads_why_not(hands):
    case = make_permohonan(S.PAID)
    admin = hands(Role.ADMIN)
    admin.go(f"/admin/permohonan/{case.public_id}")
    assert "Asesi belum menyetujui perubahan cara asesmen" in admin.text()
    with pytest.raises(Lost, match="disabled"):
        admin.press("Ganti ke tatap muka (luring)")


def test_he_may_think_better_of_it(hands):
    case = make_permohonan(S.READY)
    asesi = hands(case.asesi)
    asesi.go(f"/asesi/permohonan/{case.public_id}")
    asesi.follow("Ganti ke tatap muka")
    asesi.press("Saya setuju ganti ke tatap muka")
    asesi.follow("Ganti cara asesmen: menunggu admin")
    asesi.press("Batalkan persetujuan saya")
    assert "tetap seperti semula" in asesi.text()
    assert reread(case).mode_agreed_at is None


def test_the_admin_finds_it_among_his_work(hands, sign_in):
    """A tile, a kind of work, and a mark on the row; gone once it is dealt with."""
    waiting, other = make_permohonan(S.PRE_SCHEDULED), make_permohonan(S.PRE_SCHEDULED)
    admin = sign_in(Role.ADMIN)
    assert "Ganti cara asesmen" not in words(main(soup(admin.get("/admin"))))
    with write_transaction():
        asked = db.session.get_one(Permohonan, waiting.id)
        mode_change.agree(
            actor_of(asked.asesi), asked, version=asked.version, refuses_recording=True
        )
    assert "Ganti cara asesmen" in words(main(soup(admin.get("/admin"))))
    found = words(soup(admin.get("/admin?kerja=ganti")).select_one("#work-list tbody"))
    assert waiting.asesi_name in found
    assert other.asesi_name not in found
    assert "ganti cara asesmen" in found
    with write_transaction():
        asked = db.session.get_one(Permohonan, waiting.id)
        mode_change.take_back(actor_of(asked.asesi), asked, version=asked.version)
    assert "Ganti cara asesmen" not in words(main(soup(admin.get("/admin"))))


class TestWhileItWaits:
    """Nobody is sent to book in the mode he asked to leave."""

    @pytest.mark.parametrize("status", [S.PAID, S.READY])
    def test_his_pages_wait_and_the_old_mode_is_not_booked(self, hands, status):
        case = make_permohonan(status, mode_agreed_at=clock.now())
        asesi = hands(case.asesi)
        asesi.go(f"/asesi/permohonan/{case.public_id}")
        assert "Tunggu admin mengganti ke tatap muka" in asesi.text()
        assert "Pilih jadwal" not in asesi.text()
        asesi.go(f"/asesi/permohonan/{case.public_id}/jadwal")
        assert "Admin LSP mengganti caranya dulu" in asesi.text()
        assert "Belum ada jadwal yang terbuka" not in asesi.text()
        asesi.follow("Lihat atau batalkan")
        asesi.press("Batalkan persetujuan saya")
        asesi.go(f"/asesi/permohonan/{case.public_id}")
        assert "Pilih jadwal" in asesi.text()

    def test_who_asked_for_it_is_not_told_that_he_refused_to_be_recorded(self, hands):
        case = make_permohonan(S.PRE_SCHEDULED, work_done=False, mode_agreed_at=clock.now())
        asesi = hands(case.asesi)
        asesi.go(f"/asesi/permohonan/{case.public_id}/rapat")
        assert "Anda setuju ganti ke tatap muka" in asesi.text()
        assert "menolak" not in asesi.text()
        entered = asesi.client.post(f"/asesi/permohonan/{case.public_id}/rapat/masuk")
        assert "Batalkan dulu persetujuan itu" in words(soup(asesi.client.get(entered.location)))
        assert db.session.query(MeetingJoin).count() == 0

    def test_a_permission_that_ended_meanwhile_keeps_nobody_in_it(self, hands):
        case = situations.draft(status=S.PAID, mode=Mode.LURING, mode_agreed_at=clock.now())
        assert mode_change.waits(case)
        asesi = hands(case.asesi)
        asesi.go(f"/asesi/permohonan/{case.public_id}/ganti-cara")
        asesi.press("Batalkan persetujuan saya")
        assert reread(case).mode_agreed_at is None


class TestWhatThePageSays:
    def text(self, sign_in, permohonan) -> str:
        address = url_for("asesi.mode", permohonan_id=permohonan.public_id)
        return words(main(soup(sign_in(permohonan.asesi).get(address))))

    def test_a_dearer_mode_names_the_sum(self, sign_in):
        permohonan = make_permohonan(S.PAID)
        assert mode_change.difference(permohonan) == 200_000
        assert "lebih mahal Rp200.000" in self.text(sign_in, permohonan)

    def test_a_mode_without_a_higher_fee_costs_nothing(self, sign_in):
        permohonan = make_permohonan(S.PAID)
        db.session.query(Fee).delete()
        db.session.commit()
        assert "Tidak ada biaya tambahan" in self.text(sign_in, permohonan)

    def test_back_to_daring_only_where_bnsp_permits_it(self, sign_in):
        permohonan = situations.draft(status=S.PAID, mode=Mode.LURING)
        assert "belum boleh dinilai jarak jauh" in self.text(sign_in, permohonan)

    def test_a_permission_that_leaves_out_a_method_of_the_skema_permits_nothing(self, sign_in):
        permohonan = situations.draft(status=S.PAID, mode=Mode.LURING)
        permohonan.skema_version.methods = ["wawancara", "observasi"]
        factories.make_remote_permission(permohonan.skema_version.skema, methods=["wawancara"])
        assert "belum boleh dinilai jarak jauh" in self.text(sign_in, permohonan)

    def test_where_the_table_has_no_change(self, sign_in):
        permohonan = make_permohonan(S.RECOMMENDED)
        assert "tidak dapat diganti pada tahap" in self.text(sign_in, permohonan)

    def test_an_agreement_that_came_too_late_waits_for_nobody(self, sign_in):
        permohonan = make_permohonan(S.RECOMMENDED, mode_agreed_at=clock.now())
        assert not mode_change.waits(permohonan)
        own = sign_in(permohonan.asesi).get(f"/asesi/permohonan/{permohonan.public_id}")
        assert "menunggu admin" not in own.text
        staff = sign_in(Role.ADMIN).get(f"/admin/permohonan/{permohonan.public_id}")
        assert "setuju ganti ke" not in staff.text


class TestTheService:
    def test_nobody_agrees_for_the_asesi(self, sign_in):
        permohonan = make_permohonan(S.PAID)
        with pytest.raises(DomainError, match="asesi sendiri"):
            mode_change.agree(
                actor_of(sign_in(Role.ADMIN).user), permohonan, version=permohonan.version
            )

    def test_a_form_drawn_from_an_older_version_is_refused(self, app):
        permohonan = make_permohonan(S.PAID)
        with pytest.raises(StaleCase):
            mode_change.agree(actor_of(permohonan.asesi), permohonan, version=99)

    def test_agreeing_twice_keeps_the_first_moment(self, app):
        permohonan = make_permohonan(S.PAID)
        actor = actor_of(permohonan.asesi)
        mode_change.agree(actor, permohonan, version=permohonan.version)
        first = permohonan.mode_agreed_at
        mode_change.agree(actor, permohonan, version=permohonan.version)
        assert permohonan.mode_agreed_at == first

    def test_nothing_to_take_back(self, app):
        permohonan = make_permohonan(S.PAID)
        with pytest.raises(DomainError, match="Tidak ada persetujuan"):
            mode_change.take_back(
                actor_of(permohonan.asesi), permohonan, version=permohonan.version
            )
