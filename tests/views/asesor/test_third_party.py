"""The asesor's panel of FR.IA.10, and who else reads it: never the asesi, nor the penyelia."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from flask import url_for
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.models import ThirdParty
from lsp.services import pleno, third_party, third_party_judging
from lsp.services.third_party_judging import Judgement
from lsp.vocabulary import Conclusion, InstrumentPaper, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from tests.html import errors, filled, form, links, main, notices, soup, words
from tests.support.third_party import PERSON, SECRET, answered, ask, letter_for
from tests.views.asesi.pages import url
from tests.workflow.cases import actor_of, make_cast, make_permohonan

S = PermohonanStatus
PANEL = "/pihak-ketiga"
TYPED = {
    "name": "Mandor Rekaan",
    "workplace": "PT Contoh Bangun",
    "phone": "0812 9999 0002",
    "email": "",
}
JUDGED = {"supports": "ya", "finding": "Sesuai dengan bukti proyek.", "conclusion": "met"}


@pytest.fixture
def desk(desk_at):
    return desk_at(S.READY)


def rows(desk):
    db.session.expire_all()
    return third_party.of_case(desk.case)


def at(desk, row, tail):
    return f"{PANEL}/{row.public_id}/{tail}"


class TestAsking:
    def test_the_workplace_is_taken_from_fr_apl_01(self, desk):
        employer = dossier_of(desk.case).fr_apl_01.experiences[-1].employer
        typed = filled(form(desk.get(PANEL), desk.url(PANEL)))
        assert typed["workplace"] == employer
        assert typed["name"] == ""

    def test_the_link_is_shown_once_with_a_text_for_whatsapp(self, desk):
        answer = desk.post(PANEL, TYPED)
        assert answer.status_code == 200
        page = soup(answer)
        chat = next(node["href"] for node in page.find_all("a") if "wa.me" in node.get("href", ""))
        text = parse_qs(urlsplit(chat).query)["text"][0]
        assert "/6281299990002" in chat
        assert desk.case.asesi_name in text
        token = text.rsplit("/", 1)[1]
        assert third_party.by_token(token).name == "Mandor Rekaan"
        assert token not in desk.get(PANEL).get_text()
        assert page.find(attrs={"data-copy": text}) is not None

    def test_htmx_gets_the_panel_with_the_link(self, desk):
        page = soup(desk.post(PANEL, TYPED, hx=True))
        assert page.find(id="third-party-panel") is not None
        assert "wa.me" in str(page)

    def test_a_way_to_reach_him_is_asked_for_and_what_was_typed_stays(self, desk):
        answer = desk.post(PANEL, TYPED | {"phone": ""})
        assert answer.status_code == 422
        page = soup(answer)
        assert "phone" in errors(page)
        assert filled(form(page, desk.url(PANEL)))["name"] == "Mandor Rekaan"
        assert rows(desk) == []

    def test_pressed_twice_it_asks_one_person(self, desk):
        desk.post(PANEL, TYPED)
        again = desk.post(PANEL, TYPED)
        assert again.status_code == 409
        assert len(rows(desk)) == 1

    def test_sent_again_shows_a_new_link(self, desk):
        row, old = ask(desk.case, desk.cast)
        page = str(soup(desk.post(at(desk, row, "kirim-ulang"))))
        assert "wa.me" in page
        assert old not in page

    def test_withdrawing_is_confirmed_first(self, desk):
        row, _ = ask(desk.case, desk.cast)
        page = desk.get(at(desk, row, "tarik"))
        desk.save(at(desk, row, "tarik"), filled(form(page, desk.url(at(desk, row, "tarik")))))
        assert rows(desk)[0].withdrawn_at is not None
        assert "ditarik" in words(main(desk.get(PANEL)))

    def test_after_the_recommendation_it_is_read_only(self, desk_at):
        desk = desk_at(S.RECOMMENDED)
        page = desk.get(PANEL)
        assert "sampai rekomendasi dikirim" in words(main(page))
        assert page.find("form", action=desk.url(PANEL)) is None


class TestLetters:
    def test_the_answer_is_read_and_judged(self, desk):
        row = answered(desk.case, desk.cast)
        page = words(main(desk.get(PANEL)))
        assert "Informasi Rahasia" in page
        assert SECRET in page
        assert "perlu dinilai" in page
        desk.save(at(desk, row, "nilai"), JUDGED)
        paper = dossier_of(desk.case).instruments[InstrumentPaper.VPK]
        assert paper.conclusion is Conclusion.MET
        assert "mendukung" in words(main(desk.get(PANEL)))

    def test_a_refused_judgement_keeps_what_was_typed(self, desk):
        row = answered(desk.case, desk.cast)
        answer = desk.post(at(desk, row, "nilai"), {"supports": "tidak", "finding": "Kurang"})
        assert answer.status_code == 422
        page = soup(answer)
        typed = filled(form(page, desk.url(at(desk, row, "nilai"))))
        assert (typed["supports"], typed["finding"].strip()) == (["tidak"], "Kurang")
        assert "Ada 2 isian" in " ".join(notices(page))

    def test_htmx_and_page_agree(self, desk):
        row = answered(desk.case, desk.cast)
        desk.assert_htmx_equals_page(PANEL, "#third-party-panel", at(desk, row, "nilai"), JUDGED)

    def test_by_telephone_the_asesor_writes_it_down(self, desk):
        row, _ = ask(desk.case, desk.cast)
        tail = at(desk, row, "telepon")
        half = letter_for(row)
        del half["s-k3"]
        answer = desk.post(tail, half)
        assert answer.status_code == 422
        assert filled(form(soup(answer), desk.url(tail)))["o-lainnya"].strip() == SECRET
        desk.save(tail, letter_for(row))
        page = words(main(desk.get(PANEL)))
        assert f"Dijawab lewat telepon, dicatat {desk.cast.asesor.name}" in page
        assert "sudah menjawab" in words(main(desk.get(tail)))

    def test_without_an_answer_a_reason_is_asked(self, desk):
        row, _ = ask(desk.case, desk.cast)
        tail = at(desk, row, "tanpa-jawaban")
        given = filled(form(desk.get(tail), desk.url(tail)))
        assert desk.post(tail, given | {"note": "Diam"}).status_code == 422
        desk.save(tail, given | {"note": "Dua kali dihubungi, tidak menjawab."})
        page = words(main(desk.get(PANEL)))
        assert "tanpa jawaban" in page
        assert "Lanjut dengan metode lain" in page

    def test_late_it_is_shown_as_late_and_not_judged(self, desk_at):
        desk = desk_at(S.RECOMMENDED)
        db.session.add(
            ThirdParty(
                permohonan_id=desk.case.id, attempt=1, asesor_id=desk.cast.asesor.id, name=PERSON.name,
                token_digest="0" * 64, expires_at=clock.now(), answered_at=clock.now(), late=True,
                said={"statements": {"k3": True}, "open": {"lainnya": SECRET}},
            )
        )  # fmt: skip
        db.session.commit()
        page = desk.get(PANEL)
        assert "Masuk setelah rekomendasi" in words(main(page))
        assert SECRET in words(main(page))
        assert page.find("textarea", attrs={"name": "finding"}) is None

    def test_in_the_assessment_its_row_says_how_far_it_is(self, desk_at):
        desk = desk_at(S.IN_ASSESSMENT)
        answered(desk.case, desk.cast)
        order = words(desk.get().find(id="meeting-order"))
        assert "FR.IA.10 pihak ketiga" in order
        assert "perlu dinilai" in order


class TestWhoReads:
    @pytest.fixture
    def case(self, app):
        cast = make_cast()
        made = make_permohonan(S.RECOMMENDED, cast=cast, work_done=False)
        row = ThirdParty(
            permohonan_id=made.id, attempt=1, asesor_id=cast.asesor.id, name=PERSON.name,
            token_digest="0" * 64, expires_at=clock.now(), answered_at=clock.now(),
            said={"statements": {"k3": True}, "open": {"lainnya": SECRET}},
            supports=True, finding="Temuan rekaan asesor.", judged_at=clock.now(),
        )  # fmt: skip
        db.session.add(row)
        db.session.commit()
        return made, cast

    def test_admin_and_auditor(self, sign_in, case):
        made, _ = case
        for role, endpoint in (
            (Role.ADMIN, "admin.permohonan"),
            (Role.AUDITOR, "auditor.permohonan"),
        ):
            page = sign_in(role).get(url_for(endpoint, permohonan_id=made.public_id))
            assert SECRET in words(main(soup(page))), role

    def test_the_tim_teknis_of_its_pleno_and_nobody_elses(self, sign_in, case):
        made, cast = case
        opened = pleno.open_pleno(
            actor_of(cast.admin), held_on=clock.today_wib(), member_ids=[each.id for each in cast.members],
            chair_id=cast.chair.id, cases=[made],
        )  # fmt: skip
        db.session.commit()
        address = url_for("tim_teknis.case", place_id=opened.cases[0].public_id)
        assert SECRET in words(main(soup(sign_in(cast.members[0]).get(address))))
        assert sign_in(Role.TIM_TEKNIS).get(address).status_code == 404

    def test_another_asesor_does_not(self, sign_in, case):
        made, _ = case
        address = f"/asesor/permohonan/{made.public_id}{PANEL}"
        assert sign_in(Role.ASESOR).get(address).status_code == 404

    def test_never_the_asesi_on_any_page_he_reaches(self, sign_in, case):
        """Every link from his pages of the case and of his data, followed once."""
        made, _ = case
        browser = sign_in(made.asesi)
        waiting, seen = [url("permohonan", made), "/asesi", "/asesi/data-saya", "/akun"], set()
        while waiting:
            address = waiting.pop().split("#")[0]
            if address in seen or not address.startswith(
                ("/asesi", "/akun", "/sertifikat", "/berkas")
            ):
                continue
            seen.add(address)
            answer = browser.get(address)
            text = answer.get_data()
            for kept in (SECRET, PERSON.name, "FR.IA.10", "Temuan rekaan"):
                assert kept.encode() not in text, address
            if answer.mimetype == "text/html" and answer.status_code == 200:
                waiting += links(soup(answer)).values()
        assert len(seen) > 5
        for tail in ("", PANEL):
            assert browser.get(f"/asesor/permohonan/{made.public_id}{tail}").status_code == 403

    def test_nor_the_penyelia(self, sign_in, case):
        assert SECRET not in sign_in(Role.PENYELIA).get(url_for("penyelia.home")).get_data(
            as_text=True
        )


def test_what_the_asesor_judged_is_in_the_paper(desk):
    row = answered(desk.case, desk.cast)
    third_party_judging.judge(
        actor_of(desk.cast.asesor),
        row,
        Judgement(False, "Bertentangan dengan bukti.", Conclusion.NOT_MET),
    )
    db.session.commit()
    assert db.session.scalar(select(ThirdParty.supports).where(ThirdParty.id == row.id)) is False
    assert "Belum memenuhi" in words(main(desk.get(PANEL)))
