"""Who comes to a panel late: he finds by himself, before he sees or says what the others would answer."""

from __future__ import annotations

import pytest
from flask import url_for

from lsp import clock
from lsp.database import db
from lsp.errors import NotAllowed
from lsp.services import banding_outcome, banding_panel
from lsp.vocabulary import BandingStatus, PermohonanStatus, Role
from tests.html import main, soup, words
from tests.support.assessment import make_banding
from tests.workflow.cases import actor_of, make_cast, make_permohonan, person

FINDING = "Bukti unit kedua tidak dibuka di rekaman."
REASON = "Panel menilai bukti unit kedua belum dibahas."


@pytest.fixture
def cast(app):
    return make_cast()


@pytest.fixture
def banding(cast):
    """Examined, with an outcome proposed; then the second member fell ill and another came."""
    case = make_permohonan(PermohonanStatus.APPEALED, cast=cast)
    judges = [person(Role.ANGGOTA_LUAR), person(Role.TIM_TEKNIS)]
    made = make_banding(case, *judges, status=BandingStatus.PANEL_NAMED)
    for member in made.members:
        member.not_teaching_declared_at = clock.now()
    for judge in judges:
        banding_outcome.find(actor_of(judge), made, FINDING)
    said = {"outcome": "uphold", "reason": REASON}
    banding_outcome.propose(actor_of(judges[0]), made, version=made.version, **said)
    banding_panel.replace_member(
        actor_of(cast.ketua), case, judges[1].public_id, [person(Role.TIM_TEKNIS).public_id],
        reason="Sakit sampai bulan depan.", version=made.version,
    )  # fmt: skip
    db.session.commit()
    return made


@pytest.mark.parametrize("declared", [False, True])
def test_he_proposes_nothing_before_his_finding(banding, declared):
    new = banding.panel[-1]
    new.not_teaching_declared_at = clock.now() if declared else None
    with pytest.raises(NotAllowed, match="Tulis dulu temuan Anda"):
        banding_outcome.propose(
            actor_of(new.user), banding, outcome="uphold", reason=REASON, version=banding.version
        )
    assert banding.outcome == "uphold"


def test_he_reads_what_the_others_propose_after_his_finding(banding, sign_in):
    new = banding.panel[-1]
    new.not_teaching_declared_at = clock.now()
    db.session.commit()
    browser, address = sign_in(new.user), url_for("banding.show", banding_id=banding.public_id)
    before = words(main(soup(browser.get(address))))
    assert REASON not in before
    assert FINDING not in before
    banding_outcome.find(actor_of(new.user), banding, "Rekamannya utuh dan cukup.")
    db.session.commit()
    assert REASON in words(main(soup(browser.get(address))))
