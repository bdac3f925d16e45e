"""The meetings of the ten cases, from the door to the recommendation, and what is handed in afterwards."""

from __future__ import annotations

from datetime import timedelta

from bs4 import Tag

from tests.html import words
from tests.journeys.certification import photo
from tests.journeys.hands import PlainHands
from tests.journeys.pre_assessment import PreAssessment
from tests.journeys.ten_cases import KEY, REPORT, Case, Lsp
from tests.support.third_party import SECRET

REASONS = {3: "Tindak lanjut tidak dapat dijelaskan.", 4: "Laporan tidak disusun sendiri."}
REFUSAL = "Asesi menganggap laporannya sudah cukup."
DISSENT = "Menurut saya jawaban wawancaranya sudah cukup untuk unit 3."
POWER = "Listrik di tempat asesi padam 40 menit."
LETTER_FINDING = "Sesuai dengan laporan dan wawancara."
FEEDBACK = "Penjelasan Anda runtut dan buktinya rapi. Pertahankan."
FOLLOW_UP = "Menyusun dua laporan pemeriksaan di bawah bimbingan penyelia."
WORDS = "Dijelaskan dengan contoh dari proyek rumah susun."
OPEN_POINT = "Tindak lanjut pemeriksaan."


class Meetings(Lsp):
    # --- steps ----------------------------------------------------------------------------------------------------

    def meeting(self, case: Case) -> PreAssessment[PlainHands]:
        asesor = self.asesor_of(case)
        return PreAssessment(
            self.at(asesor), self.at(case.asesi), case.id, asesor.name, case.asesi.name
        )

    def open_meeting(self, case: Case) -> None:
        """Both have come, the face is checked, the asesi lets himself be recorded, and the assessment begins."""
        self.moves_to(self.hour_of(case) + timedelta(minutes=1))
        self.meeting(case).open()
        self.at_asesor(case).press("Mulai asesmen")

    def check_portfolio(self, case: Case, *, doubtful: str = "") -> None:
        """FR.IA.08: every piece of evidence meets the rules, but for the one that is doubted."""
        asesor = self.at_asesor(case, "fr-ia-08")
        asesor.press("Mulai FR.IA.08")
        asesor.tick_all('main input[type="radio"][value="ya"]')
        if doubtful:
            piece = f'.check:-soup-contains("{doubtful}")'
            asesor.tick_all(f'{piece} input[name$="-sufficient"][value="tidak"]')
            asesor.fill_all(f"{piece} textarea", "Laporannya belum menyebut tindak lanjut.")
            asesor.press("Simpan")
            asesor.press("Centang yang disarankan")
        asesor.tick_all(
            'main input[name="s-conclusion"][value="%s"]' % ("other_method" if doubtful else "met")
        )
        asesor.fill("Umpan balik untuk asesi", WORDS)
        if doubtful:
            asesor.fill_all('main textarea[name="s-not_met"]', OPEN_POINT)
        asesor.press("Selesai mengisi FR.IA.08")
        assert "FR.IA.08 selesai." in asesor.text(), asesor.text()[:3000]

    def interview(self, case: Case, *, achieved: bool = True) -> None:
        """FR.IA.09: what FR.IA.08 left open is asked."""
        asesor = self.at_asesor(case, "fr-ia-09")
        asesor.press("Mulai FR.IA.09")
        assert KEY in asesor.text()
        asesor.fill_all('main textarea[name$="-answer"]', WORDS)
        asesor.tick_all(f'main input[type="radio"][value="{"ya" if achieved else "tidak"}"]')
        if not achieved:
            asesor.fill_all('main textarea[name="s-not_met"]', OPEN_POINT)
        asesor.press("Selesai mengisi FR.IA.09")
        assert "FR.IA.09 selesai." in asesor.text(), asesor.text()[:3000]

    def write_record(self, case: Case, *, failed: dict[int, str] | None = None) -> None:
        """FR.AK.02. failed: units by place, each with the reason; without one the recommendation is K."""
        asesor = self.at_asesor(case, "fr-ak-02")
        for place, reason in (failed or {}).items():
            row = f"tr:nth-of-type({place})"
            asesor.tick_all(f'{row} input[name$="-failed"]')
            asesor.fill_all(f'{row} textarea[name$="-reason"]', reason)
        asesor.tick("Belum kompeten" if failed else "Kompeten")
        asesor.fill("Tindak lanjut yang dibutuhkan", FOLLOW_UP if failed else "")
        asesor.fill("Umpan balik untuk asesi", FEEDBACK)
        asesor.press("Simpan dan kembali ke urutan rapat")

    def next_at_asesor(self, case: Case, todo: str) -> None:
        """What the order of the meeting tells the asesor to do now."""
        now = self.at_asesor(case).page.select_one("#meeting-now h2")
        assert words(now).startswith(todo), words(now)

    def line_in_office(self, case: Case) -> Tag:
        """The admin's line of a case that waits for a pleno."""
        admin = self.at_admin("/pleno")
        [line] = admin.page.select(
            f'section[aria-labelledby="menunggu"] li:-soup-contains("{case.asesi.name}")'
        )
        return line

    def asesi_signs(self, case: Case) -> None:
        """One press for FR.AK.02 and every FR.IA that has a place for him."""
        asesi = self.at_asesi(case, "rapat")
        asesi.fill("Ketik nama lengkap Anda", case.asesi.name, within='form[action$="/fr-ak-02"]')
        asesi.press_first("Tanda tangani ", within='form[action$="/fr-ak-02"]')

    def asesor_signs(self, case: Case) -> None:
        asesor = self.at_asesor(case, "tanda-tangan")
        form = '#sign-panel form:has(input[name="typed_name"])'
        asesor.fill("Nama lengkap Anda", self.asesor_of(case).name, within=form)
        asesor.press_first("Tanda tangani ", within=form)

    def second_signs(self, case: Case, *, dissent: str = "") -> None:
        """Asesor 2 agrees, or says why not."""
        second = self.at_asesor(case, "tanda-tangan", self.second)
        second.tick("Tidak setuju" if dissent else "Setuju dengan rekaman ini")
        if dissent:
            second.fill("Alasan", dissent, within='form[action$="/asesor-2"]')
        second.press("Tanda tangani sebagai asesor 2")

    def send(self, case: Case) -> None:
        """The meeting has ended and the recommendation goes to the tim teknis."""
        asesor = self.at_asesor(case)
        if asesor.count('[aria-label="Catat: Rapat selesai"]'):
            asesor.press("Catat: Rapat selesai")
        asesor = self.at_asesor(case, "kirim-rekomendasi")
        asesor.press("Kirim rekomendasi")
        assert "Rekomendasi terkirim ke tim teknis." in asesor.text(), asesor.text()[:3000]

    def all_sign_and_send(self, case: Case) -> None:
        self.asesor_signs(case)
        self.asesi_signs(case)
        if case.key not in self.asesors:
            self.second_signs(case)
        self.send(case)

    def hand_in(self, case: Case) -> None:
        """Where the recording lies, and a screenshot, of each meeting that lacks them."""
        asesor = self.at_asesor(case, "rekaman")
        lacking = 'form[action$="/tangkapan-layar"]:has(button:-soup-contains-own("Unggah"))'
        for number, shot in enumerate(asesor.actions(lacking)):
            link = shot.removesuffix("/tangkapan-layar")
            form = f'form[action="{link}"]'
            asesor.fill("Tautan rekaman", f"https://arsip.lsp.example/{link[-16:]}", within=form)
            asesor.press("Simpan tautan", within=form)
            form = f'form[action="{shot}"]'
            asesor.attach((f"layar-{number}.jpg", photo(link[-16:])), within=form)
            asesor.press("Unggah", within=form)

    def break_off(self, case: Case) -> None:
        """The power fails: the asesor writes it down and halts; what is filled stays."""
        asesor = self.at_asesor(case, "gangguan?henti=1")
        asesor.tick("Listrik padam")
        asesor.fill("Kejadian dan tindakan", POWER)
        asesor.press("Catat dan hentikan sementara")
        assert "Asesmen dihentikan sementara." in asesor.text()

    def note_refusal(self, case: Case, reason: str) -> None:
        """The asesi will not sign, and says why."""
        asesor = self.at_asesor(case, "tanda-tangan")
        asesor.tick("Menolak menandatangani")
        asesor.fill("Alasan", reason, within='form[action$="/tanda-tangan/asesi"]')
        asesor.press("Catat alasannya")
        assert "Asesi menolak menandatangani" in asesor.text()

    def ask_third_party(self, case: Case) -> str:
        """The asesor asks the supervisor; the address of the letter, which is shown this once."""
        asesor = self.at_asesor(case, "pihak-ketiga")
        asesor.fill("Nama pihak ketiga", "Mandor Contoh Rekaan")
        asesor.fill("Nomor HP atau telepon", "0812 9999 0002")
        asesor.press("Buat tautan")
        shown = asesor.page.select_one("#third-party-panel .notice .mono")
        assert shown is not None
        return "/" + shown.get_text().partition("://")[2].partition("/")[2].strip()

    def answer_letter(self, link: str) -> PlainHands:
        """The third party answers without an account, in a browser that was never signed in."""
        hands = PlainHands(self.app.test_client())
        hands.go(link)
        hands.tick_all('main input[type="radio"][value="ya"]')
        hands.fill_all("main form textarea", SECRET)
        hands.tick_all('main input[name="agreed"]')
        hands.press("Kirim jawaban")
        return hands

    def judge_letter(self, case: Case) -> None:
        """What the asesor makes of it: it supports the asesi."""
        asesor = self.at_asesor(case, "pihak-ketiga")
        asesor.tick("Ya, mendukung")
        asesor.fill_all('textarea[name="finding"]', LETTER_FINDING)
        asesor.tick_all('input[name="conclusion"][value="met"]')
        asesor.press("Simpan penilaian")

    # --- whole meetings, each as its case has it ------------------------------------------------------------------

    def hold_met(self, case: Case) -> None:
        """Every piece of evidence meets the rules: no interview, K."""
        self.open_meeting(case)
        self.check_portfolio(case)
        self.next_at_asesor(case, "Isi FR.AK.02")
        self.write_record(case)
        self.all_sign_and_send(case)
        self.hand_in(case)

    def hold_bare(self, case: Case) -> None:
        """Every piece of evidence meets the rules, and one elemen has none: only that one is asked about. K."""
        self.open_meeting(case)
        self.check_portfolio(case)
        self.next_at_asesor(case, "Isi FR.IA.09")
        told = self.at_asesor(case, "instrumen").text()
        assert "1 elemen dijawab K tanpa bukti: ditanyakan di sini." in told
        self.interview(case)
        self.write_record(case)
        self.all_sign_and_send(case)
        self.hand_in(case)

    def hold_gaps(self, case: Case) -> None:
        """One report is doubted and made good in the interview: K."""
        self.open_meeting(case)
        self.check_portfolio(case, doubtful=REPORT)
        self.next_at_asesor(case, "Isi FR.IA.09")
        self.interview(case)
        self.write_record(case)
        self.all_sign_and_send(case)
        self.hand_in(case)

    def hold_failed(self, case: Case) -> None:
        """The report is doubted and the interview does not help: BK in units 3 and 4."""
        self._find_wanting(case)
        self.all_sign_and_send(case)
        self.hand_in(case)

    def _find_wanting(self, case: Case) -> None:
        self.open_meeting(case)
        self.check_portfolio(case, doubtful=REPORT)
        self.interview(case, achieved=False)
        self.write_record(case, failed=REASONS)

    def hold_with_third_party(self, case: Case) -> None:
        self.open_meeting(case)
        self.check_portfolio(case, doubtful=REPORT)
        self.interview(case)
        link = self.ask_third_party(case)
        assert "Terima kasih" in self.answer_letter(link).text()
        self.judge_letter(case)
        self.write_record(case)
        self.all_sign_and_send(case)
        self.hand_in(case)

    def hold_interrupted(self, case: Case) -> None:
        """The line breaks after FR.IA.08; the asesor opens another meeting and the asesi takes it."""
        self.open_meeting(case)
        self.check_portfolio(case)
        self.break_off(case)
        self.open_one_slot(self.day + timedelta(days=1), 9)
        self.book(case)

    def finish_interrupted(self, case: Case) -> None:
        """The next day goes on where the first ended: FR.IA.08 is there and is not filled again."""
        self.open_meeting(case)
        assert (
            "FR.IA.08 Ceklis Verifikasi Portofolio selesai"
            in self.at_asesor(case, "instrumen").text()
        )
        self.write_record(case)
        self.all_sign_and_send(case)
        assert "Masih kurang" in words(self.line_in_office(case))
        self.hand_in(case)

    def hold_refused(self, case: Case) -> None:
        """BK; the asesi will not sign it, and asesor 2 sees unit 3 otherwise."""
        self._find_wanting(case)
        self.asesor_signs(case)
        self.note_refusal(case, REFUSAL)
        self.second_signs(case, dissent=DISSENT)
        self.send(case)
        self.hand_in(case)

    def hold_all(self) -> None:
        """The ten of one day, hour after hour; one goes on the day after."""
        held = {
            "straight": self.hold_met, "gaps": self.hold_gaps, "failed": self.hold_failed, "sent back": self.hold_bare,
            "appeal granted": self.hold_failed, "appeal denied": self.hold_failed, "again": self.hold_failed,
            "third party": self.hold_with_third_party, "interrupted": self.hold_interrupted,
            "refused": self.hold_refused,
        }  # fmt: skip
        for case in sorted(self.cases.values(), key=self.hour_of):
            held[case.key](case)
        self.finish_interrupted(self.cases["interrupted"])
