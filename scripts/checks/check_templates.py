#!/usr/bin/env python3
"""Templates: sections closed, partials there, nothing that the content security policy forbids, every raw
insert explained."""
import pathlib, re, sys

def findings(path, text, names):
    open_sections = []
    for m in re.finditer(r"\{\{([#^/>!]?)\s*([^{}]*?)\s*\}\}", text):
        kind, name, number = m.group(1), m.group(2), text.count("\n", 0, m.start()) + 1
        if kind in "#^" and kind:
            open_sections.append(name)
        elif kind == "/":
            if not open_sections or open_sections.pop() != name:
                yield f"{path}:{number}: {{{{/{name}}}}} closes no open section"
        elif kind == ">" and name not in names and name + ".html" not in names:
            yield f"{path}:{number}: no partial {name}"
    for name in open_sections:
        yield f"{path}: section {name} is not closed"
    if not path.endswith(".html"):
        return
    for pattern, why in [(r"\sstyle=", "no style attribute; use a class"), (r"\son\w+=\"", "no handler attribute; listen in a module"),
                         (r"<script(?![^>]*\ssrc=)", "no inline script"), (r"<style", "no inline style")]:
        for m in re.finditer(pattern, text):
            yield f"{path}:{text.count(chr(10), 0, m.start()) + 1}: {why}"
    for m in re.finditer(r"\{\{\{", text):
        before = text[:m.start()].splitlines()[-1:] or [""]
        previous = text[:m.start()].rstrip().splitlines()[-1] if text[:m.start()].strip() else ""
        if "{{!" not in previous and "{{!" not in before[0]:
            yield f"{path}:{text.count(chr(10), 0, m.start()) + 1}: a raw insert without a comment that says why it is safe"

root = pathlib.Path(__file__).resolve().parents[2] / "templates"
files = [f for f in sorted(root.rglob("*")) if f.suffix in (".html", ".txt", ".tmpl", ".json") and "assets" not in f.parts and f.parent != root]
names = {f.relative_to(root).as_posix() for f in files}
assert list(findings("x.html", "{{#a}}", names)) and list(findings("x.html", "{{>no}}", names))
assert list(findings("x.html", '<p style="a">', names)) and list(findings("x.html", "{{{a}}}", names))
found = []
for f in files:
    found += findings(f.relative_to(root).as_posix(), f.read_text(encoding="utf-8"), names)
print("\n".join("templates/" + f for f in found))
sys.exit(bool(found))
