"""Ten asesi of one jadwal, from the meeting to the pleno's table, the decision, and what follows from it.

Everything is pressed on the pages, as its people do. The day, the pleno and its decisions are walked once for all
tests of this file; each goes on from there with its own asesi. What a file must hold is written down here by hand (the
forms of a remote assessment by portfolio and interview) and asks no guard.
"""

from __future__ import annotations

import shutil
from datetime import datetime, time, timedelta

import pytest
import time_machine
from bs4 import BeautifulSoup

from lsp import clock
from lsp.services import audit
from tests.conftest import _database_file, _with_context
from tests.html import words
from tests.journeys.ten_cases import KEY, NAMES, REPORT
from tests.journeys.ten_cases_decided import (
    ANSWER,
    COMPETENT,
    DISAGREE,
    QUESTION,
    TenCases,
)
from tests.journeys.ten_cases_meeting import (
    DISSENT,
    FOLLOW_UP,
    LETTER_FINDING,
    POWER,
    REASONS,
    REFUSAL,
)
from tests.support.third_party import SECRET

pytestmark = pytest.mark.timeout(600)

#: What every file holds before the pleno: the table of forms.md 12, without what comes after the decision.
ALWAYS = (
    "FR.APL.01", "FR.APL.02", "Bukti portofolio", "FR.MAPA.01", "FR.MAPA.02", "Surat tugas asesor",
    "Verifikasi TUK", "Daftar hadir pra-asesmen", "FR.AK.07", "Penjelasan FR.AK.04", "Tata tertib", "FR.AK.01",
    "Dokumentasi pra-asesmen", "Daftar hadir asesmen", "FR.IA.08", "Dokumentasi asesmen", "FR.AK.02",
)  # fmt: skip
INTERVIEWED = (
    "gaps",
    "failed",
    "sent back",
    "appeal granted",
    "appeal denied",
    "again",
    "third party",
    "refused",
)
#: And what it holds besides.
MORE = dict.fromkeys(INTERVIEWED, ("FR.IA.09",)) | {"third party": ("FR.IA.09", "FR.IA.10")}
#: What is written down of a meeting held at a distance.
NOTED = (
    "Asesor hadir",
    "Asesi hadir",
    "Mulai – selesai",
    "Wajah cocok dengan KTP",
    "Ruang diperiksa",
    "Setuju direkam",
)


@pytest.fixture(scope="module")
def portal(_sqlite_app):
    """The portal as fixture `app` gives it, for all tests of this file."""
    app, template = _sqlite_app
    folder = app.config["LSP"].data_folder
    shutil.rmtree(folder)
    folder.mkdir()
    shutil.copy(template, _database_file(app))
    yield from _with_context(app)


@pytest.fixture(scope="module")
def ten(portal):
    """Monday: ten asesi book. Thursday: their meetings. Saturday: the pleno."""
    today = clock.today_wib()
    monday = today + timedelta(days=7 - today.weekday())
    with time_machine.travel(datetime.combine(monday, time(9), clock.WIB)) as moment:
        made = TenCases(portal, moment)
        made.open_slots()
        for case in made.cases.values():
            made.book(case)
        made.hold_all()
        made.decide_all()
        yield made


@pytest.fixture
def later(ten):
    """Monday after the pleno, with nobody signed in."""
    ten.clock_at(ten.day + timedelta(days=4), 8)


def shown(page: BeautifulSoup) -> dict[str, str]:
    """Name of a paper in the list of the file -> its state."""
    lines = page.select('section[aria-labelledby="daftar-periksa"] li')
    return {words(line.span): words(line.select_one(".badge")) for line in lines}


def lacking(page: BeautifulSoup) -> list[str]:
    """Papers that the pleno waits for, by the page itself."""
    return [name for name, state in shown(page).items() if "*" in name and state != "Ada"]


def meetings(page: BeautifulSoup) -> list[dict[str, str]]:
    return [
        {words(name): words(name.find_next("dd")) for name in article.select("dt")}
        | {"Rekaman": words(article).partition("Rekaman: ")[2].split(" ")[0]}
        for article in page.select('section[aria-labelledby="rapat"] article')
    ]


# --- The file on the table ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", NAMES)
def test_the_file_holds_every_paper(ten, key):
    papers = shown(ten.files[key])
    for code in (*ALWAYS, *MORE.get(key, ())):
        states = [state for name, state in papers.items() if name.startswith(code)]
        assert states == ["Ada"], f"{code}: {states} of {papers}"
    assert not lacking(ten.files[key])
    held = meetings(ten.files[key])
    assert len(held) == (3 if key == "interrupted" else 2)
    for meeting in held:
        assert all(meeting[name] not in ("", "–") for name in (*NOTED, "Rekaman")), meeting
    documents = words(ten.files[key].select_one('section[aria-labelledby="dokumen"]'))
    assert "Tangkapan layar" in documents


# --- 1, 2 and 3: as the pleno finds -------------------------------------------------------------------------------


def test_1_straight_through(ten, later):
    case = ten.cases["straight"]
    interview = [
        state for name, state in shown(ten.files["straight"]).items() if "FR.IA.09" in name
    ]
    assert interview == ["Tidak perlu"], "nothing was left to ask"
    assert "Anda dinyatakan kompeten" in ten.open_result(case).text()
    ten.give_feedback(case)
    feedback = ten.at_table(ten.members[1], case)
    feedback.follow("FR.AK.03 Umpan balik asesi")
    assert "Asesornya sabar." in feedback.text()


def test_2_gaps_are_closed_by_the_interview(ten, later):
    case = ten.cases["gaps"]
    file = words(ten.files["gaps"])
    assert "FR.IA.08 · Ceklis Verifikasi Portofolio: Lanjut dengan metode lain" in file
    assert "FR.IA.09 · Pertanyaan Wawancara: Memenuhi" in file
    assert "Anda dinyatakan kompeten" in ten.open_result(case).text()
    assert not [page for page in ten.pages_of(case) if KEY in page]


def test_3_not_yet_competent_says_which_units_and_why(ten, later):
    asesi = ten.open_result(ten.cases["failed"])
    failed = asesi.page.select_one('section[aria-labelledby="alasan"]')
    assert len(failed.select("li")) == 2
    assert all(reason in words(failed) for reason in REASONS.values())
    assert f"Tindak lanjut: {FOLLOW_UP}" in asesi.text()
    ways = asesi.page.select('section[aria-labelledby="pilihan"] li')
    pressed = [words(way.select_one("a.btn, button")) for way in ways]
    assert pressed == [
        "Ajukan banding…",
        "Ajukan asesmen ulang…",
        "Terima hasil, tutup permohonan…",
    ]
    assert all(len(way.select("a.btn, button")) == 1 for way in ways)


# --- 4: sent back ----------------------------------------------------------------------------------------------------


def test_4_sent_back_and_mended_in_an_edition_beside_the_old(ten, later):
    case = ten.cases["sent back"]
    assert QUESTION in ten.at_asesor(case).text()
    ten.come_again(case)
    table = ten.at_table(ten.members[0], case)
    newest, before = words(table.page.select_one('section[aria-labelledby="rekomendasi"]')).split(
        "Asesmen ke-1, edisi 1"
    )
    assert "perbaikan ke-1" in newest
    assert ANSWER in newest
    assert ANSWER not in before
    assert "Kompeten" in before
    assert not lacking(table.page)
    ten.all_vote(case, ten.members)
    ten.decide(case, COMPETENT)
    assert "Anda dinyatakan kompeten" in ten.open_result(case).text()


# --- 5 and 6: banding -----------------------------------------------------------------------------------------------


def test_5_banding_granted_and_decided_anew_by_others(ten, later):
    case = ten.cases["appeal granted"]
    answer = "Laporan halaman 4 memuat tindak lanjut yang ditanyakan."
    ten.contest(
        case, "Laporan saya tidak dibaca seluruhnya.", "Banding diterima, penetapan", answer
    )
    admin = ten.at_admin("/pleno/baru")
    for member in ten.members:
        assert f"{member.name} (ikut memutus permohonan ini sebelum banding)" in admin.text()
    ten.call_pleno([case], ten.other_members)
    ten.all_vote(case, ten.other_members, DISAGREE, "Halaman 4 menjawab keraguan asesor.")
    ten.decide(case, COMPETENT, ten.other_members[0])
    asesi = ten.open_result(case)
    assert "Anda dinyatakan kompeten" in asesi.text()
    asesi = ten.at_asesi(case, "banding")
    assert answer in asesi.text()
    asesi.follow("Buka surat jawaban")
    assert "/SJ-BANDING/" in asesi.text()


def test_6_banding_denied_by_a_panel_that_took_no_part(ten, later):
    case = ten.cases["appeal denied"]
    answer = "Panel membaca laporan dan rekaman; penilaiannya sesuai prosedur."
    ten.appeal(case, "Wawancaranya terlalu singkat menurut saya.")
    ten.at_admin(f"/permohonan/{case.id}/banding").press("Terima banding")
    ketua = ten.at(ten.ketua, f"/ketua/banding/{case.id}")
    for involved in (ten.asesor, ten.second, *ten.members):
        assert f"{involved.name} " not in words(ketua.page.select_one('form[action$="/panel"]'))
        assert involved.name in ketua.text(), "named with the reason"
    ten.name_panel(case, ten.judges)
    for judge in ten.judges:
        ten.find(judge, case, "Rekaman dan FR.IA.09 sesuai dengan FR.AK.02.")
    ten.answer_banding(case, ten.judges, "Banding ditolak", answer)
    asesi = ten.open_result(case)
    assert "Belum kompeten" in asesi.text()
    assert "Ajukan banding…" not in asesi.text()
    asesi.follow("Lihat banding Anda")
    assert answer in asesi.text()


# --- 7: asesmen ulang -----------------------------------------------------------------------------------------------


def test_7_assessed_again_in_the_failed_units_by_another_asesor(ten, later):
    case = ten.cases["again"]
    assert "Biayanya Rp400.000" in ten.open_result(case).text()
    ten.ask_again(case)
    ten.pay_again(case)
    ten.open_again(case)
    ten.plan_again(case)
    ten.agree_again(case)
    ten.check_portfolio(case)
    [piece] = ten.at_asesor(case, "fr-ia-08").page.select("#ia-08-panel .check")
    assert REPORT in words(piece), "the other file speaks for units 1 and 2 alone"
    rows = ten.at_asesor(case, "fr-ak-02").page.select("table.matrix tbody th")
    assert [words(row)[:14] for row in rows] == ["3. Unit contoh", "4. Unit contoh"]
    ten.write_record(case)
    ten.all_sign_and_send(case)
    ten.hand_in(case)
    ten.call_pleno([case], ten.members)
    table = ten.at_table(ten.members[0], case)
    assert not lacking(table.page)
    assert "Asesmen ke-1, edisi 1" in table.text()
    assert REASONS[3] in table.text()
    ten.all_vote(case, ten.members)
    ten.decide(case, COMPETENT)
    assert "Anda dinyatakan kompeten" in ten.open_result(case).text()
    assert "Asesmen ke-1: belum kompeten" in ten.at_asesi(case, "riwayat").text()


# --- 8, 9 and 10 ----------------------------------------------------------------------------------------------------


def test_8_the_third_party_is_read_by_those_who_judge_and_never_by_the_asesi(ten, later):
    case = ten.cases["third party"]
    file = words(ten.files["third party"])
    assert SECRET in file
    assert LETTER_FINDING in file
    asesi = list(ten.pages_of(case))
    assert len(asesi) > 5, "the walk found no way"
    for page in asesi:
        assert SECRET not in page
        assert LETTER_FINDING not in page
        assert "Mandor Contoh Rekaan" not in page


def test_9_the_second_meeting_goes_on_where_the_first_broke_off(ten, later):
    first, second = meetings(ten.files["interrupted"])[1:]
    assert first["Rekaman"] != second["Rekaman"]
    noted = words(ten.files["interrupted"].select_one('section[aria-labelledby="rapat"]'))
    assert f"Listrik padam, Asesmen berlangsung. Tindakan: {POWER}" in noted
    assert "Anda dinyatakan kompeten" in ten.open_result(ten.cases["interrupted"]).text()


def test_10_what_was_refused_and_who_dissents_lies_on_the_table(ten, later):
    file = ten.files["refused"]
    told = words(file.select_one('section[aria-labelledby="rekomendasi"]'))
    assert f"Tanda tangan asesi Menolak {REFUSAL}" in told
    assert f"Tidak setuju: {ten.second.name}" in told
    assert DISSENT in told
    assert "Belum kompeten" in ten.open_result(ten.cases["refused"]).text()


# --- Of all of them --------------------------------------------------------------------------------------------------


def test_the_asesor_of_the_cases_has_no_vote(ten, later):
    case = ten.cases["failed"]
    asesor = ten.at_table(ten.asesor, case)
    assert "Anda: asesor permohonan ini." in asesor.text()
    assert asesor.count("#votes-panel form") == 0
    forged = asesor.client.post(f"{asesor.path()}/suara", data={"word": "setuju", "declared": "y"})
    assert forged.status_code == 409


def test_the_reports_of_the_jadwal_hold_them_all(ten, later):
    ten.finish_batch()
    report = ten.report("fr-ak-05")
    for case in ten.cases.values():
        assert case.asesi.name in report.text()
    assert "5 kompeten, 5 belum kompeten" in report.text()
    assert f"{NAMES['refused']} menolak menandatangani FR.AK.02. Alasan: {REFUSAL}" in report.text()
    review = ten.report("fr-ak-06")
    assert ten.asesor.name in review.text()


def test_the_sk_lists_what_the_pleno_decided(ten, later):
    ketua = ten.sign_sk()
    assert "SK ditandatangani." in ketua.text()
    assert "Tidak ada SK yang menunggu" in ketua.text()
    minutes = ten.berita_acara(ten.cases["straight"])
    decided = words(minutes.select_one('section[aria-labelledby="daftar"]'))
    assert all(NAMES[key] in decided for key in NAMES)
    assert f"{NAMES['sent back']}: dikembalikan ke asesor" in decided


def test_the_audit_chain_holds(ten):
    assert audit.first_fault() is None
