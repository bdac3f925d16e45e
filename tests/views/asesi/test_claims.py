"""A permohonan that the LSP opened: nothing of it is seen before the NIK, and the NIK is tried five times."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import url_for
from sqlalchemy import select

from lsp import ids
from lsp.actor import Actor
from lsp.database import db, write_transaction
from lsp.models import Claim, FrApl01, OutboxMessage, Permohonan, User
from lsp.services import accounts, audit, claims, intake
from lsp.services.prefill import Known
from lsp.vocabulary import LinkPurpose, Mode, RequestKind, Role
from tests import factories
from tests.html import errors, soup, words
from tests.views.asesi import situations

NIK, OTHER = "9901014101900001", "9901014101900002"
EMAIL = "siti@contoh.example"


def admin_actor() -> Actor:
    admin = factories.make_user(Role.ADMIN)
    return Actor(id=admin.id, name=admin.name, roles=frozenset({Role.ADMIN}))


def take_in(*, nik: str = NIK, email: str = EMAIL, id_izin: str = "I-2026111809150100042"):
    with write_transaction():
        return intake.take_in(
            admin_actor(), email=email, name="Siti Contoh", id_izin=id_izin, version=factories.make_skema(),
            kind=RequestKind.BARU, mode=Mode.LURING, known=Known(values={"nik": nik, "birth_place": "Makassar"}),
        )  # fmt: skip


def mailed_token(kind: str) -> str:
    rows = db.session.scalars(
        select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id)
    )
    return str([row.payload["context"]["token"] for row in rows][-1])


def claim_of(permohonan: Permohonan) -> Claim:
    db.session.expire_all()
    return db.session.get_one(Claim, permohonan.id)


@pytest.fixture
def account(app) -> User:
    return factories.make_user(email=EMAIL, name="Siti")


class TestBeforeItIsClaimed:
    def test_the_account_sees_that_something_waits_and_nothing_of_it(self, sign_in, account):
        permohonan = take_in()
        browser = sign_in(account)
        text = words(soup(browser.get("/asesi")))
        assert "1 permohonan menunggu Anda ambil" in text
        assert permohonan.id_izin not in text
        for place in ("", "/fr-apl-01", "/dokumen", "/id-izin", "/riwayat"):
            path = f"/asesi/permohonan/{permohonan.public_id}{place}"
            assert browser.get(path).status_code == 404, place

    @pytest.mark.both
    def test_data_saya_is_silent_about_it_too(self, sign_in, account):
        """An officer who looked up the NIK of a case with a mistyped address leaves its trace; not for a stranger."""
        permohonan = take_in()
        document = situations.add_document(permohonan)
        with write_transaction():
            for action, thing in (("nik.reveal", permohonan), ("document.open", document)):
                audit.note(admin_actor(), action, "any", thing.public_id)
        text = words(soup(sign_in(account).get("/asesi/data-saya")))
        assert "Belum ada yang membuka." in text
        for secret in (permohonan.id_izin, permohonan.public_id, "Mengundurkan diri dari"):
            assert secret not in text

    def test_taking_it_is_the_one_step_now(self, sign_in, account):
        take_in()
        page = soup(sign_in(account).get("/asesi"))
        (card,) = page.select(".now")
        assert words(card.select_one(".eyebrow")) == "Langkah Anda sekarang"
        assert "menunggu Anda ambil" in words(card.h2)
        (main_button,) = page.select(".main.btn, main .btn.main")
        assert words(main_button) == "Kirim tautannya lagi"

    def test_neither_the_mail_nor_its_page_shows_personal_data(self, sign_in, account):
        take_in()
        (mail,) = db.session.scalars(select(OutboxMessage)).all()
        assert set(mail.payload["context"]) == {"token", "hours", "skema"}
        page = sign_in(account).get(url_for("asesi.claim", token=mailed_token("claim")))
        for secret in (NIK, NIK[-4:], "Makassar", "Siti Contoh"):
            assert secret not in words(soup(page))

    def test_nobody_signs_in_first(self, client, account):
        take_in()
        path = url_for("asesi.claim", token=mailed_token("claim"))
        assert client.get(path).location == url_for("auth.sign_in", next=path)

    def test_the_link_is_no_way_into_the_account(self, client, account):
        take_in()
        assert client.get(f"/tautan/{mailed_token('claim')}").status_code == 404

    def test_another_account_cannot_use_the_link(self, sign_in, account):
        permohonan = take_in()
        path = url_for("asesi.claim", token=mailed_token("claim"))
        stranger = sign_in()
        assert stranger.get(path).status_code == 404
        assert stranger.post(path, data={"nik": NIK}).status_code == 404
        assert claim_of(permohonan).tries == 0


class TestClaiming:
    def test_the_nik_opens_it(self, sign_in, account):
        permohonan = take_in()
        browser = sign_in(account)
        answer = browser.post(
            url_for("asesi.claim", token=mailed_token("claim")), data={"nik": "9901 0141 0190 0001"}
        )
        assert answer.location == f"/asesi/permohonan/{permohonan.public_id}"
        assert browser.get(answer.location).status_code == 200
        assert claim_of(permohonan).nik_matched is True

    def test_sent_twice_it_leads_to_the_same_place(self, sign_in, account):
        take_in()
        browser, path = sign_in(account), url_for("asesi.claim", token=mailed_token("claim"))
        first, again = (browser.post(path, data={"nik": NIK}) for _ in range(2))
        assert first.location == again.location
        assert browser.get(path).location == first.location

    def test_without_a_nik_from_the_lsp_the_typed_one_is_taken_and_marked(self, sign_in, account):
        permohonan = take_in(nik="")
        sign_in(account).post(
            url_for("asesi.claim", token=mailed_token("claim")), data={"nik": OTHER}
        )
        assert claim_of(permohonan).nik_matched is False
        assert db.session.get_one(FrApl01, permohonan.id).nik == OTHER

    def test_five_wrong_ones_and_the_admin_is_told(self, sign_in, account):
        permohonan = take_in()
        browser, path = sign_in(account), url_for("asesi.claim", token=mailed_token("claim"))
        said = [
            errors(soup(browser.post(path, data={"nik": OTHER})))["nik"]
            for _ in range(claims.MOST_TRIES)
        ]
        assert "Sisa percobaan: 4" in said[0]
        assert said[-1] == claims.STUCK
        assert errors(soup(browser.post(path, data={"nik": NIK})))["nik"] == claims.STUCK
        assert claim_of(permohonan).claimed_at is None
        told = select(OutboxMessage).where(OutboxMessage.kind == "claim_stuck_admin")
        assert len(db.session.scalars(told).all()) == 1
        browser.post("/asesi/klaim/kirim-lagi")
        assert claim_of(permohonan).tries == claims.MOST_TRIES, "asking for a link forgets no tries"

    def test_the_figures_said_are_those_that_hold(self, sign_in, account, monkeypatch):
        monkeypatch.setitem(accounts.LINK_LIFE, LinkPurpose.CLAIM, timedelta(hours=5))
        take_in()
        browser = sign_in(account)
        browser.post("/asesi/klaim/kirim-lagi")
        assert "Berlaku 5 jam" in words(soup(browser.get("/asesi")))
        path = url_for("asesi.claim", token=mailed_token("claim"))
        for _ in range(claims.MOST_TRIES):
            browser.post(path, data={"nik": OTHER})
        assert f"{claims.MOST_TRIES} kali" in claims.STUCK
        (mail,) = db.session.scalars(
            select(OutboxMessage).where(OutboxMessage.kind == "claim_stuck_admin")
        )
        assert mail.payload["context"]["tries"] == claims.MOST_TRIES

    @pytest.mark.parametrize("recorded", [NIK, ""])
    def test_a_number_too_short_for_a_nik_costs_no_try(self, sign_in, account, recorded):
        permohonan = take_in(nik=recorded)
        browser, path = sign_in(account), url_for("asesi.claim", token=mailed_token("claim"))
        answer = browser.post(path, data={"nik": "990101"})
        assert "16 angka, yang tertulis 6" in errors(soup(answer))["nik"]
        assert claim_of(permohonan).tries == 0
        assert claim_of(permohonan).claimed_at is None

    def test_a_passport_on_record_is_compared_whatever_its_length(self, sign_in, account):
        permohonan = take_in(nik="P99001A")
        browser, path = sign_in(account), url_for("asesi.claim", token=mailed_token("claim"))
        browser.post(path, data={"nik": "990101"})
        assert claim_of(permohonan).tries == 1

    def test_killed_in_the_middle_nothing_happened(self, sign_in, account, monkeypatch):
        permohonan = take_in()
        browser, path = sign_in(account), url_for("asesi.claim", token=mailed_token("claim"))

        def killed(*_args, **_how):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(audit, "note", killed)
            with pytest.raises(KeyboardInterrupt):
                browser.post(path, data={"nik": NIK})
        db.session.rollback()
        assert claim_of(permohonan).claimed_at is None
        assert browser.post(path, data={"nik": NIK}).status_code == 303

    def test_the_account_asks_for_the_link_again_and_the_old_one_is_dead(self, sign_in, account):
        take_in()
        browser, old = sign_in(account), mailed_token("claim")
        assert browser.post("/asesi/klaim/kirim-lagi").status_code == 303
        assert browser.get(url_for("asesi.claim", token=old)).status_code == 404
        assert browser.get(url_for("asesi.claim", token=mailed_token("claim"))).status_code == 200

    def test_two_that_wait_have_a_link_each(self, sign_in, account):
        take_in()
        first = mailed_token("claim")
        take_in(id_izin="I-2026111809150100043")
        browser = sign_in(account)
        for token in (first, mailed_token("claim")):
            assert browser.get(url_for("asesi.claim", token=token)).status_code == 200

    def test_a_new_person_sets_a_password_and_goes_on_to_the_nik(self, client, quick_passwords):
        permohonan = take_in()
        answer = client.post(
            f"/tautan/{mailed_token('invite')}", data={"password": "tiga kata lepas"}
        )
        assert answer.location.startswith("/klaim/")
        assert client.post(answer.location, data={"nik": NIK}).status_code == 303
        assert claim_of(permohonan).claimed_at is not None

    def test_one_that_was_withdrawn_is_not_to_be_had(self, sign_in, account):
        from lsp.workflow.permohonan import PERMOHONAN

        permohonan = take_in()
        path = url_for("asesi.claim", token=mailed_token("claim"))
        with write_transaction():
            case = db.session.get_one(Permohonan, permohonan.id)
            PERMOHONAN.perform(
                case, "withdraw", admin_actor(), version=case.version, note="Salah alamat e-mail."
            )
        answer = sign_in(account).post(path, data={"nik": NIK})
        assert answer.status_code == 409
        assert claims.GONE in words(soup(answer))


class TestTypedByHimself:
    def test_what_the_lsp_recorded_for_him_is_led_to(self, sign_in, account):
        held = take_in()
        answer = sign_in(account).post(
            "/asesi/mulai",
            data={
                "id_izin": held.id_izin, "skema": held.skema_version.public_id, "kind": "baru", "mode": "luring",
            },
        )  # fmt: skip
        assert answer.status_code == 409
        assert "sudah mencatat ID Izin ini untuk Anda" in errors(soup(answer))["id_izin"]


class TestWrongAddress:
    def change(self, permohonan: Permohonan, email: str) -> None:
        actor = admin_actor()
        with write_transaction():
            claims.change_email(actor, db.session.get_one(Permohonan, permohonan.id), email)

    def test_the_old_link_is_dead_and_the_new_address_gets_one(self, sign_in, account, client):
        permohonan = take_in(email="salah@contoh.example")
        wrong = mailed_token("invite")
        self.change(permohonan, EMAIL)
        assert client.get(f"/tautan/{wrong}").status_code == 404
        browser = sign_in(account)
        path = url_for("asesi.claim", token=mailed_token("claim"))
        assert browser.post(path, data={"nik": NIK}).status_code == 303
        assert db.session.get_one(FrApl01, permohonan.id).email == EMAIL

    def test_a_mail_of_a_confirmed_wrong_account_dies_too(self, sign_in, account):
        permohonan = take_in()
        wrong = mailed_token("claim")
        self.change(permohonan, "benar@contoh.example")
        browser = sign_in(account)
        assert browser.get(url_for("asesi.claim", token=wrong)).status_code == 404
        assert "menunggu Anda ambil" not in words(soup(browser.get("/asesi")))

    def test_not_after_it_was_claimed(self, sign_in, account):
        permohonan = take_in()
        sign_in(account).post(
            url_for("asesi.claim", token=mailed_token("claim")), data={"nik": NIK}
        )
        with pytest.raises(intake.DomainError, match="sudah diambil"):
            self.change(permohonan, "lain@contoh.example")


def test_an_unknown_link_is_a_page_of_its_own(sign_in):
    answer = sign_in().get(url_for("asesi.claim", token=ids.secret_token()))
    assert answer.status_code == 404
    assert str(accounts.LinkSpent()) in words(soup(answer))
