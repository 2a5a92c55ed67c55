#!/usr/bin/env python3
"""U2: the top level holds what was agreed. Names, lengths and clocks: no util, files readable at a sitting, time and chance from their one place."""
import pathlib, re, subprocess, sys

root = pathlib.Path(__file__).resolve().parents[2]
CLOCK = re.compile(r"system_clock::now|\btime\(nullptr\)|\bstd::rand\b|std::mt19937|random_device")

def findings(path, text):
    name = pathlib.PurePosixPath(path).name
    if re.search(r"\b(util|utils|common|helper|manager|misc)\b", name.rsplit(".", 1)[0]):
        yield f"{path}: a name that says nothing; name what it is"
    if path.endswith((".cpp", ".hpp")) and not path.startswith(("tests/", "scripts/")):
        lines = text.count("\n")
        if lines > 450:
            yield f"{path}: {lines} lines; split it where two things meet"
        for m in CLOCK.finditer(text):
            if not path.startswith("core/base/"):
                yield f"{path}:{text.count(chr(10), 0, m.start()) + 1}: {m.group()}; take the time from the clock, ids from core/base/ids"
    for m in re.finditer(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX)\b", text):
        yield f"{path}:{text.count(chr(10), 0, m.start()) + 1}: {m.group()} left behind; do it or write an issue"

assert list(findings("core/base/util.cpp", "")) and list(findings("core/x.cpp", "std::chrono::system_clock::now()"))
assert list(findings("core/x.cpp", "\n" * 451)) and not list(findings("core/base/clock.cpp", "system_clock::now()"))
found = []
tracked = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, text=True, check=True).stdout.split("\n")
for path in filter(None, tracked):
    file = root / path
    if file.suffix in (".cpp", ".hpp", ".py", ".mjs", ".js", ".html", ".cmake", ".sql") and file.exists():
        found += findings(path, file.read_text(encoding="utf-8"))
allowed = {"CMakeLists.txt", "wechat", "core", "notify", "templates", "schema", "tests", "scripts", "README.md", "LICENSE"}
for top in sorted({p.split("/")[0] for p in tracked if p}):
    if top not in allowed and not top.startswith("."):
        found.append(f"{top}: not in the agreed layout")
for folder in ("wechat", "core", "notify", "templates", "schema", "tests", "scripts"):
    if not (root / folder / "README.md").exists():
        found.append(f"{folder}: needs a README.md: what lives here, what does not, how to add one")
print("\n".join(found))
sys.exit(bool(found))
