"""Uploads are decoded and rebuilt: the whole corpus with its verdicts, and what an honest person sends."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image

from lsp.gateways import child as child_module, rebuild as rebuild_module
from lsp.gateways.child import LAUNCHER, ChildError, heavy_slot
from lsp.gateways.rebuild import (
    MAX_UPLOAD_BYTES,
    MEMORY_MB,
    ContentType,
    Rebuilt,
    UploadRefused,
    read_block,
    rebuild,
)
from tests.corpus import ACCEPTED, CANARY, Sample, card, encode, exif, many_scans, samples
from tests.corpus_pdf import pdf, picture

GROUPS = sorted({sample.group for sample in samples()})
RESIDENT_LIMIT_MB = 256

# Imports the child's code once, then forks for each file: same code, same limits, a quarter of the time.
BATCH = """
import json, os, resource, runpy, signal, sys
script, memory_mb, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
child = runpy.run_path(script, run_name="batch")
for name in sorted(os.listdir(folder)):
    if not name.endswith(".in"):
        continue
    out_r, out_w = os.pipe()
    err_r, err_w = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.dup2(os.open(f"{folder}/{name}", os.O_RDONLY), 0)
        os.dup2(out_w, 1)
        os.dup2(err_w, 2)
        for handle in (out_r, out_w, err_r, err_w):
            os.close(handle)
        resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))
        resource.setrlimit(resource.RLIMIT_CPU, (9, 9))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.alarm(8)
        code = 1
        try:
            code = child["main"]()
            sys.stderr.flush()
        finally:
            os._exit(code)
    os.close(out_w)
    os.close(err_w)
    with os.fdopen(out_r, "rb") as out, os.fdopen(err_r, "rb") as err, open(f"{folder}/{name}.out", "wb") as kept:
        kept.write(out.read())
        text = err.read().decode("utf-8", "replace")
    _, status, used = os.wait4(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    facts = {"code": code, "text": text, "rss_mb": used.ru_maxrss // 1024, "cpu": used.ru_utime + used.ru_stime}
    print(json.dumps(facts), flush=True)
"""


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "heavy.lock"


def judge_all(
    chosen: list[Sample], folder: Path
) -> Iterator[tuple[Sample, str, Rebuilt | None, dict]]:
    """Run the child's code over the samples; yield sample, verdict, result, and what it cost."""
    asked = []
    for number, sample in enumerate(chosen):
        data = sample.make()
        if not data or len(data) > MAX_UPLOAD_BYTES:  # rebuild() answers these before any child
            with pytest.raises(UploadRefused) as refused:
                rebuild(data, lock_path=folder / "lock")
            yield sample, refused.value.code, None, {"rss_mb": 0, "cpu": 0.0}
            continue
        (folder / f"{number:04}.in").write_bytes(data)
        asked.append((number, sample))
    script = LAUNCHER.with_name("_rebuild_child.py")
    command = [sys.executable, "-I", "-c", BATCH, str(script), str(MEMORY_MB), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=110)
    for (number, sample), line in zip(asked, done.stdout.splitlines(), strict=True):
        facts = json.loads(line)
        if facts["code"] == 0:
            result = read_block((folder / f"{number:04}.in.out").read_bytes())
            yield sample, ACCEPTED, result, facts
        elif facts["code"] == child_module.REFUSED:
            yield sample, facts["text"].splitlines()[-1], None, facts
        else:
            yield sample, f"too_heavy ({facts['code']})", None, facts


def traces(result: Rebuilt) -> list[str]:
    """Where the canary is still to be found, in the bytes and in everything a PDF packs away."""
    found = [name for name in ("content", "preview") if CANARY in (getattr(result, name) or b"")]
    if result.content_type == "image/jpeg":
        opened = Image.open(io.BytesIO(result.content))
        extra = set(opened.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        return found + [f"info {name}" for name in extra]
    with pikepdf.open(io.BytesIO(result.content)) as document:
        found += [
            f"catalog {key}"
            for key in set(document.Root.keys()) - {"/Type", "/Pages", "/OCProperties"}
        ]
        found += [f"trailer {key}" for key in document.trailer if key == "/Info"]
        objects: list[Any] = list(document.objects)
        for item in objects:
            if not isinstance(item, pikepdf.Object):
                continue
            parts = [item.unparse()]
            if isinstance(item, pikepdf.Stream):
                raw = item.read_raw_bytes()
                parts += [raw, unpacked(raw), repr(item.stream_dict).encode()]
                found += [f"stream {key}" for key in ("/F", "/Ref", "/PS", "/OPI") if key in item]
            found += ["object" for part in parts if CANARY in part]
            dead = rb"/(JS|JavaScript|Launch|OpenAction|AA|Annots|EmbeddedFile|Metadata|URI|XFA)\b"
            found += [match.group().decode() for match in re.finditer(dead, parts[0])]
    return found


class TestCorpus:
    @pytest.mark.parametrize("group", GROUPS)
    def test_every_verdict_is_exact_and_no_canary_survives(self, group, tmp_path):
        self.check([s for s in samples() if s.group == group and not s.slow], tmp_path)

    @pytest.mark.slow
    def test_long_tail(self, tmp_path):
        self.check([s for s in samples() if s.slow], tmp_path)

    @staticmethod
    def check(chosen: list[Sample], folder: Path) -> None:
        wrong = []
        for sample, verdict, result, facts in judge_all(chosen, folder):
            if verdict != sample.verdict:
                wrong.append(f"{sample}: {verdict}, not {sample.verdict}")
            if result is not None:
                wrong += [f"{sample}: {trace} survived" for trace in traces(result)]
            if facts["rss_mb"] > RESIDENT_LIMIT_MB:
                wrong.append(f"{sample}: {facts['rss_mb']} MB resident")
        assert not wrong, "\n".join(wrong)

    def test_corpus_is_as_large_as_promised(self):
        assert len(samples()) >= 300
        assert len(GROUPS) == 9

    def test_the_search_finds_what_is_smuggled(self):
        """The canary of this file: on the uploads as they came, the search must find everything."""
        carriers = [s for s in samples() if s.group in ("carrier", "metadata", "pdf active")]
        silent = [str(s) for s in carriers if not traces(as_it_came(s.make()))]
        assert silent == ["pdf active: nothing bad", "pdf active: nothing bad, in object streams"]


class TestHonestPhotos:
    def test_large_photo_comes_out_upright_small_and_bare(self, lock):
        # The phone was held upright: the sensor's rows are stored as columns (orientation 6).
        stored = card(4000, 3000).transpose(Image.Transpose.ROTATE_90)
        photo = encode(stored, "JPEG", quality=92, exif=exif(orientation=6))
        result = rebuild(photo, lock_path=lock)
        drawn = Image.open(io.BytesIO(result.content))
        assert (result.content_type, result.pages) == ("image/jpeg", 1)
        assert (result.width, result.height) == drawn.size == (3000, 2250)
        assert is_red(pixel(result.content, (100, 100)))
        assert not is_red(pixel(result.content, (100, 2150)))
        assert len(result.content) <= 1_000_000
        assert not traces(result)

    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_each_orientation_is_applied(self, orientation, lock):
        undo = {
            2: Image.Transpose.FLIP_LEFT_RIGHT,
            3: Image.Transpose.ROTATE_180,
            4: Image.Transpose.FLIP_TOP_BOTTOM,
            5: Image.Transpose.TRANSPOSE,
            6: Image.Transpose.ROTATE_90,
            7: Image.Transpose.TRANSVERSE,
            8: Image.Transpose.ROTATE_270,
        }
        stored = card().transpose(undo[orientation]) if orientation in undo else card()
        result = rebuild(encode(stored, "JPEG", exif=exif(orientation=orientation)), lock_path=lock)
        drawn = Image.open(io.BytesIO(result.content))
        assert drawn.size == card().size
        assert is_red(pixel(result.content, (20, 20)))

    def test_heic_of_a_phone_becomes_an_upright_jpeg(self, lock):
        photo = encode(card(1200, 900), "HEIF", quality=70, exif=exif(orientation=1))
        result = rebuild(photo, lock_path=lock)
        drawn = Image.open(io.BytesIO(result.content))
        assert (drawn.format, drawn.size) == ("JPEG", (1200, 900))
        assert is_red(pixel(result.content, (60, 60)))
        assert CANARY not in result.content

    def test_preview_is_small_and_shows_the_same(self, lock):
        result = rebuild(encode(card(2000, 1000), "PNG"), lock_path=lock)
        preview = result.preview
        assert Image.open(io.BytesIO(preview or b"")).size == (900, 450)
        assert is_red(pixel(preview, (40, 40)))

    def test_transparency_turns_white(self, lock):
        glass = Image.new("RGBA", (400, 300), (0, 0, 0, 0))
        result = rebuild(encode(glass, "PNG"), lock_path=lock)
        assert pixel(result.content, (200, 150)) == (255, 255, 255)

    def test_sixteen_bit_grey_keeps_its_tone(self, lock):
        grey = Image.new("I;16", (80, 60), 0x8000)
        result = rebuild(encode(grey, "PNG"), lock_path=lock)
        assert abs(pixel(result.content, (40, 30))[0] - 128) <= 1

    @pytest.mark.slow
    def test_noise_ends_near_the_target(self, lock):
        noise = Image.effect_noise((3000, 2250), 80).convert("RGB")
        assert len(rebuild(encode(noise, "JPEG", quality=70), lock_path=lock).content) < 2_000_000

    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("kind", "size", "options"),
        [
            ("JPEG", (8660, 5770), {"quality": 60}),
            ("JPEG", (8660, 5770), {"quality": 50, "progressive": True}),
            ("JPEG", (5990, 5990), {"quality": 50}),
            ("JPEG", (5000, 5000), {"quality": 50, "progressive": True, "subsampling": 0}),
            ("PNG", (5000, 5000), {"compress_level": 1}),
            ("PNG", (5000, 5000), {"compress_level": 1, "alpha": True}),
            ("WEBP", (4000, 3000), {"quality": 50, "method": 0, "alpha": True}),
        ],
        ids=str,
    )
    def test_the_largest_pictures_fit_the_limits(self, kind, size, options, tmp_path):
        options = dict(options)
        drawn = card(*size).convert("RGBA" if options.pop("alpha", False) else "RGB")
        sample = Sample("largest", kind, ACCEPTED, lambda: encode(drawn, kind, **options))
        [(_, verdict, _, facts)] = judge_all([sample], tmp_path)
        assert verdict == ACCEPTED
        assert facts["rss_mb"] <= RESIDENT_LIMIT_MB


class TestHonestPdf:
    def test_scan_keeps_its_pages_and_is_drawn(self, lock):
        scan = pdf(scanned, pages=5)
        result = rebuild(scan, lock_path=lock)
        assert (result.content_type, result.pages) == ("application/pdf", 5)
        assert result.width is None
        preview = result.preview
        assert max(Image.open(io.BytesIO(preview or b"")).size) == 900
        assert is_red(pixel(preview, (60, 30)))  # the box of the page
        assert is_red(pixel(preview, (130, 360)))  # the corner of the scanned card

    def test_stamp_and_filled_answer_stay_on_the_page(self, lock):
        result = rebuild(pdf(stamped), lock_path=lock)
        preview = result.preview
        red, _, blue = pixel(preview, (320, 480))
        assert red < 60 < 200 < blue  # the blue stamp
        with pikepdf.open(io.BytesIO(result.content)) as document:
            assert "/Annots" not in document.pages[0].obj

    def test_hidden_layer_stays_hidden(self, lock):
        preview = rebuild(pdf(hidden_layer), lock_path=lock).preview
        assert min(pixel(preview, (320, 480))) > 240

    def test_text_can_still_be_read_out(self, lock):
        with pikepdf.open(io.BytesIO(rebuild(pdf(), lock_path=lock).content)) as document:
            assert b"Surat keterangan kerja" in document.pages[0].Contents.read_bytes()

    def test_same_upload_gives_the_same_file(self, lock):
        assert rebuild(pdf(), lock_path=lock).sha256 == rebuild(pdf(), lock_path=lock).sha256


class TestRefusal:
    def test_every_code_has_a_sentence_for_the_person(self):
        for sample in samples():
            assert sample.verdict == ACCEPTED or sample.verdict in rebuild_module._SENTENCES
        for sentence in rebuild_module._SENTENCES.values():
            assert "Berkas Anda yang lain tetap tersimpan." in sentence
            assert sentence.endswith(".")

    def test_refusal_carries_code_and_sentence(self, lock):
        with pytest.raises(UploadRefused) as refused:
            rebuild(b"%PDF-1.7 bukan apa-apa", lock_path=lock)
        assert refused.value.code == "pdf_unreadable"
        assert str(refused.value) == refused.value.sentence

    def test_wall_clock_ends_a_file_that_takes_too_long(self, lock, monkeypatch):
        monkeypatch.setattr(rebuild_module, "WALL_SECONDS", 0.01)
        with pytest.raises(UploadRefused) as refused:
            rebuild(pdf(), lock_path=lock)
        assert refused.value.code == "too_heavy"

    def test_memory_limit_is_on(self, lock, monkeypatch):
        # The canary of the limit: with a tenth of the address space nothing runs, and it is said as our fault.
        monkeypatch.setattr(rebuild_module, "MEMORY_MB", 40)
        with pytest.raises((UploadRefused, ChildError)):
            rebuild(pdf(), lock_path=lock)

    def test_busy_place_is_said_as_such(self, lock, monkeypatch):
        def at_once(*args, **keys):
            return child_module.run_child(*args, **keys | {"wait_seconds": 0.05})

        monkeypatch.setattr(rebuild_module, "run_child", at_once)
        with heavy_slot(lock), pytest.raises(UploadRefused) as refused:
            rebuild(pdf(), lock_path=lock)
        assert refused.value.code == "busy"

    def test_broken_machinery_is_not_blamed_on_the_file(self, lock, monkeypatch, tmp_path):
        broken = tmp_path / "broken.py"
        broken.write_text("import perpustakaan_yang_tidak_ada")
        monkeypatch.setattr(rebuild_module, "_SCRIPT", broken)
        with pytest.raises(ChildError):
            rebuild(pdf(), lock_path=lock)

    @pytest.mark.parametrize("answer", [b"", b"\0\0\0\2{}", b"\0\0\0\2{}<html>", b"\xff" * 40])
    def test_strange_answer_of_the_child_is_refused(self, answer):
        with pytest.raises(ChildError):
            read_block(answer)

    def test_thousands_of_scans_are_refused_before_decoding(self, lock):
        with pytest.raises(UploadRefused) as refused:
            rebuild(many_scans(card(160, 120), 1500), lock_path=lock)
        assert refused.value.code == "image_too_heavy"

    def test_child_does_not_load_the_portal(self):
        script = LAUNCHER.with_name("_rebuild_child.py")
        code = f"import runpy, sys; runpy.run_path({str(script)!r}, run_name='x'); print('flask' in sys.modules)"
        shown = subprocess.run(
            [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
        )
        assert shown.stdout.strip() == "False"


def unpacked(raw: bytes) -> bytes:
    """What zlib makes of it: content, object streams, and a JPEG that was packed once more."""
    try:
        return zlib.decompress(raw)
    except zlib.error:
        return b""


def pixel(picture: bytes | None, at: tuple[int, int]) -> tuple[int, ...]:
    assert picture is not None
    found = Image.open(io.BytesIO(picture)).convert("RGB").getpixel(at)
    assert isinstance(found, tuple)
    return found


def as_it_came(data: bytes) -> Rebuilt:
    kind: ContentType = "application/pdf" if data.startswith(b"%PDF-") else "image/jpeg"
    return Rebuilt(data, kind, 1, None, None, None, "")


def is_red(colour: tuple[int, ...]) -> bool:
    return colour[0] > 180 and colour[1] < 70 and colour[2] < 70


def scanned(document: pikepdf.Pdf, _page: pikepdf.Page) -> None:
    """As a scanner writes it: each page one JPEG under the box and line of the plain page."""
    for page in document.pages:
        image = picture(document, encode(card(1240, 930), "JPEG", exif=exif()), (1240, 930))
        page.obj.Resources.XObject = pikepdf.Dictionary(X1=image)
        page.contents_add(b"q 400 0 0 300 60 250 cm /X1 Do Q")


def stamped(document: pikepdf.Pdf, page: pikepdf.Page) -> None:
    box = pikepdf.Array([0, 0, 200, 200])
    look = document.make_stream(b"0 0 1 rg 0 0 200 200 re f", Type=pikepdf.Name.XObject)
    look.Subtype, look.BBox = pikepdf.Name.Form, box
    stamp = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot,
        Subtype=pikepdf.Name.Stamp,
        Rect=pikepdf.Array([200, 292, 400, 492]),
        F=4,
        AP=pikepdf.Dictionary(N=look),
    )
    page.obj.Annots = pikepdf.Array([document.make_indirect(stamp)])


def hidden_layer(document: pikepdf.Pdf, page: pikepdf.Page) -> None:
    layer = document.make_indirect(
        pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name=pikepdf.String("Lapis"))
    )
    state = pikepdf.Dictionary(OFF=pikepdf.Array([layer]))
    document.Root.OCProperties = pikepdf.Dictionary(OCGs=pikepdf.Array([layer]), D=state)
    page.obj.Resources.Properties = pikepdf.Dictionary(L1=layer)
    page.contents_add(b"/OC /L1 BDC 0 0 1 rg 200 292 200 200 re f EMC")
