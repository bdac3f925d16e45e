"""FR.AK.03, FR.AK.05 and FR.AK.06 as they are read: by whom, with what, and never a draft."""

from __future__ import annotations

from datetime import datetime

import pytest

from lsp import clock
from lsp.database import db
from lsp.vocabulary import Mode, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from tests import factories
from tests.html import links, main, notices, soup, words
from tests.support.assessment import make_fr_ak_03
from tests.support.reports import make_ak_05, make_ak_06
from tests.test_pages import count_queries
from tests.workflow.cases import make_permohonan

S = PermohonanStatus


@pytest.fixture
def case(cast):
    return make_permohonan(S.COMPETENT, cast=cast)


def address_of(case):
    return f"/umpan-balik/{case.public_id}"


class TestFeedbackOfACase:
    def test_with_its_name_for_the_lsp(self, sign_in, case):
        make_fr_ak_03(
            case,
            answers={"10": {"yes": False, "note": "Nada bicaranya tinggi"}},
            given_at=clock.now(),
        )
        db.session.commit()
        for role in (Role.ADMIN, Role.KETUA, Role.AUDITOR):
            text = words(main(soup(sign_in(role).get(address_of(case)))))
            assert case.asesi_name in text
            assert "Nada bicaranya tinggi" in text

    def test_what_was_left_empty_says_so(self, sign_in, case):
        assert "Belum diisi" in words(soup(sign_in(Role.ADMIN).get(address_of(case))))
        make_fr_ak_03(case, left_empty_at=clock.now())
        db.session.commit()
        assert "Tidak diisi" in words(soup(sign_in(Role.ADMIN).get(address_of(case))))

    def test_its_asesor_does_not_read_it_in_any_role(self, app, cast, case):
        """An admin of a small LSP may be an asesor too."""
        for role in (Role.ADMIN, Role.KETUA, Role.AUDITOR):
            both = factories.make_user(role, Role.ASESOR)
            paper = case_paper(case)
            paper.asesor_id, paper.frozen_at = both.id, paper.frozen_at
            db.session.commit()
            assert factories.browser_of(app, both).get(address_of(case)).status_code == 404
        assert factories.browser_of(app, cast.asesor).get(address_of(case)).status_code == 403

    def test_the_case_page_of_admin_and_auditor_leads_there(self, sign_in, case):
        for role, place in ((Role.ADMIN, "admin"), (Role.AUDITOR, "auditor")):
            page = soup(sign_in(role).get(f"/{place}/permohonan/{case.public_id}"))
            assert links(page)["FR.AK.03 Umpan balik asesi"] == address_of(case)


def case_paper(case):
    """Another attempt's, so that the frozen one stays."""
    from lsp.models import FrAk02

    old = dossier_of(case).fr_ak_02
    fresh = FrAk02(
        permohonan_id=case.id, booking_id=old.booking_id, attempt=case.attempt,
        edition=old.edition + 1, asesor_id=old.asesor_id,
    )  # fmt: skip
    db.session.add(fresh)
    db.session.flush()
    return fresh


class TestSums:
    def test_the_page_its_filter_and_its_file(self, sign_in, cast, case):
        make_fr_ak_03(
            case,
            answers={"1": {"yes": False, "note": "=HYPERLINK(1)"}},
            comment="Lancar",
            given_at=clock.now(),
        )
        db.session.commit()
        admin = sign_in(Role.ADMIN)
        page = soup(admin.get(f"/admin/umpan-balik?asesor={cast.asesor.public_id}"))
        assert "1 jawaban" in words(main(page))
        assert "Lancar" in words(main(page))
        assert case.asesi_name not in words(main(page))
        answer = admin.get(links(page)["Unduh CSV"])
        assert answer.headers["Content-Type"].startswith("text/csv")
        assert "'=HYPERLINK(1)" in answer.data.decode("utf-8-sig")
        other = soup(admin.get(f"/admin/umpan-balik?asesor={cast.second_asesor.public_id}"))
        assert "Belum ada umpan balik di masa ini" in words(main(other))

    @pytest.mark.parametrize("query", ["dari=x&sampai=y", "dari=9999-99-99", "dari=0001-01-01"])
    def test_a_date_that_is_none_is_as_if_it_were_not_there(self, sign_in, query):
        assert sign_in(Role.ADMIN).get(f"/admin/umpan-balik?{query}").status_code == 200

    def test_its_queries_do_not_grow(self, sign_in, cast, case):
        admin = sign_in(Role.ADMIN)
        make_fr_ak_03(case, answers={}, given_at=clock.now())
        db.session.commit()
        one = count_queries(lambda: admin.get("/admin/umpan-balik"))
        for _ in range(4):
            make_fr_ak_03(make_permohonan(S.COMPETENT, cast=cast), answers={}, given_at=clock.now())
        db.session.commit()
        assert count_queries(lambda: admin.get("/admin/umpan-balik")) == one


class TestReportsOfAJadwal:
    @pytest.fixture
    def jadwal(self, cast, case):
        return cast.jadwal[Mode.DARING]

    def test_the_jadwal_says_who_lacks_what_and_reminds(self, sign_in, cast, jadwal):
        admin, where = sign_in(Role.ADMIN), f"/admin/jadwal/{jadwal.public_id}"
        section = soup(admin.get(where)).find(id="laporan").find_parent("section")
        assert f"{cast.asesor.name} Belum: FR.AK.05, FR.AK.06" in words(section)
        action = section.form["action"]
        answer = admin.post(action)
        assert notices(soup(admin.get(answer.location))) == ["Asesor diingatkan lewat e-mail."]
        answer = admin.post(action)
        assert "sudah diingatkan" in notices(soup(admin.get(answer.location)))[0]

    def test_signed_they_are_read_from_there(self, sign_in, cast, jadwal):
        report, review = make_ak_05(jadwal, cast.asesor), make_ak_06(jadwal, cast.asesor)
        admin = sign_in(Role.ADMIN)
        page = soup(admin.get(f"/admin/jadwal/{jadwal.public_id}"))
        found = links(page)
        for name, paper, tail in (
            ("FR.AK.05", report, "fr-ak-05"),
            ("FR.AK.06", review, "fr-ak-06"),
        ):
            address = found[f"{name} dari {cast.asesor.name}"]
            assert address == f"/laporan/{paper.public_id}/{tail}"
            text = words(main(soup(admin.get(address))))
            assert f"Nama {cast.asesor.name}" in text
            assert jadwal.name in text

    def test_his_way_back_is_his_alone(self, app, sign_in, cast, jadwal):
        papers = make_ak_05(jadwal, cast.asesor), make_ak_06(jadwal, cast.asesor)
        back = f"/asesor/jadwal/{jadwal.public_id}/laporan"
        his, admin = factories.browser_of(app, cast.asesor), sign_in(Role.ADMIN)
        for paper, tail in zip(papers, ("fr-ak-05", "fr-ak-06"), strict=True):
            address = f"/laporan/{paper.public_id}/{tail}"
            assert links(soup(his.get(address)))["← Laporan jadwal"] == back
            assert "← Laporan jadwal" not in links(soup(admin.get(address)))
        assert his.get(back).status_code == 200

    def test_the_date_is_that_of_the_meetings_he_held(self, sign_in, cast, case, jadwal):
        """Not the jadwal's days, of which some are still to come; nor a colleague's meeting."""
        days = ("2026-10-05T03:00:00+00:00", "2026-10-20T03:00:00+00:00")
        seats = dossier_of(case).bookings
        for seat, day in zip(seats, days, strict=True):
            seat.record.started_at = datetime.fromisoformat(day)
        papers = make_ak_05(jadwal, cast.asesor), make_ak_06(jadwal, cast.asesor)
        other = dossier_of(make_permohonan(S.COMPETENT, cast=cast)).bookings
        for seat in other:
            seat.slot.asesor_id = cast.second_asesor.id
            seat.record.started_at = datetime.fromisoformat("2026-09-01T03:00:00+00:00")
        db.session.commit()
        admin = sign_in(Role.ADMIN)
        for paper, tail in zip(papers, ("fr-ak-05", "fr-ak-06"), strict=True):
            text = words(main(soup(admin.get(f"/laporan/{paper.public_id}/{tail}"))))
            assert "Tanggal asesmen Mulai" in text
            held = text.split("Tanggal asesmen Mulai ")[1].split(" Asesor ")[0]
            assert "5 Oktober 2026, selesai" in held
            assert "20 Oktober 2026" in held

    def test_a_draft_is_nobodys_to_read(self, sign_in, cast, jadwal):
        paper = make_ak_05(jadwal, cast.asesor, signed=False)
        assert sign_in(Role.ADMIN).get(f"/laporan/{paper.public_id}/fr-ak-05").status_code == 404

    def test_a_colleague_does_not_read_it(self, sign_in, cast, jadwal):
        paper = make_ak_05(jadwal, cast.asesor)
        assert sign_in(Role.ASESOR).get(f"/laporan/{paper.public_id}/fr-ak-05").status_code == 404

    def test_the_page_of_a_jadwal_asks_as_often_for_many(self, sign_in, cast, jadwal):
        admin, where = sign_in(Role.ADMIN), f"/admin/jadwal/{jadwal.public_id}"
        few = count_queries(lambda: admin.get(where))
        for _ in range(19):
            make_permohonan(S.COMPETENT, cast=cast)
        assert count_queries(lambda: admin.get(where)) == few
