"""Names in SQL: which need quotes, and how qualified ones are taken apart."""

from . import _engine, _errors

_reserved = None
_unnamed = 0


def quoted(name):
    """A name as SQL takes it, in quotes if it needs them."""
    global _reserved
    if name.isascii() and name.isidentifier() and name.islower():
        if _reserved is None:
            _reserved = frozenset(_engine.cap().reserved_words())
        if name not in _reserved:
            return name
    return '"' + name.replace('"', '""') + '"'


def text(value):
    """A text as SQL takes it."""
    return "'" + value.replace("'", "''") + "'"


def parts(name):
    """The parts of a name that may be qualified: `a."b.c"` is a and b.c."""
    found, part, position = [], "", 0
    while position < len(name):
        letter = name[position]
        if letter == ".":
            found.append(part)
            part = ""
        elif letter == '"':
            while True:
                end = name.find('"', position + 1)
                if end < 0:
                    raise _errors.make(_errors.ParserException, "Unterminated quote in qualified name!")
                part += name[position + 1:end]
                position = end
                if name[end + 1:end + 2] != '"':
                    break
                part += '"'
                position += 1
        else:
            part += letter
        position += 1
    return [*found, part]


def qualified(name):
    """A name that may be qualified, each part quoted as it needs."""
    return ".".join(map(quoted, parts(name)))


def unnamed(kind="unnamed_relation"):
    """A new name that nothing has yet."""
    global _unnamed
    _unnamed += 1
    return f"{kind}_{_unnamed:016x}"
