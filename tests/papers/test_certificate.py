"""The SKK certificate: read back as a verifier, a photocopier and an archive would."""

import hashlib
import io
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pikepdf
import pypdfium2 as pdfium
import pytest

from lsp.papers.certificate import LONGEST_TEXT, certificate_pdf
from lsp.papers.words import Bilingual
from tests.papers.reading import (
    ADDRESS,
    LPJK_QR,
    page_image,
    page_texts,
    photocopy,
    qr_contents,
    sample_paper,
)

MARK = "CONTOH – TIDAK BERLAKU"
HOSTILE = '#panic("x") *bold* $ @eval \\ "quote" <a>'
LONG_NAME = (
    "Prof. Dr. Ir. Raden Mas Haryo Kusumaningrat Wicaksono Adhiprawiro "
    "Sastrodiningrat-Nasution, S.T., M.T., M.Sc., Ph.D., IPU, ASEAN Eng."
)
LONG_WORK = Bilingual(
    "Manajer Pelaksana Lapangan Pekerjaan Pemasangan Sambungan Rumah dan Pemeliharaan Jaringan "
    "Distribusi Air Minum serta Instalasi Pengolahan Air Limbah Domestik Terpusat",
    "Field Implementation Manager for House Connection Installation and Maintenance of Drinking "
    "Water Distribution Networks and Centralised Domestic Waste Water Treatment Plants",
)
ALL_LONG = "W" * LONGEST_TEXT
PHRASES = ("jabatan_kerja", "lembaga", "klasifikasi", "subklasifikasi", "kualifikasi", "okupasi")


class TestWhatIsPrinted:
    def test_page_one_names_the_holder_and_the_work(self, sample_pdf):
        page = page_texts(sample_pdf)[0]
        for line in (
            "Nomor Blanko / Blank Number 0000123",
            "SERTIFIKAT KOMPETENSI",
            "Certificate of Competence",
            "Nomor Sertifikat / Certificate Number 71102 2142 7 00000123 2026",
            "Dengan ini menyatakan bahwa, / This is to certify that,",
            "Rosmaida Hutagaol",
            "No. Reg. F 0000 000123 2026 0000042 SI 05",
            "Jasa Konstruksi / Construction Services",
            "Ahli Muda K3 Konstruksi",
            "Junior Construction Safety Expert",
            "Sertifikat ini berlaku untuk 5 (lima) tahun",
            "This certificate is valid for 5 (five) years",
            "24 Agustus 2026 – 23 Agustus 2031",
            "24 August 2026 – 23 August 2031",
            "Atas nama Badan Nasional Sertifikasi Profesi",
            "On Behalf of Indonesia Professional Certification Authority",
            "Lembaga Sertifikasi Profesi Bina Karya Contoh",
            "Bina Karya Contoh Professional Certification Agency",
            "Ir. Maharani Wulandari, M.T.",
            "Ketua LSP / Chairman PCA",
            "Tanda tangan dan pemeriksaan LSP",
            "HTTPS://LSPCONTOH.EXAMPLE.ID/V/",
            "7Q9K2M4X8TPA0B1C2D3E4F5G6H",
            "Halaman 1 dari 2",
        ):
            assert line in page

    def test_page_two_names_the_record_at_lpjk(self, sample_pdf):
        page = page_texts(sample_pdf)[1]
        for line in (
            "LEMBAGA PENGEMBANGAN JASA KONSTRUKSI",
            "Construction Services Development Board",
            "Daftar Unit Kompetensi: / List of Unit(s) of Competency:",
            "Manajemen Pelaksanaan Construction Management",
            "Keselamatan Konstruksi Construction Safety",
            "Ahli Expert",
            "7 (Tujuh) 7 (Seven)",
            "Pengawas K3 Gedung Building Safety Supervisor",
            "Ditetapkan di Jakarta, 24 Agustus 2026",
            "Enacted in Jakarta, 24 August 2026",
            "Rosmaida Hutagaol",
            "Sertifikat ini sah berlaku setelah tercatat",
            "sistem informasi jasa konstruksi terintegrasi.",
            "Pencatatan LPJK",
            "Nomor Sertifikat 71102 2142 7 00000123 2026",
            "Halaman 2 dari 2",
        ):
            assert line in page

    def test_two_pages_without_the_unit_list_and_without_the_sample_mark(self, sample_pdf):
        pages = page_texts(sample_pdf)
        assert len(pages) == 2
        assert "M.71KKK01.001.1" not in " ".join(pages)
        assert MARK not in " ".join(pages)

    def test_units_flow_over_pages_of_their_own_when_asked_for(self, lock_path):
        paper = sample_paper(print_unit_list=True, is_sample=True)
        pages = page_texts(certificate_pdf(paper, lock_path=lock_path))
        assert 4 <= len(pages) <= 6
        rows = " ".join(pages[2:])
        for unit in paper.units:
            assert unit.code in rows
            assert unit.title.id in rows
            assert unit.title.en is None or unit.title.en in rows
        for number, page in enumerate(pages, start=1):
            assert MARK in page  # no page of a demo installation can pass for a real one
            assert f"Halaman {number} dari {len(pages)}" in page
        assert all("Judul Unit / Unit Title" in page for page in pages[2:])

    def test_a_fresh_graduate_gets_one_year(self, lock_path):
        paper = sample_paper(validity_years=1, photo_jpeg=None, lpjk_qr=None)
        pdf = certificate_pdf(paper, lock_path=lock_path)
        first, second = page_texts(pdf)
        assert "1 (satu) tahun" in first
        assert "1 (one) year" in first
        assert "years" not in first
        # The same paper shows what stands in the place of a missing photo and LPJK code.
        assert "Pas foto 3 × 4" in second
        assert "Menunggu QR pencatatan LPJK" in second
        assert qr_contents(page_image(pdf, 1)) == []


class TestHostileText:
    def test_markup_in_a_name_is_printed_as_it_stands(self, lock_path):
        paper = sample_paper(holder_name=HOSTILE, jabatan_kerja=Bilingual(HOSTILE, HOSTILE))
        pdf = certificate_pdf(paper, lock_path=lock_path)
        first, second = page_texts(pdf)
        assert first.count(HOSTILE) == 3
        assert HOSTILE in second
        with pikepdf.open(io.BytesIO(pdf)) as opened:
            assert HOSTILE in str(opened.docinfo["/Title"])

    def test_letters_of_indonesian_and_foreign_names(self, lock_path):
        name = "Ni Luh Śrī Ayu D’Santos Nurʻaini Nguyễn-Łukasz Çelik Ğañi"
        hidden = name.replace("Ayu", "\u202eAyu\u200b")
        pages = page_texts(certificate_pdf(sample_paper(holder_name=hidden), lock_path=lock_path))
        assert name in pages[0]

    @pytest.mark.parametrize(
        "changes",
        [
            {
                "holder_name": LONG_NAME,
                "signer_name": LONG_NAME,
                "jabatan_kerja": LONG_WORK,
                "okupasi": LONG_WORK,
                "subklasifikasi": LONG_WORK,
                "lembaga": LONG_WORK,
            },
            dict.fromkeys(PHRASES, Bilingual(ALL_LONG, ALL_LONG))
            | {"holder_name": ALL_LONG, "signer_name": ALL_LONG},
        ],
        ids=["long words", "one endless word"],
    )
    def test_long_values_stay_inside_the_frame_of_two_pages(self, lock_path, changes):
        pdf = certificate_pdf(sample_paper(**changes), lock_path=lock_path)
        pages = [page.replace(" ", "") for page in page_texts(pdf)]
        assert len(pages) == 2
        for name, value in changes.items():
            letters = getattr(value, "id", value).replace(" ", "")
            assert letters in "".join(pages), name
        assert outside_frame(pdf) == []
        assert qr_contents(page_image(pdf, 0)) == [ADDRESS]
        assert qr_contents(page_image(pdf, 1)) == [LPJK_QR]

    @pytest.mark.parametrize(
        "changes",
        [
            {"holder_name": "W" * (LONGEST_TEXT + 1)},
            {"holder_name": " \u200b"},
            {"certificate_number": "1" * 61},
            {"jenjang": 11},
            {"verification_address": ADDRESS.lower()},
            {"lpjk_qr": "x" * 1000},
        ],
    )
    def test_what_cannot_be_printed_well_is_refused(self, lock_path, changes):
        with pytest.raises(ValueError):  # noqa: PT011 - each says it in its own words
            certificate_pdf(sample_paper(**changes), lock_path=lock_path)


class TestQrCodes:
    @pytest.mark.parametrize(("index", "content"), [(0, ADDRESS), (1, LPJK_QR)])
    def test_each_page_carries_its_own_code(self, sample_pdf, index, content):
        assert qr_contents(page_image(sample_pdf, index)) == [content]

    @pytest.mark.parametrize(("index", "content"), [(0, ADDRESS), (1, LPJK_QR)])
    def test_a_poor_photocopy_still_scans(self, sample_pdf, index, content):
        assert qr_contents(photocopy(page_image(sample_pdf, index))) == [content]

    def test_both_codes_scan_on_a_sample_and_with_a_long_content(self, lock_path):
        longest = "https://siki.example.id/verifikasi?kode=" + "aB3-" * 95
        paper = sample_paper(is_sample=True, lpjk_qr=longest)
        pdf = certificate_pdf(paper, lock_path=lock_path)
        assert len(page_texts(pdf)) == 2
        assert qr_contents(photocopy(page_image(pdf, 0))) == [ADDRESS]
        assert qr_contents(page_image(pdf, 1)) == [longest]


class TestTheFile:
    def test_made_again_it_is_the_same_to_the_byte(self, sample_pdf, lock_path):
        assert certificate_pdf(sample_paper(), lock_path=lock_path) == sample_pdf

    def test_another_process_zone_and_locale_make_the_same_file(self, sample_pdf, lock_path):
        code = (
            "import hashlib, pathlib, runpy, sys\n"
            "from lsp.papers.certificate import certificate_pdf\n"
            "paper = runpy.run_path(sys.argv[1])['sample_paper']()\n"
            "pdf = certificate_pdf(paper, lock_path=pathlib.Path(sys.argv[2]))\n"
            "print(hashlib.sha256(pdf).hexdigest())\n"
        )
        here = Path(__file__).parent
        elsewhere = {"TZ": "Asia/Jayapura", "LC_ALL": "C", "PYTHONHASHSEED": "99"}
        done = subprocess.run(
            [sys.executable, "-c", code, str(here / "reading.py"), str(lock_path)],
            env=os.environ | elsewhere | {"PYTHONPATH": str(here.parents[1])},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == hashlib.sha256(sample_pdf).hexdigest()

    def test_it_says_what_it_is_and_is_pdf_a_2b(self, sample_pdf):
        with pikepdf.open(io.BytesIO(sample_pdf)) as pdf:
            assert str(pdf.Root.Lang) == "id"
            assert "/StructTreeRoot" in pdf.Root
            with pdf.open_metadata() as metadata:
                assert metadata.pdfa_status == "2B"
                assert metadata["dc:creator"] == ["Lembaga Sertifikasi Profesi Bina Karya Contoh"]
                assert metadata["dc:title"] == (
                    "Sertifikat Kompetensi 71102 2142 7 00000123 2026 – Rosmaida Hutagaol"
                )
                assert metadata["xmp:CreateDate"].startswith("2026-08-24")

    def test_all_fonts_are_ours_and_embedded(self, sample_pdf):
        with pikepdf.open(io.BytesIO(sample_pdf)) as pdf:
            fonts = {}
            for item in pdf.objects:
                if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor":
                    fonts[str(item.FontName).split("+")[-1]] = "/FontFile3" in item
        assert fonts == {
            "EBGaramond12-Regular": True,
            "EBGaramond12-Italic": True,
            "SourceSans3-Regular": True,
            "SourceSans3-Semibold": True,
        }

    def test_it_is_small_enough_to_mail(self, sample_pdf):
        assert len(sample_pdf) < 300_000


def outside_frame(pdf: bytes) -> list[str]:
    """The pieces of text that touch or leave the inner line of the frame, 15.6 mm from the edge."""
    edge = 15.6 * 72 / 25.4
    strays = []
    with closing(pdfium.PdfDocument(pdf)) as document:
        for page in document:
            width, height = page.get_size()
            text = page.get_textpage()
            for index in range(text.count_rects()):
                left, bottom, right, top = text.get_rect(index)
                if left < edge or bottom < edge or right > width - edge or top > height - edge:
                    strays.append(text.get_text_bounded(left, bottom, right, top))
    return strays
