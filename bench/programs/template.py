"""A small template engine: compiled to a list of steps, rendered with escapes, loops and filters."""

import html
import re

TOKEN = re.compile(r"({{.*?}}|{%.*?%})")
PAGE = ("<table>{% for row in rows %}<tr class='{{ row.kind|upper }}'>{% for cell in row.cells %}"
        "<td>{{ cell }}</td>{% end %}<td>{{ row.name|title }}</td></tr>{% end %}</table>")
FILTERS = {"upper": str.upper, "title": str.title}


def parse(tokens):
    steps = []
    for token in tokens:
        if token.startswith("{{"):
            path, *filters = token[2:-2].strip().split("|")
            steps.append(("value", path.split("."), [FILTERS[name] for name in filters]))
        elif token.startswith("{% for"):
            name, path = re.match(r"{% for (\w+) in ([\w.]+)", token).groups()
            steps.append(("loop", name, path.split("."), parse(tokens)))
        elif token.startswith("{% end"):
            return steps
        elif token:
            steps.append(("text", token))
    return steps


def lookup(context, path):
    value = context
    for name in path:
        value = value[name]
    return value


def render(steps, context, out):
    for step in steps:
        if step[0] == "text":
            out.append(step[1])
        elif step[0] == "value":
            text = str(lookup(context, step[1]))
            for function in step[2]:
                text = function(text)
            out.append(html.escape(text))
        else:
            inner = dict(context)
            for inner[step[1]] in lookup(context, step[2]):
                render(step[3], inner, out)


def run():
    rows = [{"kind": "odd" if i % 2 else "even", "name": f"row <{i}>", "cells": list(range(10))} for i in range(3000)]
    out = []
    render(parse(iter(TOKEN.split(PAGE))), {"rows": rows}, out)
    text = "".join(out)
    return [len(text), text.count("&lt;")]
