"""The WSGI application; granian and `flask` start here, nothing else lives here."""

from lsp import create_app

app = create_app()
