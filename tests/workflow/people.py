"""The people around a case; cases.py is where tests get them from."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import select

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.models import AsesorProfile, Jadwal, Mapa, Permohonan, SkemaVersion, Tuk, User, UserRole
from lsp.vocabulary import Answer, Mode, Role, TukKind
from tests import factories

serial = itertools.count(1)
MAPA_ID = "mapa-pertama"


@dataclass
class Cast:
    """The people around a case, its skema (open, remote permission, fee), and the TUK."""

    admin: User
    asesor: User
    second_asesor: User
    chair: User
    members: list[User]
    ketua: User
    skema: SkemaVersion
    tuk: Tuk
    mapa: Mapa
    jadwal: dict[Mode, Jadwal] = field(default_factory=dict)

    def of(self, role: Role, case: Permohonan) -> Actor:
        """Who takes a step of this role on the case."""
        people = {
            Role.ASESI: case.asesi,
            Role.ADMIN: self.admin,
            Role.ASESOR: self.asesor,
            Role.TIM_TEKNIS: self.chair,
            Role.KETUA: self.ketua,
        }
        return actor_of(people[role])


def actor_of(user: User) -> Actor:
    return Actor(
        id=user.id,
        name=user.name,
        roles=frozenset(held.role for held in user.roles),
        email=user.email,
    )


def person(*roles: Role, name: str = "") -> User:
    """A verified person, flushed and not committed."""
    number = next(serial)
    held = roles or (Role.ASESI,)
    user = User(
        email=f"{held[0].value}{number}@kasus.contoh.id",
        name=name or f"{held[0].label} Rekaan {number}",
        password_hash=factories.QUICK_HASH,
        verified_at=clock.now(),
    )
    user.roles = [UserRole(role=role, granted_at=clock.now()) for role in held]
    db.session.add(user)
    db.session.flush()
    return user


def make_cast() -> Cast:
    """New people and a new skema; asesor fit for it, three members of the tim teknis, the first in the chair."""
    skema = factories.make_skema(remote=True)
    factories.make_lembaga()
    for mode, amount in ((Mode.DARING, 1_100_000), (Mode.LURING, 1_300_000)):
        factories.make_fee(amount, jenjang=skema.jenjang, mode=mode)
    skema.methods = ["portofolio", "wawancara"]
    asesor, second = person(Role.ASESOR), person(Role.ASESOR)
    for each in (asesor, second):
        db.session.add(
            AsesorProfile(
                user_id=each.id,
                met_number=f"MET.000.{next(serial):06d}.2026",
                met_valid_until=clock.today_wib() + timedelta(days=900),
                jenjang=7,
                scope=[skema.subklasifikasi_code],
                skk_number="SKK-REKAAN",
                skk_valid_until=clock.today_wib() + timedelta(days=900),
            )
        )
    number = next(serial)
    tuk = Tuk(
        name="TUK Rekaan",
        kind=TukKind.SEWAKTU,
        code=f"TUK-{number}",
        verification_letter=f"{number:04}/VER-TUK",
        verification_signer="Rekaan",
        verified_on=clock.today_wib(),
    )
    db.session.add(tuk)
    members = [person(Role.TIM_TEKNIS) for _ in range(3)]
    db.session.flush()
    return Cast(
        admin=person(Role.ADMIN),
        asesor=asesor,
        second_asesor=second,
        chair=members[0],
        members=members,
        ketua=person(Role.KETUA),
        skema=skema,
        tuk=tuk,
        mapa=_mapa_of(skema),
    )


def _mapa_of(skema: SkemaVersion) -> Mapa:
    """A MAPA in force with the methods of the skema; that of the first cast of a test is known by MAPA_ID."""
    taken = db.session.scalar(select(Mapa.id).where(Mapa.public_id == MAPA_ID))
    made = factories.make_mapa(skema, codes=("CVP", "PW"), draft=True)
    made.public_id = made.public_id if taken else MAPA_ID
    made.effective_from, made.published_at = skema.effective_from, clock.now()
    return factories.saved(made)


@dataclass
class Story:
    """What a case is told with: its people and what the asesor recommends."""

    cast: Cast
    recommendation: Answer
