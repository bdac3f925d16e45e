"""The admin opens a permohonan for a person: whose account it becomes."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from lsp.actor import Actor
from lsp.database import db, write_transaction
from lsp.models import OutboxMessage
from lsp.services import accounts, intake
from lsp.vocabulary import Mode, RequestKind, Role
from tests import factories

pytestmark = pytest.mark.usefixtures("app")

EMAIL, ID_IZIN = "siti@contoh.id", "I-2026111809150100042"


def take_in():
    admin = factories.make_user(Role.ADMIN)
    version = factories.make_skema()
    with write_transaction():
        return intake.take_in(
            Actor(id=admin.id, name=admin.name, roles=frozenset({Role.ADMIN})),
            email=EMAIL,
            name="Siti Contoh",
            id_izin=ID_IZIN,
            version=version,
            kind=RequestKind.BARU,
            mode=Mode.LURING,
        )


def mails() -> list[str]:
    return list(db.session.scalars(select(OutboxMessage.kind).order_by(OutboxMessage.id)))


def test_an_unknown_person_is_invited():
    asesi = take_in().asesi
    assert (asesi.name, [held.role for held in asesi.roles]) == ("Siti Contoh", [Role.ASESI])
    assert mails() == ["invite"]


def test_a_confirmed_account_is_used_as_it_is():
    user = factories.make_user(email=EMAIL, name="Siti")
    assert take_in().asesi_id == user.id
    assert user.name == "Siti"
    assert accounts.password_matches(user, factories.PASSWORD)
    assert mails() == ["claim"]


def test_a_stranger_who_signed_up_with_the_address_first_does_not_get_the_case():
    user = factories.make_user(email=EMAIL, name="Orang Asing", verified_at=None)
    permohonan = take_in()
    assert permohonan.asesi_id == user.id
    assert permohonan.asesi_name == "Siti Contoh"
    assert not accounts.password_matches(user, factories.PASSWORD)
    assert mails() == ["invite"]
