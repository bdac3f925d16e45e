"""The procedure: what may happen to a case, by whom, only if what, and then what. One table a machine."""
