"""What is typed on FR.IA.07, FR.IA.08 and FR.IA.09, read by hand: a paper may have two hundred answers. Shape only.

Names: `c<place>-…` a row of evidence, `t<elemen>-…` an elemen for the interview, `q<place>-…` a question, `s-…` the
word on the whole. `seen` is the edition of the stored values that the row was drawn from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lsp.forms.base import at_most, trimmed
from lsp.vocabulary import Conclusion

LONGEST = 2_000
RULES = ("valid", "authentic", "current", "sufficient")
_YES_NO = {"ya": True, "tidak": False}
Posted = Mapping[str, str]


@dataclass(slots=True)
class TypedCheck:
    """A row of evidence. errors: name of the control -> sentence."""

    answers: dict[str, bool | None]
    note: str
    seen: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def values(self) -> list[object]:
        return [*(self.answers.get(rule) for rule in RULES), self.note]


@dataclass(slots=True)
class TypedTopic:
    """An elemen: ticked or not, and what is to be made clear."""

    ticked: bool
    substance: str
    seen: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def values(self) -> list[object]:
        return [self.ticked, self.substance if self.ticked else ""]


@dataclass(slots=True)
class TypedQuestion:
    question: str
    answer: str
    achieved: bool | None
    seen: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def values(self) -> list[object]:
        return [self.question, self.answer, self.achieved]


@dataclass(slots=True)
class TypedWords:
    """The word on the whole paper."""

    conclusion: Conclusion | None
    further_evidence: str
    not_met: str
    feedback: str
    seen: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def values(self) -> list[object]:
        said = self.conclusion.value if self.conclusion is not None else ""
        return [said, self.further_evidence, self.not_met, self.feedback]


def read_check(form: Posted, key: str) -> TypedCheck:
    answers = {rule: _YES_NO.get(form.get(f"{key}-{rule}", "")) for rule in RULES}
    made = TypedCheck(answers, _text(form, f"{key}-note"), form.get(f"{key}-seen", ""))
    _measure(made.errors, {f"{key}-note": made.note})
    return made


def read_topic(form: Posted, key: str) -> TypedTopic:
    substance = _text(form, f"{key}-substance")
    made = TypedTopic(form.get(key) == "1", substance, form.get(f"{key}-seen", ""))
    _measure(made.errors, {f"{key}-substance": substance})
    return made


def read_question(form: Posted, key: str) -> TypedQuestion:
    question, answer = _text(form, f"{key}-question"), _text(form, f"{key}-answer")
    achieved = _YES_NO.get(form.get(f"{key}-achieved", ""))
    made = TypedQuestion(question, answer, achieved, form.get(f"{key}-seen", ""))
    if not question:
        made.errors[f"{key}-question"] = (
            "Pertanyaan tidak boleh kosong. Hapus pertanyaannya bila tidak diajukan."
        )
    _measure(made.errors, {f"{key}-question": question, f"{key}-answer": answer})
    return made


def read_words(form: Posted) -> TypedWords:
    said = form.get("s-conclusion", "")
    known = {each.value: each for each in Conclusion}
    names = ("further_evidence", "not_met", "feedback")
    more, where, feedback = (_text(form, f"s-{name}") for name in names)
    made = TypedWords(known.get(said), more, where, feedback, seen=form.get("s-seen", ""))
    _measure(made.errors, {f"s-{name}": getattr(made, name) for name in names})
    return made


def _text(form: Posted, name: str) -> str:
    """Browsers end a line as they like; stored is one end."""
    return str(trimmed(form.get(name, "").replace("\r\n", "\n")))


def _measure(errors: dict[str, str], texts: Mapping[str, str]) -> None:
    sentence = str(at_most(LONGEST).message)
    errors |= {name: sentence for name, words in texts.items() if len(words) > LONGEST}
