"""The fictional LSP of a demo installation: `base` (people, skema, TUK, fees). Never loaded in production."""
