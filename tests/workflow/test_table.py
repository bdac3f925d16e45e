"""The table of the permohonan, held against the procedure as people wrote it down. Pure: no app, no database."""

from __future__ import annotations

import re

import pytest

from lsp.vocabulary import FINAL, PermohonanStatus, Role
from lsp.workflow.docs import MACHINES
from lsp.workflow.machine import NoteGiven
from lsp.workflow.permohonan import PERMOHONAN
from tests.workflow.procedure import Rules, read_rules

S = PermohonanStatus
#: The procedure, one line a row: step, from, to, who. Written by hand from the workflow of the LSP; when a test here
#: fails, ask the certification manager which of the two is right before changing either.
PROCEDURE = """
submit                 | DRAFT RETURNED                  | SUBMITTED         | asesi
return_for_repair      | SUBMITTED                       | RETURNED          | admin
verify                 | SUBMITTED                       | VERIFIED          | admin
reject                 | SUBMITTED                       | REJECTED          | admin
invoice                | VERIFIED                        | INVOICED          | admin system
confirm_payment        | INVOICED                        | PAID              | admin system
confirm_payment        | PAID                            | PAID              | admin system
confirm_payment        | READY                           | READY             | admin system
confirm_payment        | NOT_YET_COMPETENT               | NOT_YET_COMPETENT | admin system
note_part_payment      | INVOICED                        | INVOICED          | admin
note_part_payment      | PAID                            | PAID              | admin
note_part_payment      | READY                           | READY             | admin
note_part_payment      | NOT_YET_COMPETENT               | NOT_YET_COMPETENT | admin
lapse                  | INVOICED                        | LAPSED            | system
extend                 | INVOICED LAPSED                 | INVOICED          | admin
change_mode            | PAID                            | PAID              | admin
change_mode            | READY                           | READY             | admin
book_pre               | PAID                            | PRE_SCHEDULED     | asesi admin asesor
cancel_pre             | PRE_SCHEDULED                   | PAID              | asesi admin asesor
absent_pre             | PRE_SCHEDULED                   | PAID              | asesor admin
drop_pre               | PRE_SCHEDULED                   | DROPPED           | asesor admin
ask_evidence           | PRE_SCHEDULED                   | EVIDENCE_NEEDED   | asesor
add_evidence           | EVIDENCE_NEEDED                 | PAID              | asesi
recommend_not_continue | PRE_SCHEDULED                   | RECOMMENDED       | asesor
make_ready             | PRE_SCHEDULED                   | READY             | asesor
book_assessment        | READY                           | SCHEDULED         | asesi admin asesor
cancel_assessment      | SCHEDULED                       | READY             | asesi admin asesor
absent_assessment      | SCHEDULED                       | READY             | asesor admin
drop_assessment        | SCHEDULED                       | DROPPED           | asesor admin
start                  | SCHEDULED                       | IN_ASSESSMENT     | asesor
halt                   | IN_ASSESSMENT                   | READY             | asesor admin
recommend              | IN_ASSESSMENT                   | RECOMMENDED       | asesor
send_back              | RECOMMENDED                     | IN_ASSESSMENT     | tim_teknis
send_back_pre          | RECOMMENDED                     | PRE_SCHEDULED     | tim_teknis
decide_competent       | RECOMMENDED                     | COMPETENT         | tim_teknis
decide_not_yet         | RECOMMENDED                     | NOT_YET_COMPETENT | tim_teknis
change_pleno           | RECOMMENDED                     | RECOMMENDED       | admin
appeal                 | NOT_YET_COMPETENT               | APPEALED          | asesi
uphold                 | APPEALED                        | NOT_YET_COMPETENT | system
grant_reassessment     | APPEALED                        | READY             | system
grant_redecision       | APPEALED                        | RECOMMENDED       | system
reassess               | NOT_YET_COMPETENT               | READY             | admin
close_not_yet          | NOT_YET_COMPETENT               | CLOSED_NOT_YET    | system asesi
request_blanko         | COMPETENT                       | BLANKO_REQUESTED  | admin
refuse_blanko          | BLANKO_REQUESTED                | COMPETENT         | admin system
receive_blanko         | BLANKO_REQUESTED                | BLANKO_RECEIVED   | admin system
correct_numbers        | BLANKO_RECEIVED                 | BLANKO_RECEIVED   | admin
correct_numbers        | RECORDED                        | RECORDED          | admin
record                 | BLANKO_RECEIVED                 | RECORDED          | admin system
annul                  | COMPETENT BLANKO_REQUESTED BLANKO_RECEIVED RECORDED | RECOMMENDED | ketua
issue                  | RECORDED                        | ISSUED            | ketua
withdraw               | DRAFT SUBMITTED RETURNED VERIFIED INVOICED PAID PRE_SCHEDULED EVIDENCE_NEEDED READY SCHEDULED \
IN_ASSESSMENT | WITHDRAWN | asesi admin
drop_idle              | DRAFT RETURNED EVIDENCE_NEEDED PAID READY | DROPPED | system
"""
EXPECTED = [
    tuple(part.strip() for part in line.split("|")) for line in PROCEDURE.strip().splitlines()
]
#: A state in which nothing is asked of anybody for ever; LAPSED is left by `extend` for some days only.
ENDS = {S.ISSUED, S.REJECTED, S.WITHDRAWN, S.DROPPED, S.CLOSED_NOT_YET}
FIRST_WORDS = {
    "submit", "return", "verify", "reject", "invoice", "confirm", "note", "lapse", "extend", "change", "book", "cancel",
    "absent", "drop", "ask", "add", "recommend", "make", "start", "halt", "send", "decide", "appeal", "uphold",
    "grant", "reassess", "close", "request", "refuse", "receive", "correct", "record", "annul", "issue", "withdraw",
    "begin", "finish", "accept", "complete", "expire", "name", "examine", "redecide", "register", "assign", "reassign",
    "tell", "jot", "find", "suspend", "reinstate", "revoke", "replace", "renew",
}  # fmt: skip


def table():
    """Our rows in the notation of PROCEDURE."""
    return {
        (
            row.name,
            frozenset(source.name for source in row.source),
            row.target.name,
            frozenset(role.value for role in row.roles),
        )
        for row in PERMOHONAN.transitions
    }


def procedure():
    return {
        (name, frozenset(sources.split()), target, frozenset(roles.split()))
        for name, sources, target, roles in EXPECTED
    }


@pytest.mark.parametrize("line", EXPECTED, ids=[f"{line[0]}-{line[2]}" for line in EXPECTED])
def test_row_of_the_procedure_is_in_the_table(line):
    name, sources, target, roles = line
    assert (name, frozenset(sources.split()), target, frozenset(roles.split())) in table()


def test_table_has_no_row_that_the_procedure_does_not_know():
    assert table() - procedure() == set()
    assert len(PERMOHONAN.transitions) == len(EXPECTED)


def name_of(rule):
    """As procedure.py writes it: a note by its length, all else by its function."""
    if isinstance(rule, NoteGiven):
        return f"note_{rule.note_length}{'' if type(rule) is NoteGiven else '_unless_asesi'}"
    return rule.__name__


def rules_of(row):
    return Rules(
        frozenset(name_of(duty) for duty in row.duties),
        frozenset(name_of(guard) for guard in row.guards),
        tuple(name_of(effect) for effect in (*row.fills, *row.effects)),
    )


def step_of(row):
    """The name of a row, with its state where the same step has two rows."""
    same = [each for each in PERMOHONAN.transitions if each.name == row.name]
    return row.name if len(same) == 1 else f"{row.name} {row.source[0].name}"


@pytest.mark.parametrize("row", PERMOHONAN.transitions, ids=step_of)
def test_row_asks_and_does_what_the_procedure_says(row):
    assert rules_of(row) == read_rules()[step_of(row)]


def test_procedure_has_rules_for_every_row_and_no_other():
    assert set(read_rules()) == {step_of(row) for row in PERMOHONAN.transitions}


def test_every_state_is_reached_from_the_draft():
    reached, waiting = set(), [S.DRAFT]
    while waiting:
        state = waiting.pop()
        if state not in reached:
            reached.add(state)
            waiting += [row.target for row in PERMOHONAN.transitions if state in row.source]
    assert reached == set(S)


@pytest.mark.parametrize(
    "state", [each for each in S if each not in ENDS], ids=lambda each: each.name
)
def test_state_is_left_by_somebody_or_by_a_clock(state):
    ways_out = [
        row for row in PERMOHONAN.transitions if state in row.source and row.target is not state
    ]
    assert ways_out


def test_the_asesi_is_never_held_without_another_who_can_move_the_case():
    """Whoever waits for the asesi alone waits for ever when he is gone: a clock or a person of the LSP can end it."""
    for state in S:
        if state in ENDS:
            continue
        movers = {
            role
            for row in PERMOHONAN.transitions
            if state in row.source and row.target is not state
            for role in row.roles
        }
        assert movers - {Role.ASESI}, state.name


@pytest.mark.parametrize("state", sorted(ENDS), ids=lambda each: each.name)
def test_final_state_has_no_exit(state):
    assert not [row.name for row in PERMOHONAN.transitions if state in row.source]


def test_final_states_of_the_vocabulary_are_those_of_the_procedure():
    assert set(FINAL) == ENDS


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
class TestEveryMachine:
    def test_names_are_english_verbs(self, machine):
        for row in machine.transitions:
            assert re.fullmatch(r"[a-z]+(_[a-z]+)*", row.name), row.name
            assert row.name.split("_")[0] in FIRST_WORDS, row.name

    def test_labels_are_indonesian_words(self, machine):
        for row in machine.transitions:
            assert row.label.strip(), row.name
            assert row.label[0].isupper()
            # Not the English name, said again.
            assert row.label.lower() not in (row.name, row.name.replace("_", " "))

    def test_same_step_has_the_same_label_everywhere(self, machine):
        labels = {}
        for row in machine.transitions:
            assert labels.setdefault(row.name, row.label) == row.label

    def test_a_step_is_known_by_name_and_state(self, machine):
        keys = [(row.name, source) for row in machine.transitions for source in row.source]
        assert len(set(keys)) == len(keys)

    def test_roles_are_known_and_none_is_named_twice(self, machine):
        for row in machine.transitions:
            assert row.roles
            assert set(row.roles) <= set(Role)
            assert len(set(row.roles)) == len(row.roles), row.name
            assert len(set(row.source)) == len(row.source), row.name

    def test_states_are_the_machines_own(self, machine):
        for row in machine.transitions:
            assert {*row.source, row.target} <= set(machine.statuses), row.name

    def test_every_state_has_a_label(self, machine):
        assert all(status.label.strip() for status in machine.statuses)

    def test_every_rule_and_effect_has_a_name_of_its_own(self, machine):
        for row in machine.transitions:
            names = [
                getattr(each, "__name__", type(each).__name__)
                for each in (*row.duties, *row.guards)
            ]
            assert len(set(names)) == len(names), row.name
            assert "<lambda>" not in names
            assert all(effect.__name__ != "<lambda>" for effect in (*row.fills, *row.effects))


def test_two_rows_for_one_step_in_one_state_are_refused():
    machine = type(PERMOHONAN)
    row = PERMOHONAN.transitions[0]
    with pytest.raises(ValueError, match="two rows for"):
        machine(
            name="twice",
            statuses=S,
            transitions=(row, row),
            acting_role=PERMOHONAN.acting_role,
            duties=(),
            record=PERMOHONAN.record,
        )
