"""The typology as data: ``codebook.toml`` read, checked whole and made into records.

``load_codebook()`` gives the packaged one (the 2008 typology), ``load_codebook(folder)`` another.
"""

from tagger.codebook.check import check_codebook, check_version
from tagger.codebook.conditions import ANY, STATUSES, VOICES, Condition, CueTest, check_condition, check_test
from tagger.codebook.faults import Faults, did_you_mean, join, listed, quoted
from tagger.codebook.load import codebook_folder, load_codebook, load_names, read_data_file, read_toml
from tagger.codebook.records import FACETS, Change, Code, Codebook, Criterion, Cue, CueValue, NearMiss, Role, RoleRule, Source

__all__ = [
    "ANY",
    "FACETS",
    "STATUSES",
    "VOICES",
    "Change",
    "Code",
    "Codebook",
    "Condition",
    "Criterion",
    "Cue",
    "CueTest",
    "CueValue",
    "Faults",
    "NearMiss",
    "Role",
    "RoleRule",
    "Source",
    "check_codebook",
    "check_condition",
    "check_test",
    "check_version",
    "codebook_folder",
    "did_you_mean",
    "join",
    "listed",
    "load_codebook",
    "load_names",
    "quoted",
    "read_data_file",
    "read_toml",
]
