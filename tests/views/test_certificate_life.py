"""Suspending, revoking and following a certificate as people do it, and what the public sees at its next look."""

from __future__ import annotations

import pytest
import time_machine
from flask import url_for
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.models import (
    Certificate,
    CertificateProposal,
    OutboxMessage,
    Permohonan,
    PreviousCertificate,
)
from lsp.services.certificates import state_since
from lsp.vocabulary import (
    CertificateStatus,
    FieldOrigin,
    LifeGround,
    LifeStep,
    PermohonanStatus,
    RequestKind,
    Role,
)
from lsp.workflow.guards.certificate_life import renewal_from
from tests.html import main, soup, words
from tests.support.certificates import (
    WHY,
    WORDS,
    answered,
    approved,
    certificate_of,
    noon,
    proposed,
)
from tests.test_pages import count_queries
from tests.workflow.cases import actor_of, make_cast, make_permohonan, person

C = CertificateStatus
SAID = "Kartu itu hilang di proyek dan sudah saya laporkan ke polisi."


def issued_for(asesi=None, cast=None):
    return certificate_of(
        make_permohonan(PermohonanStatus.ISSUED, cast=cast or make_cast(), asesi=asesi)
    )


@pytest.fixture
def browse(sign_in):
    """The browser of a person, new or known."""

    def opened(who):
        user = person(who) if isinstance(who, Role) else who
        db.session.commit()
        return sign_in(user)

    return opened


def public(client, certificate):
    """Title of the page and the machine's answer, as a stranger reads them now."""
    client = client.application.test_client()
    page = soup(client.get(url_for("verification.show", token=certificate.token)))
    machine = client.get(url_for("verification.show_json", token=certificate.token)).get_json()
    return (
        words(page.select_one(".seal h2")),
        machine["status"],
        machine["status_sejak"],
        words(page),
    )


def posted(client, address, **fields):
    return client.post(address, data=fields)


class TestSuspension:
    def test_from_the_proposal_to_the_letter_and_back(self, app, client, browse):
        asesi, admin, ketua = person(Role.ASESI), person(Role.ADMIN), person(Role.KETUA)
        certificate = issued_for(asesi)
        case_id = certificate.permohonan.public_id
        client = browse(admin)
        page = soup(client.get(url_for("certificate_pages.show", permohonan_id=case_id)))
        assert "Usulkan pembekuan…" in words(main(page))
        assert "Usulkan pemulihan" not in words(main(page))
        propose = url_for("certificate_pages.propose", permohonan_id=case_id, step="suspend")
        form = soup(client.get(propose))
        version = form.select_one("[name=version]")["value"]
        assert "14 hari kerja" in words(main(form))
        short = posted(client, propose, version=version, ground="misuse", reason="Pendek.")
        assert short.status_code == 422
        assert (
            posted(client, propose, version=version, ground="misuse", reason=WHY).status_code == 303
        )
        proposal = db.session.scalars(select(CertificateProposal)).one()
        # What only waits is nobody's news.
        title, status, _, told = public(client, certificate)
        assert (title, status) == ("Sertifikat ini berlaku", "berlaku")
        assert WHY not in told
        assert "Usulan" not in told
        again = soup(client.get(url_for("certificate_pages.show", permohonan_id=case_id)))
        assert "Sudah ada usulan" in words(main(again))

        client = browse(ketua)
        assert "Usulan pembekuan dan pencabutan: 1" in words(
            main(soup(client.get(url_for("ketua.home"))))
        )
        show = url_for("ketua_certificates.show", proposal_id=proposal.public_id)
        whole = soup(client.get(show))
        assert WHY in words(main(whole))
        button = next(each for each in whole.select("button") if "Setujui" in words(each))
        assert button.has_attr("disabled")
        assert "masih dapat menjawab" in words(main(whole))

        client = browse(asesi)
        home = main(soup(client.get(url_for("asesi.home"))))
        assert "LSP mengusulkan pembekuan sertifikat Anda" in words(home)
        assert "Selamat!" not in words(home)
        notice = url_for("asesi.certificate_notice", certificate_id=certificate.public_id)
        assert home.select_one(".now a")["href"] == notice
        panel = soup(client.get(url_for("asesi.certificate", permohonan_id=case_id)))
        assert "Menunggu jawaban Anda" in words(main(panel))
        read = soup(client.get(notice))
        assert WHY in words(main(read))
        version = read.select_one("[name=version]")["value"]
        assert posted(client, notice, version=version, note=SAID).status_code == 303
        assert SAID in words(main(soup(client.get(notice))))
        assert posted(client, notice, version=version, note=SAID).status_code == 409

        client = browse(ketua)
        whole = soup(client.get(show))
        assert SAID in words(main(whole))
        version = whole.select_one("[name=version]")["value"]
        approve = url_for("ketua_certificates.approve", proposal_id=proposal.public_id)
        assert posted(client, approve, version=version, note="Pendek").status_code == 422
        assert posted(client, approve, version=version, note=WORDS).status_code == 303
        assert posted(client, approve, version=version, note=WORDS).status_code == 409
        title, status, since, _ = public(client, certificate)
        assert (title, status, since) == (
            "Sertifikat ini dibekukan", "dibekukan", clock.today_wib().isoformat(),
        )  # fmt: skip

        client = browse(asesi)
        letter = soup(
            client.get(url_for("certificate_pages.letter", proposal_id=proposal.public_id))
        )
        for part in ("/SK-SERT/", WHY, SAID, WORDS, ketua.name, "Hak mengajukan banding"):
            assert part in words(main(letter))
        # And back: no time to wait, the public sees it at once.
        cleared = proposed(actor_of(admin), certificate, LifeStep.REINSTATE, LifeGround.CLEARED)
        client = browse(ketua)
        approve = url_for("ketua_certificates.approve", proposal_id=cleared.public_id)
        assert posted(client, approve, version=cleared.version, note=WORDS).status_code == 303
        assert public(client, certificate)[:2] == ("Sertifikat ini berlaku", "berlaku")

    def test_old_password_is_asked_again_and_a_wrong_one_decides_nothing(self, app, client, browse):
        certificate, ketua = issued_for(), person(Role.KETUA)
        waiting = proposed(
            actor_of(person(Role.ADMIN)), certificate, LifeStep.REVOKE, LifeGround.FRAUD
        )
        client = browse(ketua)
        with time_machine.travel(clock.now().replace(microsecond=0), tick=False) as moved:
            moved.shift(11 * 60)
            approve = url_for("ketua_certificates.approve", proposal_id=waiting.public_id)
            told = posted(client, approve, version=waiting.version, note=WORDS)
            assert told.status_code == 422
            assert "Isi kata sandi" in words(main(soup(told)))
            wrong = posted(
                client, approve, version=waiting.version, note=WORDS, password="salah sekali"
            )
            assert wrong.status_code == 422
        assert public(client, certificate)[1] == "berlaku"
        # Declined at any time; the proposer reads why.
        client = browse(ketua)
        decline = url_for("ketua_certificates.decline", proposal_id=waiting.public_id)
        assert posted(client, decline, version=waiting.version, note=WORDS).status_code == 303
        assert db.session.scalar(
            select(OutboxMessage).where(OutboxMessage.kind == "certificate_proposal_declined")
        )
        assert public(client, certificate)[1] == "berlaku"

    def test_revoked_by_a_proposal_of_the_tim_teknis(self, app, client, browse):
        cast = make_cast()
        certificate = issued_for(cast=cast)
        client = browse(cast.members[0])
        address = url_for(
            "certificate_pages.propose",
            permohonan_id=certificate.permohonan.public_id,
            step="revoke",
        )
        assert (
            posted(
                client, address, version=certificate.version, ground="fraud", reason=WHY
            ).status_code
            == 303
        )
        waiting = db.session.scalars(select(CertificateProposal)).one()
        assert waiting.proposed_role is Role.TIM_TEKNIS
        approved(actor_of(person(Role.KETUA)), waiting)
        assert public(client, certificate)[:2] == ("Sertifikat ini dicabut", "dicabut")


class TestList:
    def test_by_state_name_number_and_page_in_constant_queries(self, app, client, browse):
        cast = make_cast()
        certificates = [issued_for(cast=cast) for _ in range(3)]
        first = certificates[0]
        waiting = proposed(actor_of(person(Role.ADMIN)), first)
        client = browse(Role.ADMIN)

        def listed(**query):
            return words(main(soup(client.get(url_for("admin.certificate_list", **query)))))

        before = count_queries(lambda: client.get(url_for("admin.certificate_list")))
        assert "Usulan pembekuan" in listed(keadaan="usulan")
        assert certificates[1].certificate_number not in listed(keadaan="usulan")
        answered(waiting)
        approved(actor_of(person(Role.KETUA)), waiting)
        assert first.certificate_number not in listed(keadaan="berlaku")
        assert first.certificate_number in listed(keadaan="dibekukan")
        for _ in range(25):
            db.session.add(_copy(first))
        db.session.commit()
        assert count_queries(lambda: client.get(url_for("admin.certificate_list"))) == before
        page = soup(client.get(url_for("admin.certificate_list")))
        assert len(page.select("tbody tr")) == 25
        rest = soup(client.get(page.select_one("a[rel=next]")["href"]))
        assert len(rest.select("tbody tr")) == 3
        soon = soup(client.get(url_for("admin.certificate_list", keadaan="akan-habis")))
        assert soon.select("tbody tr") == []

    @pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR])
    def test_a_search_is_posted_and_no_address_holds_the_name(self, app, browse, role):
        cast, address = make_cast(), f"/{role.value}/sertifikat"
        first, other = (issued_for(cast=cast) for _ in range(2))
        name, number = first.holder_name[:5], first.certificate_number
        db.session.add_all(_copy(first) for _ in range(26))
        db.session.commit()
        client = browse(role)

        def found(page=None, **typed):
            """What the search form answers, or the next page of what it answered."""
            form = main(page or soup(client.get(address))).select("form")[-1]
            hidden = {each["name"]: each["value"] for each in form.select("[type=hidden]")}
            assert form["method"] == "post"
            answer = client.post(form["action"], data=hidden | typed)
            assert answer.status_code == 200
            return soup(answer)

        page = found(cari=name, keadaan="")
        assert len(page.select("tbody tr")) == 25
        rest = found(page, sesudah=page.select_one("button[name=sesudah]")["value"])
        assert len(rest.select("tbody tr")) == 3
        # Not in a single address of either page: they stand in histories and in logs of a proxy.
        for each in (*page.select("[href]"), *rest.select("[href]")):
            assert "cari=" not in each["href"]
        back = found(rest, sesudah="")
        assert words(back.select_one("tbody")) == words(page.select_one("tbody"))
        one = words(main(found(cari=number)))
        assert number in one
        assert other.certificate_number not in one
        assert number not in words(main(found(cari=number, keadaan="dicabut")))
        assert "tidak dengan NIK" in words(main(found(cari="9901010101010001")))
        empty = client.post(f"{address}/cari", data={"cari": " ", "keadaan": "dicabut"})
        assert (empty.status_code, empty.location) == (303, f"{address}?keadaan=dicabut")
        # An address from before, with a name in it, narrows nothing.
        assert len(soup(client.get(f"{address}?cari=tidak+ada")).select("tbody tr")) == 25


def _copy(certificate):
    """Another certificate of another case, with numbers of its own."""
    case = make_permohonan(PermohonanStatus.DRAFT)
    facts = {
        column.key: getattr(certificate, column.key)
        for column in Certificate.__table__.columns
        if column.key not in ("id", "public_id", "token", "created_at", "version", "pdf_key")
    }
    numbers = ("certificate_number", "lsp_registration_number", "lpjk_number", "blanko_number")
    facts |= {name: f"{case.id}-{name}" for name in numbers} | {"permohonan_id": case.id}
    return Certificate(**facts)


class TestFollowing:
    def test_renewal_begins_with_what_is_known_and_stands_at_the_old_one(self, app, client, browse):
        asesi, cast = person(Role.ASESI), make_cast()
        certificate = issued_for(asesi, cast)
        old_form = certificate.permohonan.fr_apl_01
        address = url_for(
            "asesi.begin_following", certificate_id=certificate.public_id, way="perpanjang"
        )
        client = browse(asesi)
        assert "Perpanjangan dapat diajukan mulai" in words(main(soup(client.get(address))))
        fields = {"id_izin": "I-2026111809150109999", "mode": "luring"}
        assert posted(client, address, **fields).status_code == 409
        with time_machine.travel(noon(renewal_from(certificate)), tick=False):
            client = browse(asesi)
            answer = posted(client, address, **fields, sure="y")
            assert answer.status_code == 303, words(main(soup(answer)))
            named = db.session.scalars(select(PreviousCertificate)).one()
            draft = db.session.get(Permohonan, named.permohonan_id)
            assert (draft.kind, named.certificate_id) == (RequestKind.PERPANJANGAN, certificate.id)
            form = draft.fr_apl_01
            assert (form.nik, form.birth_date) == (old_form.nik, old_form.birth_date)
            # Why he wants it is asked anew: it belonged to the permohonan before.
            assert old_form.purpose
            assert not form.purpose
            assert len(form.experiences) == len(old_form.experiences) > 0
            assert {row.origin for row in form.experiences} == {FieldOrigin.EARLIER}
            page = soup(
                client.get(
                    url_for("asesi.certificate", permohonan_id=certificate.permohonan.public_id)
                )
            )
            assert "Buka permohonan perpanjangan" in words(main(page))
            again = posted(
                client, address, id_izin="I-2026111809150108888", mode="luring", sure="y"
            )
            assert again.status_code == 409

    def test_a_correction_says_what_is_wrong(self, app, client, browse):
        asesi = person(Role.ASESI)
        certificate = issued_for(asesi)
        address = url_for("asesi.follow", certificate_id=certificate.public_id, way="perbaiki")
        client = browse(asesi)
        fields = {"id_izin": "I-2026111809150109999", "mode": "luring", "sure": "y"}
        told = posted(client, address, **fields)
        assert told.status_code == 409
        assert "data yang perlu dibetulkan" in words(main(soup(told)))
        wrong = "Nama tercetak Sitti, seharusnya Siti."
        assert posted(client, address, **fields, correction=wrong).status_code == 303
        assert db.session.scalars(select(PreviousCertificate.correction)).all() == [wrong]

    def test_one_begun_elsewhere_names_ours_or_types_a_number(self, app, client, browse):
        asesi, cast = person(Role.ASESI), make_cast()
        certificate = issued_for(asesi, cast)
        draft = make_permohonan(
            PermohonanStatus.DRAFT, cast=cast, asesi=asesi, kind=RequestKind.PERPANJANGAN
        )
        client = browse(asesi)
        tasks = soup(client.get(url_for("asesi.submit", permohonan_id=draft.public_id)))
        assert "Sebutkan sertifikat lama" in words(main(tasks))
        address = url_for("asesi.previous_certificate", permohonan_id=draft.public_id)
        another_skema = issued_for(asesi, make_cast())
        db.session.commit()
        offered = words(main(soup(client.get(address))))
        assert certificate.certificate_number in offered
        assert another_skema.certificate_number not in offered
        foreign = posted(client, address, certificate=another_skema.public_id)
        assert foreign.status_code == 422
        early = posted(client, address, certificate=certificate.public_id)
        assert early.status_code == 409
        assert "dapat diajukan mulai" in words(main(soup(early)))
        assert posted(client, address, certificate="lain").status_code == 409
        assert (
            posted(client, address, certificate="lain", typed_number="F 12 2021").status_code == 303
        )
        assert db.session.scalars(select(PreviousCertificate.typed_number)).all() == ["F 12 2021"]


def test_the_day_of_a_suspension_is_counted_in_wib(app):
    certificate, admin = issued_for(), actor_of(person(Role.ADMIN))
    waiting = proposed(admin, certificate, LifeStep.REVOKE, LifeGround.FRAUD)
    late = clock.now().replace(hour=18, minute=30)  # half past one the next day in WIB
    with time_machine.travel(late, tick=False):
        approved(actor_of(person(Role.KETUA)), waiting)
        assert (certificate.status, state_since(certificate)) == (C.REVOKED, clock.today_wib())


def test_the_letter_stands_among_the_papers_of_the_case(app, browse):
    certificate = issued_for()
    case_id = certificate.permohonan.public_id
    waiting = proposed(actor_of(person(Role.ADMIN)), certificate, LifeStep.REVOKE, LifeGround.FRAUD)
    approved(actor_of(person(Role.KETUA)), waiting)
    letter = url_for("certificate_pages.letter", proposal_id=waiting.public_id)
    page = soup(browse(Role.ADMIN).get(url_for("admin.case_file", permohonan_id=case_id)))
    assert page.select_one(f'a[href="{letter}"]') is not None
    assert waiting.letter_number in words(main(page))
