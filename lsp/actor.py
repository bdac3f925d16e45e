"""Who acts: the signed-in person as plain values, read once per request."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from lsp.vocabulary import STAFF_ROLES, Role


@dataclass(frozen=True, slots=True)
class Actor:
    """A person (or the system) with the roles that hold now. Flask-Login reads the four `is_…`/`get_id` names."""

    id: int | None
    name: str
    roles: frozenset[Role]
    email: str = ""
    public_id: str = ""
    zone: str = "Asia/Jakarta"
    sign_in_id: int | None = None
    token: str = field(default="", repr=False)
    password_at: datetime | None = None
    #: A second factor is on: signing in and signing papers ask its code.
    has_totp: bool = False

    is_active: bool = True
    is_anonymous: bool = False

    @property
    def is_authenticated(self) -> bool:
        return self.id is not None

    @property
    def is_staff(self) -> bool:
        return not self.roles.isdisjoint(STAFF_ROLES)

    def has(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)

    def get_id(self) -> str:
        return self.token


#: Clocks, and one machine moving another.
SYSTEM = Actor(id=None, name="Sistem", roles=frozenset({Role.SYSTEM}))
#: Nobody is signed in.
NOBODY = Actor(id=None, name="", roles=frozenset(), is_active=False, is_anonymous=True)
