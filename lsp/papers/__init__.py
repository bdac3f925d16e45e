"""Official papers: one Python file a form gathers its data, one .typ file lays it out."""
