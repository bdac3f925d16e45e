"""What a view and the server say to each other in the WSGI environment."""

from __future__ import annotations

#: Key by which a view says that its answer is larger than memory: it is read and sent piece by piece. Only an answer
#: of a megabyte or more: a pipe must not hold it whole.
STREAMED = "lsp.streamed"
#: Key under which a view finds the place that such an answer takes (lsp/serving_places.py).
PLACE = "lsp.place"
