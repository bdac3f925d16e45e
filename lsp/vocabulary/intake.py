"""Words of the registration: where what is known comes from, documents, sections of the forms."""

from __future__ import annotations

from lsp.vocabulary.labelled import Labelled


class FieldOrigin(Labelled):
    """Where a value of FR.APL.01 came from."""

    ASESI = "asesi", "Diisi asesi"
    ADMIN = "admin", "Dicatat admin"
    SHEET = "sheet", "Dari lembar impor"
    SIKI = "siki", "Dari SIKI-LPJK"
    EARLIER = "earlier", "Dari permohonan sebelumnya"


class ImportStatus(Labelled):
    """Where an imported sheet stands. STOPPED can be gone on with."""

    PREVIEW = "preview", "Menunggu diperiksa", "wait"
    RUNNING = "running", "Sedang dikerjakan", "wait"
    STOPPED = "stopped", "Dihentikan"
    DONE = "done", "Selesai", "ok"


class ImportRowState(Labelled):
    """What the check found about a row of a sheet. DOUBTFUL rows go in only when a person ticks them."""

    READY = "ready", "Siap", "ok"
    DOUBTFUL = "doubtful", "Perlu dicek", "wait"
    PRESENT = "present", "Sudah ada"
    FAULTY = "faulty", "Bermasalah", "bad"


class ImportOutcome(Labelled):
    """What became of a row of a sheet."""

    OPENED = "opened", "Permohonan dibuka", "ok"
    FILLED = "filled", "Dilengkapi", "ok"
    UNCHANGED = "unchanged", "Tidak berubah"
    REFUSED = "refused", "Ditolak", "bad"


class DisputeOutcome(Labelled):
    """What the admin decided when two people asked for one ID Izin."""

    KEPT = "kept", "Tetap pada pemegang sekarang"
    GIVEN = "given", "Diberikan kepada peminta"


class AcceptedFiles(Labelled):
    """What a document row takes; the label stands in sentences."""

    PICTURE = "picture", "foto (JPG, PNG, HEIC)"
    PDF = "pdf", "PDF"
    PICTURE_OR_PDF = "picture_or_pdf", "foto (JPG, PNG, HEIC) atau PDF"

    @property
    def accept(self) -> str:
        """The attribute of the file chooser. It only offers; content decides (lsp/gateways/rebuild.py)."""
        return {"picture": "image/*", "pdf": "application/pdf"}.get(
            self.value, "image/*,application/pdf"
        )

    def takes(self, content_type: str) -> bool:
        """Whether a rebuilt file of this type may stand in the row."""
        return content_type in self.accept or (
            content_type.startswith("image/") and "image/*" in self.accept
        )


class PhotoExample(Labelled):
    """The drawn example of a good photo beside a document row: lsp/static/contoh-<value>.svg."""

    CARD = "kartu", "Contoh foto kartu"
    PORTRAIT = "wajah", "Contoh pas foto"
    PAPER = "surat", "Contoh foto surat"

    @property
    def words(self) -> str:
        """What the drawing shows, for whoever does not see it."""
        return {
            "kartu": "Benar: seluruh kartu terlihat dan rata. Salah: kartu terpotong. Salah: ada pantulan lampu.",
            "wajah": "Benar: wajah lurus di tengah, latar polos. Salah: kepala terpotong. Salah: kacamata hitam.",
            "surat": "Benar: seluruh surat terlihat dan tegak. Salah: surat miring dan terpotong. Salah: ada bayangan.",
        }[self.value]


class FormSection(Labelled):
    """Parts of FR.APL.01 and FR.APL.02 that the admin may send back beside documents."""

    PRIBADI = "pribadi", "Data pribadi"
    PENDIDIKAN = "pendidikan", "Pendidikan formal"
    PEKERJAAN = "pekerjaan", "Pekerjaan sekarang"
    SERTIFIKASI = "sertifikasi", "Data sertifikasi"
    PENGALAMAN = "pengalaman", "Pengalaman kerja"
    PELATIHAN = "pelatihan", "Pelatihan"
    FR_APL_02 = "fr_apl_02", "Jawaban FR.APL.02"


class RequirementPart(Labelled):
    """The two tables of FR.APL.01 part 3 (forms 2)."""

    BASIC = "basic", "Bukti Persyaratan Dasar Pemohon"
    ADMINISTRATIVE = "administrative", "Bukti Administratif"


#: Requirement code of the pas foto (process 3.5); it is printed on the certificate.
PHOTO_CODE = "1d"
#: Requirement codes of KTP, NPWP and pas foto: they say who somebody is, never what he can do.
IDENTITY_CODES = ("1a", "1c", PHOTO_CODE)
