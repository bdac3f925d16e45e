"""Words the whole portal shares: roles, states, outcomes, form codes, each with its Indonesian label.

Imports nothing of ours. The label is what a person reads; the value is what the database holds and never changes.
Source of the states and labels: the workflow tables printed in docs/workflow.md.
"""

from __future__ import annotations

from lsp.vocabulary.assessment import (
    OPEN_BANDING as OPEN_BANDING,
    BandingStatus as BandingStatus,
    ComplaintStatus as ComplaintStatus,
    Conclusion as Conclusion,
    InstrumentPaper as InstrumentPaper,
    ItemKind as ItemKind,
    PaperState as PaperState,
)
from lsp.vocabulary.certificate_life import (
    LifeGround as LifeGround,
    LifeStep as LifeStep,
    ProposalOutcome as ProposalOutcome,
)
from lsp.vocabulary.intake import (
    IDENTITY_CODES as IDENTITY_CODES,
    PHOTO_CODE as PHOTO_CODE,
    AcceptedFiles as AcceptedFiles,
    DisputeOutcome as DisputeOutcome,
    FieldOrigin as FieldOrigin,
    FormSection as FormSection,
    ImportOutcome as ImportOutcome,
    ImportRowState as ImportRowState,
    ImportStatus as ImportStatus,
    PhotoExample as PhotoExample,
    RequirementPart as RequirementPart,
)
from lsp.vocabulary.labelled import Labelled as Labelled
from lsp.vocabulary.surveilan import (
    FILLED_BY_HOLDER as FILLED_BY_HOLDER,
    OPEN_SURVEILAN as OPEN_SURVEILAN,
    SurveilanStatus as SurveilanStatus,
)


class Role(Labelled):
    ASESI = "asesi", "Asesi"
    ADMIN = "admin", "Admin LSP"
    ASESOR = "asesor", "Asesor"
    TIM_TEKNIS = "tim_teknis", "Tim teknis"
    KETUA = "ketua", "Ketua LSP"
    PENYELIA = "penyelia", "Penyelia"
    AUDITOR = "auditor", "Auditor"
    ANGGOTA_LUAR = "anggota_luar", "Anggota luar"
    SYSTEM = "system", "Sistem"


#: Roles that are given by proposal (admin) and approval (ketua); asesi sign up by themselves.
STAFF_ROLES = (
    Role.ADMIN,
    Role.ASESOR,
    Role.TIM_TEKNIS,
    Role.KETUA,
    Role.PENYELIA,
    Role.AUDITOR,
    Role.ANGGOTA_LUAR,
)


class Stage(Labelled):
    REGISTRATION = "registration", "Pendaftaran"
    PRE_ASSESSMENT = "pre_assessment", "Pra-asesmen"
    ASSESSMENT = "assessment", "Asesmen"
    AFTER = "after", "Sertifikat"
    END = "end", "Selesai"


class PermohonanStatus(Labelled):
    DRAFT = "draft", "Draf"
    SUBMITTED = "submitted", "Menunggu verifikasi", "wait"
    RETURNED = "returned", "Perlu perbaikan", "bad"
    VERIFIED = "verified", "Berkas lengkap", "ok"
    INVOICED = "invoiced", "Menunggu pembayaran", "wait"
    PAID = "paid", "Siap dijadwalkan", "ok"
    PRE_SCHEDULED = "pre_scheduled", "Pra-asesmen terjadwal", "wait"
    EVIDENCE_NEEDED = "evidence_needed", "Perlu bukti tambahan", "bad"
    READY = "ready", "Siap asesmen", "ok"
    SCHEDULED = "scheduled", "Asesmen terjadwal", "wait"
    IN_ASSESSMENT = "in_assessment", "Asesmen berlangsung", "wait"
    RECOMMENDED = "recommended", "Menunggu penetapan tim teknis", "wait"
    COMPETENT = "competent", "Kompeten", "ok"
    NOT_YET_COMPETENT = "not_yet_competent", "Belum kompeten", "bad"
    APPEALED = "appealed", "Banding diproses", "wait"
    BLANKO_REQUESTED = "blanko_requested", "Blangko diajukan", "wait"
    BLANKO_RECEIVED = "blanko_received", "Nomor blangko diterima", "ok"
    RECORDED = "recorded", "Tercatat di LPJK", "ok"
    ISSUED = "issued", "Sertifikat terbit", "ok"
    REJECTED = "rejected", "Ditolak", "bad"
    WITHDRAWN = "withdrawn", "Mengundurkan diri"
    LAPSED = "lapsed", "Hangus", "bad"
    DROPPED = "dropped", "Gugur", "bad"
    CLOSED_NOT_YET = "closed_not_yet", "Ditutup (belum kompeten)"

    @property
    def stage(self) -> Stage:
        """The stage of the four in which this state lies; END for the states nobody leaves."""
        return _STAGE[self]


_STAGE = {
    **dict.fromkeys(
        (
            PermohonanStatus.DRAFT,
            PermohonanStatus.SUBMITTED,
            PermohonanStatus.RETURNED,
            PermohonanStatus.VERIFIED,
            PermohonanStatus.INVOICED,
            PermohonanStatus.PAID,
        ),
        Stage.REGISTRATION,
    ),
    **dict.fromkeys(
        (PermohonanStatus.PRE_SCHEDULED, PermohonanStatus.EVIDENCE_NEEDED, PermohonanStatus.READY),
        Stage.PRE_ASSESSMENT,
    ),
    **dict.fromkeys(
        (PermohonanStatus.SCHEDULED, PermohonanStatus.IN_ASSESSMENT, PermohonanStatus.RECOMMENDED),
        Stage.ASSESSMENT,
    ),
    **dict.fromkeys(
        (
            PermohonanStatus.COMPETENT,
            PermohonanStatus.NOT_YET_COMPETENT,
            PermohonanStatus.APPEALED,
            PermohonanStatus.BLANKO_REQUESTED,
            PermohonanStatus.BLANKO_RECEIVED,
            PermohonanStatus.RECORDED,
            PermohonanStatus.ISSUED,
        ),
        Stage.AFTER,
    ),
    **dict.fromkeys(
        (
            PermohonanStatus.REJECTED,
            PermohonanStatus.WITHDRAWN,
            PermohonanStatus.LAPSED,
            PermohonanStatus.DROPPED,
            PermohonanStatus.CLOSED_NOT_YET,
        ),
        Stage.END,
    ),
}

#: States nobody leaves any more. LAPSED is not among them: the admin may extend the invoice once.
FINAL = frozenset(
    {
        PermohonanStatus.ISSUED,
        PermohonanStatus.REJECTED,
        PermohonanStatus.WITHDRAWN,
        PermohonanStatus.DROPPED,
        PermohonanStatus.CLOSED_NOT_YET,
    }
)


class RequestKind(Labelled):
    """Jenis permohonan; `siki_code` is what the ministry's system calls it (1 baru, 2 perpanjangan, 3 perubahan)."""

    BARU = "baru", "Baru"
    PERPANJANGAN = "perpanjangan", "Perpanjangan"
    PERUBAHAN = "perubahan", "Perubahan data"
    FRESH_GRADUATE = "fresh_graduate", "Fresh graduate"


class Mode(Labelled):
    DARING = "daring", "Jarak jauh (daring)"
    LURING = "luring", "Tatap muka (luring)"

    @property
    def plain(self) -> str:
        """Inside a sentence: "jarak jauh" or "tatap muka"."""
        return self.label.partition(" (")[0].lower()


class Sex(Labelled):
    MALE = "L", "Laki-laki"
    FEMALE = "P", "Perempuan"


class AssessmentPurpose(Labelled):
    """Tujuan asesmen, FR.APL.01 part 2."""

    SERTIFIKASI = "sertifikasi", "Sertifikasi"
    PKT = "pkt", "Pengakuan Kompetensi Terkini (PKT)"
    RPL = "rpl", "Rekognisi Pembelajaran Lampau (RPL)"
    LAINNYA = "lainnya", "Lainnya"


class Answer(Labelled):
    """Self-assessment and decision: K or BK."""

    K = "K", "Kompeten", "ok"
    BK = "BK", "Belum kompeten", "wait"


class Verdict(Labelled):
    """One tick per document row of FR.APL.01 part 3 (a three-valued enum, never two booleans)."""

    MEETS = "meets", "Ada, memenuhi syarat", "ok"
    FAILS = "fails", "Ada, tidak memenuhi syarat", "bad"
    ABSENT = "absent", "Tidak ada", "bad"


class EvidenceKind(Labelled):
    """The eight evidence columns of FR.AK.02 (forms 8.1); a plan (FR.MAPA) names the ones it asks for."""

    OBSERVASI = "observasi", "Observasi demonstrasi"
    PORTOFOLIO = "portofolio", "Portofolio"
    PIHAK_KETIGA = "pihak_ketiga", "Pernyataan pihak ketiga"
    WAWANCARA = "wawancara", "Pertanyaan wawancara"
    LISAN = "lisan", "Pertanyaan lisan"
    TERTULIS = "tertulis", "Pertanyaan tertulis"
    PROYEK = "proyek", "Proyek kerja"
    LAINNYA = "lainnya", "Lainnya"


class MeetingKind(Labelled):
    PRE_ASSESSMENT = "pre_assessment", "Pra-asesmen"
    ASSESSMENT = "assessment", "Asesmen"


class JadwalStatus(Labelled):
    DRAFT = "draft", "Draf"
    CONFIRMED = "confirmed", "Dikonfirmasi", "ok"
    RUNNING = "running", "Berjalan", "wait"
    DONE = "done", "Selesai", "ok"
    CLOSED = "closed", "Ditutup"
    CANCELLED = "cancelled", "Dibatalkan", "bad"


class CertificateStatus(Labelled):
    ACTIVE = "active", "Berlaku", "ok"
    SUSPENDED = "suspended", "Dibekukan", "wait"
    REVOKED = "revoked", "Dicabut", "bad"
    EXPIRED = "expired", "Kedaluwarsa", "wait"
    REPLACED = "replaced", "Diganti"
    RENEWED = "renewed", "Diperpanjang"


class InvoiceKind(Labelled):
    SERTIFIKASI = "sertifikasi", "Sertifikasi"
    REASESMEN = "reasesmen", "Asesmen ulang"
    SELISIH = "selisih", "Selisih biaya"


#: What there are fees for; a difference comes of two of them.
FEES_FOR = (InvoiceKind.SERTIFIKASI, InvoiceKind.REASESMEN)


class InvoiceStatus(Labelled):
    OPEN = "open", "Belum dibayar", "wait"
    PAID = "paid", "Lunas", "ok"
    LAPSED = "lapsed", "Hangus", "bad"
    VOID = "void", "Dibatalkan"


class WhatsappKind(Labelled):
    """What a prepared WhatsApp text tells the asesi about his meeting."""

    INVITATION = "invitation", "Undangan rapat"
    REMINDER = "reminder", "Pengingat rapat"
    MOVED = "moved", "Rapat dipindah"
    CANCELLED = "cancelled", "Rapat dibatalkan"


class Channel(Labelled):
    """To whom an outbox row goes."""

    MAIL = "mail", "E-mail"
    SIKI = "siki", "SIKI-LPJK"
    BNSP = "bnsp", "BNSP"
    JOB = "job", "Pekerjaan dalam"


class NumberState(Labelled):
    TAKEN = "taken", "Diambil"
    USED = "used", "Terpakai", "ok"
    VOIDED = "voided", "Dibatalkan", "bad"


class BlankoState(Labelled):
    """Ledger of BNSP's blanko numbers: each number's last word."""

    RECEIVED = "received", "Diterima"
    RESERVED = "reserved", "Dipesan", "wait"
    ISSUED = "issued", "Terpakai", "ok"
    SPOILED = "spoiled", "Rusak", "bad"
    RETURNED = "returned", "Dikembalikan"
    #: No blanko of this LSP at all: somebody typed another number than BNSP gave.
    MISTYPED = "mistyped", "Salah ketik"


class TukKind(Labelled):
    SEWAKTU = "sewaktu", "Sewaktu"
    TEMPAT_KERJA = "tempat_kerja", "Tempat Kerja"
    MANDIRI = "mandiri", "Mandiri"


class RecordingKind(Labelled):
    """What one part of the recording of a meeting holds (process 2.4: audio, video and screen)."""

    FULL = "full", "Video, suara, dan layar"
    VIDEO = "video", "Video dan suara"
    SCREEN = "screen", "Layar"
    AUDIO = "audio", "Suara saja"


class Form(Labelled):
    """Official forms that are signed or filled here; the label is the code as printed."""

    FR_APL_01 = "fr_apl_01", "FR.APL.01"
    FR_APL_02 = "fr_apl_02", "FR.APL.02"
    FR_MAPA_01 = "fr_mapa_01", "FR.MAPA.01"
    FR_MAPA_02 = "fr_mapa_02", "FR.MAPA.02"
    FR_AK_01 = "fr_ak_01", "FR.AK.01"
    FR_AK_02 = "fr_ak_02", "FR.AK.02"
    FR_AK_03 = "fr_ak_03", "FR.AK.03"
    FR_AK_04 = "fr_ak_04", "FR.AK.04"
    FR_AK_05 = "fr_ak_05", "FR.AK.05"
    FR_AK_06 = "fr_ak_06", "FR.AK.06"
    FR_AK_07 = "fr_ak_07", "FR.AK.07"
    FR_IA_07 = "fr_ia_07", "FR.IA.07"
    FR_IA_08 = "fr_ia_08", "FR.IA.08"
    FR_IA_09 = "fr_ia_09", "FR.IA.09"
    FR_IA_10 = "fr_ia_10", "FR.IA.10"
    PERJANJIAN = "perjanjian", "Perjanjian sertifikasi"
    PERNYATAAN = "pernyataan", "Surat pernyataan pemegang sertifikat"
    BERITA_ACARA = "berita_acara", "Berita acara pleno"
    SK = "sk", "SK penetapan hasil"


class ConsentKind(Labelled):
    DATA_PROCESSING = "data_processing", "Pemrosesan data pribadi"
    PERJANJIAN = "perjanjian", "Perjanjian sertifikasi"
    PERNYATAAN = "pernyataan", "Pernyataan pemegang sertifikat"
    RECORDING = "recording", "Perekaman rapat"


class LinkPurpose(Labelled):
    """What a one-use link may do; a link of one purpose is never accepted for another."""

    VERIFY_EMAIL = "verify_email", "Konfirmasi alamat e-mail"
    RESET_PASSWORD = "reset_password", "Ganti kata sandi"
    INVITE = "invite", "Undangan akun"
    CLAIM = "claim", "Mengambil permohonan"


class DutyRule(Labelled):
    """Person rules of a case, by the name that a waiver and a trigger use."""

    ASESOR_NOT_ASESI = "asesor_not_asesi", "Asesor bukan asesi"
    ASESOR_NOT_PLENO = "asesor_not_pleno", "Asesor bukan anggota pleno"
    VERIFIER_NOT_PLENO = "verifier_not_pleno", "Pemeriksa berkas bukan anggota pleno"
    VERIFIER_NOT_ASESOR = "verifier_not_asesor", "Pemeriksa berkas bukan asesor"
    SIGNER_NOT_INVOLVED = "signer_not_involved", "Penanda tangan tidak terlibat"
    PANEL_NOT_INVOLVED = "panel_not_involved", "Panel banding tidak terlibat"
    OWN_CASE = "own_case", "Permohonan sendiri"


#: Rules for which no waiver can ever be given.
NEVER_WAIVED = frozenset({DutyRule.ASESOR_NOT_ASESI, DutyRule.ASESOR_NOT_PLENO, DutyRule.OWN_CASE})
