"""A pleno after a granted banding, which may find otherwise than the asesor, and what it reads of asesor 2."""

from __future__ import annotations

import pytest
from flask import url_for

from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Countersignature
from lsp.services import pleno
from lsp.vocabulary import Answer, PermohonanStatus
from lsp.workflow.dossier import dossier_of
from tests.html import main, soup, words
from tests.services.plenos import call
from tests.support.votes import REASON, all_vote, to
from tests.workflow.cases import actor_of, make_permohonan, tell

S = PermohonanStatus
MEANT = "tidak setuju berarti kompeten"


@pytest.fixture
def anew(cast):
    """Recommended BK, contested with success, and before another pleno."""
    case = make_permohonan(S.RECOMMENDED, cast=cast, work_done=False, recommendation=Answer.BK)
    tell(case, "grant_redecision", S.APPEALED, S.RECOMMENDED)
    made = call(cast, case)
    db.session.commit()
    return made.cases[0]


def decide(browser, place, word):
    data = {"version": place.permohonan.version}
    answer = browser.post(to("decide", place, word=word), data=data)
    db.session.expire_all()
    return answer


def test_who_votes_reads_what_his_word_means(cast, anew, place, sign_in):
    browser = sign_in(cast.chair)
    assert MEANT in words(main(soup(browser.get(to("case", anew)))))
    assert MEANT not in words(main(soup(browser.get(to("case", place))))), "no banding there"


@pytest.mark.parametrize(
    ("agrees", "word", "status"),
    [(False, "kompeten", S.COMPETENT), (True, "belum-kompeten", S.NOT_YET_COMPETENT)],
)
def test_the_votes_decide_and_the_berita_acara_counts_them(
    cast, anew, sign_in, agrees, word, status
):
    all_vote(cast, anew, agrees=agrees)
    browser = sign_in(cast.chair)
    other = "belum-kompeten" if word == "kompeten" else "kompeten"
    answer = decide(browser, anew, other)
    assert answer.status_code == 409
    assert "Suara anggota bukan" in words(main(soup(answer)))
    assert decide(browser, anew, word).status_code == 303
    assert anew.permohonan.status is status
    page = soup(browser.get(url_for("tim_teknis.berita_acara", pleno_id=anew.pleno.public_id)))
    assert "3 dari 3" in words(page.find(attrs={"data-label": "Keputusan"}))


def test_no_vote_is_left_behind_on_the_way_to_another_pleno(cast, anew):
    member = actor_of(cast.chair)
    pleno.vote(member, anew, agrees=True, note="", declared=True)
    with pytest.raises(DomainError, match="tetap di rapat ini"):
        pleno.take_off_agenda(actor_of(cast.admin), anew)


@pytest.mark.parametrize(
    ("word", "said"),
    [("agrees", "Setuju:"), ("dissents", "Tidak setuju:"), ("released", "dilepas")],
)
def test_the_word_of_asesor_2_lies_on_the_table(cast, place, sign_in, word, said):
    paper = dossier_of(place.permohonan).fr_ak_02
    by = cast.admin if word == "released" else cast.second_asesor
    row = Countersignature(fr_ak_02_id=paper.id, by_id=by.id, word=word, note=REASON)
    db.session.add(row)
    db.session.commit()
    page = soup(sign_in(cast.chair).get(to("case", place)))
    term = next(each for each in page.select("#file dt") if words(each) == "Asesor 2")
    told = words(term.find_next("dd"))
    assert said in told
    assert by.name in told
    assert REASON in told


def test_where_no_asesor_2_was_asked_none_is_named(cast, place, sign_in):
    page = soup(sign_in(cast.chair).get(to("case", place)))
    assert "Asesor 2" not in [words(each) for each in page.select("#file dt")]
