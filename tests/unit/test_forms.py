"""Every form with junk in every field: whatever it answers is Indonesian."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from typing import Any, cast

import pytest
import wtforms.fields
import wtforms.validators
from werkzeug.datastructures import MultiDict
from wtforms.fields.choices import SelectFieldBase

import lsp.forms
from lsp.forms import base
from lsp.forms.base import RELOAD, Form
from lsp.forms.sentences import SENTENCES
from tests.html import page_faults

ENGLISH = re.compile(
    r"\b(is|are|be|not|valid|invalid|values?|fields?|must|the|this|choices?|required|could|cannot|character|number)\b",
    re.IGNORECASE,
)
JUNK = {
    "empty": "",
    "words": "☃ bukan nilai",
    "a number without end": "9" * 400,
    "a sign no database takes": "\x00\r\n\u2028",
    "too long": "x" * 5_000,
    "a day that is none": "2026-02-31",
}


@pytest.fixture(autouse=True)
def _no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one rule of the LSP that a form asks for."""
    monkeypatch.setattr(base, "setting", lambda _key: 365)


def _forms() -> list[type[Form]]:
    for module in pkgutil.iter_modules(lsp.forms.__path__):
        importlib.import_module(f"lsp.forms.{module.name}")
    found, wanted = [], list(Form.__subclasses__())
    while wanted:
        found.append(wanted.pop())
        wanted += found[-1].__subclasses__()
    return sorted(
        (each for each in found if each.__module__.startswith("lsp.forms.")),
        key=lambda form: (form.__module__, form.__name__),
    )


def _with_choices(form: Form) -> Form:
    """Lists that the view fills stand empty instead."""
    for field in form:
        if isinstance(field, SelectFieldBase) and getattr(field, "choices", ()) is None:
            cast("Any", field).choices = []
    return form


def _errors(form_class: type[Form], junk: str) -> list[str]:
    names = list(form_class(formdata=None)._fields)
    form = form_class(MultiDict(dict.fromkeys(names, junk)))
    for field in form:
        if isinstance(field, SelectFieldBase) and getattr(field, "choices", ()) is None:
            cast("Any", field).choices = []
    form.validate()
    return [str(error) for errors in form.errors.values() for error in errors]


@pytest.mark.parametrize("junk", JUNK.values(), ids=list(JUNK))
@pytest.mark.parametrize(
    "form", _forms(), ids=lambda form: f"{form.__module__[10:]}.{form.__name__}"
)
def test_no_form_answers_in_english(form, junk):
    assert [each for each in _errors(form, junk) if ENGLISH.search(each)] == []


def test_a_hidden_number_that_is_gone_or_broken_asks_to_load_the_page_anew():
    forms = [each for each in _forms() if "version" in each(formdata=None)._fields]
    assert len(forms) > 10
    for form in forms:
        for junk in ("", "abc", "9 9"):
            made = _with_choices(form(MultiDict({"version": junk})))
            made.validate()
            assert next(iter(made.errors["version"])) == RELOAD


def test_every_built_in_message_has_a_sentence():
    """A WTForms that learns a new message is told here, not by a person who cannot read it."""
    modules = [wtforms.validators] + [
        importlib.import_module(f"wtforms.fields.{each.name}")
        for each in pkgutil.iter_modules(wtforms.fields.__path__)
    ]
    asked = {
        argument.value
        for module in modules
        for call in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") in ("gettext", "ngettext")
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }
    assert asked - set(SENTENCES) == set()
    for message, sentence in SENTENCES.items():
        assert not ENGLISH.search(re.sub(r"%\(\w+\)[sd]", "", sentence)), sentence
        assert set(re.findall(r"%\(\w+\)[sd]|%s", sentence)) <= set(
            re.findall(r"%\(\w+\)[sd]|%s", message)
        )


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\x00b\x1bc", "abc"),
        ("dua\x85baris\x0blagi", "dua\nbaris\nlagi"),
        (" a\tb\r\nc\u00a0é😀 ", "a\tb\r\nc\u00a0é😀"),
        ("a\x9f\ufdd0\uffff\U0010fffeb", "ab"),
    ],
)
def test_what_no_page_can_show_is_not_kept(typed, kept):
    assert base.trimmed(typed) == kept
    assert page_faults(f"<p>{kept}</p>") == []
