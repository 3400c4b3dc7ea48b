"""Who coded what: the table of codings, merging to one label, agreement."""
