#!/usr/bin/env python3
"""Every promise is in tests/promises.txt, and named by the title of a test of the part that proves it. A promise that is not
whole yet is `open` there, with what lacks."""
import pathlib, re, sys

root = pathlib.Path(__file__).resolve().parents[2]
LAST = {"U": 9, "M": 38}  # how many there are of each
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
        if part not in (*PARTS, "open") or not what:
            yield f"tests/promises.txt: {line}: id, part ({', '.join(PARTS)}, or open) and promise are needed"
        elif part == "open":
            continue
        elif id not in named[part]:
            yield f"{id} ({what[0]}): no title in {PARTS[part]} names it; write the test that proves it"

def gaps(promises):
    there = re.findall(r"^([UM]\d+) ", promises, re.M)
    for id in (f"{letter}{n}" for letter, last in LAST.items() for n in range(1, last + 1)):
        if there.count(id) != 1:
            yield f"tests/promises.txt: {id} is there {there.count(id)} times; each promise has one line"

assert names(titles("x.cpp", 'TEST_CASE(\n    "M3 a " "b M4")')) == {"M3", "M4"} and names(titles("x.mjs", 'test(`U3 x`, f)')) == {"U3"}
assert list(missing("M1 core x", {"core": set()})) and not list(missing("# a\nM1 core x", {"core": {"M1"}}))
assert len(list(gaps("U1 core x\nU1 core x"))) == sum(LAST.values()) and not list(missing("U8 open x", {}))
named = {part: names(t for file in root.glob(pattern) for t in titles(file.name, file.read_text(encoding="utf-8")))
         for part, pattern in PARTS.items()}
promises = (root / "tests/promises.txt").read_text(encoding="utf-8")
found = list(missing(promises, named))
found += gaps(promises)
print("\n".join(found))
sys.exit(bool(found))
