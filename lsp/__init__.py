"""The portal of a small LSP: SKK Konstruksi certification at a distance, from first click to certificate.

`create_app` binds extensions, blueprints, the access gate, error pages, filters and commands.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from typing import Any

from flask import Flask, g, request
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response
from whitenoise import WhiteNoise

from lsp import config as configuration, crypto, logs
from lsp.database import WriterQueue, db, prepare_engine
from lsp.extensions import csrf, login_manager
from lsp.gateways import signer, storage


def create_app(config: configuration.Config | None = None) -> Flask:
    """Build the application. Raises ConfigProblem, or RuntimeError for a view without `@access`."""
    settings = config or configuration.from_environment()
    _make_private(settings)
    # Static files are served by WhiteNoise, so no view of ours opens that folder.
    app = Flask(__name__, static_folder=None)
    app.config.update(settings.flask_settings())
    crypto.install(settings.keyring)
    storage.install(settings)
    signer.install(settings)
    logs.configure(testing=settings.testing)
    _bind_extensions(app, settings)
    _add_blueprints(app)
    _add_pages_around_views(app, settings)
    _add_commands(app)
    app.wsgi_app = _middleware(app, settings)  # type: ignore[method-assign]
    return app


def _make_private(settings: configuration.Config) -> None:
    """Nobody else on the machine reads the data folder, nor what this process writes. Raises ConfigProblem."""
    folder = settings.data_folder
    if not settings.testing:
        os.umask(0o077)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if folder.stat().st_uid == os.getuid():
            folder.chmod(0o700)
    except OSError as problem:
        raise configuration.ConfigProblem(
            f"The data folder {folder} cannot be used: {problem.strerror}. Set LSP_DATA to a folder this process "
            "may write."
        ) from problem


def _bind_extensions(app: Flask, settings: configuration.Config) -> None:
    from lsp.models import name_search  # importing the package registers all tables

    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
        name_search.follow(db.engine)
    app.extensions["writer_queue"] = WriterQueue(
        settings.data_folder / "writer.lock" if settings.sqlite else None
    )
    if os.environ.get("FLASK_RUN_FROM_CLI") == "true":
        bind_migrations(app)
    csrf.init_app(app)
    login_manager.session_protection = None  # the row in the database is what protects a sign-in
    login_manager.init_app(app)
    login_manager.user_loader(lambda _token: g.get("actor"))


def bind_migrations(app: Flask) -> None:
    """Let commands migrate `app`. The web process never does, and is spared the 11 MB of Alembic."""
    from flask_migrate import Migrate

    from lsp.models.name_search import is_modelled

    # Batch mode rebuilds a table where SQLite cannot alter it; env.py puts the triggers back afterwards.
    Migrate(app, db, render_as_batch=True, compare_type=True, include_object=is_modelled)


def _add_blueprints(app: Flask) -> None:
    from lsp.views import blueprints
    from lsp.views.gate import install_gate

    for blueprint in blueprints():
        app.register_blueprint(blueprint)
    install_gate(app)


def _add_pages_around_views(app: Flask, settings: configuration.Config) -> None:
    from lsp.views.context import page_context
    from lsp.views.error_pages import register_error_pages
    from lsp.views.filters import register_filters
    from lsp.views.html import content_security_policy, register_html, security_headers

    register_filters(app)
    register_html(app)
    register_error_pages(app)
    app.context_processor(page_context)
    fixed = security_headers(https=settings.https)

    @app.before_request
    def _name_request() -> None:
        g.request_id = secrets.token_hex(8)

    # The gate was registered first; naming must come before it.
    hooks = app.before_request_funcs[None]
    hooks.insert(0, hooks.pop())

    @app.after_request
    def _headers(response: Response) -> Response:
        for name, value in fixed.items():
            response.headers.setdefault(name, value)
        # In development people open localhost as well as 127.0.0.1; in production there is one address.
        base_url = settings.base_url if settings.production else request.host_url
        response.headers.setdefault(
            "Content-Security-Policy", content_security_policy(base_url, https=settings.https)
        )
        response.headers.setdefault("Cache-Control", "no-store")
        logs.request_line(request, response)
        return response

    @app.teardown_request
    def _end_unit_of_work(_error: BaseException | None) -> None:
        # A view that did not commit wanted nothing kept; this also gives the writer's turn back.
        db.session.rollback()


def _add_commands(app: Flask) -> None:
    from lsp.cli import lsp_commands
    from lsp.worker import worker_command

    app.cli.add_command(lsp_commands)
    app.cli.add_command(worker_command)


def _middleware(app: Flask, settings: configuration.Config) -> Any:
    from lsp.views.html import security_headers
    from lsp.views.one_host import OneHost

    fixed = security_headers(https=settings.https)
    fixed["Content-Security-Policy"] = "default-src 'none'"
    wsgi: Any = WhiteNoise(
        app.wsgi_app,
        root=str(configuration.ROOT / "lsp" / "static"),
        prefix="static/",
        max_age=31_536_000,
        immutable_file_test=lambda *_: True,
        # Fetched by our own pages only; other sites have no business with them.
        allow_all_origins=False,
        add_headers_function=_always(fixed),
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        wsgi = ProxyFix(wsgi, x_for=hops, x_proto=hops, x_host=0)
    # In development people open localhost as well as 127.0.0.1.
    return OneHost(wsgi, settings.base_url) if settings.production else wsgi


def _always(headers: dict[str, str]) -> Callable[[Any, str, str], None]:
    """What WhiteNoise asks about each file when it reads them at start."""

    def add(given: Any, _path: str, _url: str) -> None:
        for name, value in headers.items():
            given[name] = value

    return add
