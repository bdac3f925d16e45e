"""The steps a staff person has on a case, drawn from the workflow's own table, and what the weighty ones say first.

A weighty step has a page of its own that tells what will happen and asks the reason; the others are one button.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import url_for

from lsp.actor import Actor
from lsp.models import Permohonan
from lsp.services import fees, mode_change, reassessment
from lsp.views.admin.desk import Desk
from lsp.views.appeal_window import appeal_ends
from lsp.views.filters import rupiah, tanggal
from lsp.vocabulary import PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards.after_decision import reassessment_asked_at
from lsp.workflow.machine import Choice
from lsp.workflow.permohonan import PERMOHONAN


@dataclass(frozen=True, slots=True)
class Weighty:
    """The page before a weighty step. How long the reason must be is said by the workflow's table."""

    title: str
    happens: tuple[str, ...]
    tone: str = "main"
    hint: str = ""
    #: Some tell only what will happen: nobody reads a reason for them.
    takes_note: bool = True
    #: On the button that does it, where the table's word would say something else to the admin.
    label: str = ""


_MOVED = (
    "Kursi asesi dilepas dan ia diberi tahu lewat e-mail, dengan alasan Anda.",
    "Permohonan kembali menunggu jadwal baru. Berkas dan pembayaran tetap berlaku.",
)
_LET_GO = "Lepas jadwal"
WEIGHTY: dict[str, Weighty] = {
    "verify": Weighty(
        "Nyatakan berkas lengkap?",
        (
            "Verifikasi selesai. Sesudah ini butir dan syaratnya tidak dapat dinilai lagi.",
            "Asesi menerima e-mail bahwa berkasnya lengkap, dan SIKI-LPJK diberi tahu (status 10).",
            "Langkah Anda berikutnya: kirim tagihan.",
        ),
        takes_note=False,
    ),
    "invoice": Weighty(
        "Kirim tagihan ini?",
        (
            "Tagihan mendapat nomor dan tetap sebesar itu, juga bila biaya di Pengaturan kemudian diganti.",
            "SIKI-LPJK diberi tahu bahwa tagihan sudah dikirim (status 30).",
        ),
        takes_note=False,
    ),
    "return_for_repair": Weighty(
        "Minta perbaikan?",
        (
            "Asesi menerima e-mail dengan daftar di bawah ini dan batas waktunya.",
            "Hanya yang tercantum yang harus ia betulkan. Yang sudah memenuhi tetap berlaku.",
            "Setelah dikirim lagi, Anda melihat apa yang berubah.",
        ),
        hint="Ditulis di e-mail, di bawah daftar. Kosongkan bila catatan pada butirnya sudah cukup.",
    ),
    "reject": Weighty(
        "Tolak permohonan ini?",
        (
            "Permohonan berakhir dan tidak dapat dibuka lagi. Asesi harus mengajukan ID Izin baru.",
            "Alasan Anda dikirim ke asesi, bersama haknya untuk mengadu, dan ke SIKI-LPJK (status 90).",
            "Dokumen dan riwayat tetap tersimpan.",
        ),
        tone="bad",
        hint="Asesi membaca alasan ini. Sebutkan syarat yang tidak terpenuhi.",
    ),
    "withdraw": Weighty(
        "Catat pengunduran diri asesi?",
        (
            "Permohonan berakhir dan tidak dapat dibuka lagi.",
            "Tagihan yang belum dibayar batal. Uang yang sudah diterima diurus menurut aturan LSP, di luar portal.",
            "Kursi rapat yang sudah dipesan dilepas. Asesi menerima e-mail.",
        ),
        tone="bad",
        hint="Tulis bagaimana dan kapan asesi meminta ini.",
    ),
    "extend": Weighty(
        "Perpanjang tagihan?",
        (
            "Tagihan yang sama mendapat batas bayar baru. Ini hanya dapat dilakukan satu kali.",
            "Asesi menerima e-mail dengan batas bayar yang baru.",
        ),
        hint="Tercatat di riwayat.",
    ),
    # Its words name both modes and the sum: `weighty_of`.
    "change_mode": Weighty("Ganti cara asesmen?", ()),
    "cancel_pre": Weighty("Lepas jadwal pra-asesmen tanpa gantinya?", _MOVED, label=_LET_GO),
    "cancel_assessment": Weighty("Lepas jadwal asesmen tanpa gantinya?", _MOVED, label=_LET_GO),
    "halt": Weighty(
        "Hentikan asesmen sementara?",
        (
            "Asesmen berhenti dan permohonan menunggu jadwal baru.",
            "Yang sudah diisi asesor tetap tersimpan.",
        ),
    ),
    "refuse_blanko": Weighty(
        "Catat bahwa blangko ditolak?",
        (
            "Permohonan kembali ke “Kompeten”, supaya pengajuannya dapat diperbaiki.",
            "Asesi tidak diberi tahu; ini urusan LSP dengan BNSP.",
        ),
    ),
    # What it takes from the asesi is said of this very case: `weighty_of`.
    "reassess": Weighty(
        "Buka asesmen ulang?",
        (
            "Asesmen baru dibuka dan asesi memilih jadwalnya. Hasil yang lalu tetap tersimpan.",
            "Asesi menerima e-mail. Langkah ini tidak dapat dibatalkan.",
        ),
        takes_note=False,
        label="Buka asesmen ulang",
    ),
    "annul": Weighty(
        "Batalkan penetapan ini?",
        (
            "Keputusan dibatalkan dan permohonan kembali ke tim teknis.",
            "Nomor sertifikat dan registrasi yang sudah diambil dinyatakan batal dan tidak pernah dipakai lagi.",
            "Surat pembatalan ke BNSP dan LPJK masuk antrean kirim.",
        ),
        tone="bad",
    ),
}


def weighty_of(name: str, permohonan: Permohonan) -> Weighty | None:
    """The page before a step of this very case; None for a step without one."""
    found = WEIGHTY.get(name)
    if found is not None and name == "reassess":
        return replace(found, happens=(*_of_reassessment(permohonan), *found.happens))
    if found is None or name != "change_mode":
        return found
    before, after = permohonan.mode.plain, mode_change.wanted(permohonan).plain
    agreed = permohonan.mode_agreed_at
    when = f" pada {tanggal(agreed)}" if agreed is not None else ""
    return replace(
        found,
        title=f"Ganti dari {before} ke {after}?",
        happens=(
            f"Asesmen berpindah dari {before} ke {after}. Asesi menyetujuinya{when}.",
            _sum_words(permohonan),
            "Asesi menerima e-mail, lalu jadwalnya dapat dipesan dengan cara yang baru.",
        ),
        label=f"Ganti ke {after}",
    )


def _of_reassessment(permohonan: Permohonan) -> tuple[str, ...]:
    """Who wanted it, and the right of banding that it ends."""
    asked = reassessment_asked_at(permohonan)
    wish = (
        f"Asesi memintanya {tanggal(asked)}."
        if asked is not None
        else "Asesi tidak memintanya di portal. Pastikan dulu bahwa ia menginginkannya."
    )
    ends = appeal_ends(permohonan)
    return (wish, f"Sejak dibuka, {ends}") if ends else (wish,)


def _sum_words(permohonan: Permohonan) -> str:
    difference = mode_change.difference(permohonan)
    if difference > 0:
        return f"Cara itu lebih mahal: asesi menerima tagihan selisih {rupiah(difference)}."
    return "Tidak ada biaya tambahan, jadi asesi tidak menerima tagihan."


#: Steps that need more than a button: each has a form or page of its own, so no button is drawn when it could pass.
ELSEWHERE = frozenset(
    {
        "confirm_payment",
        "note_part_payment",
        "book_pre",
        "book_assessment",
        "absent_pre",
        "drop_pre",
        "absent_assessment",
        "drop_assessment",
        "receive_blanko",
        "record",
        "correct_numbers",
        "issue",
        "change_pleno",
    }
)
#: Of those, the ones with a page of the admin's that the case leads to: endpoint and the words of the link.
_PAGES = {
    "book_pre": ("admin.book_form", "Pesankan jadwal"),
    "book_assessment": ("admin.book_form", "Pesankan jadwal"),
    "cancel_pre": ("admin.move_form", "Pindahkan rapat"),
    "cancel_assessment": ("admin.move_form", "Pindahkan rapat"),
    "absent_pre": ("admin.absence", "Catat ketidakhadiran"),
    "absent_assessment": ("admin.absence", "Catat ketidakhadiran"),
    "halt": ("admin.incident", "Catat gangguan"),
    "receive_blanko": ("admin.numbers", "Isi nomor blangko"),
    "record": ("admin.numbers", "Isi nomor LPJK"),
    "reassess": ("admin.reassessment_invoice", "Buat tagihan asesmen ulang"),
}
#: States in which the case is in the asesi's hands: what there is to be said where no step of the admin's is due.
_IN_HIS_HANDS = {
    PermohonanStatus.DRAFT: "Permohonan ini masih diisi asesi. Langkah Anda muncul setelah ia mengirimnya.",
    PermohonanStatus.RETURNED: "Asesi sedang membetulkan. Anda memeriksanya lagi setelah ia mengirimnya.",
    PermohonanStatus.EVIDENCE_NEEDED: "Asesi sedang menambah bukti yang diminta asesor.",
}
#: The table's words are the asesi's; here somebody else writes it down.
_LABELS = {
    "withdraw": "Catat pengunduran diri",
    "cancel_pre": _LET_GO,
    "cancel_assessment": _LET_GO,
}
#: Where a change of mode waits: not booked nor moved in the old mode, only released.
_LEADS_ON = frozenset({"cancel_pre", "cancel_assessment"})
_BOOKING = frozenset({"book_pre", "book_assessment"}) | _LEADS_ON
_MAIN = frozenset({"verify", "invoice", "request_blanko", "reassess"})


def _label(permohonan: Permohonan, choice: Choice[Permohonan]) -> str:
    if choice.name == "change_mode":
        return "Ganti ke " + mode_change.wanted(permohonan).label.lower()
    return _LABELS.get(choice.name, choice.label)


@dataclass(frozen=True, slots=True)
class Step:
    """A button under a case. url: where it posts, or for a weighty step the page that asks."""

    name: str
    label: str
    reason: str
    tone: str
    url: str
    asks: bool


def steps_of(desk: Desk, permohonan: Permohonan, actor: Actor, dari: str) -> list[Step]:
    """The buttons of this role in this state, each with the reason when it cannot be done now."""
    made = []
    waits = mode_change.waits(permohonan)
    for choice in PERMOHONAN.available(permohonan, actor):
        if desk.role not in choice.transition.roles:
            continue
        # Another time in the old mode helps nobody who waits for the other one.
        if waits and choice.name in _BOOKING:
            if choice.name in _LEADS_ON:
                made.append(replace(_step(choice, permohonan, dari), tone="main"))
            continue
        if choice.name in _PAGES and desk.role is Role.ADMIN and _page_is_due(choice, permohonan):
            endpoint, label = _PAGES[choice.name]
            url = url_for(endpoint, permohonan_id=permohonan.public_id)
            made.append(Step(name=choice.name, label=label, reason="", tone="", url=url, asks=True))
        if choice.name == "change_pleno" and choice.possible:
            made.append(_off_the_pleno(choice, permohonan))
        if choice.name not in ELSEWHERE:
            made.append(_step(choice, permohonan, dari))
    return sorted(
        made, key=lambda step: (step.tone != "main" and step.name not in _MAIN, step.tone == "bad")
    )


def _off_the_pleno(choice: Choice[Permohonan], permohonan: Permohonan) -> Step:
    """Offered only where its pleno can settle the case no more; the page that asks hangs at the place on the agenda."""
    place = dossier_of(permohonan).pleno_case
    url = url_for("admin.ask_take_off", place_id=place.public_id if place is not None else "")
    return Step(name=choice.name, label=choice.label, reason="", tone="", url=url, asks=True)


def _is_main(choice: Choice[Permohonan], permohonan: Permohonan) -> bool:
    """What is due next; a change of mode once the asesi agreed to it."""
    return choice.name in _MAIN or (choice.name == "change_mode" and mode_change.waits(permohonan))


def _page_is_due(choice: Choice[Permohonan], permohonan: Permohonan) -> bool:
    """The invoice of a re-assessment is made once; then it is paid, and the step itself is the way on."""
    return choice.name != "reassess" or not (
        choice.possible or reassessment.open_invoice(permohonan)
    )


def _step(choice: Choice[Permohonan], permohonan: Permohonan, dari: str) -> Step:
    asks = choice.name in WEIGHTY
    tone = WEIGHTY[choice.name].tone if asks else ""
    reason = choice.reason or ""
    return Step(
        name=choice.name,
        label=_label(permohonan, choice),
        reason=reason,
        tone="main"
        if _is_main(choice, permohonan) and not reason
        else ("bad" if tone == "bad" else ""),
        url=url_for(
            "admin.ask_step" if asks else "admin.step",
            permohonan_id=permohonan.public_id,
            name=choice.name,
            dari=(dari or None) if asks else None,
        ),
        asks=asks,
    )


def mode_words(permohonan: Permohonan) -> str:
    """What the asesi agreed to and which button leads on; empty where no change of mode waits."""
    if not mode_change.waits(permohonan):
        return ""
    mode = mode_change.wanted(permohonan)
    why = "tidak mau direkam dan " if permohonan.refuses_recording else ""
    said = f"Asesi {why}setuju ganti ke {mode.plain}, {tanggal(permohonan.mode_agreed_at)}."
    change = f"“Ganti ke {mode.label.lower()}”"
    if permohonan.status is PermohonanStatus.IN_ASSESSMENT:
        return (
            f"{said} Asesmennya sedang berlangsung: hentikan sementara dulu, lalu tekan {change}."
        )
    if mode_change.meeting_first(permohonan):
        return (
            f"{said} Rapat {permohonan.mode.plain} yang masih terpesan menahannya. Tekan “{_LET_GO}…”, "
            f"lalu {change}."
        )
    return f"{said} Tekan {change}."


def waits_for(permohonan: Permohonan, *, unclaimed: bool) -> str:
    """Whom a case waits for, where it is not the admin; else empty."""
    if unclaimed and permohonan.status is PermohonanStatus.DRAFT:
        return "Menunggu asesi mengambil permohonan ini lewat tautan di e-mailnya, lalu mengisinya."
    return _IN_HIS_HANDS.get(permohonan.status, "")


def stands_open(permohonan: Permohonan, actor: Actor, name: str, role: Role) -> bool:
    """Whether the table has this step for this role in this state at all."""
    choice = PERMOHONAN.choice(permohonan, actor, name)
    return choice is not None and role in choice.transition.roles


def bill_words(bill: fees.Bill | None) -> list[str]:
    """How much, by when and to whom, before it goes."""
    if bill is None:
        return []
    if not bill.amount:
        return ["Tagihan nol rupiah: langsung lunas, dan asesi diberi tahu lewat e-mail."]
    return [
        f"Tagihan {rupiah(bill.amount)}, batas bayar {tanggal(bill.due_on)}.",
        f"Dikirim ke {bill.name}, {bill.email}.",
    ]
