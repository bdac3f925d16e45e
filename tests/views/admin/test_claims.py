"""Pengambilan: what waits for its asesi, and ID Izin that two people ask for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from lsp import clock
from lsp.database import db, write_transaction
from lsp.models import Claim, FrApl01, IdIzinDispute, OutboxMessage, Permohonan
from lsp.services import disputes
from lsp.vocabulary import DisputeOutcome, PermohonanStatus, Role
from lsp.workflow.machine import LEAST_GROUNDS
from tests import factories
from tests.html import errors, filled, form, h1, notices, soup, words
from tests.workflow.cases import make_permohonan as make_case

S = PermohonanStatus
REASON = "Nomor ini tercatat atas nama peminta di Portal Perizinan."


def seen_by(admin, dispute: IdIzinDispute) -> str:
    """The holder that the page shows, as both of its forms send it back."""
    page = soup(admin.get(f"/admin/id-izin-ganda/{dispute.public_id}"))
    sent = {str(each["value"]) for each in page.find_all("input", {"name": "seen"})}
    return sent.pop() if len(sent) == 1 else ""


def decide(admin, dispute: IdIzinDispute, word: str, *, seen: str | None = None, **data):
    data["seen"] = seen_by(admin, dispute) if seen is None else seen
    return admin.post(f"/admin/id-izin-ganda/{dispute.public_id}/{word}", data=data)


def again(row):
    db.session.expire_all()
    return db.session.get_one(type(row), row.id)


def mailed(kind: str) -> list[dict]:
    rows = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind))
    return [row.payload for row in rows]


class TestList:
    def test_both_kinds_stand_there_with_their_age_and_the_tab_counts(self, admin):
        held, _token = factories.make_claim()
        found = factories.make_dispute()
        page = soup(admin.get("/admin/belum-diambil"))
        text = words(page)
        assert held.asesi_name in text
        assert found.id_izin in text
        assert found.asker.name in text
        assert "ID Izin yang diminta dua orang" in text
        assert "Pengambilan (1 menunggu Anda" in words(
            page.find("nav", {"aria-label": "Bagian dasbor"})
        )

    def test_a_claim_that_is_stuck_counts_too(self, admin):
        held, _token = factories.make_claim()
        db.session.get_one(Claim, held.id).tries = 5
        db.session.commit()
        assert "Pengambilan (1 menunggu Anda" in words(soup(admin.get("/admin")))


class TestLinksToMany:
    ADDRESS = "/admin/belum-diambil/kirim"

    def waiting(self, *, sent_long_ago=True, tries=0):
        case, _token = factories.make_claim()
        claim = db.session.get_one(Claim, case.id)
        claim.tries = tries
        claim.mailed_at = clock.now() - timedelta(days=3 if sent_long_ago else 0)
        db.session.commit()
        return case

    def test_those_that_are_ticked_get_one_through_a_page(self, admin):
        case, other = self.waiting(), self.waiting()
        asked = soup(admin.get(self.ADDRESS, query_string={"pilih": case.public_id}))
        assert h1(asked) == "Kirim tautan lagi kepada 1 asesi?"
        assert other.asesi_name not in words(asked) or other.asesi.email not in words(asked)
        admin.post(self.ADDRESS, data=filled(form(asked, self.ADDRESS)))
        assert [each["to"] for each in mailed("claim")] == [case.asesi.email]

    def test_twice_sends_once(self, admin):
        case = self.waiting()
        for _ in range(2):
            admin.post(self.ADDRESS, data={"pilih": case.public_id})
        assert len(mailed("claim")) == 1

    def test_who_is_better_called_is_left_out_with_the_reason(self, admin):
        stuck, fresh, meant = (
            self.waiting(tries=2),
            self.waiting(sent_long_ago=False),
            self.waiting(),
        )
        asked = words(soup(admin.get(self.ADDRESS, query_string={"semua": "ya"})))
        assert "kepada 1 asesi?" in asked
        assert "NIK pernah tidak cocok" in asked
        assert "baru saja dikirim" in asked
        admin.post(self.ADDRESS, data={"pilih": [each.public_id for each in (stuck, fresh, meant)]})
        assert [each["to"] for each in mailed("claim")] == [meant.asesi.email]

    def test_nothing_ticked_says_so(self, admin):
        answer = admin.get(self.ADDRESS)
        assert "belum ada yang dicentang" in " ".join(notices(soup(admin.get(answer.location))))

    def test_the_page_of_one_names_his_phone(self, admin):
        case = self.waiting()
        factories.saved(FrApl01(permohonan_id=case.id, phone_mobile="081200000001"))
        page = soup(admin.get(f"/admin/permohonan/{case.public_id}/klaim"))
        assert "081200000001" in words(page)


class TestTwoPeople:
    def test_both_are_shown_with_masked_nik(self, admin):
        holder = make_case(S.DRAFT)
        nik = db.session.get_one(FrApl01, holder.id).nik
        found = factories.make_dispute(holder)
        text = words(soup(admin.get(f"/admin/id-izin-ganda/{found.public_id}")))
        assert holder.asesi.email in text
        assert found.asker.email in text
        assert nik[-4:] in text
        assert nik not in text

    @pytest.mark.parametrize(
        ("claimed_at", "matched", "is_shown"), [(None, None, False), (clock.now(), True, True)]
    )
    def test_a_nik_that_the_lsp_wrote_is_not_what_the_asker_says_of_himself(
        self, admin, claimed_at, matched, is_shown
    ):
        elsewhere = make_case(S.DRAFT)
        db.session.add(
            Claim(permohonan_id=elsewhere.id, claimed_at=claimed_at, nik_matched=matched)
        )
        db.session.get_one(FrApl01, elsewhere.id).nik = "9901014101909876"
        db.session.commit()
        found = factories.make_dispute(asker=elsewhere.asesi)
        text = words(soup(admin.get(f"/admin/id-izin-ganda/{found.public_id}")))
        assert ("9876" in text) is is_shown

    def test_kept_the_asker_is_told_to_look_again_and_not_whose_it_is(self, admin):
        holder = make_case(S.DRAFT)
        found = factories.make_dispute(holder)
        assert decide(admin, found, "tetap").status_code == 303
        assert again(found).outcome is DisputeOutcome.KEPT
        (mail,) = mailed("id_izin_kept")
        assert mail["to"] == found.asker.email
        assert holder.asesi_name not in str(mail)

    def test_given_the_asker_begins_with_nothing_of_the_first_person(self, admin):
        holder = make_case(S.DRAFT)
        asker = factories.make_user()
        found = factories.make_dispute(holder, asker)
        refused = decide(admin, found, "berikan", note="pendek")
        assert str(LEAST_GROUNDS) in errors(soup(refused))["note"]
        assert decide(admin, found, "berikan", note=REASON).status_code == 303
        old = again(holder)
        assert old.status is S.WITHDRAWN
        new = db.session.scalars(select(Permohonan).where(Permohonan.asesi_id == asker.id)).one()
        assert (new.id_izin, new.status) == (old.id_izin, S.DRAFT)
        paper = db.session.get_one(FrApl01, new.id)
        assert (paper.full_name, paper.email) == (asker.name, asker.email)
        assert [paper.nik, paper.birth_date, paper.phone_mobile, paper.address] == [None, None, None, ""]  # fmt: skip
        assert paper.experiences == []
        assert REASON in str(mailed("permohonan_withdrawn"))
        assert asker.name not in str(mailed("permohonan_withdrawn"))
        assert mailed("id_izin_given")[0]["to"] == asker.email

    def test_of_one_nobody_claimed_no_reason_is_asked(self, admin):
        holder, _token = factories.make_claim()
        found = factories.make_dispute(holder)
        assert decide(admin, found, "berikan").status_code == 303
        assert again(holder).status is S.WITHDRAWN

    def test_one_that_was_sent_is_not_taken_away(self, admin):
        holder = factories.make_permohonan(status=S.SUBMITTED)
        found = factories.make_dispute(holder)
        answer = decide(admin, found, "berikan", note=REASON)
        assert answer.status_code == 409
        assert "sudah mengirim permohonan" in notices(soup(answer))[0]
        assert again(holder).status is S.SUBMITTED

    def test_pressed_twice_it_is_decided_once(self, admin):
        found = factories.make_dispute()
        decide(admin, found, "tetap")
        assert decide(admin, found, "berikan", note=REASON).status_code == 409
        assert again(found).outcome is DisputeOutcome.KEPT

    def test_who_is_one_of_the_two_does_not_decide(self, sign_in):
        both = sign_in(Role.ADMIN, Role.ASESI)
        found = factories.make_dispute(asker=both.user)
        assert decide(both, found, "tetap").status_code == 409

    def test_a_third_one_now_asks_the_new_holder(self, admin):
        holder, _token = factories.make_claim()
        second, third = (factories.make_dispute(holder) for _ in range(2))
        decide(admin, second, "berikan")
        assert again(third).permohonan.asesi_id == second.asker_id

    @pytest.mark.parametrize("word", ["berikan", "tetap"])
    def test_an_old_page_decides_nothing_about_the_new_holder(self, admin, word):
        holder = make_case(S.DRAFT)
        second, third = (factories.make_dispute(holder) for _ in range(2))
        old = seen_by(admin, third)
        decide(admin, second, "berikan", note=REASON)
        answer = decide(admin, third, word, seen=old, note=REASON)
        assert answer.status_code == 409
        page = soup(answer)
        assert "berubah" in " ".join(notices(page))
        assert second.asker.name in words(page)
        assert page.find("textarea", {"name": "note"}).text.strip() == REASON
        assert again(third).decided_at is None
        assert third.permohonan.status is S.DRAFT
        fresh = {each["value"] for each in page.find_all("input", {"name": "seen"})}
        assert decide(admin, third, word, seen=fresh.pop(), note=REASON).status_code == 303

    def test_a_page_that_tells_no_holder_decides_nothing(self, admin):
        found = factories.make_dispute()
        assert decide(admin, found, "tetap", seen="").status_code == 409
        assert again(found).decided_at is None

    def test_a_number_the_holder_corrected_meanwhile_is_free(self, admin):
        holder = factories.make_permohonan()
        found = factories.make_dispute(holder)
        holder.id_izin = "I-2026111809150100077"
        db.session.commit()
        assert decide(admin, found, "berikan").status_code == 303
        assert again(holder).status is S.DRAFT

    def test_his_own_draft_gets_the_number_he_corrected_to(self, admin):
        holder, _token = factories.make_claim()
        own = factories.make_permohonan()
        with write_transaction():
            case, mine = (db.session.get_one(Permohonan, row.id) for row in (holder, own))
            found = disputes.ask(
                mine.asesi, holder=case, version=case.skema_version, kind=case.kind, mode=case.mode, own=mine
            )  # fmt: skip
        wanted = found.id_izin
        decide(admin, found, "berikan")
        assert again(own).id_izin == wanted


class TestOneCase:
    def test_a_link_again_forgets_the_tries(self, admin):
        held, _token = factories.make_claim()
        db.session.get_one(Claim, held.id).tries = 5
        db.session.commit()
        path = f"/admin/permohonan/{held.public_id}/klaim"
        assert "terkunci" in words(soup(admin.get(path)))
        assert admin.post(f"{path}/kirim").status_code == 303
        db.session.expire_all()
        assert db.session.get_one(Claim, held.id).tries == 0

    def test_the_address_is_corrected(self, admin):
        held, _token = factories.make_claim()
        path = f"/admin/permohonan/{held.public_id}/klaim/email"
        assert errors(soup(admin.post(path, data={"email": "tanpa"})))["email"]
        assert admin.post(path, data={"email": "Benar@contoh.example"}).status_code == 303
        assert again(held).asesi.email == "benar@contoh.example"
        assert [mail["to"] for mail in mailed("invite")] == ["benar@contoh.example"]

    def test_an_address_of_staff_is_refused_by_its_field(self, admin):
        held, _token = factories.make_claim()
        staff = factories.make_user(Role.ASESOR)
        answer = admin.post(
            f"/admin/permohonan/{held.public_id}/klaim/email", data={"email": staff.email}
        )
        assert "petugas" in errors(soup(answer))["email"]
        assert again(held).asesi_id == held.asesi_id

    def test_the_id_izin_is_corrected_and_who_holds_another_is_named(self, admin):
        held, other = factories.make_permohonan(), factories.make_permohonan(status=S.SUBMITTED)
        path = f"/admin/permohonan/{held.public_id}/id-izin"
        refused = admin.post(path, data={"id_izin": other.id_izin, "sure": "y"})
        assert other.asesi_name in errors(soup(refused))["id_izin"]
        assert admin.post(path, data={"id_izin": "i 2026111809150100042"}).status_code == 303
        assert again(held).id_izin == "I-2026111809150100042"


class TestWarnings:
    def test_the_same_nik_under_another_account_is_told_to_the_admin(self, admin, sign_in):
        one = make_case(S.DRAFT)
        two = make_case(S.DRAFT)
        two.skema_version_id = one.skema_version_id
        nik = db.session.get_one(FrApl01, one.id).nik
        db.session.get_one(FrApl01, two.id).nik = nik
        db.session.commit()
        said = f"untuk skema ini, dengan akun lain: {two.asesi_name}"
        assert said in words(soup(admin.get(f"/admin/permohonan/{one.public_id}")))
        own = sign_in(one.asesi).get(f"/asesi/permohonan/{one.public_id}")
        assert "NIK yang sama" not in words(soup(own))

    def test_two_without_a_nik_have_not_the_same(self, admin):
        one, two = make_case(S.DRAFT), make_case(S.DRAFT)
        two.skema_version_id = one.skema_version_id
        for case in (one, two):
            db.session.get_one(FrApl01, case.id).nik = None
        db.session.commit()
        text = words(soup(admin.get(f"/admin/permohonan/{one.public_id}")))
        assert one.asesi_name in text
        assert "dengan akun lain" not in text

    def test_a_nik_nobody_compared_is_marked(self, admin):
        held, _token = factories.make_claim()
        claim = db.session.get_one(Claim, held.id)
        claim.claimed_at, claim.nik_matched = held.created_at, False
        db.session.commit()
        page = soup(admin.get(f"/admin/permohonan/{held.public_id}"))
        assert "NIK belum dicocokkan" in words(page)
