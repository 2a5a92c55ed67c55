#!/usr/bin/env python3
"""Every list and count that a header of core or notify offers is measured by the bench `scale`, or stands here with the
reason why it can't grow: a new one without either is a finding."""
import pathlib, re, sys

WHY = {
    "of one company, person, order or instrument": """
        account::list_applicant_history account::list_by_openid account::list_acting account::list_by_login
        account::list_by_applicant account::list_acting_by_unionid account::list_reachable account::list_documents
        account::list_companies account::list_staff_wechat appointment::list_results filing::list_steps filing::list_reasons
        filing::list_targets filing::list_counties instrument::list_attachments instrument::list_doubts audit::list_for
        notify::list_ways notify::list_ways_of notify::list_tries notify::count_handed_over notify::list_wishes notify::list_refusals
        workbook::list_imported_rows""",
    "of one institution, few by nature: its people, rules, calendar": """
        account::list_staff account::list_staff_bindings account::list_colleagues_wechat account::list_reachable_staff appointment::list_overbooked
        appointment::list_pattern appointment::list_special appointment::list_group_limits appointment::list_exceptions
        appointment::list_rules appointment::list_week appointment::list_day_slots appointment::list_free
        filing::list_return_reasons""",
    "reference data and settings": """
        catalogue::list_direct catalogue::list_able_counties catalogue::list_capabilities catalogue::list_entries
        catalogue::list_regions catalogue::list_counties_of catalogue::list_versions catalogue::list_entries_of
        notify::list_topics notify::list_channel_orders notify::list_versions""",
    "of the schedule or an operator's command, in portions or at leisure": """
        account::list_without_unionid account::count_unionids account::list_undetailed account::list_tag_changes
        account::count_stuck_tags outbox::list_pending outbox::count_pending notify::count_errors
        instrument::list_listed""",
    "part of lists that are measured, never more than these ask for": """
        account::list_possibly_named instrument::list_possible""",
    "no query": "account::count_failure core::count_characters",
}

root = pathlib.Path(__file__).resolve().parents[2]
declared, known = {}, {name: why for why, names in WHY.items() for name in names.split()}
for top in ("core", "notify"):
    for file in sorted((root / top).rglob("*.hpp")):
        if file.name.endswith("_store.hpp"):
            continue
        text = re.sub(r"//[^\n]*", "", file.read_text(encoding="utf-8"))
        space = (re.findall(r"^namespace ([\w:]+) \{", text, re.M) or ["?"])[0].removeprefix("core::")
        if text.count("namespace store"):
            text = text[: text.index("namespace store")]
        for name in re.findall(r"\b((?:list|count)(?:_\w+)?|forecast|search_deliveries)\((?:const )?(?:core::)?(?:db::|std::|actor|$)", text):
            declared[f"{space}::{name}"] = file.relative_to(root).as_posix()
measured = "\n".join(f.read_text(encoding="utf-8") for f in (root / "scripts/benches" / n for n in ("scale_queries.hpp", "scale_company.hpp", "scale_staff.hpp")))

def is_measured(name):
    space, verb = name.split("::")
    return re.search(rf"\b{space}::{verb}\(", measured) is not None

found = []
for name, where in declared.items():
    if not is_measured(name) and name not in known:
        found.append(f"{where}: {name} has no line in scripts/benches/scale_company.hpp or scale_staff.hpp; add one, or say in this check why it stays small")
for name in known:
    if name not in declared:
        found.append(f"scripts/checks/check_benches.py: {name} is in no header any more")
    elif is_measured(name):
        found.append(f"scripts/checks/check_benches.py: {name} is measured; take it off the list")
assert len(declared) > 80 and "due::list_due" in declared and is_measured("due::list_due"), "check_benches reads no headers"
print("\n".join(found))
sys.exit(bool(found))
