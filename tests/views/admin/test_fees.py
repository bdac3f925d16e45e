"""Pengaturan, biaya: seen beside the old one before it holds, and taken back as long as nothing used it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.models import AuditEvent, Invoice
from lsp.models.inforce import fee
from lsp.services import fees
from lsp.vocabulary import InvoiceKind, Mode, PermohonanStatus, RequestKind
from tests import factories
from tests.html import errors, filled, form, h1, links, notices, soup, words

ADDRESS = "/admin/pengaturan/biaya"


def typed(amount="1.250.000", **data):
    return {
        "purpose": "sertifikasi", "jenjang": "5", "kind": "baru", "mode": "daring", "amount": amount,
        "effective_from": clock.today_wib().isoformat(),
    } | data  # fmt: skip


def in_force():
    return fee(jenjang=5, kind=RequestKind.BARU, mode=Mode.DARING)


def old_fee(amount=1_100_000, **more):
    return factories.make_fee(amount, jenjang=5, **more)


def invoiced(amount, *, kind=InvoiceKind.SERTIFIKASI):
    """A case of jenjang 5 with an invoice of today."""
    version = factories.make_skema(jenjang=5)
    case = factories.make_permohonan(skema_version=version, status=PermohonanStatus.INVOICED)
    return factories.saved(
        Invoice(
            permohonan_id=case.id, kind=kind, number=f"INV/{kind.value}/{amount}", amount=amount,
            due_on=clock.today_wib(),
        )
    )  # fmt: skip


def reassessment_fee():
    return fee(jenjang=5, kind=RequestKind.BARU, mode=Mode.DARING, purpose=InvoiceKind.REASESMEN)


class TestOfAnAsesmenUlang:
    def test_it_stands_beside_the_fee_of_the_certification(self, admin):
        old_fee()
        asked = soup(admin.post(ADDRESS, data=typed("500000", purpose="reasesmen")))
        assert "Asesmen ulang, jenjang 5" in words(asked)
        assert "belum ada biaya untuk pilihan ini" in words(asked)
        assert notices(asked) == [], "another purpose is no measure"
        admin.post(ADDRESS, data=filled(form(asked, ADDRESS)))
        assert (in_force(), reassessment_fee()) == (1_100_000, 500_000)
        table = words(soup(admin.get("/admin/pengaturan")).find(id="biaya"))
        assert "Asesmen ulang 5 Baru" in table

    def test_is_taken_back_until_an_invoice_was_made_by_it(self, admin):
        own = old_fee(500_000, purpose=InvoiceKind.REASESMEN)
        invoiced(500_000)
        assert own.id in fees.unused(), "an invoice of the certification uses none of its fees"
        invoiced(500_001, kind=InvoiceKind.REASESMEN)
        assert own.id in fees.unused()
        invoiced(500_000, kind=InvoiceKind.REASESMEN)
        assert own.id not in fees.unused()

    def test_there_is_none_for_a_difference(self, admin):
        answer = admin.post(ADDRESS, data=typed(purpose="selisih"))
        assert answer.status_code == 422


class TestAdding:
    def test_it_is_asked_about_and_then_holds_from_its_day(self, admin):
        old_fee()
        asked = soup(admin.post(ADDRESS, data=typed()))
        assert in_force() == 1_100_000, "nothing is written by the question"
        assert h1(asked) == "Catat biaya Rp1.250.000?"
        assert "Menggantikan Rp1.100.000" in words(asked)
        assert notices(asked) == []
        assert admin.post(ADDRESS, data=filled(form(asked, ADDRESS))).status_code == 303
        assert in_force() == 1_250_000

    @pytest.mark.parametrize(
        ("amount", "side"), [("850", "di bawah"), ("11000000", "di atas"), ("0", "di bawah")]
    )
    def test_one_far_from_the_old_is_warned_about(self, admin, amount, side):
        old_fee()
        asked = soup(admin.post(ADDRESS, data=typed(amount)))
        assert f"jauh {side} biaya yang lama, Rp1.100.000" in " ".join(notices(asked))

    def test_without_an_old_one_the_nearest_other_fee_is_the_measure(self, admin):
        factories.make_fee(900_000, jenjang=4)
        asked = soup(admin.post(ADDRESS, data=typed("85000")))
        assert "jauh di bawah biaya lain yang terdekat, Rp900.000" in " ".join(notices(asked))
        assert "belum ada biaya untuk pilihan ini" in words(asked)

    def test_who_goes_back_finds_what_he_typed(self, admin):
        asked = soup(admin.post(ADDRESS, data=typed("850")))
        back = links(asked)["Salah ketik, kembali"].partition("#")[0]
        again = filled(form(soup(admin.get(back)), ADDRESS))
        assert again["amount"] == "850"
        assert again["effective_from"] == clock.today_wib().isoformat()
        assert again["mode"] == ["daring"]

    @pytest.mark.parametrize("more", ["&amount=x", "&effective_from=2026-13-40", "&amount=-1"])
    def test_an_odd_address_fills_in_nothing(self, admin, more):
        answer = admin.get(f"/admin/pengaturan?jenjang=5&kind=baru&mode=daring{more}")
        assert answer.status_code == 200

    def test_a_second_one_of_the_day_is_refused_before_it_is_asked_about(self, admin):
        admin.post(ADDRESS, data=typed() | {"sure": "ya"})
        again = admin.post(ADDRESS, data=typed("9"))
        assert again.status_code == 422
        assert "batalkan dulu yang itu" in errors(soup(again))["effective_from"]
        assert in_force() == 1_250_000

    @pytest.mark.parametrize(
        ("field", "value", "sentence"),
        [
            ("jenjang", "10", "Jenjang hanya 1 sampai 9."),
            ("jenjang", "lima", "Tulis dengan angka saja"),
            ("amount", "mahal", "angka saja"),
            ("effective_from", "kapan", "Tulis tanggal seperti ini"),
        ],
    )
    def test_a_wrong_fee_is_kept_and_refused(self, admin, field, value, sentence):
        answer = admin.post(ADDRESS, data=typed("1250000") | {field: value})
        assert answer.status_code == 422
        assert sentence in errors(soup(answer))[field]
        assert soup(answer).select_one(f"[name={field}]")["value"] == value


class TestTakingBack:
    def mistaken(self):
        old_fee()
        return old_fee(850, effective_from=clock.today_wib())

    def test_it_goes_through_a_page_and_the_old_one_holds_again(self, admin):
        row = self.mistaken()
        address = f"{ADDRESS}/{row.id}/batal"
        assert address in links(soup(admin.get("/admin/pengaturan"))).values()
        asked = soup(admin.get(address))
        assert "Yang berlaku kembali Rp1.100.000" in words(asked)
        assert admin.post(address, data=filled(form(asked, address))).status_code == 303
        assert in_force() == 1_100_000
        note = db.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "fee.take_back")
        ).one()
        assert '"amount":850' in note.details

    def test_one_that_an_invoice_was_made_by_stays(self, admin):
        row = self.mistaken()
        invoiced(850)
        address = f"{ADDRESS}/{row.id}/batal"
        assert address not in links(soup(admin.get("/admin/pengaturan"))).values()
        answer = admin.post(address)
        assert answer.status_code == 409
        assert "Sudah ada tagihan yang memakai biaya ini" in " ".join(notices(soup(answer)))
        assert in_force() == 850

    @pytest.mark.both
    def test_what_counts_as_used(self, app):
        old, row = old_fee(), self.mistaken()
        coming = old_fee(9, effective_from=clock.today_wib() + timedelta(days=9))
        assert {row.id, coming.id} <= fees.unused()
        invoiced(1_100_000)
        assert row.id in fees.unused(), "made by the old one, the same day"
        assert old.id not in fees.unused()
        invoiced(300_000, kind=InvoiceKind.REASESMEN)
        assert row.id in fees.unused(), "its amount was typed by hand"
        invoiced(250_000, kind=InvoiceKind.SELISIH)
        assert row.id not in fees.unused(), "a difference may be measured by any fee"
        assert coming.id in fees.unused()
