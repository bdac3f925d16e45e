"""Sending a person from a page of ours to a foreign address, after a POST has written what is to be written.

No redirect: `form-action 'self'` of our content security policy bars one that leaves the site, and a GET must not
write. The answer is a small page whose link, or whose refresh, goes on without telling where the person came from.
"""

from __future__ import annotations

from flask import Response

from lsp.views.html import page


def leave_for(url: str, *, title: str, label: str, back_url: str, hint: str = "") -> Response:
    """The page that goes on to `url`. Raises ValueError for an address that is not https.

    title: its heading; label: of the button, for whom the refresh does not take along; hint: a line below.
    """
    if not url.lower().startswith("https://"):
        raise ValueError("only https leaves the portal")
    response = page("leaving.html", url=url, title=title, label=label, back_url=back_url, hint=hint)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response
