"""Words of the assessment: instruments, what is concluded from them, banding, keluhan, the file of a case."""

from __future__ import annotations

from lsp.vocabulary.labelled import Labelled


class InstrumentPaper(Labelled):
    """The instruments of MUK 2023 (forms 0); the value is the code as printed."""

    CL = "FR.IA.01", "Ceklis Observasi Aktivitas di Tempat Kerja atau Tempat Kerja Simulasi"
    TPD = "FR.IA.02", "Tugas Praktik Demonstrasi"
    PMO = "FR.IA.03", "Pertanyaan untuk Mendukung Observasi"
    DIT_A = "FR.IA.04A", "Daftar Instruksi Terstruktur"
    DIT_B = "FR.IA.04B", "Penilaian Proyek Singkat atau Kegiatan Terstruktur Lainnya"
    DPT_PG = "FR.IA.05", "Pertanyaan Tertulis Pilihan Ganda"
    DPT_ESAI = "FR.IA.06", "Pertanyaan Tertulis Esai"
    DPL = "FR.IA.07", "Pertanyaan Lisan"
    CVP = "FR.IA.08", "Ceklis Verifikasi Portofolio"
    PW = "FR.IA.09", "Pertanyaan Wawancara"
    VPK = "FR.IA.10", "Verifikasi Pihak Ketiga"
    CRP = "FR.IA.11", "Ceklis Reviu Produk"


class ItemKind(Labelled):
    """What a row of an instrument is."""

    QUESTION = "question", "Pertanyaan"
    STATEMENT = "statement", "Pernyataan ya atau tidak"
    OPEN = "open", "Pertanyaan terbuka"
    INSTRUCTION = "instruction", "Instruksi"
    ASPECT = "aspect", "Aspek penilaian"
    STANDARD = "standard", "Standar industri atau tempat kerja"


class Conclusion(Labelled):
    """The asesor's word on a whole instrument (forms 1.6, 7.8). "Lanjut" is not yet "belum kompeten"."""

    MET = "met", "Memenuhi", "ok"
    OTHER_METHOD = "other_method", "Lanjut dengan metode lain", "wait"
    NOT_MET = "not_met", "Belum memenuhi", "bad"


class BandingStatus(Labelled):
    """States of a banding (workflow 2)."""

    FILED = "filed", "Diajukan", "wait"
    INCOMPLETE = "incomplete", "Perlu dilengkapi", "wait"
    ACCEPTED = "accepted", "Diterima untuk diproses", "wait"
    PANEL_NAMED = "panel_named", "Panel banding ditunjuk", "wait"
    EXAMINED = "examined", "Selesai diperiksa", "wait"
    UPHELD = "upheld", "Ditolak, keputusan tetap", "bad"
    REASSESS = "reassess", "Diterima, asesmen ulang", "ok"
    REDECIDE = "redecide", "Diterima, penetapan ulang", "ok"
    DISMISSED = "dismissed", "Gugur karena tidak dilengkapi", "bad"
    WITHDRAWN = "withdrawn", "Dicabut asesi"


#: States in which a banding is not answered yet; the case is frozen meanwhile.
OPEN_BANDING = (
    BandingStatus.FILED,
    BandingStatus.INCOMPLETE,
    BandingStatus.ACCEPTED,
    BandingStatus.PANEL_NAMED,
    BandingStatus.EXAMINED,
)


class ComplaintStatus(Labelled):
    """States of a keluhan (process 6.4; K00 to K30)."""

    RECEIVED = "received", "Masuk", "wait"
    REGISTERED = "registered", "Terdaftar", "wait"
    EXAMINED = "examined", "Diperiksa", "wait"
    CLOSED = "closed", "Selesai", "ok"


class PaperState(Labelled):
    """How far a paper of a case's file is (forms 12)."""

    PRESENT = "present", "Ada", "ok"
    WAITING = "waiting", "Menunggu", "wait"
    LACKING = "lacking", "Belum ada"
    NOT_NEEDED = "not_needed", "Tidak perlu"
    OUTSIDE = "outside", "Di luar portal"
