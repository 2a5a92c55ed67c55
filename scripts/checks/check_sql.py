#!/usr/bin/env python3
"""Every R"sql(…)sql" is prepared against the schema, stays in the subset that SQLite and PostgreSQL share,
and stands where SQL may stand."""
import pathlib, re, sqlite3, sys

WHERE = re.compile(r"^(core/(db|journal)/|.*_store\.cpp$)")
SUBSET = [  # pattern, what to write instead
    (r"\bINSERT\s+OR\b", "ON CONFLICT"), (r"\b(datetime|strftime|julianday)\s*\(", "a bound time"),
    (r"\bifnull\s*\(", "coalesce"), (r"\bgroup_concat\s*\(", "rows joined in code"), (r"\bjson_extract\b", "a column"),
    (r"\browid\b", "the id"), (r"\bOFFSET\b", "paging by key"), (r"\bAUTOINCREMENT\b", "ids of the application"),
    (r'"', "names without double quotes"), (r"\?\d*", "$1, $2 …"), (r"\bREPLACE\s+INTO\b", "ON CONFLICT"),
]

def findings(path, text, base):
    for m in re.finditer(r'R"sql\((.*?)\)sql"', text, re.S):
        sql, number = m.group(1), text.count("\n", 0, m.start()) + 1
        if not WHERE.match(path):
            yield f"{path}:{number}: SQL outside a store; move it to the slice's _store.cpp"
        if not path.startswith("core/db/"):
            plain = re.sub(r"'[^']*'", "''", sql)
            for pattern, instead in SUBSET:
                if re.search(pattern, plain, re.I):
                    yield f"{path}:{number}: {pattern} is not shared SQL; use {instead}"
        order = list(dict.fromkeys(int(n) for n in re.findall(r"\$(\d+)", sql)))  # by first appearance
        if order != list(range(1, len(order) + 1)):
            yield f"{path}:{number}: parameters must appear as $1, $2 … in order"
            continue
        try:
            base.execute("EXPLAIN " + sql, {str(n): None for n in order})
        except sqlite3.Error as e:
            yield f"{path}:{number}: {e}"

root = pathlib.Path(__file__).resolve().parents[2]
base = sqlite3.connect(":memory:")
for file in sorted((root / "schema").glob("[0-9]*.sql")):
    base.executescript(file.read_text(encoding="utf-8"))
bad = ['R"sql(SELECT nothing FROM instrument)sql"', 'R"sql(SELECT id FROM instrument LIMIT $1 OFFSET $2)sql"',
       'R"sql(SELECT id FROM instrument WHERE id = $2)sql"']
assert all(list(findings("core/filing/filing_store.cpp", b, base)) for b in bad), "check_sql fails its own samples"
assert list(findings("core/filing/filing.cpp", 'R"sql(SELECT id FROM instrument)sql"', base))
assert not list(findings("core/filing/filing_store.cpp", 'R"sql(SELECT id FROM instrument WHERE id = $1)sql"', base))
found = []
for top in ("core", "notify", "wechat"):
    for file in sorted((root / top).rglob("*.[ch]pp")):
        found += findings(file.relative_to(root).as_posix(), file.read_text(encoding="utf-8"), base)
for n, line in enumerate((root / "schema/0001_base.sql").read_text(encoding="utf-8").splitlines(), 1):
    if re.match(r"    \w+ +(INTEGER|TEXT|BLOB)", line) and "--" not in line:
        found.append(f"schema/0001_base.sql:{n}: a column without a comment; say what it holds")
print("\n".join(found))
sys.exit(bool(found))
