"""The ketua signs SK and certificates: one or a batch, all or none, with his password when it was typed long ago."""

from __future__ import annotations

from datetime import timedelta

from flask import url_for
from sqlalchemy import select, update

from lsp import clock
from lsp.database import db
from lsp.models import Certificate, DutyWaiver, OutboxMessage, PlenoCase, SignIn
from lsp.services import pleno, pleno_sk
from lsp.vocabulary import DutyRule, PermohonanStatus, Role
from tests import factories
from tests.html import errors, filled, form, h1, notices, soup, words
from tests.htmx import HX
from tests.services.plenos import annul
from tests.workflow.cases import actor_of, make_permohonan

S = PermohonanStatus


def unsigned(cast, count=1):
    """Plenos that wait for their SK."""
    found = []
    for _ in range(count):
        case = make_permohonan(S.COMPETENT, cast=cast, work_done=False)
        place = db.session.scalar(select(PlenoCase).where(PlenoCase.permohonan_id == case.id))
        pleno.close_when_settled(place.pleno)
        found.append(place.pleno)
    db.session.commit()
    return found


def long_ago(user):
    """The password was typed eleven minutes ago."""
    earlier = clock.now() - timedelta(minutes=11)
    db.session.execute(update(SignIn).where(SignIn.user_id == user.id).values(password_at=earlier))
    db.session.commit()


def certificates():
    return db.session.scalars(select(Certificate)).all()


class TestPanels:
    def test_on_his_home_page_and_on_their_own_address(self, cast, ketua):
        (made,) = unsigned(cast)
        ready = make_permohonan(S.RECORDED, cast=cast)
        home = words(soup(ketua.get(url_for("ketua.home"))))
        own = soup(ketua.get(url_for("ketua_signing.home")))
        for text in (home, words(own)):
            assert made.berita_acara_number in text
            assert ready.asesi_name in text
        alone = soup(ketua.get(url_for("ketua_signing.home"), headers=HX))
        assert str(alone.find(id="signing-panels")) == str(own.find(id="signing-panels"))

    def test_empty_lists_say_what_would_be_there(self, ketua):
        text = words(soup(ketua.get(url_for("ketua_signing.home"))))
        assert "Tidak ada SK yang menunggu" in text
        assert "Tidak ada sertifikat yang menunggu" in text

    def test_only_the_ketua(self, sign_in):
        for role in (Role.ADMIN, Role.TIM_TEKNIS, Role.ASESOR, Role.ASESI):
            browser = sign_in(role)
            for name in ("home", "ask_sk", "ask_issue"):
                assert browser.get(url_for(f"ketua_signing.{name}")).status_code == 403


class TestSk:
    def sign(self, browser, plenos, **typed):
        chosen = {"pilih": [each.public_id for each in plenos]}
        return browser.post(url_for("ketua_signing.sign_sk"), data=chosen | typed)

    def test_a_batch_read_and_signed(self, cast, ketua):
        made = unsigned(cast, 2)
        page = soup(
            ketua.get(
                url_for("ketua_signing.ask_sk"), query_string={"pilih": [m.public_id for m in made]}
            )
        )
        assert h1(page) == "Tanda tangani 2 SK penetapan?"
        assert all(
            place.permohonan.asesi_name in words(page) for each in made for place in each.cases
        )
        assert page.find(id="password") is None, "typed a moment ago"
        assert self.sign(ketua, made).status_code == 303
        assert len({each.sk_number for each in made}) == 2
        assert all(each.sk_signed_by_id == cast.ketua.id for each in made)
        assert pleno_sk.waiting_for_sk() == []

    def test_the_password_is_asked_again_after_ten_minutes(self, cast, ketua):
        made = unsigned(cast)
        long_ago(cast.ketua)
        page = soup(
            ketua.get(url_for("ketua_signing.ask_sk"), query_string={"pilih": made[0].public_id})
        )
        assert page.find(id="password") is not None
        for typed, sentence in (("", "Isi kata sandi"), ("salah sekali", "tidak cocok")):
            answer = self.sign(ketua, made, password=typed)
            assert answer.status_code == 422
            assert sentence in errors(soup(answer))["password"]
            db.session.refresh(made[0])
            assert made[0].sk_signed_at is None
        assert self.sign(ketua, made, password=factories.PASSWORD).status_code == 303
        db.session.refresh(made[0])
        assert made[0].sk_signed_at is not None

    def test_the_password_is_not_said_to_be_left_empty(self, cast, ketua):
        (made,) = unsigned(cast)
        long_ago(cast.ketua)
        page = soup(
            ketua.get(url_for("ketua_signing.ask_sk"), query_string={"pilih": made.public_id})
        )
        assert page.find(id="password").has_attr("required")
        assert page.find("label", attrs={"for": "password"}).get_text().strip() == "Kata sandi Anda"

    def test_an_sk_for_nobody_is_neither_asked_for_nor_signed(self, cast, ketua):
        """Its only decision was annulled after the ketua had opened the page."""
        (made,) = unsigned(cast)
        annul(cast, made.cases[0].permohonan)
        db.session.commit()
        assert made.berita_acara_number not in words(soup(ketua.get(url_for("ketua_signing.home"))))
        asked = ketua.get(url_for("ketua_signing.ask_sk"), query_string={"pilih": made.public_id})
        assert asked.status_code == 303
        told = self.sign(ketua, [made])
        assert told.status_code == 303
        assert "sudah dibatalkan atau diganti" in notices(soup(ketua.get(told.location)))[-1]
        db.session.refresh(made)
        assert (made.sk_number, made.sk_signed_at) == ("", None)

    def test_once_typed_it_is_not_asked_for_the_next(self, cast, ketua):
        first, second = unsigned(cast, 2)
        long_ago(cast.ketua)
        self.sign(ketua, [first], password=factories.PASSWORD)
        assert self.sign(ketua, [second]).status_code == 303
        db.session.refresh(second)
        assert second.sk_signed_at is not None

    def test_guessing_is_slowed_down(self, cast, ketua):
        made = unsigned(cast)
        long_ago(cast.ketua)
        codes = [self.sign(ketua, made, password="salah sekali").status_code for _ in range(11)]
        assert codes[-1] == 429

    def test_signed_twice_it_stays_one(self, cast, ketua):
        made = unsigned(cast)
        self.sign(ketua, made)
        db.session.refresh(made[0])
        number = made[0].sk_number
        answer = self.sign(ketua, made)
        assert answer.status_code == 303
        db.session.refresh(made[0])
        assert made[0].sk_number == number

    def test_nothing_chosen(self, ketua):
        answer = ketua.get(url_for("ketua_signing.ask_sk"), follow_redirects=True)
        assert "Pilih dulu SK yang akan ditandatangani." in notices(soup(answer))
        answer = ketua.post(url_for("ketua_signing.sign_sk"), follow_redirects=True)
        assert notices(soup(answer)) == ["Pilih dulu SK yang akan ditandatangani."]

    def test_the_sk_on_his_own_case_is_another_ketuas_to_sign(self, cast, sign_in):
        both = factories.make_user(Role.ASESI, Role.KETUA)
        case = make_permohonan(S.COMPETENT, cast=cast, work_done=False, asesi=both)
        place = db.session.scalar(select(PlenoCase).where(PlenoCase.permohonan_id == case.id))
        pleno.close_when_settled(place.pleno)
        made = place.pleno
        db.session.commit()
        browser = sign_in(both)
        assert made.berita_acara_number not in words(soup(browser.get(url_for("ketua.home"))))
        answer = self.sign(browser, [made])
        assert answer.status_code == 303
        told = notices(soup(browser.get(url_for("ketua.home"))))
        assert any("ketua lain yang harus menandatanganinya" in each for each in told), told
        db.session.refresh(made)
        assert made.sk_signed_at is None
        self.sign(sign_in(cast.ketua), [made])
        db.session.refresh(made)
        assert made.sk_signed_by_id == cast.ketua.id

    def test_one_that_still_runs_stops_the_batch(self, cast, ketua):
        made = unsigned(cast)
        case = make_permohonan(S.RECOMMENDED, cast=cast)
        place = db.session.scalar(select(PlenoCase).where(PlenoCase.permohonan_id == case.id))
        answer = self.sign(ketua, [*made, place.pleno])
        assert answer.status_code == 409
        assert "belum selesai" in words(soup(answer))
        db.session.refresh(made[0])
        assert made[0].sk_signed_at is None


class TestIssue:
    def issue(self, browser, cases, **typed):
        data = {"pilih": [case.public_id for case in cases]}
        data |= {f"version-{case.public_id}": case.version for case in cases}
        return browser.post(url_for("ketua_signing.issue"), data=data | typed)

    def test_a_batch(self, cast, ketua):
        cases = [make_permohonan(S.RECORDED, cast=cast) for _ in range(2)]
        url = url_for("ketua_signing.ask_issue")
        page = soup(ketua.get(url, query_string={"pilih": [case.public_id for case in cases]}))
        assert h1(page) == "Terbitkan 2 sertifikat?"
        posted = form(page, url_for("ketua_signing.issue"))
        sent = filled(posted) | {
            "pilih": [str(each["value"]) for each in posted.select("[name=pilih]")]
        }
        assert ketua.post(url_for("ketua_signing.issue"), data=sent).status_code == 303
        assert {case.status for case in cases} == {S.ISSUED}
        assert len(certificates()) == 2
        jobs = db.session.scalars(
            select(OutboxMessage.kind).where(OutboxMessage.kind == "certificate_pdf")
        ).all()
        assert len(jobs) == 2

    def test_all_or_none(self, cast, ketua):
        cases = [make_permohonan(S.RECORDED, cast=cast) for _ in range(2)]
        data = {
            "pilih": [case.public_id for case in cases],
            f"version-{cases[0].public_id}": cases[0].version,
        }
        answer = ketua.post(url_for("ketua_signing.issue"), data=data)
        assert answer.status_code == 409
        assert "Data sudah berubah" in words(soup(answer))
        assert "Belum ada sertifikat yang diterbitkan" in words(soup(answer))
        assert certificates() == []

    def test_who_was_involved_does_not_sign(self, cast, ketua):
        """By the page, by the service and by the trigger; a waiver opens all three."""
        case = make_permohonan(S.RECORDED, cast=cast)
        place = db.session.scalar(select(PlenoCase).where(PlenoCase.permohonan_id == case.id))
        from lsp.models import Vote
        from lsp.vocabulary import Answer

        db.session.add(
            Vote(
                pleno_case_id=place.id, member_id=cast.ketua.id, recommendation=Answer.K, agrees=True,
                declared_at=clock.now(),
            )
        )  # fmt: skip
        db.session.commit()
        panel = soup(ketua.get(url_for("ketua_signing.home")))
        assert "Anda terlibat dalam asesmen, pleno, atau panel banding permohonan ini" in words(
            panel
        )
        assert self.issue(ketua, [case]).status_code == 409
        assert certificates() == []
        db.session.add(
            DutyWaiver(
                permohonan_id=case.id, rule=DutyRule.SIGNER_NOT_INVOLVED, person_id=cast.ketua.id,
                reason="Tidak ada penanda tangan lain.", given_by_id=cast.admin.id, given_at=clock.now(),
            )
        )  # fmt: skip
        db.session.commit()
        assert self.issue(ketua, [case]).status_code == 303
        assert len(certificates()) == 1

    def test_pressed_twice(self, cast, ketua):
        case = make_permohonan(S.RECORDED, cast=cast)
        version = case.version
        data = {"pilih": case.public_id, f"version-{case.public_id}": version}
        assert ketua.post(url_for("ketua_signing.issue"), data=data).status_code == 303
        assert ketua.post(url_for("ketua_signing.issue"), data=data).status_code == 303
        assert len(certificates()) == 1

    def test_with_an_old_password_nothing_is_issued(self, cast, ketua):
        case = make_permohonan(S.RECORDED, cast=cast)
        long_ago(cast.ketua)
        assert self.issue(ketua, [case]).status_code == 422
        assert certificates() == []
        assert self.issue(ketua, [case], password=factories.PASSWORD).status_code == 303
        assert len(certificates()) == 1

    def test_his_own_certificate_is_not_his_to_issue(self, app, cast, sign_in):
        both = factories.make_user(Role.ASESI, Role.KETUA)
        case = make_permohonan(S.RECORDED, cast=cast, asesi=both)
        browser = sign_in(both)
        assert case.asesi_name in words(soup(browser.get(url_for("ketua_signing.home"))))
        assert self.issue(browser, [case]).status_code == 303, "nothing of his was chosen"
        assert certificates() == []
        assert actor_of(both).id == case.asesi_id
