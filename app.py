"""The WSGI application for `flask`; granian starts it by lsp/serving.py. Nothing else lives here."""

from lsp import create_app

app = create_app()
