"""What holds for every paper: same bytes, own fonts only, no way out of the folder, no silent fault."""

import json
from datetime import UTC, datetime

import pytest

from lsp.gateways.child import ChildError, ChildRefused
from lsp.papers import typeset as module
from lsp.papers.typeset import typeset
from tests.papers.reading import page_texts

WHEN = datetime(2026, 8, 24, tzinfo=UTC)
PLAIN = '#set text(font: "Source Sans 3")\n'


@pytest.fixture
def set_paper(tmp_path, monkeypatch, lock_path):
    """Compile the given Typst source as if it were a paper of the house."""
    papers = tmp_path / "papers"
    papers.mkdir()
    monkeypatch.setattr(module, "PAPERS", papers)

    def compile_source(source, data=None, *, timestamp=WHEN, **assets):
        (papers / "trial.typ").write_text(source, encoding="utf-8")
        return typeset("trial", data or {}, assets=assets, timestamp=timestamp, lock_path=lock_path)

    return compile_source


def test_text_of_a_person_is_never_markup(set_paper):
    hostile = '#panic("x") *bold* $ @eval \\ "quote" <a> #read("/etc/passwd") = // /*'
    source = PLAIN + "#json(bytes(sys.inputs.data)).data.name"
    assert page_texts(set_paper(source, {"name": hostile})) == [hostile]


def test_an_asset_arrives_byte_for_byte(set_paper):
    source = PLAIN + '#array(bytes(json(bytes(sys.inputs.data)).assets.blob)).map(str).join(",")'
    assert page_texts(set_paper(source, blob=bytes([0, 10, 255]))) == ["0,10,255"]


def test_an_unknown_font_is_an_error_and_not_another_font(set_paper):
    with pytest.raises(ChildError, match="unknown font family: comic sans"):
        set_paper('#set text(font: "Comic Sans")\nHalo')


def test_without_our_fonts_nothing_is_made(set_paper, monkeypatch, tmp_path):
    monkeypatch.setattr(module, "FONTS", tmp_path)
    with pytest.raises(ChildError, match="source sans 3"):
        set_paper(PLAIN + "Halo")


def test_a_letter_in_no_font_is_refused_by_its_code_and_not_shown_in_the_log(set_paper):
    with pytest.raises(ChildRefused) as refusal:
        set_paper(PLAIN + "#json(bytes(sys.inputs.data)).data.name", {"name": "山"})
    assert str(refusal.value) == "unprintable_text U+5C71"


@pytest.mark.parametrize("path", ["/etc/passwd", "../secret.txt", "/../secret.txt"])
def test_a_template_cannot_read_outside_its_folder(set_paper, tmp_path, path):
    (tmp_path / "secret.txt").write_text("rahasia", encoding="utf-8")
    with pytest.raises(ChildError, match=r"not found|escape"):
        set_paper(PLAIN + f"#read({json.dumps(path)})")


def test_a_fault_in_a_template_says_what_is_wrong(set_paper):
    with pytest.raises(ChildError, match="unknown variable: nobody"):
        set_paper(PLAIN + "#nobody")


@pytest.mark.parametrize("name", ["../certificate", "certificate.typ", "/etc/passwd", ""])
def test_only_the_plain_name_of_a_template_is_taken(lock_path, name):
    with pytest.raises(ValueError, match="not the name"):
        typeset(name, {}, assets={}, timestamp=WHEN, lock_path=lock_path)


def test_a_naive_time_is_refused(set_paper):
    with pytest.raises(ValueError, match="time zone"):
        set_paper(PLAIN + "Halo", timestamp=datetime(2026, 8, 24))  # noqa: DTZ001 - the point


def test_only_vendored_fonts_stand_in_the_folder():
    # Typst takes every font it finds there; a stray one could change a letter of an old paper.
    assert sorted(
        path.name for path in module.FONTS.iterdir() if path.suffix in (".otf", ".ttf")
    ) == [
        "EBGaramond12-Italic.otf",
        "EBGaramond12-Regular.otf",
        "SourceSans3-Regular.otf",
        "SourceSans3-Semibold.otf",
    ]


def test_no_template_fetches_a_package_or_evaluates_text():
    for template in module.CHILD.parent.glob("*.typ"):
        source = template.read_text(encoding="utf-8")
        assert '"@' not in source, template
        assert "eval(" not in source, template
