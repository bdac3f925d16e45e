"""Guards of a banding: what lacks before the next step, in a sentence (workflow 2)."""

from __future__ import annotations

from datetime import date

from lsp import clock
from lsp.actor import Actor
from lsp.models import Banding
from lsp.models.inforce import add_working_days, setting
from lsp.workflow import duty
from lsp.workflow.guards.after_decision import appeal_until, enough_others_for_redecision
from lsp.workflow.machine import LEAST_GROUNDS, Guard, named

#: Outcome as the panel proposes it -> the step of the banding is called the same; what it means, said to people.
OUTCOMES: dict[str, str] = {
    "uphold": "Banding ditolak, keputusan tetap",
    "reassess": "Banding diterima, asesmen diulang tanpa biaya",
    "redecide": "Banding diterima, penetapan diulang oleh pleno lain",
}


def filed_on(case: Banding) -> date:
    return case.filed_at.astimezone(clock.WIB).date()


def answer_until(case: Banding) -> date:
    """Last day of the LSP's answer, by the rule of the day on which it was filed."""
    filed = filed_on(case)
    return add_working_days(filed, int(setting("appeal_answer_working_days", filed)))


def remind_on(case: Banding) -> date:
    """The day on which the ketua is told that it is still unanswered."""
    filed = filed_on(case)
    return add_working_days(filed, int(setting("appeal_reminder_working_days", filed)))


def panel_least() -> int:
    return int(setting("appeal_panel_members"))


def filed_inside_the_window(case: Banding, actor: Actor, note: str) -> str | None:
    last_day = appeal_until(case.permohonan)
    if last_day is not None and filed_on(case) > last_day:
        return "Banding ini diajukan sesudah batas waktunya."
    return None


def completion_asked_never_before(case: Banding, actor: Actor, note: str) -> str | None:
    if case.completion_asked:
        return "Kelengkapan hanya diminta satu kali. Terima banding ini dengan yang ada."
    return None


def completion_date_given(case: Banding, actor: Actor, note: str) -> str | None:
    """After today, and early enough that the LSP can still answer in time."""
    if case.completion_due is None:
        return "Tentukan sampai kapan asesi melengkapi bandingnya."
    if case.completion_due <= clock.today_wib():
        return "Tanggal melengkapi harus sesudah hari ini."
    if case.completion_due >= answer_until(case):
        return "Tanggal melengkapi harus sebelum batas LSP menjawab banding ini."
    return None


def completion_date_not_passed(case: Banding, actor: Actor, note: str) -> str | None:
    if case.completion_due is not None and clock.today_wib() > case.completion_due:
        return "Batas waktu melengkapi banding ini sudah lewat."
    return None


def completion_date_passed(case: Banding, actor: Actor, note: str) -> str | None:
    if case.completion_due is None or clock.today_wib() <= case.completion_due:
        return "Batas waktu melengkapi banding ini belum lewat."
    return None


def panel_large_enough(case: Banding, actor: Actor, note: str) -> str | None:
    least, here = panel_least(), len(case.panel)
    if here < least:
        return f"Panel perlu sedikitnya {least} orang. Baru ada {here}."
    return None


def panel_not_involved(case: Banding, actor: Actor, note: str) -> str | None:
    """None of them assessed, verified, decided, or is the asesi; a waiver counts (workflow 5)."""
    why = duty.why_not_panel(case.permohonan)
    for member in case.panel:
        if member.user_id in why:
            return f"{member.user.name} tidak dapat menjadi anggota panel: {why[member.user_id]}."
    return None


def member_of_the_panel(case: Banding, actor: Actor, note: str) -> str | None:
    if case.member_of(actor.id) is None:
        return "Hanya anggota panel banding ini yang dapat melakukannya."
    return None


def every_member_found(case: Banding, actor: Actor, note: str) -> str | None:
    waiting = [member.user.name for member in case.panel if member.found_at is None]
    if waiting:
        return f"Temuan belum ditulis: {', '.join(waiting)}."
    return None


def outcome_proposed_is(outcome: str) -> Guard[Banding]:
    @named(f"outcome_proposed_is_{outcome}")
    def outcome_is(case: Banding, actor: Actor, note: str) -> str | None:
        if case.outcome != outcome:
            return f"Hasil yang diusulkan panel bukan “{OUTCOMES[outcome]}”."
        return None

    return outcome_is


def outcome_reasoned(case: Banding, actor: Actor, note: str) -> str | None:
    if len(case.outcome_reason.strip()) < LEAST_GROUNDS:
        return f"Tulis alasan panel sedikitnya {LEAST_GROUNDS} huruf."
    return None


def every_member_signed(case: Banding, actor: Actor, note: str) -> str | None:
    waiting = [member.user.name for member in case.panel if member.signed_at is None]
    if waiting:
        return f"Belum menandatangani: {', '.join(waiting)}."
    return None


def asesor_outside_named(case: Banding, actor: Actor, note: str) -> str | None:
    """Whoever assesses anew had no part in the case, the panel's neither; fitness is asked where he is chosen."""
    if case.new_asesor_id is None:
        return "Pilih asesor yang akan mengulang asesmen."
    taken = duty.involved(case.permohonan).keys() | duty.panel_ids(case.permohonan)
    if case.new_asesor_id in taken:
        return "Asesor yang ditunjuk terlibat dalam permohonan ini. Pilih asesor lain."
    return None


def others_left_to_decide(case: Banding, actor: Actor, note: str) -> str | None:
    return enough_others_for_redecision(case.permohonan, actor, note)
