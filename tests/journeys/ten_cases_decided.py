"""What the pleno makes of the ten cases, and what becomes of them: SK, result, banding, asesmen ulang, reports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from bs4 import BeautifulSoup

from tests.html import soup
from tests.journeys.certification import photo
from tests.journeys.hands import PlainHands
from tests.journeys.ten_cases import Case, Person
from tests.journeys.ten_cases_meeting import Meetings

AGREE, DISAGREE = "Setuju dengan rekomendasi", "Tidak setuju"
COMPETENT, NOT_YET = "Tetapkan kompeten", "Tetapkan belum kompeten"
BACK = "Kembalikan ke asesor"
QUESTION = "Unit 3: bukti mana yang dipakai, dan halaman berapa?"
ANSWER = "Unit 3 dinilai dari laporan pemeriksaan halaman 4."
#: What the pleno makes of each; the one that is sent back comes again.
DECIDED = {
    "straight": COMPETENT, "gaps": COMPETENT, "third party": COMPETENT, "interrupted": COMPETENT,
    "failed": NOT_YET, "appeal granted": NOT_YET, "appeal denied": NOT_YET, "again": NOT_YET, "refused": NOT_YET,
}  # fmt: skip
SECOND_BATCH = "Gelombang asesmen ulang"


class TenCases(Meetings):
    # --- pleno ----------------------------------------------------------------------------------------------------

    def call_pleno(self, cases: Sequence[Case], members: Sequence[Person]) -> None:
        """The admin puts the cases on one agenda; the first member is in the chair."""
        admin = self.at_admin("/pleno/baru")
        for proposed in admin.page.select("fieldset input[checked]"):
            del proposed["checked"]
        for case in cases:
            admin.tick(case.asesi.name)
        for member in members:
            admin.tick(member.name, within='fieldset:has(input[name="members"])')
        admin.tick(members[0].name, within='fieldset:has(input[name="chair"])')
        admin.tick("Jarak jauh (daring)")
        admin.press("Buka rapat pleno")
        assert admin.path() == "/admin/pleno", admin.text()

    def decide_all(self) -> None:
        """One pleno over the ten, two days after the meetings; the asesor is called too and may not vote."""
        self.clock_at(self.day + timedelta(days=2), 9)
        self.call_pleno(list(self.cases.values()), [*self.members, self.asesor])
        for key, case in self.cases.items():
            chair = self.at_table(self.members[0], case)
            assert "Baru 0 dari 3 anggota yang memberi suara." in chair.text()
            self.files[key] = chair.page
            if key not in DECIDED:
                self.send_back(case, QUESTION)
                continue
            self.all_vote(case, self.members)
            self.decide(case, DECIDED[key])

    def at_table(self, member: Person, case: Case) -> PlainHands:
        """The file of a case as a member of its newest pleno has it before him."""
        hands = self.at(member, "/tim-teknis")
        hands.follow(case.asesi.name)
        return hands

    def vote(self, member: Person, case: Case, word: str = AGREE, note: str = "") -> PlainHands:
        hands = self.at_table(member, case)
        hands.tick(word)
        hands.fill("Catatan", note, within="#votes-panel")
        hands.tick("Saya menyatakan tidak melatih asesi ini")
        hands.press("Kirim suara")
        return hands

    def all_vote(
        self, case: Case, members: Sequence[Person], word: str = AGREE, note: str = ""
    ) -> None:
        for member in members:
            self.vote(member, case, word, note)

    def decide(
        self, case: Case, button: str, chair: Person | None = None, reason: str = ""
    ) -> None:
        hands = self.at_table(chair or self.members[0], case)
        hands.press_or_follow(button)
        if reason:
            hands.fill("Alasan untuk asesor", reason)
        hands.press(button)
        assert case.asesi.name in hands.text()

    def berita_acara(self, case: Case) -> BeautifulSoup:
        """Of the first pleno that had the case, the oldest of the list."""
        hands = self.at(self.members[0], "/tim-teknis")
        [*_, oldest] = hands.actions('main a[href$="/berita-acara"]')
        hands.go(oldest)
        return hands.page

    def sign_sk(self) -> PlainHands:
        ketua = self.at(self.ketua, "/ketua")
        ketua.tick_all('form[action="/ketua/sk"] input[type=checkbox]')
        ketua.press("Baca dan tanda tangani…")
        ketua.press("Tanda tangani")
        return ketua

    def send_back(self, case: Case, reason: str) -> None:
        """A member doubts a unit, the others agree, and the chair sends the case back to its asesor."""
        first, *others = self.members
        self.vote(first, case)
        self.vote(others[0], case, DISAGREE, reason)
        self.decide(case, BACK, reason=reason)

    def come_again(self, case: Case) -> None:
        """The asesor answers in the next edition; he, the asesi and asesor 2 sign again, and a pleno is called."""
        asesor = self.at_asesor(case, "fr-ak-02")
        asesor.fill("Komentar/ Observasi oleh asesor", ANSWER)
        asesor.press("Simpan dan kembali ke urutan rapat")
        self.all_sign_and_send(case)
        self.call_pleno([case], self.members)

    # --- the asesi -----------------------------------------------------------------------------------------------

    def open_result(self, case: Case) -> PlainHands:
        asesi = self.at_asesi(case, "hasil")
        if asesi.count("#ada-hasil"):
            asesi.press("Buka hasil")
        return asesi

    def give_feedback(self, case: Case) -> None:
        """FR.AK.03: ten times yes, and a word."""
        asesi = self.at_asesi(case, "umpan-balik")
        asesi.tick_all('main input[type="radio"][value="ya"]')
        asesi.fill_all('main textarea[name="comment"]', "Asesornya sabar.")
        asesi.press_first("Kirim", within="main form")

    def pages_of(self, case: Case) -> Iterator[str]:
        """The text of every page about his case that the asesi reaches by links, each once."""
        asesi = self.at(case.asesi)
        waiting, seen = [f"/asesi/permohonan/{case.id}", "/asesi/data-saya"], set()
        while waiting:
            address = waiting.pop().partition("#")[0]
            if address in seen:
                continue
            seen.add(address)
            answer = asesi.client.get(address)
            if answer.mimetype != "text/html":
                continue
            page = soup(answer)
            yield str(page)
            links = [str(link["href"]) for link in page.select("main a[href]")]
            waiting += [link for link in links if link.startswith(f"/asesi/permohonan/{case.id}")]

    def appeal(self, case: Case, reason: str) -> None:
        """From the result to the sent FR.AK.04."""
        asesi = self.open_result(case)
        asesi.follow("Ajukan banding…")
        for question, answer in (("dijelaskan", 0), ("didiskusikan", 1), ("orang_lain", 1)):
            asesi.tick_all(f"#{question}-{answer}")
        asesi.fill("Banding ini diajukan atas alasan sebagai berikut :", reason)
        asesi.press("Periksa sebelum dikirim")
        asesi.fill("Ketik nama lengkap Anda", case.asesi.name)
        asesi.press("Tanda tangani dan kirim banding")

    # --- banding -------------------------------------------------------------------------------------------------

    def name_panel(self, case: Case, judges: Sequence[Person]) -> None:
        ketua = self.at(self.ketua, f"/ketua/banding/{case.id}")
        for judge in judges:
            ketua.tick(judge.name)
        ketua.press("Tunjuk panel")
        assert "Panel ditunjuk." in ketua.text()

    def find(self, judge: Person, case: Case, finding: str) -> None:
        one = self.at(judge, "/banding")
        one.follow(case.asesi.name)
        one.tick("Saya menyatakan tidak melatih asesi ini dalam 2 tahun terakhir")
        one.press("Nyatakan dan buka berkas")
        one.fill("Apa yang Anda temukan dalam berkas dan rekaman", finding)
        one.press("Kirim temuan")

    def answer_banding(
        self, case: Case, judges: Sequence[Person], outcome: str, reason: str
    ) -> None:
        """One proposes the outcome, all sign."""
        one = self.at(judges[0], "/banding")
        one.follow(case.asesi.name)
        one.tick(outcome)
        one.fill("Alasan panel", reason)
        one.press("Simpan usulan")
        for judge in judges:
            one = self.at(judge, "/banding")
            one.follow(case.asesi.name)
            one.fill("Ketik nama lengkap Anda", judge.name)
            one.press("Tanda tangani jawaban")

    def contest(self, case: Case, reason: str, outcome: str, answer: str) -> None:
        """From the result to the signed answer of the panel."""
        self.appeal(case, reason)
        self.at_admin(f"/permohonan/{case.id}/banding").press("Terima banding")
        self.name_panel(case, self.judges)
        for judge in self.judges:
            self.find(judge, case, f"Temuan {judge.name}: laporan halaman 4 dibaca.")
        self.answer_banding(case, self.judges, outcome, answer)

    # --- asesmen ulang -------------------------------------------------------------------------------------------

    def ask_again(self, case: Case) -> PlainHands:
        asesi = self.open_result(case)
        asesi.follow("Ajukan asesmen ulang…")
        asesi.press("Ajukan asesmen ulang")
        return asesi

    def pay_again(self, case: Case) -> None:
        """The admin's invoice over the fee in force, the asesi's proof, and the money on the account."""
        admin = self.at_admin(f"/permohonan/{case.id}/asesmen-ulang")
        admin.press("Kirim tagihan")
        asesi = self.at_asesi(case, "pembayaran")
        asesi.attach(("bukti.jpg", photo(f"Bukti transfer {case.id}")))
        asesi.press("Unggah")
        admin = self.at_admin(f"/permohonan/{case.id}")
        admin.fill("Uang yang diterima (rupiah)", "400000")
        admin.press("Konfirmasi lunas")

    def open_again(self, case: Case) -> None:
        admin = self.at_admin(f"/permohonan/{case.id}")
        admin.follow("Asesmen ulang…")
        admin.press("Buka asesmen ulang")

    def plan_again(self, case: Case) -> None:
        """A jadwal of another asesor, with one meeting; the asesi takes it."""
        starts = self.day + timedelta(days=4)
        admin = self.at_admin("/jadwal/baru")
        admin.fill("Nama jadwal", SECOND_BATCH)
        admin.pick("Skema", self.skema)
        admin.pick("TUK", "TUK Rekaan")
        admin.tick("Jarak jauh (daring)")
        admin.fill("Mulai tanggal", starts.isoformat())
        admin.fill("Sampai tanggal", (starts + timedelta(days=10)).isoformat())
        admin.pick("Asesor 1", self.third_asesor.name)
        admin.press("Simpan sebagai draf")
        admin.press("Konfirmasi jadwal")
        assert "Dikonfirmasi" in admin.text()
        self.open_one_slot(starts, 9, asesor=self.third_asesor, jadwal=SECOND_BATCH)
        self.asesors[case.key] = self.third_asesor
        self.book(case)

    def agree_again(self, case: Case) -> None:
        """The papers that each attempt has of its own: FR.MAPA, FR.AK.07 and FR.AK.01, signed by both."""
        self.moves_to(self.hour_of(case) + timedelta(minutes=1))
        meeting = self.meeting(case)
        meeting.open()
        meeting.plan()
        meeting.lay_out()
        meeting.sign()
        self.at_asesor(case).press("Mulai asesmen")

    # --- reports of the jadwal ------------------------------------------------------------------------------------

    def report(self, tail: str) -> PlainHands:
        """FR.AK.05 or FR.AK.06 of the jadwal, filled and signed by its asesor; the signed paper."""
        asesor = self.at(self.asesor, f"/asesor/jadwal/{self.jadwal}/{tail}")
        if tail == "fr-ak-05":
            asesor.fill_all('textarea[name="aspects"]', "Asesi siap; listrik satu asesi padam.")
        else:
            asesor.tick_all('main input[type="checkbox"][name="sel"]')
            asesor.fill_all('main [name^="dimensi-"]', "TL/CVP, T/PW")
        asesor.press("Simpan, lanjut ke tanda tangan")
        asesor.fill("Nama lengkap Anda", self.asesor.name)
        asesor.press_first("Tanda tangani FR.AK.0")
        return self.at(self.asesor, f"/asesor/jadwal/{self.jadwal}/{tail}")

    def finish_batch(self) -> None:
        """The case that was sent back has come again, so every asesi is recommended."""
        case = self.cases["sent back"]
        if QUESTION in self.at_asesor(case).text():
            self.come_again(case)
