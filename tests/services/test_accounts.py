"""Accounts without HTTP: passwords, links, staff proposed by one person and approved by another."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lsp import clock
from lsp.actor import Actor
from lsp.database import db, write_transaction
from lsp.errors import DomainError
from lsp.models import AuditEvent, OutboxMessage, StaffProposal, User, UserRole
from lsp.services import accounts, audit
from lsp.services.accounts import LinkSpent, WeakPassword
from lsp.vocabulary import STAFF_ROLES, LinkPurpose, Role
from tests import factories

pytestmark = [pytest.mark.both, pytest.mark.usefixtures("app")]


def actor_of(user: User) -> Actor:
    return Actor(id=user.id, name=user.name, roles=frozenset(held.role for held in user.roles))


@pytest.fixture
def admin() -> Actor:
    return actor_of(factories.make_user(Role.ADMIN))


@pytest.fixture
def ketua() -> Actor:
    return actor_of(factories.make_user(Role.KETUA))


def propose(admin: Actor, **changes) -> StaffProposal:
    values = {
        "email": "baru@contoh.id",
        "name": "Orang Baru",
        "role": Role.ASESOR,
        "reason": "Surat tugas 12",
    }
    with write_transaction():
        return accounts.propose_staff(admin, **(values | changes))


class TestPasswords:
    def test_are_hashed_as_decided(self):
        """argon2id, 19 MiB, two passes: the default takes 64 MiB a sign-in."""
        assert accounts.hash_password("kuda batu lima").startswith(
            "$argon2id$v=19$m=19456,t=2,p=1$"
        )

    def test_match_only_themselves(self):
        user = factories.make_user()
        assert accounts.password_matches(user, factories.PASSWORD)
        assert not accounts.password_matches(user, factories.PASSWORD + "x")
        assert not accounts.password_matches(user, "")

    def test_of_nobody_and_of_an_account_without_one_match_nothing(self):
        invited = factories.make_user(password_hash="")
        for text in ("", "no such account", factories.PASSWORD):
            assert not accounts.password_matches(None, text)
            assert not accounts.password_matches(invited, text)

    @pytest.mark.parametrize(
        "text", ["pendek7", "12345678", "password", "aaaabbbb", "Rosmaida", "siti@contoh.id"]
    )
    def test_weak_ones_are_refused(self, text):
        with pytest.raises(WeakPassword):
            accounts.check_new_password(
                text, is_staff=False, about=("siti@contoh.id", "Rosmaida Siti")
            )

    @pytest.mark.parametrize(
        ("text", "is_staff"),
        [("kuda7!ba", False), ("kuda batu lima", True), ("😀kuda batu", False)],
    )
    def test_good_ones_are_taken(self, text, is_staff):
        accounts.check_new_password(text, is_staff=is_staff, about=("siti@contoh.id", "Siti"))


class TestSignUp:
    def test_two_at_once_make_one_account(self, app):
        faults: list[BaseException] = []
        start = threading.Barrier(4)

        def one() -> None:
            with app.app_context():
                start.wait()
                try:
                    with write_transaction():
                        accounts.sign_up(email="siti@contoh.id", name="Siti", password_hash="x")
                except BaseException as fault:
                    faults.append(fault)
                db.session.remove()

        threads = [threading.Thread(target=one) for _ in range(4)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert faults == []
        assert len(db.session.scalars(select(User)).all()) == 1

    def test_stores_the_address_in_lower_case(self):
        with write_transaction():
            accounts.sign_up(email="  Siti@Contoh.ID ", name=" Siti ", password_hash="x")
        assert accounts.find_by_email("SITI@contoh.id").name == "Siti"

    def test_the_mail_is_written_with_the_account_or_not_at_all(self):
        def fails_after_it() -> None:
            with write_transaction():
                accounts.sign_up(email="siti@contoh.id", name="Siti", password_hash="x")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fails_after_it()
        assert db.session.scalars(select(OutboxMessage)).all() == []
        assert db.session.scalars(select(User)).all() == []


class TestLinks:
    def test_used_twice_at_once_only_one_counts(self, app):
        token = factories.make_link(factories.make_user(verified_at=None))
        ended: list[str] = []
        start = threading.Barrier(4)

        def one() -> None:
            with app.app_context():
                start.wait()
                try:
                    with write_transaction():
                        accounts.use_link(token)
                    ended.append("used")
                except LinkSpent:
                    ended.append("spent")
                db.session.remove()

        threads = [threading.Thread(target=one) for _ in range(4)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert sorted(ended) == ["spent"] * 3 + ["used"]

    def test_reset_without_a_hash_leaves_the_link_standing(self):
        token = factories.make_link(factories.make_user(), LinkPurpose.RESET_PASSWORD)
        with pytest.raises(DomainError), write_transaction():
            accounts.use_link(token)
        assert accounts.read_link(token).used_at is None

    @pytest.mark.parametrize("token", ["", "x", "a" * 500, "' OR 1=1 --"])
    def test_unknown_ones_are_spent(self, token):
        with pytest.raises(LinkSpent):
            accounts.read_link(token)


class TestStaff:
    def test_takes_two_people(self, admin, ketua):
        proposal = propose(admin)
        assert accounts.find_by_email("baru@contoh.id") is None, "nothing holds before the approval"
        with write_transaction():
            accounts.decide_proposal(
                ketua, db.session.get_one(StaffProposal, proposal.id), approve=True
            )
        user = accounts.find_by_email("baru@contoh.id")
        assert [held.role for held in user.roles] == [Role.ASESOR]
        assert user.roles[0].granted_by_id == ketua.id
        assert [mail.kind for mail in db.session.scalars(select(OutboxMessage))] == ["invite"]
        assert [event.action for event in db.session.scalars(select(AuditEvent).order_by(AuditEvent.seq))][-2:] == [
            "staff.propose", "staff.decide",
        ]  # fmt: skip
        assert audit.first_fault() is None

    def test_declined_makes_nothing(self, admin, ketua):
        proposal = propose(admin)
        with write_transaction():
            accounts.decide_proposal(
                ketua,
                db.session.get_one(StaffProposal, proposal.id),
                approve=False,
                reason="Belum perlu asesor baru.",
            )
        assert accounts.find_by_email("baru@contoh.id") is None

    def test_a_role_is_added_to_an_account_that_stands(self, admin, ketua):
        user = factories.make_user(Role.ASESI, email="baru@contoh.id")
        proposal = propose(admin)
        with write_transaction():
            accounts.decide_proposal(
                ketua, db.session.get_one(StaffProposal, proposal.id), approve=True
            )
        db.session.expire_all()
        assert {held.role for held in user.roles} == {Role.ASESI, Role.ASESOR}

    def test_a_stranger_who_signed_up_with_the_address_first_gets_nothing(self, admin, ketua):
        """He never confirmed it, so the one who approves must not put the role behind his password."""
        with write_transaction():
            accounts.sign_up(
                email="baru@contoh.id", name="Orang Asing", password_hash=factories.QUICK_HASH
            )
        user = accounts.find_by_email("baru@contoh.id")
        old = factories.make_link(user)
        proposal = propose(admin)
        with write_transaction():
            assert accounts.decide_proposal(
                ketua, db.session.get_one(StaffProposal, proposal.id), approve=True
            )
        db.session.expire_all()
        assert user.name == "Orang Baru"
        assert not accounts.password_matches(user, factories.PASSWORD)
        with pytest.raises(LinkSpent):
            accounts.read_link(old)
        assert [mail.kind for mail in db.session.scalars(select(OutboxMessage))][-1] == "invite"

    def test_the_first_role_asks_for_a_password_of_staff(self, admin, ketua):
        """An asesi's may be short; a second role leaves the one chosen then."""
        user = factories.make_user(Role.ASESI, email="baru@contoh.id", name="Siti")
        factories.make_place(user)
        for role, invited in ((Role.ASESOR, True), (Role.TIM_TEKNIS, False)):
            proposal = propose(admin, role=role)
            with write_transaction():
                standing = db.session.get_one(StaffProposal, proposal.id)
                assert accounts.decide_proposal(ketua, standing, approve=True) is invited
            db.session.expire_all()
            assert accounts.password_matches(user, factories.PASSWORD) is not invited
            assert factories.places_of(user) == []
            user.password_hash = factories.QUICK_HASH
            db.session.commit()
        assert user.name == "Siti", "the holder of a confirmed address keeps his name"

    def test_nobody_proposes_himself(self, admin):
        own = db.session.get_one(User, admin.id)
        with pytest.raises(DomainError, match="diri sendiri"):
            propose(admin, email=own.email.upper())

    def test_nobody_approves_what_he_proposed(self):
        both = actor_of(factories.make_user(Role.ADMIN, Role.KETUA))
        proposal = propose(both)
        with pytest.raises(DomainError, match="orang lain"), write_transaction():
            accounts.decide_proposal(
                both, db.session.get_one(StaffProposal, proposal.id), approve=True
            )

    def test_nobody_approves_a_role_for_himself(self, admin, ketua):
        proposal = propose(admin, email=db.session.get_one(User, ketua.id).email)
        with pytest.raises(DomainError, match="diri sendiri"), write_transaction():
            accounts.decide_proposal(
                ketua, db.session.get_one(StaffProposal, proposal.id), approve=True
            )

    def test_once_decided_is_decided(self, admin, ketua):
        proposal = propose(admin)
        for _ in range(2):
            with write_transaction():
                standing = db.session.get_one(StaffProposal, proposal.id)
                if standing.decided_at is None:
                    accounts.decide_proposal(
                        ketua, standing, approve=False, reason="Belum perlu asesor baru."
                    )
                    continue
                with pytest.raises(DomainError, match="sudah diputus"):
                    accounts.decide_proposal(ketua, standing, approve=True)

    def test_the_same_is_not_proposed_twice(self, admin):
        propose(admin)
        with pytest.raises(DomainError, match="sudah menunggu"):
            propose(admin)

    @pytest.mark.parametrize("role", [role for role in Role if role not in STAFF_ROLES])
    def test_asesi_and_the_system_are_no_staff(self, admin, role):
        with pytest.raises(DomainError):
            propose(admin, role=role)

    def test_the_database_keeps_it_too(self, admin, ketua):
        proposal = propose(admin)
        standing = db.session.get_one(StaffProposal, proposal.id)
        standing.decided_by_id, standing.decided_at, standing.approved = admin.id, clock.now(), True
        with pytest.raises(IntegrityError):
            db.session.commit()
        db.session.rollback()
        db.session.add(
            UserRole(
                user_id=ketua.id, role=Role.ADMIN, granted_by_id=ketua.id, granted_at=clock.now()
            )
        )
        with pytest.raises(IntegrityError):
            db.session.commit()
        db.session.rollback()


class TestDisable:
    def test_not_oneself(self, ketua):
        with pytest.raises(DomainError, match="akun sendiri"):
            accounts.disable(ketua, db.session.get_one(User, ketua.id))

    def test_not_the_last_ketua_or_admin(self, admin, ketua):
        for actor, last, label in ((admin, ketua, "Ketua LSP"), (ketua, admin, "Admin LSP")):
            with pytest.raises(DomainError, match=f"satu-satunya {label}"):
                accounts.disable(actor, db.session.get_one(User, last.id))

    def test_a_ketua_only_by_another_ketua(self, admin, ketua):
        second = factories.make_user(Role.KETUA)
        with pytest.raises(DomainError, match="oleh ketua lain"):
            accounts.disable(admin, second)
        accounts.disable(ketua, second)
        assert second.disabled_at is not None

    def test_a_closed_one_counts_as_no_holder(self, admin, ketua):
        second = factories.make_user(Role.KETUA)
        accounts.disable(ketua, second)
        both = actor_of(factories.make_user(Role.ADMIN, Role.KETUA))
        accounts.disable(both, db.session.get_one(User, ketua.id))
        with pytest.raises(DomainError, match="satu-satunya Ketua"):
            accounts.disable(admin, db.session.get_one(User, both.id))

    def test_opens_again_when_two_agree(self, admin, ketua):
        user = factories.make_user(Role.ASESOR, email="baru@contoh.id", name="Nama Sendiri")
        with write_transaction():
            accounts.disable(admin, db.session.get_one(User, user.id))
        proposal = propose(admin, email="baru@contoh.id", name="Nama Lain")
        assert proposal.name == "Nama Sendiri"
        with write_transaction():
            accounts.decide_proposal(
                ketua, db.session.get_one(StaffProposal, proposal.id), approve=True
            )
        db.session.expire_all()
        assert user.disabled_at is None
        assert [held.role for held in user.roles] == [Role.ASESOR]

    def test_ends_places_and_links(self, ketua):
        factories.make_user(Role.ADMIN)
        user = factories.make_user(Role.ADMIN)
        factories.make_place(user)
        token = factories.make_link(user, LinkPurpose.RESET_PASSWORD)
        with write_transaction():
            accounts.disable(ketua, db.session.get_one(User, user.id))
        assert factories.places_of(user) == []
        with pytest.raises(LinkSpent):
            accounts.read_link(token)
