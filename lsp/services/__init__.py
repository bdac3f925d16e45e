"""What the portal does, without HTTP: one file a subject. Services flush; the caller commits."""
