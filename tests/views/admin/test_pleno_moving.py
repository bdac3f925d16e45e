"""Admin: a case whose pleno can settle it no more is put before another one, with a reason."""

from __future__ import annotations

import pytest
from flask import url_for
from sqlalchemy import select

from lsp import clock
from lsp.actor import SYSTEM
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import PermohonanEvent
from lsp.services import pleno
from lsp.vocabulary import Answer, PermohonanStatus, Role
from lsp.workflow.permohonan import PERMOHONAN
from lsp.workflow.pleno_members import barred
from tests.html import errors, filled, form, h1, links, main, notices, soup, words
from tests.services.plenos import call
from tests.workflow.cases import actor_of, make_permohonan, person

S = PermohonanStatus
REASON = "Anggota ketiga tidak bekerja lagi di LSP ini sejak kemarin."


@pytest.fixture
def admin(cast, sign_in):
    return sign_in(cast.admin)


@pytest.fixture
def others(cast):
    """Who may decide anew; the members of the cast decided before the banding."""
    made = [person(Role.TIM_TEKNIS) for _ in range(3)]
    db.session.commit()
    return made


@pytest.fixture
def place(cast, others):
    """Decided once, contested with success, and before a pleno of others, of whom two have spoken for BK."""
    case = make_permohonan(S.APPEALED, cast=cast)
    PERMOHONAN.perform(case, "grant_redecision", SYSTEM, version=case.version)
    made = call(cast, case, members=others, chair=others[0]).cases[0]
    for member in others[:2]:
        pleno.vote(actor_of(member), made, agrees=True, note="", declared=True)
    db.session.commit()
    return made


def close_account(user):
    user.disabled_at = clock.now()
    db.session.commit()


def url_of(place, name="ask_take_off"):
    return url_for(f"admin.{name}", place_id=place.public_id)


def test_while_the_members_can_vote_it_stays(cast, admin, place):
    answer = soup(admin.get(url_of(place), follow_redirects=True))
    assert "tetap di rapat ini" in notices(answer)[0]
    typed = {"version": place.permohonan.version, "note": REASON}
    answer = admin.post(url_of(place, "take_off"), data=typed)
    assert answer.status_code == 409
    assert "tetap di rapat ini" in words(soup(answer))
    assert place.closed_at is None


def test_with_one_gone_it_is_moved_with_a_reason(cast, admin, others, place):
    case = place.permohonan
    close_account(others[2])
    around = url_for("admin.permohonan", permohonan_id=case.public_id)
    assert url_of(place) in links(soup(admin.get(around))).values()
    page = soup(admin.get(url_of(place)))
    assert h1(page) == "Pindahkan permohonan ini ke rapat pleno lain?"
    assert "sebelum banding tetap tidak memberi suara" in words(main(page))
    data = filled(form(page, url_of(place, "take_off")))

    refused = admin.post(url_of(place, "take_off"), data=data | {"note": "sakit"})
    assert refused.status_code == 422
    assert soup(refused).find(id="alasan").get_text().strip() == "sakit"
    assert place.closed_at is None

    answer = admin.post(url_of(place, "take_off"), data=data | {"note": REASON})
    assert answer.status_code == 303
    db.session.expire_all()
    assert (place.outcome, case.status) == ("removed", S.RECOMMENDED)
    assert place.pleno.closed_at is not None, "nothing is left on its agenda"
    event = db.session.scalars(
        select(PermohonanEvent).where(PermohonanEvent.transition == "change_pleno")
    ).one()
    assert (event.note, event.actor_id) == (REASON, cast.admin.id)
    assert pleno.cases_ready() == [case]

    again = admin.post(url_of(place, "take_off"), data=data | {"note": REASON})
    assert again.status_code == 409, "pressed twice"
    gone = soup(admin.get(url_of(place), follow_redirects=True))
    assert "dikeluarkan dari rapat ini" in notices(gone)[0]


def test_another_pleno_decides_it_without_those_of_before_the_banding(cast, admin, others, place):
    case = place.permohonan
    close_account(others[2])
    pleno.settle(actor_of(cast.admin), place, "change_pleno", version=case.version, note=REASON)
    with pytest.raises(DomainError, match="hanya 2 dari anggota yang dipilih boleh memberi suara"):
        call(cast, case, members=[*others[:2], cast.chair], chair=others[0])
    fresh = [*others[:2], person(Role.TIM_TEKNIS)]
    made = call(cast, case, members=[*fresh, cast.chair], chair=others[0]).cases[0]
    assert barred([case], [cast.chair.id])
    with pytest.raises(DomainError, match="ikut memutus permohonan ini sebelum banding"):
        pleno.vote(actor_of(cast.chair), made, agrees=True, note="", declared=True)
    for member in fresh:
        pleno.vote(actor_of(member), made, agrees=False, note=REASON, declared=True)
    pleno.settle(actor_of(others[0]), made, "decide_competent", version=case.version)
    assert (case.status, made.outcome) == (S.COMPETENT, "K")


def test_a_page_that_lay_open_moves_nothing_twice(cast, admin, others, place):
    close_account(others[2])
    data = filled(form(soup(admin.get(url_of(place))), url_of(place, "take_off")))
    stale = data | {"version": int(data["version"]) - 1, "note": REASON}
    answer = admin.post(url_of(place, "take_off"), data=stale)
    assert answer.status_code == 409
    page = soup(answer)
    assert "Data sudah berubah" in words(main(page))
    assert page.find(id="alasan").get_text().strip() == REASON
    assert place.closed_at is None


def test_the_members_read_whom_to_ask(cast, sign_in, others, place):
    url = url_for("tim_teknis.case", place_id=place.public_id)
    told = "Minta admin memindahkannya ke rapat pleno lain."
    browser = sign_in(others[1])
    assert told not in words(soup(browser.get(url)))
    close_account(others[0])
    assert told in words(soup(browser.get(url)))


def test_a_dissent_without_a_chair_is_no_dead_end_either(cast, admin):
    """Also of a case that no banding brought: who alone could send it back has gone."""
    case = make_permohonan(S.RECOMMENDED, cast=cast, work_done=False, recommendation=Answer.K)
    made = call(cast, case).cases[0]
    pleno.vote(actor_of(cast.members[1]), made, agrees=False, note=REASON, declared=True)
    db.session.commit()
    stays = soup(admin.get(url_of(made), follow_redirects=True))
    assert "hanya dapat dikembalikan ke asesor" in notices(stays)[0]
    close_account(cast.chair)
    page = soup(admin.get(url_of(made)))
    data = filled(form(page, url_of(made, "take_off"))) | {"note": REASON}
    assert admin.post(url_of(made, "take_off"), data=data).status_code == 303
    assert not errors(page)
    assert made.outcome == "removed"


def test_the_next_pleno_reads_what_was_brought_along(cast, admin, sign_in, others):
    case = make_permohonan(S.RECOMMENDED, cast=cast, work_done=False, recommendation=Answer.K)
    made = call(cast, case).cases[0]
    for member, agrees in ((cast.members[1], False), (cast.members[2], True)):
        note = "" if agrees else REASON
        pleno.vote(actor_of(member), made, agrees=agrees, note=note, declared=True)
    close_account(cast.chair)
    assert "Suara tidak setuju tetap berlaku di rapat lain" in words(
        main(soup(admin.get(url_of(made))))
    )
    pleno.settle(actor_of(cast.admin), made, "change_pleno", version=case.version, note=REASON)
    members = [*others, cast.members[1]]
    fresh = call(cast, case, members=members, chair=others[0]).cases[0]
    db.session.commit()
    url, told = url_for("tim_teknis.case", place_id=fresh.public_id), "rapat pleno sebelumnya"
    browser = sign_in(others[0])
    assert f"Dari {told} tetap berlaku: 1 tidak setuju" in words(soup(browser.get(url)))
    pleno.vote(actor_of(cast.members[1]), fresh, agrees=True, note="", declared=True)
    db.session.commit()
    assert told not in words(soup(browser.get(url)))
