#!/usr/bin/env python3
"""pyconfig.py SYSCONFIGDATA TEMPLATE: prints the pyconfig.h of the CPython build that SYSCONFIGDATA describes.

SYSCONFIGDATA is the build's own _sysconfigdata_*.py (its dictionary build_time_vars holds every configured macro);
TEMPLATE is any pyconfig.h of the same CPython release, from which the macros' names are taken.
"""

import ast
import pathlib
import re
import sys

# Macros that are tested by value, not by presence: a zero is written out.
BY_VALUE = ("SIZEOF", "ALIGNOF", "HAVE_DECL", "PY_BUILTIN", "USE_ZLIB", "WITH_")
MACRO = re.compile(r"^\s*(?:#\s*define|#\s*undef|/\*\s*#undef)\s+(\w+)", re.M)


def build_variables(sysconfigdata):
    """The dictionary build_time_vars, read without running the file."""
    for node in ast.parse(sysconfigdata).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "build_time_vars":
            return ast.literal_eval(node.value)
    raise SystemExit("error: the sysconfig data has no dictionary build_time_vars")


def pyconfig(variables, names):
    """The text of pyconfig.h, in alphabetical order."""
    lines = ["/* Written by toolchain/pyconfig.py from the build's own configuration. */", "#ifndef Py_PYCONFIG_H", "#define Py_PYCONFIG_H"]
    for name in sorted(names & variables.keys() - {"Py_PYCONFIG_H"}):
        value = variables[name]
        if value == "" or (value == 0 and not name.startswith(BY_VALUE)):
            continue
        lines.append(f"#define {name} {value}")
    return "\n".join([*lines, "#endif", ""])


def main():
    sysconfigdata, template = (pathlib.Path(word).read_text() for word in sys.argv[1:3])
    sys.stdout.write(pyconfig(build_variables(sysconfigdata), set(MACRO.findall(template))))


if __name__ == "__main__":
    main()
