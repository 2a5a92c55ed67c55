#!/usr/bin/env python3
"""Every promise of tests/promises.txt is named by the title of a test of the part that proves it."""
import pathlib, re, sys

root = pathlib.Path(__file__).resolve().parents[2]
PARTS = {"core": "tests/core/*.cpp", "notify": "tests/notify/*.cpp", "wechat": "tests/wechat/*.cpp", "e2e": "tests/e2e/*.mjs",
         "checks": "scripts/checks/check_*.py"}

def titles(path, text):
    if path.endswith(".cpp"):
        for m in re.finditer(r'TEST_CASE\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)\)', text):
            yield "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', m.group(1)))
    elif path.endswith(".mjs"):
        yield from (m.group(2) for m in re.finditer(r'\btest\((["`])(.*?)\1', text))
    else:
        yield text.partition('"""')[2].partition('"""')[0]  # what the check says of itself

def names(all_titles):
    return {word for t in all_titles for word in re.findall(r"\b[UM]\d+\b", t)}

def missing(promises, named):
    for line in promises.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        id, part, *what = line.split(" ", 2)
        if part not in PARTS or not what:
            yield f"tests/promises.txt: {line}: id, part ({', '.join(PARTS)}) and promise are needed"
        elif id not in named[part]:
            yield f"{id} ({what[0]}): no title in {PARTS[part]} names it; write the test that proves it"

assert names(titles("x.cpp", 'TEST_CASE(\n    "M3 a " "b M4")')) == {"M3", "M4"} and names(titles("x.mjs", 'test(`U3 x`, f)')) == {"U3"}
assert list(missing("M1 core x", {"core": set()})) and not list(missing("# a\nM1 core x", {"core": {"M1"}}))
named = {part: names(t for file in root.glob(pattern) for t in titles(file.name, file.read_text(encoding="utf-8")))
         for part, pattern in PARTS.items()}
promises = (root / "tests/promises.txt").read_text(encoding="utf-8")
found = list(missing(promises, named))
for id in re.findall(r"^([UM]\d+) ", promises, re.M):
    if len(re.findall(rf"^{id} ", promises, re.M)) > 1:
        found.append(f"tests/promises.txt: {id} is there twice")
print("\n".join(found))
sys.exit(bool(found))
