"""A fictional certificate, and the means to read a paper back: its text, its QR codes, a poor copy of it.

Needs no app and no database.
"""

import io
import random
from contextlib import closing
from dataclasses import replace
from datetime import date

import pypdfium2 as pdfium
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter

from lsp.papers.certificate import CertificatePaper, CertificateUnit
from lsp.papers.words import Bilingual

ADDRESS = "HTTPS://LSPCONTOH.EXAMPLE.ID/V/7Q9K2M4X8TPA0B1C2D3E4F5G6H"
LPJK_QR = "https://siki.example.id/verifikasi/skk/F-0000-000123-2026-0000042-SI-05"
QR_ONLY = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])


def portrait() -> bytes:
    """A drawn stand-in for a pas foto: 3 x 4, JPEG."""
    picture = Image.new("RGB", (300, 400), "#a33")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((90, 80, 210, 220), fill="#e2b48c")
    draw.ellipse((30, 235, 270, 540), fill="#234")
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def sample_paper(**changes) -> CertificatePaper:
    paper = CertificatePaper(
        blanko_number="0000123",
        certificate_number="71102 2142 7 00000123 2026",
        lpjk_registration_number="F 0000 000123 2026 0000042 SI 05",
        holder_name="Rosmaida Hutagaol",
        jabatan_kerja=Bilingual("Ahli Muda K3 Konstruksi", "Junior Construction Safety Expert"),
        validity_years=5,
        valid_from=date(2026, 8, 24),
        valid_until=date(2031, 8, 23),
        lembaga=Bilingual(
            "Lembaga Sertifikasi Profesi Bina Karya Contoh",
            "Bina Karya Contoh Professional Certification Agency",
        ),
        signer_name="Ir. Maharani Wulandari, M.T.",
        signer_title=Bilingual("Ketua LSP", "Chairman PCA"),
        klasifikasi=Bilingual("Manajemen Pelaksanaan", "Construction Management"),
        subklasifikasi=Bilingual("Keselamatan Konstruksi", "Construction Safety"),
        kualifikasi=Bilingual("Ahli", "Expert"),
        jenjang=7,
        okupasi=Bilingual("Pengawas K3 Gedung", "Building Safety Supervisor"),
        decided_place="Jakarta",
        decided_on=date(2026, 8, 24),
        verification_address=ADDRESS,
        lpjk_qr=LPJK_QR,
        photo_jpeg=portrait(),
        units=tuple(
            CertificateUnit(
                f"M.71KKK01.{number:03}.1",
                Bilingual(
                    f"Merancang Strategi Pengendalian Risiko {number} di Tempat Kerja Konstruksi "
                    "Bertingkat Tinggi dan Bawah Tanah serta Pekerjaan di Atas Air",
                    f"Design Risk Control Strategy {number}" if number % 2 else None,
                ),
            )
            for number in range(1, 41)
        ),
    )
    return replace(paper, **changes)


def page_texts(pdf: bytes) -> list[str]:
    """The text of each page with every run of white space as one blank."""
    with closing(pdfium.PdfDocument(pdf)) as document:
        return [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]


def page_image(pdf: bytes, index: int, *, dpi: int = 150) -> Image.Image:
    with closing(pdfium.PdfDocument(pdf)) as document:
        return document[index].render(scale=dpi / 72).to_pil().copy()


def photocopy(page: Image.Image, *, seed: int = 7) -> Image.Image:
    """A poor copy: a little askew and reduced, out of focus, dirty, then black and white only."""
    grey = page.convert("L").rotate(1.2, resample=Image.Resampling.BICUBIC, fillcolor=255)
    grey = grey.resize((int(grey.width * 0.96), int(grey.height * 0.96)))
    grey = grey.filter(ImageFilter.GaussianBlur(1.3))
    dirt = Image.frombytes("L", grey.size, random.Random(seed).randbytes(grey.width * grey.height))
    return Image.blend(grey, dirt, 0.3).point(lambda value: 255 if value > 128 else 0)


def qr_contents(page: Image.Image) -> list[str]:
    found = zxingcpp.read_barcodes(page, formats=QR_ONLY)
    return [code.text for code in found]
