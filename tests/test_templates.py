"""Rules over all templates: they compile, are used, import what they use, and hold nothing a browser would run.

What can only be seen in a drawn page (ids, labels, headings) is checked on every page a test fetches.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, nodes

from lsp.gateways import mail

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "lsp" / "templates"
TEMPLATES = sorted(
    str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.suffix in (".html", ".txt")
)
PAGES = [name for name in TEMPLATES if name.endswith(".html")]
PARTIALS = [
    name for name in PAGES if Path(name).name.startswith("_") and not name.startswith("mail/")
]
CODE = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "lsp").rglob("*.py")))
SOURCES = {name: (FOLDER / name).read_text(encoding="utf-8") for name in TEMPLATES}


@pytest.fixture(scope="session")
def environment(_sqlite_app) -> Environment:
    made: Environment = _sqlite_app[0].jinja_env
    return made


@pytest.fixture(scope="session")
def trees(environment) -> dict[str, nodes.Template]:
    return {name: environment.parse(source, name) for name, source in SOURCES.items()}


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_compiles(name, environment):
    # A mail is drawn by the worker, with filters of its own.
    (mail.environment() if name.startswith("mail/") else environment).get_template(name)


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_is_used(name, trees):
    """By name in the code, or by another template; a mail also by its kind (mail/invite.txt by "invite")."""
    wanted = [name, Path(name).stem] if name.startswith("mail/") else [name]
    in_code = any(f'"{each}"' in CODE for each in wanted) or name in _error_pages()
    in_templates = any(
        _names_template(tree, name) for other, tree in trees.items() if other != name
    )
    assert in_code or in_templates, "nothing uses it; remove it, or use it"


def _error_pages() -> set[str]:
    from lsp.views.error_pages import PAGES as statuses

    return {f"errors/{status}.html" for status in statuses}


def _names_template(tree: nodes.Template, name: str) -> bool:
    kinds: tuple[Any, ...] = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)
    return any(
        isinstance(constant, nodes.Const) and constant.value == name
        for node in tree.find_all(kinds)
        for constant in [node.template, *node.template.find_all(nodes.Const)]
    )


@pytest.mark.parametrize("name", PAGES)
def test_every_import_is_used(name, trees):
    tree = trees[name]
    imported = {
        alias if isinstance(alias, str) else alias[1]
        for node in tree.find_all(nodes.FromImport)
        for alias in node.names
    }
    imported |= {node.target for node in tree.find_all(nodes.Import)}
    used = {node.name for node in tree.find_all(nodes.Name) if node.ctx == "load"}
    assert imported <= used, f"imported in vain: {sorted(imported - used)}"


class TestPartials:
    """Files whose name begins with an underscore: one panel, drawn alone or in a page."""

    def test_the_root_bears_the_name_of_the_file(self):
        """admin/_work_list.html draws <section id="work-list">: file, root and hx-target agree."""
        roots = {name: _root_id(SOURCES[name]) for name in PARTIALS}
        stems = {name: Path(name).stem.lstrip("_").replace("_", "-") for name in PARTIALS}
        wrong = {
            name: root
            for name, root in roots.items()
            if not re.fullmatch(re.escape(stems[name]) + r"(-\{\{.*\}\})?", root)
        }
        assert wrong == {}, "each should be the file's name with dashes"

    def test_the_first_line_says_what_it_needs(self):
        assert [name for name in PARTIALS if not re.match(r"\{#\s*[Nn]eeds", SOURCES[name])] == []

    def test_none_extends(self, trees):
        assert [name for name in PARTIALS if list(trees[name].find_all(nodes.Extends))] == []


def _root_id(source: str) -> str:
    drawn = re.sub(r"\{#.*?#\}|\{%.*?%\}", "", source, flags=re.DOTALL).strip()
    found = re.match(r"<[a-z0-9]+\b[^>]*?\sid=\"([^\"]+)\"", drawn)
    return found[1] if found else ""


FORBIDDEN = {
    "style attribute": r"<[^>{]*\sstyle\s*=",
    "handler attribute": r"<[^>{]*\son[a-z]+\s*=",
    "hx-on": r"hx-on[:=-]",
    "hx-delete, hx-put, hx-patch (they put the token into the address)": r"hx-(delete|put|patch)",
    "hx-boost": r"hx-boost",
    "script in an hx attribute": r"hx-[a-z]+\s*=\s*[\"']\s*js(on)?:",
    "filter in hx-trigger, which needs eval": r"hx-trigger\s*=\s*\"[^\"]*\[",
    "hx address on another host": r"hx-(get|post)\s*=\s*[\"'](https?:)?//",
    "inline script": r"<script(?![^>]*\ssrc=)",
    "javascript: address": r"javascript:",
    "|safe": r"\|\s*safe\b",
    "autoescape off": r"autoescape\s+false",
    "unquoted attribute": r"<[a-z][^>]*\s[a-z-]+=\{\{",
    "another host": r"(src|href)\s*=\s*[\"'](https?:)?//",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_holds(what):
    pattern = re.compile(FORBIDDEN[what], re.IGNORECASE)
    bare = {name: re.sub(r"\{#.*?#\}", "", SOURCES[name], flags=re.DOTALL) for name in PAGES}
    assert [name for name, source in bare.items() if pattern.search(source)] == []


@pytest.mark.parametrize("name", PAGES)
def test_every_posting_form_carries_the_token(name):
    for form in re.findall(r"<form\b.*?</form>", SOURCES[name], flags=re.DOTALL):
        if re.search(r"method=\"post\"", form, re.IGNORECASE):
            assert 'name="csrf_token"' in form


@pytest.mark.parametrize("name", PAGES)
def test_target_and_swap_stand_on_the_element_itself(name):
    """Not inherited: easier to read, and safe for a later htmx."""
    for tag in re.findall(
        r"<[a-z]+\b(?:[^<>]|\{%.*?%\})*hx-(?:get|post)=(?:[^<>]|\{%.*?%\})*>", SOURCES[name]
    ):
        assert "hx-target=" in tag, tag
        assert "hx-swap=" in tag, tag


def test_the_configuration_of_htmx():
    """As measured safe: no eval, no scripts in fragments, nothing of a page kept in the browser."""
    base = SOURCES["base.html"]
    for each in (
        '"allowEval":false', '"allowScriptTags":false', '"includeIndicatorStyles":false', '"selfRequestsOnly":true',
        '"historyCacheSize":0', '"historyRestoreAsHxRequest":false', '"refreshOnHistoryMiss":true', '"timeout":15000',
    ):  # fmt: skip
        assert each in base


def test_the_status_region_is_never_replaced():
    """Only its words are swapped (components/_status.html): a new live region is not heard everywhere."""
    holders = {name for name in PAGES if 'role="status"' in SOURCES[name]}
    assert holders == {"base.html", "components/_status.html"}
    assert 'hx-swap-oob="innerHTML"' in SOURCES["components/_status.html"]


#: A state, a decision, a paper or a person compared with a word: a rule of the procedure. Views answer it as a fact.
RULE = re.compile(
    r"""\b(?:status|decision|recommendation|paper\.value|paper)\s*[!=]=\s*["']|g\.actor\.id\s*(?:[!=]=|in\b)"""
)


@pytest.mark.parametrize("name", PAGES)
def test_it_holds_no_rule_of_the_procedure(name):
    assert RULE.findall(SOURCES[name]) == []
