#!/usr/bin/env python3
"""Who may include whom. A lower level never includes a higher one, same level never each other. U1: each library that was
asked for is included where it is best, and one that nobody includes any more is a finding."""
import pathlib, re, sys

LEVELS = [
    ("core/base/", 0), ("core/db/", 1), ("core/files/", 1), ("core/journal/", 2), ("core/catalogue/", 3),
    ("core/account/", 4), ("core/instrument/", 5), ("core/workbook/", 6), ("core/filing/", 6), ("core/appointment/", 7),
    ("core/due/", 8), ("core/trip/", 8), ("core/announcement/", 8), ("core/reminder/", 9), ("core/privacy/", 9), ("notify/message/", 10), ("notify/hub/", 11),
    ("wechat/server/", 12), ("wechat/mp/", 13), ("wechat/frame/", 14), ("wechat/inbox/", 15), ("wechat/relay/", 15), ("wechat/company/", 16), ("wechat/staff/", 16), ("wechat/sandbox/", 16),
    ("wechat/", 17),
]
# The dispatcher hands `services` to handlers without knowing what is in it but texts and pages.
EXCEPTIONS = {("wechat/server/dispatch.cpp", "wechat/mp/services.hpp")}
THIRD_PARTY = [  # header, files that may include it
    (r"sqlite3\.h", r"core/db/"),
    (r"boost/(asio|beast)/", r"wechat/server/(listener|session|head)\."),
    (r"curl/", r"wechat/(mp/(http_client|transfer_loop)|relay/smtp_client)\.cpp"),
    (r"pugixml", r"(wechat/mp/message|core/workbook/xlsx_(book|rows))\.cpp"),
    (r"zip\.h", r"core/(workbook/archive|files/content)\.cpp"),
    (r"xlsxwriter", r"core/workbook/writer\.cpp"),
    (r"boost/json", r"core/base/json\.cpp"),
    (r"kainjow/", r"tests/core/mustache_test\.cpp"),
    (r"spdlog/", r"core/base/log\.cpp"),
    (r"toml\+\+/", r"wechat/config\.cpp"),
    (r"CLI/", r"wechat/main\.cpp"),
    (r"qrencode", r"wechat/server/qr\.cpp"),
    (r"utf8proc", r"core/base/text\.cpp"),
    (r"sodium", r"core/(base/(ids|vault)|account/password)\.cpp"),
]

ASKED_FOR = ["boost/asio", "boost/beast", "openssl/", "pugixml", "curl/", "sqlite3.h", "doctest/"]  # U1

def level(path):
    return next(((prefix, n) for prefix, n in LEVELS if path.startswith(prefix)), None)

def findings(path, text):
    here = level(path)
    for number, line in enumerate(text.splitlines(), 1):
        m = re.match(r'#include ["<]([^">]+)[">]', line)
        if not m:
            continue
        target = m.group(1)
        for header, allowed in THIRD_PARTY:
            if re.match(header, target) and not re.match(allowed, path):
                yield f"{path}:{number}: <{target}> belongs to {allowed} only; call what is there"
        there = level(target)
        if not here or not there or (path, target) in EXCEPTIONS or there[0] == here[0]:
            continue
        if there[1] > here[1]:
            yield f"{path}:{number}: {target} is of a higher level; move the code up or the need down"
        elif there[1] == here[1]:
            yield f"{path}:{number}: {target} is of the same level; share through a lower one"

def self_test():
    bad = [("core/base/x.cpp", '#include "core/db/database.hpp"'), ("wechat/staff/x.cpp", '#include "wechat/company/frame.hpp"'),
           ("core/filing/x.cpp", "#include <sqlite3.h>"), ("wechat/company/x.cpp", "#include <boost/asio/post.hpp>")]
    good = [("wechat/staff/x.cpp", '#include "core/filing/filing.hpp"'), ("core/db/x.cpp", "#include <sqlite3.h>")]
    assert all(list(findings(*b)) for b in bad) and not any(list(findings(*g)) for g in good), "check_layers fails its own samples"

self_test()
root = pathlib.Path(__file__).resolve().parents[2]
found = []
for top in ("core", "notify", "wechat"):
    for file in sorted((root / top).rglob("*.[ch]pp")):
        path = file.relative_to(root).as_posix()
        found += findings(path, file.read_text(encoding="utf-8"))
included = {m for top in ("core", "notify", "wechat", "tests") for file in (root / top).rglob("*.[ch]pp")
            for m in re.findall(r"^#include <([^>]+)>", file.read_text(encoding="utf-8"), re.M)}
for wanted in ASKED_FOR:
    if not any(header.startswith(wanted) for header in included):
        found.append(f"<{wanted}…> is included nowhere; U1 asks for it")
print("\n".join(found))
sys.exit(bool(found))
