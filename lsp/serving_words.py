"""What a view and the server say to each other in the WSGI environment."""

from __future__ import annotations

#: Key by which a view says that its answer is larger than memory: it is read and sent piece by piece.
STREAMED = "lsp.streamed"
