"""bytecode.py LIBRARY OUT: compiles every module of the standard library; runs inside Pylon itself.

The bytecode names the hash of its source and is never checked against it (PEP 552, unchecked), so that neither times nor
machines get into it. OUT gets the files as they lie beside the sources: package/__pycache__/module.cpython-314.pyc.
Modules that do not compile on purpose (templates, tests of bad syntax) are left as they are.
"""

import os
import py_compile
import sys


def sources(library):
    for folder, folders, files in os.walk(library):
        folders.sort()
        for name in sorted(files):
            if name.endswith(".py"):
                yield os.path.join(folder, name)


def main():
    library, out = sys.argv[1:]
    done, left = 0, []
    for source in sources(library):
        folder, name = os.path.split(os.path.relpath(source, library))
        target = os.path.join(out, folder, "__pycache__", f"{name[:-3]}.{sys.implementation.cache_tag}.pyc")
        try:
            py_compile.compile(source, target, doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
            done += 1
        except py_compile.PyCompileError:
            left.append(os.path.relpath(source, library))
    print(f"{done} modules compiled" + (f", without {', '.join(left)}" if left else ""))
    return 0 if done else 1


sys.exit(main())
