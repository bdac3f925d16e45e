"""A recording and the asesi's consent to it: what is refused without, what is kept when it is taken back."""

from __future__ import annotations

import io
from typing import ClassVar

import pytest

from lsp import clock
from lsp.database import db
from lsp.gateways import storage
from lsp.models import Incident
from lsp.services import recordings
from lsp.services.recording_consent import CONSENT_WITHDRAWN
from lsp.vocabulary import Role
from lsp.worker import drain
from tests.html import errors, notices, soup, words
from tests.support.recordings import LINK, rows, seat_of, video
from tests.support.tus import TusClient


class TestConsent:
    """A recording needs the asesi's consent; taken back, the part until then may be kept, and is called a part."""

    PART: ClassVar = {"part": "y"}

    @pytest.fixture(params=[False, True], ids=["never given", "taken back"])
    def taken_back(self, request, held):
        seat = seat_of(held)
        seat.record.recording_consent_at = None
        if request.param:
            withdraw_note(seat)
        db.session.commit()
        return request.param

    def link(self, held, **more):
        return held.post(
            f"/rekaman/{seat_of(held).public_id}", {"url": LINK, "kind": "full", **more}
        )

    def test_a_link(self, held, taken_back):
        answer = self.link(held)
        assert answer.status_code == 409
        page = soup(answer)
        (said,) = errors(page).values()
        assert said in " ".join(notices(page))
        assert page.find(attrs={"name": "url"})["value"] == LINK
        assert (page.find(attrs={"name": "part"}) is not None) is taken_back
        assert rows() == []
        answer = self.link(held, **self.PART)
        assert answer.status_code == (303 if taken_back else 409)
        assert len(rows()) == taken_back

    def test_a_file(self, held, taken_back):
        tail = f"/rekaman/{seat_of(held).public_id}/berkas"

        def send(**more):
            return held.post(
                tail, {"file": (io.BytesIO(video()), "r.mp4"), "kind": "full", **more}
            ).status_code

        assert send() == 422
        assert list(storage.store().list_keys()) == []
        assert send(**self.PART) == (303 if taken_back else 422)
        assert len(rows()) == taken_back

    def test_in_pieces(self, held, taken_back):
        tus = TusClient(held.browser, held.url(f"/rekaman/{seat_of(held).public_id}/unggahan"))
        refused = tus.begin(3_000, "r.mp4")
        assert refused.status_code == 422
        assert "persetujuan" in refused.get_data(as_text=True) or not taken_back
        said = {"Upload-Metadata": "filename ci5tcDQ=,part"}
        assert tus.begin(3_000, **said).status_code == (201 if taken_back else 422)
        if taken_back:
            assert tus.send(video(3_000), 0).status_code == 204
            drain()
        assert len(rows()) == taken_back

    def test_the_pack_says_that_it_is_a_part(self, held, sign_in):
        withdraw_note(seat_of(held))
        self.link(held, **self.PART)
        pack = sign_in(Role.AUDITOR).get(f"/paket-rapat/{seat_of(held).public_id}")
        told = words(soup(pack).find(id="gangguan").find_parent("section"))
        assert recordings.UNTIL_WITHDRAWN in told
        assert LINK in told

    def test_taken_back_while_it_was_sent(self, held):
        tus = TusClient(held.browser, held.url(f"/rekaman/{seat_of(held).public_id}/unggahan"))
        tus.begin(3_000, "r.mp4")
        tus.send(video(3_000)[:2_000], 0)
        withdraw_note(seat_of(held))
        answer = tus.send(video(3_000)[2_000:], 2_000)
        assert answer.status_code == 422
        assert "sampai saat itu" in answer.get_data(as_text=True)
        assert storage.recording_parts().names() == []
        drain()
        assert rows() == []


def withdraw_note(seat):
    """As lsp/services/recording_consent.py leaves it."""
    seat.record.recording_consent_at = None
    db.session.add(
        Incident(
            booking_id=seat.id,
            at=clock.now(),
            kind=CONSENT_WITHDRAWN,
            action="Perekam harus dihentikan.",
            recorded_by_id=seat.permohonan.asesi_id,
        )
    )
    db.session.commit()
