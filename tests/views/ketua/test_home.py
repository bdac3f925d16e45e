"""What waits for the ketua: proposals of staff, and annulments that the tim teknis proposed."""

from __future__ import annotations

import pytest
from flask import url_for
from sqlalchemy import select

from lsp.database import db
from lsp.models import OutboxMessage, Permohonan, User
from lsp.vocabulary import PermohonanStatus, Role
from tests import factories
from tests.html import errors, filled, form, notices, soup, words
from tests.htmx import HX
from tests.workflow.cases import make_cast, make_permohonan, tell

S = PermohonanStatus
WHY = "Kami masih punya cukup asesor."
REASON = "Nomor unit pada rekaman asesmen tidak cocok."


@pytest.fixture
def ketua(sign_in):
    return sign_in(Role.KETUA)


class TestProposals:
    @pytest.mark.parametrize("how", [{}, HX])
    def test_approving_grants_the_role_and_invites(self, ketua, how):
        proposal = factories.make_proposal(Role.TIM_TEKNIS)
        link = soup(ketua.get("/ketua")).select_one("#proposals a.main")["href"]
        page = soup(ketua.get(link))
        assert proposal.name in words(page)
        action = url_for("ketua.approve", proposal_id=proposal.public_id)
        answer = ketua.post(action, data=filled(form(page, action)), headers=how)
        assert answer.headers["HX-Redirect" if how else "Location"] == "/ketua"
        user = db.session.scalar(select(User).where(User.email == proposal.email))
        assert [held.role for held in user.roles] == [Role.TIM_TEKNIS]
        assert "disetujui" in notices(soup(ketua.get("/ketua")))[0]

    def test_of_a_known_person_stand_the_own_name_and_roles(self, ketua, sign_in):
        known = factories.make_user(
            Role.ASESI, email="rosmaida@contoh.id", name="Rosmaida Hutagaol"
        )
        factories.make_proposal(Role.ADMIN, email=known.email, name="Nama Karangan")
        factories.make_proposal(Role.ASESOR, name="Orang Baru")
        panel = soup(ketua.get("/ketua")).find(id="proposals")
        text = words(panel)
        assert "Rosmaida Hutagaol sebagai Admin LSP rosmaida@contoh.id Sudah punya akun." in text
        assert "Peran sekarang: Asesi." in text
        assert [words(each) for each in panel.select("b")] == ["Rosmaida Hutagaol", "Orang Baru"]
        assert "Belum punya akun; nama ini ditulis pengusul." in text

    def test_declining_grants_nothing(self, ketua):
        proposal = factories.make_proposal()
        action = url_for("ketua.decline", proposal_id=proposal.public_id)
        page = soup(ketua.get(action))
        sent = filled(form(page, action))
        refused = ketua.post(action, data=sent | {"note": "tidak"})
        assert "Tulis sedikitnya 10 huruf" in errors(soup(refused))["note"]
        ketua.post(action, data=sent | {"note": WHY})
        mail = db.session.scalars(
            select(OutboxMessage).where(OutboxMessage.kind == "proposal_declined")
        ).one()
        assert mail.payload["to"] == proposal.proposed_by.email
        assert mail.payload["context"]["reason"] == WHY
        assert db.session.scalar(select(User).where(User.email == proposal.email)) is None
        assert "Tidak ada usulan" in words(soup(ketua.get("/ketua")))

    def test_the_second_word_is_told(self, ketua, sign_in):
        proposal = factories.make_proposal()
        ketua.post(url_for("ketua.decline", proposal_id=proposal.public_id), data={"note": WHY})
        answer = sign_in(Role.KETUA).post(url_for("ketua.approve", proposal_id=proposal.public_id))
        assert answer.status_code == 409
        assert "sudah diputus" in notices(soup(answer))[0]
        assert db.session.scalar(select(User).where(User.email == proposal.email)) is None

    def test_nobody_approves_his_own_proposal_or_role(self, sign_in):
        both = sign_in(Role.KETUA, Role.ADMIN)
        own = factories.make_proposal(proposed_by_id=both.user.id)
        for_me = factories.make_proposal(Role.ASESOR, email=both.user.email)
        for proposal in (own, for_me):
            answer = both.post(url_for("ketua.approve", proposal_id=proposal.public_id))
            assert answer.status_code == 409
        assert soup(both.get("/ketua")).select("#proposals a") == []


class TestAnnulment:
    @pytest.fixture
    def proposed(self, app):
        cast = make_cast()
        case = make_permohonan(S.COMPETENT, cast=cast)
        case.annulment_proposed_by_id = cast.chair.id
        tell(case, "propose_annulment", S.COMPETENT, S.COMPETENT, cast, Role.TIM_TEKNIS)
        db.session.commit()
        return case

    def test_the_ketua_annuls_with_a_reason(self, ketua, proposed):
        link = soup(ketua.get("/ketua")).select_one("#annulments a.bad")["href"]
        page = soup(ketua.get(link))
        answer = ketua.post(link, data=filled(form(page, link)) | {"note": REASON})
        assert answer.location == "/ketua"
        db.session.expire_all()
        assert db.session.get(Permohonan, proposed.id).status is S.RECOMMENDED
        ketua.get("/ketua")
        again = ketua.post(link, data=filled(form(page, link)) | {"note": REASON})
        assert again.location == "/ketua"
        assert "Penetapan ini sudah dibatalkan" in notices(soup(ketua.get("/ketua")))[0]

    def test_or_lets_the_decision_stand(self, ketua, proposed):
        link = url_for("ketua.ask_keep", permohonan_id=proposed.public_id)
        page = soup(ketua.get(link))
        assert (
            ketua.post(link, data=filled(form(page, link)) | {"note": REASON}).location == "/ketua"
        )
        db.session.expire_all()
        case = db.session.get(Permohonan, proposed.id)
        assert (case.status, case.annulment_proposed_by_id) == (S.COMPETENT, None)
        assert soup(ketua.get("/ketua")).select("#annulments a") == []

    def test_a_short_reason_is_kept(self, ketua, proposed):
        action = url_for("ketua.annul", permohonan_id=proposed.public_id)
        answer = ketua.post(action, data={"version": proposed.version, "note": "salah"})
        assert answer.status_code == 422
        assert "note" in errors(soup(answer))
        assert soup(answer).select_one("textarea").get_text().strip() == "salah"

    def test_what_nobody_proposed_cannot_be_annulled(self, ketua):
        case = make_permohonan(S.COMPETENT)
        action = url_for("ketua.annul", permohonan_id=case.public_id)
        answer = ketua.post(action, data={"version": case.version, "note": REASON})
        assert answer.status_code == 409
        assert "belum mengusulkan" in notices(soup(answer))[0]
