"""Promises the database keeps by itself, whoever writes to it: append-only tables, person rules, counters.

Created by `install_triggers`, which is idempotent and runs after every migration: Alembic's batch mode copies a
table and drops its triggers silently. A test compares the list with the database after each revision.
"""

# ruff: noqa: S608 - the SQL is put together from constants of this file, never from what a person typed
from __future__ import annotations

from sqlalchemy import Connection, inspect, text

from lsp.models import name_search, surveilan_triggers
from lsp.models.assessment_triggers import assessment
from lsp.models.blanko_triggers import blanko
from lsp.models.certificate_triggers import certificate_life
from lsp.models.counter_triggers import counters
from lsp.models.document_link_triggers import document_links
from lsp.models.pleno_triggers import plenos
from lsp.models.recording_triggers import recordings
from lsp.models.trigger import Trigger

#: Rows of these tables are written once and stay.
APPEND_ONLY = (
    "audit_event",
    "permohonan_event",
    "certificate_event",
    "signature",
    "vote",
    "incident",
    "meeting_join",
    "duty_waiver",
    "consent_text",
    "countersignature",
    "payment_account",
    "payment_receipt",
    "banding_event",
    "complaint_event",
    *surveilan_triggers.APPEND_ONLY,
    "certificate_making",
    "certificate_answer_file",
    "official_certificate",
    "issue_batch",
    "issue_batch_item",
    "pleno_attendance",
    "pleno_evidence",
    "outbox_answer",
)
#: Rows of these tables may change state but never disappear.
NEVER_DELETED = (
    "audit_head",
    "certificate",
    "number_entry",
    "blanko",
    "permohonan",
    "invoice",
    "consent",
    "fr_ak_02",
    "meeting_recording",
    "filled_instrument",
    "third_party",
    "fr_ak_03",
    "banding",
    "complaint",
    *surveilan_triggers.NEVER_DELETED,
    "totp_removal",
)
#: Steps by which the chair settles a case in a pleno.
PLENO_STEPS = ("decide_competent", "decide_not_yet", "send_back")

_ASESOR_OF_CASE = """
    (SELECT slot.asesor_id FROM booking JOIN slot ON slot.id = booking.slot_id
      WHERE booking.permohonan_id = {case} AND booking.cancelled_at IS NULL
     UNION SELECT asesor_id FROM fr_ak_02 WHERE permohonan_id = {case}
     UNION SELECT asesor_id FROM apl_02_review WHERE permohonan_id = {case}
     UNION SELECT asesor_id FROM filled_instrument WHERE permohonan_id = {case}
     UNION SELECT asesor_id FROM third_party WHERE permohonan_id = {case}
     UNION SELECT by_id FROM countersignature JOIN fr_ak_02 ON fr_ak_02.id = countersignature.fr_ak_02_id
      WHERE fr_ak_02.permohonan_id = {case} AND countersignature.word <> 'released')
"""
_VERIFIED_CASE = """
    (SELECT verifier_id FROM permohonan WHERE id = {case} AND verifier_id IS NOT NULL
     UNION SELECT judged_by_id FROM checklist_item WHERE permohonan_id = {case} AND judged_by_id IS NOT NULL
     UNION SELECT signer_id FROM signature
      WHERE permohonan_id = {case} AND form = 'fr_apl_01' AND signer_role = 'admin')
"""
_CASE_OF_VOTE = "(SELECT permohonan_id FROM pleno_case WHERE id = NEW.pleno_case_id)"
# A chair decides without having to vote, so who took the step counts as the voters do.
_DECIDED_ON = """
    (SELECT vote.member_id FROM vote JOIN pleno_case ON pleno_case.id = vote.pleno_case_id
      WHERE pleno_case.permohonan_id {cases}
     UNION SELECT actor_id FROM permohonan_event
      WHERE permohonan_id {cases} AND actor_id IS NOT NULL AND transition IN {steps})
"""


def _decided_on(cases: str) -> str:
    """People who voted on or settled the cases (a condition on `permohonan_id`) in a pleno."""
    return _DECIDED_ON.format(cases=cases, steps=PLENO_STEPS)


def _not_waived(rule: str, case: str, person: str) -> str:
    return (
        f"NOT EXISTS (SELECT 1 FROM duty_waiver WHERE permohonan_id = {case}"
        f" AND rule = '{rule}' AND person_id = {person})"
    )


def _append_only() -> list[Trigger]:
    made = []
    for table in APPEND_ONLY:
        for event in ("UPDATE", "DELETE"):
            made.append(
                Trigger(
                    f"{table}_no_{event.lower()}", table, event, message=f"append-only: {table}"
                )
            )
    for table in NEVER_DELETED:
        made.append(
            Trigger(f"{table}_no_delete", table, "DELETE", message=f"never deleted: {table}")
        )
    for table in (*APPEND_ONLY, *NEVER_DELETED):
        # INSERT OR REPLACE deletes without asking the trigger above where a connection forgot
        # `recursive_triggers`; so the key itself is refused.
        key = "seq" if table == "audit_event" else "id"
        made.append(
            Trigger(
                f"{table}_no_replace", table, "INSERT",
                f"EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})",
                f"append-only: {table}",
            )
        )  # fmt: skip
    forward = ("UPDATE", "NEW.seq <> OLD.seq + 1", "append-only: audit_head")
    made.append(Trigger("audit_head_forward", "audit_head", *forward))
    return made


#: Panel of every banding of a case; who sits on it takes no other part in the case (workflow 5).
_PANEL_OF_CASE = (
    "(SELECT user_id FROM banding_member JOIN banding ON banding.id = banding_member.banding_id"
    " WHERE banding.permohonan_id = {case})"
)


def _panel_rules() -> list[Trigger]:
    """Banding panel and all who acted on the case are apart, whichever came first."""
    case = "(SELECT permohonan_id FROM banding WHERE id = NEW.banding_id)"
    involved = " OR ".join(
        f"NEW.user_id IN {people}"
        for people in (
            _ASESOR_OF_CASE.format(case=case),
            _VERIFIED_CASE.format(case=case),
            _decided_on(f"= {case}"),
        )
    )
    return [
        Trigger(
            "banding_member_not_involved", "banding_member", "INSERT",
            f"({involved}) AND " + _not_waived("panel_not_involved", case, "NEW.user_id"),
            "duty: panel_not_involved",
        ),
        Trigger(
            "banding_member_own_case", "banding_member", "INSERT",
            f"NEW.user_id = (SELECT asesi_id FROM permohonan WHERE id = {case})",
            "duty: own_case",
        ),
        Trigger(
            "vote_panel_not_involved", "vote", "INSERT",
            f"NEW.member_id IN {_PANEL_OF_CASE.format(case=_CASE_OF_VOTE)} AND "
            + _not_waived("panel_not_involved", _CASE_OF_VOTE, "NEW.member_id"),
            "duty: panel_not_involved",
        ),
        Trigger(
            "booking_panel_not_involved", "booking", "INSERT",
            f"{_OF_SLOT} IN {_PANEL_OF_CASE.format(case='NEW.permohonan_id')} AND "
            + _not_waived("panel_not_involved", "NEW.permohonan_id", _OF_SLOT),
            "duty: panel_not_involved",
        ),
        Trigger(
            "slot_panel_not_involved", "slot", "UPDATE",
            "NEW.asesor_id <> OLD.asesor_id AND NEW.asesor_id IN (SELECT banding_member.user_id FROM banding_member"
            " JOIN banding ON banding.id = banding_member.banding_id"
            f" WHERE banding.permohonan_id IN (SELECT permohonan.id {_CASES_OF_SLOT})"
            f" AND {_not_waived('panel_not_involved', 'banding.permohonan_id', 'NEW.asesor_id')})",
            "duty: panel_not_involved",
        ),
        Trigger(
            "certificate_signer_not_panel", "certificate", "INSERT",
            f"NEW.signed_by_id IN {_PANEL_OF_CASE.format(case='NEW.permohonan_id')} AND "
            + _not_waived("signer_not_involved", "NEW.permohonan_id", "NEW.signed_by_id"),
            "duty: signer_not_involved",
        ),
    ]  # fmt: skip


_OF_SLOT = "(SELECT asesor_id FROM slot WHERE id = NEW.slot_id)"
_CASES_OF_SLOT = (
    "FROM booking JOIN permohonan ON permohonan.id = booking.permohonan_id"
    " WHERE booking.slot_id = NEW.id AND booking.cancelled_at IS NULL"
)


def _asesor_barred(table: str, event: str, asesor: str, *, only_if: str = "") -> list[Trigger]:
    """An asesor is neither the asesi of the case nor one who decided it (never waived)."""
    when = f"{only_if} AND " if only_if else ""
    suffix = "" if event == "INSERT" else f"_{event.lower()}"
    asesi = "(SELECT asesi_id FROM permohonan WHERE id = NEW.permohonan_id)"
    decided = _decided_on("= NEW.permohonan_id")
    return [
        Trigger(
            f"{table}_asesor_not_asesi{suffix}", table, event, f"{when}{asesor} = {asesi}",
            "duty: asesor_not_asesi",
        ),
        Trigger(
            f"{table}_asesor_not_pleno{suffix}", table, event, f"{when}{asesor} IN {decided}",
            "duty: asesor_not_pleno",
        ),
    ]  # fmt: skip


def _person_rules() -> list[Trigger]:
    """Who is barred from a case (workflow 5), also for raw SQL. Waivable rules look for a duty_waiver."""
    vote_case = _CASE_OF_VOTE
    return [
        Trigger(
            "vote_asesor_not_pleno", "vote", "INSERT",
            f"NEW.member_id IN {_ASESOR_OF_CASE.format(case=vote_case)}",
            "duty: asesor_not_pleno",
        ),
        Trigger(
            "vote_verifier_not_pleno", "vote", "INSERT",
            f"NEW.member_id IN {_VERIFIED_CASE.format(case=vote_case)} AND "
            + _not_waived("verifier_not_pleno", vote_case, "NEW.member_id"),
            "duty: verifier_not_pleno",
        ),
        Trigger(
            "vote_own_case", "vote", "INSERT",
            f"NEW.member_id = (SELECT asesi_id FROM permohonan WHERE id = {vote_case})",
            "duty: own_case",
        ),
        *_asesor_barred("booking", "INSERT", _OF_SLOT),
        *_asesor_barred("booking", "UPDATE", _OF_SLOT, only_if="NEW.cancelled_at IS NULL"),
        *(
            rule
            for paper in ("apl_02_review", "filled_instrument", "third_party")
            for rule in _asesor_barred(paper, "INSERT", "NEW.asesor_id")
        ),
        *_asesor_barred("fr_ak_02", "INSERT", "NEW.asesor_id"),
        *_asesor_barred("fr_ak_02", "UPDATE", "NEW.asesor_id", only_if="NEW.asesor_id <> OLD.asesor_id"),
        Trigger(
            "slot_asesor_not_asesi", "slot", "UPDATE",
            f"NEW.asesor_id IN (SELECT permohonan.asesi_id {_CASES_OF_SLOT})",
            "duty: asesor_not_asesi",
        ),
        Trigger(
            "slot_asesor_not_pleno", "slot", "UPDATE",
            f"NEW.asesor_id IN {_decided_on(f'IN (SELECT permohonan.id {_CASES_OF_SLOT})')}",
            "duty: asesor_not_pleno",
        ),
        # The rules above are judged when the row of the other person is written; the asesi stays who he was. Only a
        # draft that the LSP opened and nobody has claimed goes to another address: nobody has acted on it yet.
        Trigger(
            "permohonan_asesi_frozen", "permohonan", "UPDATE",
            "NEW.asesi_id <> OLD.asesi_id AND NOT (OLD.status = 'draft' AND EXISTS (SELECT 1 FROM claim"
            " WHERE claim.permohonan_id = OLD.id AND claim.claimed_at IS NULL))",
            "frozen: permohonan asesi",
        ),
        Trigger(
            "certificate_signer_not_involved", "certificate", "INSERT",
            f"(NEW.signed_by_id IN {_ASESOR_OF_CASE.format(case='NEW.permohonan_id')}"
            f" OR NEW.signed_by_id IN {_decided_on('= NEW.permohonan_id')}) AND "
            + _not_waived("signer_not_involved", "NEW.permohonan_id", "NEW.signed_by_id"),
            "duty: signer_not_involved",
        ),
        Trigger(
            "certificate_own_case", "certificate", "INSERT",
            "NEW.signed_by_id = (SELECT asesi_id FROM permohonan WHERE id = NEW.permohonan_id)",
            "duty: own_case",
        ),
    ]  # fmt: skip


def _frozen() -> list[Trigger]:
    """What has been signed or issued keeps its content."""
    printed = (
        "permohonan_id", "token", "certificate_number", "lsp_registration_number", "lpjk_number", "blanko_number",
        "holder_name", "jabatan_kerja", "jabatan_kerja_en", "kualifikasi", "jenjang", "valid_from", "valid_until",
        "signed_by_id", "lpjk_qr", "public_id", "print_unit_list",
    )  # fmt: skip
    changed = " OR ".join(f"NEW.{column} <> OLD.{column}" for column in printed)
    return [
        Trigger("fr_ak_02_frozen", "fr_ak_02", "UPDATE", "OLD.frozen_at IS NOT NULL", "frozen: fr_ak_02"),
        *(
            Trigger(
                f"fr_ak_02_unit_frozen_{event.lower()}", "fr_ak_02_unit", event,
                f"EXISTS (SELECT 1 FROM fr_ak_02 WHERE id IN ({papers}) AND frozen_at IS NOT NULL)",
                "frozen: fr_ak_02_unit",
            )
            for event, papers in (
                ("INSERT", "NEW.fr_ak_02_id"),
                ("UPDATE", "OLD.fr_ak_02_id, NEW.fr_ak_02_id"),
                ("DELETE", "OLD.fr_ak_02_id"),
            )
        ),
        # One that no plan names may become a draft again; the service lets only coming ones.
        Trigger(
            "mapa_frozen", "mapa", "UPDATE",
            "OLD.published_at IS NOT NULL AND (NEW.published_at IS NOT NULL"
            " OR EXISTS (SELECT 1 FROM assessment_plan WHERE mapa_id = OLD.id))",
            "frozen: mapa",
        ),
        Trigger("mapa_kept", "mapa", "DELETE", "OLD.published_at IS NOT NULL", "frozen: mapa"),
        Trigger("certificate_frozen", "certificate", "UPDATE", changed, "frozen: certificate"),
        Trigger(
            "certificate_pdf_frozen", "certificate", "UPDATE",
            "OLD.pdf_sha256 IS NOT NULL AND (NEW.pdf_sha256 IS NULL OR NEW.pdf_sha256 <> OLD.pdf_sha256"
            " OR NEW.pdf_key <> OLD.pdf_key)",
            "frozen: certificate pdf",
        ),
        # A hash says nothing unless it is the one of the file that is kept.
        Trigger(
            "certificate_making_of_its_file", "certificate_making", "INSERT",
            "NOT EXISTS (SELECT 1 FROM certificate WHERE id = NEW.certificate_id"
            " AND pdf_sha256 = COALESCE(NEW.signed_sha256, NEW.unsigned_sha256))",
            "frozen: certificate pdf",
        ),
        Trigger(
            "official_certificate_replaces_its_own", "official_certificate", "INSERT",
            "NEW.replaces_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM official_certificate"
            " WHERE id = NEW.replaces_id AND certificate_id = NEW.certificate_id)",
            "frozen: official certificate",
        ),
        Trigger(
            "number_entry_frozen", "number_entry", "UPDATE",
            "NEW.text <> OLD.text OR NEW.serial <> OLD.serial OR NEW.series_code <> OLD.series_code"
            " OR OLD.state = 'voided'",
            "frozen: number_entry",
        ),
    ]  # fmt: skip


TRIGGERS: tuple[Trigger, ...] = (
    *_append_only(),
    *_person_rules(),
    *_panel_rules(),
    *_frozen(),
    *assessment(),
    *recordings(),
    *document_links(),
    *blanko(),
    *plenos(),
    *surveilan_triggers.surveilan(),
    *certificate_life(),
    *counters(),
)


def install_triggers(connection: Connection) -> bool:
    """Create or renew the triggers of every table there is (a migration may stand before one was made).

    And what some of them keep. The caller's transaction commits. False when names cannot be searched along an
    index here (lsp/models/name_search.py).
    """
    for trigger in expected_triggers(connection):
        made = trigger.sqlite() if connection.dialect.name == "sqlite" else trigger.postgresql()
        for statement in made:
            connection.execute(text(statement.replace(":", "\\:")))
    if not inspect(connection).has_table("permohonan"):  # after a migration down to nothing
        return True
    return name_search.install(connection)


def drop_triggers(connection: Connection) -> None:
    """Remove every trigger, also those an older version of this list made.

    A migration begins with it: SQLite refuses to rename a table while a trigger elsewhere names it.
    """
    name_search.drop(connection)
    if connection.dialect.name == "sqlite":
        names = connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
        for name in names.all():
            connection.execute(text(f"DROP TRIGGER {name}"))
        return
    functions = connection.scalars(
        text(
            "SELECT DISTINCT tgfoid\\:\\:regprocedure\\:\\:text FROM pg_trigger"
            " JOIN pg_class ON pg_class.oid = tgrelid"
            " WHERE NOT tgisinternal AND relnamespace = current_schema()\\:\\:regnamespace"
        )
    ).all()
    for function in {*functions, *(f"{trigger.name}()" for trigger in TRIGGERS)}:
        connection.execute(text(f"DROP FUNCTION IF EXISTS {function} CASCADE"))


def expected_triggers(connection: Connection) -> tuple[Trigger, ...]:
    """Those whose table exists: all of them at the newest revision, none after a migration down to nothing."""
    tables = set(inspect(connection).get_table_names())
    return tuple(trigger for trigger in TRIGGERS if trigger.table in tables)
