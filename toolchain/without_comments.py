"""Copies Python sources without their comments: without_comments.py SOURCES OUTPUT. Every other character keeps its line and
column, so that what is compiled from a copy is the same; each copy is checked for that. Runs in Pylon's own Python, whose
tokenizer fits its library.
"""

import ast
import io
import os
import shutil
import sys
import tokenize

SPECIAL_LINES = 2  # "#!" and the encoding stand in the first two


def without_comments(text):
    lines = text.splitlines(keepends=True)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        row, column = token.start
        if token.type == tokenize.COMMENT and row > SPECIAL_LINES:
            lines[row - 1] = lines[row - 1][:column].rstrip() + "\n"
    return "".join(lines)


def same(one, other):
    return ast.dump(ast.parse(one), include_attributes=True) == ast.dump(ast.parse(other), include_attributes=True)


def copy(source, target):
    with tokenize.open(source) as file:
        text = file.read()
        encoding = file.encoding
    bare = without_comments(text)
    if not same(text, bare):
        sys.exit(f"{source}: without its comments it is another program")
    with open(target, "w", encoding=encoding, newline="\n") as file:
        file.write(bare)


def main():
    root, output = sys.argv[1:]
    if os.path.exists(output):
        shutil.rmtree(output)
    for folder, folders, files in os.walk(root):
        folders.sort()
        target = os.path.join(output, os.path.relpath(folder, root))
        os.makedirs(target)
        for name in sorted(files):
            if name.endswith(".py"):
                copy(os.path.join(folder, name), os.path.join(target, name))


main()
