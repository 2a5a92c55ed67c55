#!/usr/bin/env python3
"""co_await only in the connection layer; there, no statement with co_await holds a capturing lambda or a
braced temporary: gcc 12 destroys such temporaries twice. Name them first."""
import pathlib, re, sys

ALLOWED = {"wechat/server/listener.cpp", "wechat/server/session.cpp", "wechat/server/dispatch.cpp"}

def findings(path, text):
    code = re.sub(r'//[^\n]*|"(\\.|[^"\\\n])*"', lambda m: " " * len(m.group()), text)
    for m in re.finditer(r"\bco_await\b", code):
        number = code.count("\n", 0, m.start()) + 1
        if path not in ALLOWED:
            yield f"{path}:{number}: co_await outside the connection layer; write a plain function"
            continue
        begin = max(code.rfind(c, 0, m.start()) for c in ";{}")
        end = code.find(";", m.start())
        statement = code[begin + 1:end]
        if re.search(r"\[[^\]\s][^\]]*\]\s*[({]", statement):
            yield f"{path}:{number}: a capturing lambda in a statement with co_await; name it first"
        if re.search(r"\w\s*\{", statement):
            yield f"{path}:{number}: a braced temporary in a statement with co_await; name it first"

def self_test():
    s = "wechat/server/session.cpp"
    assert list(findings("core/db/x.cpp", "void f() { co_await g(); }"))
    assert list(findings(s, "x = co_await f([a] { return a; });"))
    assert list(findings(s, "y(); co_await f(options{1, 2});"))
    assert not list(findings(s, "y(); const auto n = co_await g(room, redirect_error(use_awaitable, failed));"))

self_test()
root = pathlib.Path(__file__).resolve().parents[2]
found = []
for top in ("core", "notify", "wechat"):
    for file in sorted((root / top).rglob("*.[ch]pp")):
        found += findings(file.relative_to(root).as_posix(), file.read_text(encoding="utf-8"))
print("\n".join(found))
sys.exit(bool(found))
