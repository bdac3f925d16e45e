"""“Langkah Anda sekarang”: for each state one title, one sentence, one button, by when. Read it as a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from flask import g

from lsp import clock
from lsp.models import Permohonan
from lsp.services import banding, mode_change, reassessment, results, signing
from lsp.views.appeal_window import window_words
from lsp.views.asesi.extension import about_extension
from lsp.views.asesi.shared import address
from lsp.views.asesi.tasks import Task, first_open
from lsp.views.filters import rupiah, tanggal
from lsp.vocabulary import Form, Mode, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.effects.payment import outstanding
from lsp.workflow.guards.after_decision import appeal_answer_until
from lsp.workflow.instruments import unsigned

S = PermohonanStatus
#: A longer list of what lacks would frighten more than it helps; the panel itself shows it.
MOST_LETTERS = 90
YOURS, OURS, OVER = "Langkah Anda sekarang", "Sedang kami kerjakan", "Permohonan ini selesai"


@dataclass(frozen=True, slots=True)
class Step:
    """What stands in the card. `endpoint` is empty where there is nothing to press; tone "late" for trouble."""

    title: str
    sentence: str
    button: str = ""
    endpoint: str = ""
    due: Callable[[Permohonan], str] = lambda _permohonan: ""
    tone: str = ""
    eyebrow: str = YOURS
    where: Mapping[str, str] = field(default_factory=dict)
    #: The whole address, where the page does not lie below the case.
    link: str = ""

    def due_of(self, permohonan: Permohonan) -> str:
        return self.due(permohonan)

    def url(self, permohonan: Permohonan) -> str:
        if self.link:
            return self.link
        return address(self.endpoint, permohonan, **self.where) if self.endpoint else ""


def by(day: str) -> Callable[[Permohonan], str]:
    """ "Paling lambat …" of a date column of the case."""

    def until(permohonan: Permohonan) -> str:
        value = getattr(permohonan, day)
        return f"Paling lambat {tanggal(value)}" if value else ""

    return until


def _invoice_due(permohonan: Permohonan) -> str:
    invoice = dossier_of(permohonan).open_invoice
    return f"Paling lambat {tanggal(invoice.due_on)}" if invoice else ""


def _meeting_time(permohonan: Permohonan) -> str:
    seat = dossier_of(permohonan).booking
    return tanggal(seat.slot.starts_at) if seat else ""


def _appeal_answer(permohonan: Permohonan) -> str:
    return f"Dijawab paling lambat {tanggal(appeal_answer_until(permohonan))}"


STEPS: dict[PermohonanStatus, Step] = {
    # 1 Pendaftaran (DRAFT and RETURNED: see `_prepare`)
    S.SUBMITTED: Step("Admin memeriksa berkas Anda",
                      "Anda tidak perlu melakukan apa-apa. Hasilnya kami kirim ke e-mail Anda.", eyebrow=OURS),
    S.VERIFIED: Step("Berkas Anda lengkap", "Tagihan sedang disiapkan dan akan kami kirim ke e-mail Anda.",
                     tone="done", eyebrow=OURS),
    S.INVOICED: Step("Bayar tagihan", "Bayar, lalu unggah foto bukti bayarnya.", "Lihat tagihan", "payment",
                     due=_invoice_due),
    S.PAID: Step("Pilih jadwal pra-asesmen", "Pembayaran sudah kami terima. Pilih hari dan jam bertemu asesor.",
                 "Pilih jadwal", "schedule"),
    # 2 Pra-asesmen
    S.PRE_SCHEDULED: Step("Hadiri pra-asesmen", "Siapkan KTP asli dan masuk beberapa menit lebih awal.",
                          "Lihat rapat", "meeting", due=_meeting_time),
    S.EVIDENCE_NEEDED: Step("Tambah bukti", "Asesor meminta bukti tambahan.", "Tambah bukti", "documents",
                            due=by("evidence_due"), tone="late"),
    S.READY: Step("Pilih jadwal asesmen", "Pra-asesmen selesai. Pilih hari dan jam asesmen Anda.",
                  "Pilih jadwal", "schedule"),
    # 3 Asesmen
    S.SCHEDULED: Step("Hadiri asesmen", "Siapkan KTP asli dan masuk beberapa menit lebih awal.",
                      "Lihat rapat", "meeting", due=_meeting_time),
    S.IN_ASSESSMENT: Step("Asesmen sedang berlangsung", "Ikuti arahan asesor. Sesudah ia selesai mengisi, Anda "
                          "membaca hasilnya di sini dan menandatanganinya.", "Lihat rapat", "meeting"),
    S.RECOMMENDED: Step("Tunggu keputusan tim teknis", "Asesor sudah mengirim rekomendasinya. Itu belum keputusan. "
                        "Tim teknis LSP yang menetapkan hasilnya.", "Lihat tahap ini", "result", eyebrow=OURS),
    # 4 Sertifikat
    S.COMPETENT: Step("Anda dinyatakan kompeten", "Sertifikat Anda sedang diproses. Kami kabari lewat e-mail.",
                      "Lihat hasil", "result", tone="done", eyebrow=OURS),
    S.NOT_YET_COMPETENT: Step("Anda belum dinyatakan kompeten", "Ini bukan akhir. Lihat alasannya dan pilihan Anda.",
                              "Lihat alasan dan pilihan", "result"),
    S.APPEALED: Step("Banding Anda sedang diproses", "Panel yang tidak terlibat dalam asesmen Anda memeriksanya. "
                     "Kami kabari lewat e-mail begitu ada jawaban.", "Lihat banding", "appeal", due=_appeal_answer,
                     eyebrow=OURS),
    S.ISSUED: Step("Sertifikat Anda sudah terbit", "Selamat! Sertifikat dapat diperiksa siapa saja.",
                   "Lihat sertifikat", "certificate", tone="done", eyebrow=OVER),
    # Left
    S.REJECTED: Step("Permohonan ini ditolak", "Alasannya ada di riwayat. Bila keberatan, hubungi admin LSP.",
                     "Lihat alasan", "history", tone="late", eyebrow=OVER),
    S.WITHDRAWN: Step("Anda mengundurkan diri", "Permohonan ini sudah ditutup.", "Lihat riwayat", "history",
                      eyebrow=OVER),
    S.LAPSED: Step("Tagihan sudah hangus", "Hubungi admin LSP bila Anda masih ingin melanjutkan.", "Lihat tagihan",
                   "payment", tone="late"),
    S.DROPPED: Step("Permohonan ini gugur", "Alasannya ada di riwayat. Anda dapat memulai permohonan baru.",
                    "Lihat alasan", "history", eyebrow=OVER),
    S.CLOSED_NOT_YET: Step("Permohonan ini ditutup", "Hasilnya belum kompeten. Anda dapat memulai permohonan baru.",
                           "Lihat hasil", "result", eyebrow=OVER),
}  # fmt: skip
STEPS |= dict.fromkeys((S.BLANKO_REQUESTED, S.BLANKO_RECEIVED, S.RECORDED), STEPS[S.COMPETENT])

OTHER_MODE = "Cara asesmen diganti dan biayanya berselisih. Jadwal dapat dipesan setelah lunas."
#: The result lies before him: straight to its card, which is screens down on a phone.
TO_SIGN = Step(
    "Baca dan tanda tangani hasil asesmen",
    "Asesor sudah selesai mengisinya. Tanyakan kepadanya bila ada yang kurang jelas.",
    "Baca dan tanda tangani",
    "meeting",
    where={"_anchor": "judul-fr-ak-02"},
)
#: It came back to the asesor, who has not worked on it yet.
SENT_BACK = Step(
    "Asesor memperbaiki hasil asesmen",
    "Tim teknis memintanya memperbaiki hasil asesmen Anda. Sesudah itu Anda membaca dan menandatanganinya sekali lagi.",
    "Lihat rapat",
    "meeting",
    eyebrow=OURS,
)
#: Of the invoice of an asesmen ulang; the page of the invoice says until when he may contest.
AGAIN_FEE = "Ini biaya asesmen ulang. Setelah lunas, admin membukanya, dan banding tidak dapat diajukan lagi."
#: Of a second attempt: its pre-assessment was the first one's.
ANEW = replace(
    STEPS[S.READY],
    title="Pilih jadwal asesmen ulang",
    sentence="Asesmen ulang sudah dibuka. Pilih hari dan jamnya.",
)
UNREAD = Step(
    "Hasil asesmen Anda sudah ada",
    "Buka hasilnya di sini.",
    "Lihat hasil",
    "result",
)


def next_step(permohonan: Permohonan, tasks: list[Task]) -> Step:
    """The card for this case. `tasks`: of a permohonan that is still being filled."""
    if permohonan.status in (S.DRAFT, S.RETURNED):
        return _prepare(permohonan, tasks)
    if results.is_unread(permohonan):
        return replace(UNREAD, sentence=f"{UNREAD.sentence} {window_words(permohonan)}")
    step = STEPS[permohonan.status]
    if mode_change.waits(permohonan) and not _is_signed(permohonan):
        return _awaits_other_mode(permohonan)
    if permohonan.status in (S.PRE_SCHEDULED, S.SCHEDULED) and permohonan.mode is Mode.LURING:
        return _come(permohonan, step)
    told = _TOLD.get(permohonan.status)
    return told(permohonan, step) if told is not None else step


def _prepare(permohonan: Permohonan, tasks: list[Task]) -> Step:
    returned = permohonan.status is S.RETURNED
    due = by("repair_due")
    tone = "late" if returned else ""
    task = first_open(tasks)
    if task is None:
        sentence = "Semua sudah lengkap. Setelah dikirim, admin memeriksanya."
        return Step("Kirim permohonan", sentence, "Periksa dan kirim", "submit", due=due, tone=tone)
    if task.asked:
        left = [each.kind.label for each in tasks if each.asked and not each.done]
        mended = sum(each.asked and each.done for each in tasks)
        title = f"Perbaiki {len(left)} bagian" + (" lagi" if mended else "")
        sentence = f"Baca catatan admin, lalu betulkan: {', '.join(left)}. " + (
            f"{mended} bagian sudah Anda perbaiki; admin memeriksanya sesudah Anda kirim."
            if mended
            else "Bagian lain tidak diminta diubah."
        )
        button, kind = "Perbaiki sekarang", task.kind
        return Step(title, sentence, button, kind.endpoint, due=due, tone=tone, where=kind.where)
    sentence = task.reason or ""
    if len(sentence) > MOST_LETTERS:
        sentence = f"{task.kind.help}. Boleh dicicil, semua yang Anda isi tersimpan."
    return Step(task.kind.verb, sentence, task.kind.verb, task.kind.endpoint, due=due, tone=tone)


def _pay(permohonan: Permohonan, step: Step, why: str = OTHER_MODE) -> Step:
    """why: what an invoice is for that is not the first."""
    invoice = dossier_of(permohonan).open_invoice
    if invoice is None:
        return ANEW if permohonan.status is S.READY and permohonan.attempt > 1 else step
    if invoice.proof_document_id is not None:
        sentence = "Bukti bayar Anda sudah masuk. Kami kabari lewat e-mail setelah lunas."
        return Step(
            "Admin memeriksa pembayaran", sentence, "Lihat tagihan", "payment", eyebrow=OURS
        )
    if invoice.amount == 0:
        sentence = (
            "Tidak ada yang perlu dibayar. Kami meneruskannya otomatis, biasanya dalam satu menit."
        )
        return Step("Permohonan ini tanpa biaya", sentence, eyebrow=OURS)
    rest = outstanding(invoice)
    title = (
        f"Bayar {rupiah(rest)}" if rest == invoice.amount else f"Bayar kekurangan {rupiah(rest)}"
    )
    if permohonan.status is S.INVOICED:
        return replace(step, title=title)
    return Step(title, why, "Lihat tagihan", "payment", due=_invoice_due)


def _not_settled(permohonan: Permohonan, step: Step) -> Step:
    """He asked to be assessed again, or has still to choose."""
    return _again(permohonan) if reassessment.is_asked(permohonan) else step


def _again(permohonan: Permohonan) -> Step:
    """He asked for an asesmen ulang: its invoice first, if there is one, then the admin opens it."""
    waits = Step("Tunggu asesmen ulang dibuka", "Permintaan Anda sudah kami terima. Kami kabari lewat e-mail.",
                 "Lihat hasil", "result", eyebrow=OURS)  # fmt: skip
    return _pay(
        permohonan,
        waits,
        AGAIN_FEE,
    )


def _come(permohonan: Permohonan, step: Step) -> Step:
    """Luring: where to go, not what to open."""
    seat = dossier_of(permohonan).booking
    where = seat.slot.jadwal.tuk.name if seat else "tempat uji"
    sentence = f"Datang ke {where} beberapa menit lebih awal. Bawa KTP asli."
    return replace(step, sentence=sentence, button="Lihat tempat dan jam")


def _meet(permohonan: Permohonan, step: Step) -> Step:
    """A meeting whose paper is signed, or whose hour is over, asks nothing more of the asesi."""
    if _is_signed(permohonan):
        words = "Anda sudah menandatangani hasil asesmen. Asesor menuntaskan catatannya, lalu mengirim rekomendasi."
        return replace(step, title="Tunggu rekomendasi asesor", sentence=words, eyebrow=OURS)
    if dossier_of(permohonan).awaits_rework:
        return SENT_BACK
    if signing.refusal(g.actor, permohonan, Form.FR_AK_02, Role.ASESI) is None:
        why = signing.result_pack(permohonan, Role.ASESI).why_anew
        return replace(TO_SIGN, sentence=why) if why else TO_SIGN
    seat = dossier_of(permohonan).booking
    if permohonan.status is not S.IN_ASSESSMENT and seat and seat.slot.ends_at < clock.now():
        words = "Asesor sedang menuntaskan catatannya. Ada kendala? Hubungi admin LSP."
        return replace(step, title="Jam rapat sudah lewat", sentence=words, eyebrow=OURS)
    return step


def _is_signed(permohonan: Permohonan) -> bool:
    """Whether the asesi has signed FR.AK.02 and the FR.IA beside it as they are."""
    dossier, attempt = dossier_of(permohonan), permohonan.attempt
    if dossier.fr_ak_02 is None:
        return False
    by_him = dossier.signature(Form.FR_AK_02, Role.ASESI, attempt=attempt)
    return by_him is not None and not unsigned(dossier, Role.ASESI)


def _awaits_other_mode(permohonan: Permohonan) -> Step:
    """Nothing is asked of who agreed to the other mode, and nothing can be booked in the old one."""
    mode = mode_change.wanted(permohonan).plain
    button, endpoint = "Lihat atau batalkan", "mode"
    said = "menolak direkam" if permohonan.refuses_recording else f"setuju ganti ke {mode}"
    if not mode_change.meeting_first(permohonan):
        sentence = f"Anda {said}. Sesudah admin LSP menggantinya, jadwal dapat dipesan. "
        sentence += "Kami kabari lewat e-mail."
        return Step(f"Tunggu admin mengganti ke {mode}", sentence, button, endpoint, eyebrow=OURS)
    sentence = (
        f"Anda {said}, jadi rapat ini tidak dilanjutkan {permohonan.mode.plain}. "
        "Admin LSP menjadwalkannya ulang dan mengabari Anda lewat e-mail."
    )
    return Step(f"Rapat diganti {mode}", sentence, button, endpoint, eyebrow=OURS)


def _appeal(permohonan: Permohonan, step: Step) -> Step:
    """The LSP may have asked for what lacks, once; else it is at work."""
    until = banding.asked_to_complete(permohonan)
    if until is None:
        return step
    sentence = "LSP meminta tambahan untuk banding Anda. Bila tidak dilengkapi, banding gugur."
    return Step("Lengkapi banding Anda", sentence, "Lengkapi banding", "appeal", tone="late",
                due=lambda _permohonan: f"Paling lambat {tanggal(until)}")  # fmt: skip


def _prove(permohonan: Permohonan, step: Step) -> Step:
    reviews = dossier_of(permohonan).reviews
    words = reviews[-1].missing_evidence.strip() if reviews else ""
    return replace(step, sentence=f"Asesor meminta: {words}") if words else step


def _lapsed(permohonan: Permohonan, step: Step) -> Step:
    return replace(step, sentence=about_extension(permohonan))


#: What a step says of this very case, by its status.
_TOLD: dict[PermohonanStatus, Callable[[Permohonan, Step], Step]] = {
    S.INVOICED: _pay,
    S.PAID: _pay,
    S.READY: _pay,
    S.LAPSED: _lapsed,
    S.EVIDENCE_NEEDED: _prove,
    S.NOT_YET_COMPETENT: _not_settled,
    S.APPEALED: _appeal,
    S.PRE_SCHEDULED: _meet,
    S.SCHEDULED: _meet,
    S.IN_ASSESSMENT: _meet,
}
