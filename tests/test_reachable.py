"""Each row of the permohonan's table is performed by a page or a clock for each role it names.

A row that only the demo or a test can perform would stand in the table, in docs/workflow.md and in promises to
people, and never happen. What truly has no page yet stands in NOT_YET with the reason, and in docs/known-gaps.md.
"""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

from lsp import services, workflow
from lsp.models import Permohonan
from lsp.services import clocks
from lsp.views.admin import steps as admin_steps
from lsp.views.asesor import actions as asesor_actions
from lsp.views.tim_teknis import STEPS as CHAIR_STEPS
from lsp.vocabulary import Role
from lsp.workflow.banding import BANDING, PANEL
from lsp.workflow.permohonan import TRANSITIONS

LSP = Path(workflow.__file__).parents[1]
CLOCK = "clock"
#: (step, role) -> the address that performs it (an endpoint that is posted to), or the clock. Written by hand.
PERFORMED: dict[tuple[str, Role], str] = {
    **{
        (name, Role.ASESI): f"asesi.{endpoint}"
        for name, endpoint in {
            "submit": "send_permohonan",
            "book_pre": "book",
            "cancel_pre": "cancel_booking",
            "add_evidence": "send_evidence",
            "book_assessment": "book",
            "cancel_assessment": "cancel_booking",
            "appeal": "file_appeal",
            "close_not_yet": "close_case",
            "withdraw": "withdraw_permohonan",
        }.items()
    },
    **{
        (name, Role.ADMIN): "admin.step"
        for name in (
            "return_for_repair", "verify", "reject", "invoice", "extend", "change_mode", "cancel_pre",
            "cancel_assessment", "halt", "request_blanko", "refuse_blanko", "withdraw", "reassess",
        )
    },
    **{
        (name, Role.ADMIN): f"admin.{endpoint}"
        for name, endpoint in {
            "confirm_payment": "receive_money",
            "note_part_payment": "receive_money",
            "book_pre": "book",
            "book_assessment": "book",
            "absent_pre": "note_absence",
            "drop_pre": "note_absence",
            "absent_assessment": "note_absence",
            "drop_assessment": "note_absence",
            "receive_blanko": "receive_blanko",
            "correct_numbers": "correct_numbers",
            "record": "record_lpjk",
            "change_pleno": "take_off",
        }.items()
    },
    **{(name, Role.ASESOR): "asesor.step" for name in ("make_ready", "ask_evidence", "start")},
    **{
        (name, Role.ASESOR): f"asesor.{endpoint}"
        for name, endpoint in {
            "book_pre": "move",
            "book_assessment": "move",
            "cancel_pre": "reschedule",
            "cancel_assessment": "reschedule",
            "absent_pre": "note_absence",
            "drop_pre": "note_absence",
            "absent_assessment": "note_absence",
            "drop_assessment": "note_absence",
            "recommend_not_continue": "recommend",
            "recommend": "recommend",
            "halt": "note_incident",
        }.items()
    },
    **{
        (name, Role.TIM_TEKNIS): "tim_teknis.decide"
        for name in ("decide_competent", "decide_not_yet", "send_back", "send_back_pre")
    },
    ("annul", Role.KETUA): "ketua.annul",
    ("issue", Role.KETUA): "ketua_signing.issue",
    # The last signature of the panel moves the case by the system's hand.
    **{
        (name, Role.SYSTEM): "banding.sign"
        for name in ("uphold", "grant_reassessment", "grant_redecision")
    },
    **{
        (name, Role.SYSTEM): CLOCK
        for name in ("confirm_payment", "lapse", "drop_idle", "close_not_yet")
    },
}  # fmt: skip
#: What the table gives to a role and no page or clock performs yet: (step, role) -> why. Each in docs/known-gaps.md.
NOT_YET: dict[tuple[str, Role], str] = {
    ("invoice", Role.SYSTEM): "invoices are sent by the admin; no clock does it",
    ("refuse_blanko", Role.SYSTEM): "no answer of BNSP is read by the portal; the admin types it",
    ("receive_blanko", Role.SYSTEM): "no answer of BNSP is read by the portal; the admin types it",
    ("record", Role.SYSTEM): "no answer of LPJK is read by the portal; the admin types it",
}  # fmt: skip


def asked() -> set[tuple[str, Role]]:
    return {(row.name, role) for row in TRANSITIONS for role in row.roles}


def test_every_row_has_a_page_or_a_clock_for_each_of_its_roles():
    missing = asked() - PERFORMED.keys() - NOT_YET.keys()
    assert not missing, f"unreachable: {sorted(missing)}"


def test_nothing_is_listed_that_the_table_does_not_give():
    assert not (PERFORMED.keys() | NOT_YET.keys()) - asked()
    assert not PERFORMED.keys() & NOT_YET.keys()


def test_each_gap_is_told_in_the_document():
    told = (LSP.parent / "docs" / "known-gaps.md").read_text(encoding="utf-8")
    for name, _role in NOT_YET:
        assert f"`{name}`" in told, name


@pytest.mark.parametrize(
    ("name", "role"), sorted(PERFORMED), ids=lambda value: getattr(value, "value", value)
)
def test_its_address_stands_and_lets_the_role_in(app, name, role):
    address = PERFORMED[name, role]
    if address == CLOCK:
        assert f'_try_all("{name}"' in inspect.getsource(clocks.move_what_is_due)
        return
    assert any(
        rule.endpoint == address and "POST" in (rule.methods or ())
        for rule in app.url_map.iter_rules()
    )
    who = Role.ANGGOTA_LUAR if role is Role.SYSTEM else role
    assert who in app.view_functions[address].access_rule.roles


@pytest.mark.parametrize(
    ("address", "performs"),
    [
        ("admin.step", admin_steps.PRESSED),
        ("asesor.step", asesor_actions.PRESSED),
        ("asesor.recommend", asesor_actions.SENT),
        ("tim_teknis.decide", {step.name for step in CHAIR_STEPS.values()}),
        ("banding.sign", {"uphold", "grant_reassessment", "grant_redecision"}),
    ],
)
def test_an_address_of_many_steps_takes_each_of_them(address, performs):
    assert {name for (name, _), where in PERFORMED.items() if where == address} <= set(performs)


#: (step of a banding, role) -> the address that performs it, or the clock.
OF_BANDING: dict[tuple[str, Role], str] = {
    ("accept", Role.ADMIN): "admin.accept_banding",
    ("ask_completion", Role.ADMIN): "admin.ask_completion",
    ("complete", Role.ASESI): "asesi.complete_banding",
    ("expire", Role.SYSTEM): CLOCK,
    ("name_panel", Role.KETUA): "ketua.name_panel",
    ("withdraw_banding", Role.ASESI): "asesi.do_withdraw_banding",
    **{("examine", role): "banding.find" for role in PANEL},
    **{
        (name, role): "banding.sign"
        for name in ("uphold", "reassess", "redecide")
        for role in PANEL
    },
}


def test_every_step_of_a_banding_has_a_page_or_the_clock(app):
    assert {(row.name, role) for row in BANDING.transitions for role in row.roles} == set(
        OF_BANDING
    )
    assert "banding.expire" in inspect.getsource(clocks.move_what_is_due)
    for (_name, role), address in OF_BANDING.items():
        if address != CLOCK:
            assert role in app.view_functions[address].access_rule.roles


def _columns_read(tree: ast.AST) -> set[str]:
    """Attributes of `case` that a rule looks at."""
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "case"
    }


def _written(tree: ast.AST) -> set[str]:
    """Attributes given a value other than None, and names given as keywords."""
    found = {node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg}
    for node in ast.walk(tree):
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Attribute):
            found.add(node.target.attr)
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            found |= _targets(target, node.value)
    return found


def _targets(target: ast.expr, value: ast.expr) -> set[str]:
    if isinstance(target, ast.Tuple):
        values = value.elts if isinstance(value, ast.Tuple) else [value] * len(target.elts)
        pairs = zip(target.elts, values, strict=True)
        return {name for each, its in pairs for name in _targets(each, its)}
    is_none = isinstance(value, ast.Constant) and value.value is None
    return {target.attr} if isinstance(target, ast.Attribute) and not is_none else set()


def test_no_guard_waits_for_a_column_that_nothing_fills():
    """A rule may ask for a fact only if some page, service or effect can make it true; the demo does not count."""
    demo = Path(services.__file__).parent / "demo"
    code = [path for path in LSP.rglob("*.py") if demo not in path.parents]
    filled = {
        name for path in code for name in _written(ast.parse(path.read_text(encoding="utf-8")))
    }
    read = {
        name
        for path in (LSP / "workflow" / "guards").glob("*.py")
        for name in _columns_read(ast.parse(path.read_text(encoding="utf-8")))
    }
    columns = {column.key for column in Permohonan.__table__.columns} - {"id"}
    assert read & columns - filled == set()
