"""Answers drawn without templates, database or addresses: for where those are what failed, or not yet there."""

from __future__ import annotations

from html import escape

_PAGE = """<!doctype html>
<html lang="id">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title></head>
<body><main><h1>{title}</h1><p>{sentence}</p><p><a href="{href}">{link}</a></p></main></body>
</html>
"""


def plain_page(title: str, sentence: str, *, href: str, link: str) -> str:
    """A whole page of one sentence and one way on."""
    return _PAGE.format(
        title=escape(title), sentence=escape(sentence), href=escape(href), link=escape(link)
    )
