"""The WSGI application for `flask`; granian starts it by lsp/serving.py. Nothing else lives here."""

import sys

from lsp import create_app
from lsp.config import ConfigProblem

try:
    app = create_app()
except ConfigProblem as problem:
    sys.exit(f"The portal cannot start:\n{problem}")
