"""Runs SQL logic tests (DuckDB's dialect of them) in the folder that is named; prints what test_cap_vectors.py reads.

A test is a record of a file: a statement that ends well or with an error, or a query with its rows. A file in which one fails goes on."""

import collections
import json
import math
import pathlib
import re
import sys

import duckdb

SORTS = ("nosort", "rowsort", "valuesort")
VARIABLE = re.compile(r"\$\{?(\w+)\}?")


class Record:
    """Lines up to an empty one: the words of the first, the SQL, what is expected."""

    def __init__(self, lines):
        self.words = lines[0].split()
        end = lines.index("----") if "----" in lines else len(lines)
        self.sql = "\n".join(lines[1:end])
        self.expected = [line.rstrip() for line in lines[end + 1:]]

    def with_variables(self, variables):
        def put(text):
            return VARIABLE.sub(lambda match: str(variables.get(match[1], match[0])), text)

        return put(self.sql), [put(line) for line in self.expected]


def records(text):
    block = []
    for line in [*text.splitlines(), ""]:
        if line.startswith("#"):
            continue
        if line.strip():
            block.append(line)
        elif block:
            yield Record(block)
            block = []


def text_of(value):
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(text_of, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"'{name}': {text_of(item)}" for name, item in value.items()) + "}"
    return str(value) or "(empty)"


def same(found, expected):
    """As the original does it: equal as texts, or as numbers."""
    if found == expected or (found in ("true", "false") and expected == str(int(found == "true"))):
        return True
    try:
        return math.isclose(float(found), float(expected), rel_tol=1e-3, abs_tol=1e-9)
    except ValueError:
        return False


def check_rows(rows, sort, lines):
    width = len(rows[0]) if rows else 1
    found = [[text_of(value) for value in row] for row in rows]
    by_row = len(lines) == len(rows) and all(line.count("\t") == width - 1 for line in lines)
    expected = [cell for line in lines for cell in (line.split("\t") if by_row else [line])]
    if sort == "rowsort":
        found.sort()
        expected = [cell for row in sorted(expected[at:at + width] for at in range(0, len(expected), width)) for cell in row]
    found = [cell for row in found for cell in row]
    if sort == "valuesort":
        found.sort()
        expected.sort()
    if len(found) != len(expected) or not all(map(same, found, expected)):
        raise AssertionError(f"{found} is not {expected}")


class File:
    """One file's connections, variables and outcomes."""

    def __init__(self, path):
        self.records = list(records(path.read_text()))
        self.root = duckdb.connect()
        self.connections, self.variables = {}, {}
        self.passed, self.failed = 0, []

    def connection(self, name):
        if name not in self.connections:
            self.connections[name] = self.root.cursor() if name else self.root
        return self.connections[name]

    def run(self, start=0, end=None):
        at, end = start, len(self.records) if end is None else end
        while at < end:
            words = self.records[at].words
            if words[0] == "loop":
                at = self.loop(at, words)
            elif words[0] in ("statement", "query"):
                self.test(self.records[at])
            elif words[0] != "load":  # the database in memory does as well
                raise ValueError(f"a record of an unknown kind: {words}")
            at += 1

    def loop(self, at, words):
        end = next(place for place in range(at, len(self.records)) if self.records[place].words[0] == "endloop")
        for value in range(int(words[2]), int(words[3])):
            self.variables[words[1]] = value
            self.run(at + 1, end)
        del self.variables[words[1]]
        return end

    def test(self, record):
        sql, expected = record.with_variables(self.variables)
        try:
            (self.statement if record.words[0] == "statement" else self.query)(record.words, sql, expected)
        except (AssertionError, duckdb.Error) as error:
            self.failed.append(f"{sql}: {error}"[:300])
        else:
            self.passed += 1

    def statement(self, words, sql, expected):
        connection = self.connection("".join(words[2:3]))
        if words[1] == "ok":
            connection.execute(sql).fetchall()
            return
        try:
            connection.execute(sql).fetchall()
        except duckdb.Error as error:
            wanted, said = "\n".join(expected), str(error)
            if wanted and not (re.fullmatch(wanted[8:], said, re.DOTALL) if wanted.startswith("<REGEX>:") else wanted in said):
                raise AssertionError(f"{said!r} is not {wanted!r}") from None
        else:
            raise AssertionError("no error")

    def query(self, words, sql, expected):
        sort = next((word for word in words[2:] if word in SORTS), "nosort")
        name = next((word for word in words[2:] if word not in SORTS), "")
        check_rows(self.connection(name).execute(sql).fetchall(), sort, expected)


def main():
    folder = pathlib.Path(sys.argv[1])
    passed, failed = collections.Counter(), {}
    for path in sorted(folder.rglob("*.slt")):
        file, name = File(path), str(path.relative_to(folder))
        file.run()
        passed[name] = file.passed
        if file.failed:
            failed[name] = file.failed
    print(json.dumps({"passed": passed, "failed": failed, "not_offered": {}}))


if __name__ == "__main__":
    main()
