#!/usr/bin/env python3
"""Every text key that the sources use has a text in templates/text/problems.txt, and every text there is used:
keys of refusals (core::error and what passes them on), of notices (done=…), and general ones by errc."""
import pathlib, re, sys

KEY = re.compile(r'"([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+)"')
NOTICE = re.compile(r'[?&]done=([a-z_]+)')
AFTER = re.compile(r'(?:errc::\w+|error\((?:core::)?errc::\w+)\s*,\s*$')

def texts(source):
    found = {}
    for number, line in enumerate(source.splitlines(), 1):
        if line.strip() and not line.startswith("#") and " = " in line:
            found.setdefault(line.split(" = ", 1)[0].strip(), []).append(number)
    return found

def used_in(code):
    """Keys that must have a text (behind an errc or in done=), and every literal that could be one."""
    plain = re.sub(r"//[^\n]*", "", code)
    joined = re.sub(r'"\s*\n\s*"', "", plain)
    must = {m.group(1) for m in KEY.finditer(joined) if AFTER.search(joined[:m.start()][-80:])}
    must |= {"done." + m.group(1) for m in NOTICE.finditer(joined)}
    may = {m.group(1) for m in KEY.finditer(joined)}
    words = set(re.findall(r'"([a-z_]+)"', joined))
    prefixes = set(re.findall(r'"((?:[a-z_]+\.)+)"\s*\+', joined))  # "phone." + what
    return must, may, words | prefixes

def findings(sources, problems):
    known = texts(problems)
    must, may, words = {}, set(), set()
    codes = set()
    for path, code in sources.items():
        here, maybe, single = used_in(code)
        for key in here:
            must.setdefault(key, path)
        may |= maybe
        words |= single
        if path.endswith("core/base/result.hpp"):
            codes = set(re.findall(r"^    ([a-z_]+),? *//", code, re.M))
    for key, path in sorted(must.items()):
        if key not in known:
            yield f"{path}: text key {key} has no text in templates/text/problems.txt"
    for key, lines in sorted(known.items()):
        if len(lines) > 1:
            yield f"templates/text/problems.txt:{lines[1]}: {key} a second time"
        used = key in must or key in may or key in codes
        used = used or (key.startswith("done.") and key[5:] in words)
        used = used or any(key.startswith(w) for w in words if w.endswith(".") and w != "done.")
        if not used:
            yield f"templates/text/problems.txt:{lines[0]}: {key} is used nowhere; delete it"

sample = 'return core::error(core::errc::invalid, "a.b");\nsee_other("/x?done=saved");'
assert [f for f in findings({"x.cpp": sample}, "")] and not list(findings({"x.cpp": sample}, "a.b = x\ndone.saved = y\n"))
assert list(findings({"x.cpp": sample}, "a.b = x\ndone.saved = y\nc.d = z\n")) and list(findings({"x.cpp": sample}, "a.b = x\na.b = y\ndone.saved = z\n"))

root = pathlib.Path(__file__).resolve().parents[2]
files = [f for top in ("core", "notify", "wechat") for f in sorted((root / top).rglob("*.[ch]pp"))]
sources = {f.relative_to(root).as_posix(): f.read_text(encoding="utf-8") for f in files}
found = list(findings(sources, (root / "templates/text/problems.txt").read_text(encoding="utf-8")))
print("\n".join(found))
sys.exit(bool(found))
