"""Lists of a hundred: as many queries for five rows as for fifty, a light page, and further pages behind it."""

from __future__ import annotations

import gzip

import pytest
from flask import url_for
from sqlalchemy import insert, select

from lsp import clock
from lsp.database import db
from lsp.models import (
    BlankoRequest,
    BlankoRequestCase,
    Certificate,
    DutyWaiver,
    Permohonan,
    PlenoCase,
    PreviousCertificate,
)
from lsp.services import blanko_requests
from lsp.vocabulary import Answer, DutyRule, PermohonanStatus, RequestKind
from lsp.workflow import duty
from lsp.workflow.guards import certificate_life as guards
from tests.html import links, soup, words
from tests.support.certificates import certificate_of, proposed
from tests.support.copies import copies, triggers_asleep
from tests.test_pages import count_queries
from tests.workflow.cases import actor_of, make_cast, make_permohonan

S = PermohonanStatus
#: What a first visit may weigh (performance 3).
LIGHT = 14_000


def weight(answer):
    return len(gzip.compress(answer.get_data(), 6))


def chosen(status=S.RECORDED):
    found = select(Permohonan.public_id).where(Permohonan.status == status)
    return {"pilih": list(db.session.scalars(found))[:100]}


def recorded(cast):
    """A new request and a renewal of a certificate about which a proposal waits, both ready to be issued."""
    first = make_permohonan(S.RECORDED, cast=cast)
    old = certificate_of(make_permohonan(S.ISSUED, cast=cast))
    proposed(actor_of(cast.admin), old)
    renewal = make_permohonan(S.RECORDED, cast=cast, kind=RequestKind.PERPANJANGAN)
    db.session.commit()
    named = {"permohonan_id": renewal.id, "certificate_id": old.id, "named_at": clock.now()}
    with db.engine.connect() as connection, triggers_asleep(connection):
        connection.execute(insert(PreviousCertificate).values(typed_number="", correction="", **named))  # fmt: skip
        connection.commit()
    db.session.add(
        DutyWaiver(
            permohonan_id=first.id, rule=DutyRule.SIGNER_NOT_INVOLVED, person_id=cast.ketua.id,
            reason="Tidak ada penanda tangan lain.", given_by_id=cast.admin.id, given_at=clock.now(),
        )
    )  # fmt: skip
    db.session.commit()
    return first, renewal


class TestReadyToIssue:
    def test_as_many_queries_for_fifty_as_for_five_and_light_at_a_hundred(self, cast, ketua):
        first, renewal = recorded(cast)

        def counted():
            return [
                count_queries(lambda: ketua.get(url_for("ketua.home"))),
                count_queries(lambda: ketua.get(url_for("ketua_signing.home"))),
                count_queries(
                    lambda: ketua.get(url_for("ketua_signing.ask_issue"), query_string=chosen())
                ),
            ]

        copies(first, 2)
        copies(renewal, 1)
        counted()
        five = counted()
        copies(first, 30)
        copies(renewal, 15)
        assert counted() == five
        home, own, confirm = five
        assert (home <= 26, own <= 16, confirm <= 14) == (True, True, True), five
        copies(first, 50)
        page = ketua.get(url_for("ketua.home"))
        assert "Sertifikat: 100 siap diterbitkan" in words(soup(page))
        assert "Usulan pembekuan sertifikat ini menunggu keputusan ketua." in words(soup(page))
        assert weight(page) <= LIGHT
        assert weight(ketua.get(url_for("ketua_signing.ask_issue"), query_string=chosen())) <= LIGHT

    def test_what_is_beyond_the_hundredth_stands_on_the_next_page(self, cast, ketua):
        copies(make_permohonan(S.RECORDED, cast=cast), 100)
        last = db.session.scalars(select(Permohonan).order_by(Permohonan.id.desc())).first()
        first = soup(ketua.get(url_for("ketua.home")))
        assert "Sertifikat: 100 siap diterbitkan di halaman ini" in words(first)
        assert first.find(id=f"terbit-{last.public_id}") is None
        on = first.select_one("#signing-panels a[rel=next]")["href"]
        second = soup(ketua.get(on))
        assert [each["value"] for each in second.select("[name=pilih]")] == [last.public_id]
        assert url_for("ketua_signing.home") in links(second).values()
        for nonsense in ("x", "2026-11-24~1", "~", "2026-11-24T00:00:00+00:00~99999999999"):
            page = soup(ketua.get(url_for("ketua_signing.home", sesudah=nonsense)))
            assert len(page.select("[name=pilih]")) == 100

    def test_read_for_many_at_once_it_is_what_is_read_for_one(self, cast):
        cases = [*recorded(cast), make_permohonan(S.PAID, cast=make_cast())]
        keys = [case.id for case in cases]
        decided, followed = duty.pleno_of(keys), guards.previous_certificates(keys)
        asked = guards.open_proposals([1, 10_000])
        db.session.rollback()
        assert decided == {case.id: duty.pleno_ids(case) for case in cases}
        assert decided[keys[0]] == {member.id for member in cast.members}
        assert [row and row.certificate_id for row in followed.values()] == [None, 1, None]
        assert asked[1] is guards.open_proposal(db.session.get_one(Certificate, 1)) is not None
        assert asked[10_000] is None


class TestProposals:
    def test_fifty_cost_no_query_more_and_the_next_page_holds_the_rest(self, cast, ketua):
        case = make_permohonan(S.ISSUED, cast=cast)
        proposed(actor_of(cast.admin), certificate_of(case))
        copies(case, 4)
        url = url_for("ketua.home")
        ketua.get(url)
        five = count_queries(lambda: ketua.get(url))
        copies(case, 46)
        assert count_queries(lambda: ketua.get(url)) == five
        page = ketua.get(url)
        assert weight(page) <= LIGHT
        panel = soup(page).find(id="certificate-proposals")
        assert "Usulan pembekuan dan pencabutan: 50 di halaman ini" in words(panel)
        assert len(panel.select("li")) == 50
        rest = soup(ketua.get(panel.select_one("a[rel=next]")["href"])).find(id=panel["id"])
        assert len(rest.select("li")) == 1
        assert rest.select_one("a[rel=next]") is None
        other = soup(ketua.get(url, query_string={"usulan": "x"}))
        assert len(other.select("#certificate-proposals li")) == 50


class TestAdmin:
    @pytest.fixture
    def admin(self, cast, sign_in):
        return sign_in(cast.admin)

    def test_numbers_and_requests_of_blanko(self, cast, admin):
        case = make_permohonan(S.BLANKO_REQUESTED, cast=cast)
        url = url_for("admin.pleno_home")
        copies(case, 4)
        admin.get(url)
        five = count_queries(lambda: admin.get(url))
        copies(case, 45)
        assert count_queries(lambda: admin.get(url)) == five <= 14
        copies(case, 1)
        page = admin.get(url)
        assert weight(page) <= LIGHT
        panel = soup(page).select_one("[aria-labelledby=nomor]")
        assert "Nomor blangko dan LPJK: 50 di halaman ini" in words(panel)
        on = panel.select_one("a[rel=next]")["href"]
        assert on.endswith("#nomor")
        rest = soup(admin.get(on)).select_one("[aria-labelledby=nomor]")
        assert len(rest.select("li")) == 1
        shown = {a["href"] for a in panel.select("li a")}
        assert not shown & {a["href"] for a in rest.select("li a")}

    def test_requests_go_on_behind_the_newest_twelve(self, cast, admin):
        case = make_permohonan(S.BLANKO_REQUESTED, cast=cast)
        place = db.session.scalars(
            select(PlenoCase).where(PlenoCase.permohonan_id == case.id)
        ).one()
        for number in range(14):
            made = BlankoRequest(
                number=f"{number:04}/BLANKO", dated=clock.today_wib(), pleno_id=place.pleno_id,
                made_by_id=cast.admin.id,
            )  # fmt: skip
            made.cases = [BlankoRequestCase(permohonan_id=case.id, attempt=1, result=Answer.BK)]
            db.session.add(made)
        db.session.commit()
        panel = soup(admin.get(url_for("admin.pleno_home"))).select_one("[aria-labelledby=ajukan]")
        first = [each.get_text() for each in panel.select("b a")]
        assert first == [f"{number:04}/BLANKO" for number in range(13, 1, -1)]
        on = soup(admin.get(panel.select_one("a[rel=next]")["href"]))
        panel = on.select_one("[aria-labelledby=ajukan]")
        assert [each.get_text() for each in panel.select("b a")] == ["0001/BLANKO", "0000/BLANKO"]
        assert panel.select_one("a[rel=next]") is None

    def test_a_pleno_with_fifty_cases_of_as_many_jadwal(self, cast, admin):
        case = make_permohonan(S.COMPETENT, cast=cast)
        copies(case, 4, in_its_pleno=True)
        (meeting,) = blanko_requests.plenos_to_ask(actor_of(cast.ketua))
        url = url_for("admin.blanko_groups", pleno_id=meeting.public_id)
        admin.get(url)
        five = count_queries(lambda: admin.get(url))
        copies(case, 45, in_its_pleno=True)
        page = soup(admin.get(url))
        assert words(page).count(case.asesi_name) >= 50
        assert count_queries(lambda: admin.get(url)) == five <= 20
