"""How wikitext marks things: the expressions that :mod:`tagger.reading.wikitext` walks with.  Each is linear on any run."""

from __future__ import annotations

import re

DROPPED = "ref|references|gallery|math|score|timeline|imagemap|script|style|templatedata|graph"  # tags whose content is not prose
SHOWN = (
    "a|abbr|b|big|blockquote|br|center|cite|code|dd|del|dfn|div|dl|dt|em|font|h[1-6]|hr|i|iframe|img|includeonly|ins|kbd|li|noinclude|nowiki|ol|onlyinclude"
    "|p|poem|pre|q|rb|rp|rt|ruby|s|samp|section|small|source|span|strike|strong|sub|sup|syntaxhighlight|table|tbody|td|th|thead|tr|tt|u|ul|var|youtube"
)
BLOCK = re.compile(r"</?(?:blockquote|br|center|dd|div|dl|dt|h[1-6]|hr|li|ol|p|poem|pre|table|td|th|tr|ul)\b", re.I)

OUTER = re.compile(
    rf"<!--|<(?P<tag>nowiki|{DROPPED})\b[^<>]*>|(?P<open>\{{{{2,}})|(?P<close>\}}{{2,}})|^[ \t:]*(?P<table>\{{\|)|^[ \t]*(?P<end>\|\}})", re.I | re.M
)
HIDING = re.compile(r"<!--|<(?P<tag>nowiki|pre)\b[^<>]*>", re.I)
LETTERS = re.compile(r"[^\n]")
LINE = (  # marks at the beginning of a line
    r"(?:(?P<para>[ \t]*\n)|(?P<address>[ \t'*:]*URLs?[ \t]?\d?[ \t]*[=:][^\n]*)|(?P<rule>-{4,}[ \t]*)|(?P<head>(?:'{2,5})?[ \t]*=+[^\n]*)"
    r"|(?P<bullet>(?:'{2,5}[ \t]*)?[*\#:;]+[ \t]*))"
)
FIRST_LINE = re.compile(LINE, re.I)
INNER = re.compile(  # one set of first letters, then what each may begin: sre skips what is not in the set
    r"[\[\]'<_&:\n](?:"
    r"(?<=\[)(?:(?P<link>\[)|(?P<ext>(?:(?:https?:|ftp:)?//|mailto:)[^\s\[\]<>\"{}|]*[ \t]*))|(?<=\])(?:(?P<done>\])|(?P<shut>))|(?<=')(?P<quotes>'+)"
    rf"|(?<=<)(?P<tag>/?(?:{SHOWN}|{DROPPED})\b[^<>]*>)|(?<=_)(?P<magic>(?-i:_[A-Z]{{3,20}}__))"
    r"|(?<=&)(?P<entity>(?:\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});)|(?<=:)(?P<url>//[^\s\[\]<>\"{}|]+)"
    rf"|(?<=\n){LINE})",
    re.I,
)
SCHEME = re.compile(r"(?:https?|ftp)\Z", re.I)
UNSHOWN = re.compile(r"\s*(?:file|image|media|category|bild|datei|fichier|archivo|kategorie|catégorie|categoría)\s*:", re.I)
PREFIX = re.compile(r"\s*:?(?:(?:w|wikipedia|wikt|meta)\s*:(?:[a-z]{2}:)?)?", re.I)
HOLE = re.compile(r"\([\s,;.&|]{0,20}\)")
SPACES = re.compile(r"[\n \t](?:(?<=\n)[ \t]*(?P<second>\n)[ \t\n]*|(?<=[ \t])[ \t]+)")
LINE_KINDS = frozenset(("para", "address", "rule", "head", "bullet"))  # tokens that begin after the newline
BEHIND = ".,;:!?'”’»"
TARGET_LIMIT = 1000  # characters of a link's target: keeps the search for its bar linear
