#include "core/catalogue/version.hpp"

#include "core/base/text.hpp"
#include "core/catalogue/labels.hpp"
#include "core/catalogue/sheet.hpp"
#include "core/catalogue/version_store.hpp"
#include "core/journal/audit.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace core::catalogue {
namespace {

std::string pair_key(std::string_view l1, std::string_view l2) {
    return comparison_key(l1) + "/" + comparison_key(l2);
}

// P, V, P+V of 2019 and the words of 2020 (domain.md 13.2): 型式批准, 强制检定, both in any order.
std::string supervision_of(std::string_view text) {
    const std::string key = comparison_key(text);
    if (key == "P" || key == "V" || key == "P+V") return key;
    const bool type = key.find("型式批准") != std::string::npos;
    const bool verified = key.find("强制检定") != std::string::npos;
    return type && verified ? "P+V" : type ? "P" : verified ? "V" : "";
}

// Codes or words parted by ; 、 or ，. nullopt: one of them is neither.
std::optional<std::string> purposes_of(std::string_view text) {
    std::string parted(text);
    for (const std::string_view sign : {"、", "，", "；"})
        for (auto at = parted.find(sign); at != std::string::npos; at = parted.find(sign))
            parted.replace(at, sign.size(), ";");
    std::string all;
    for (std::size_t at = 0; at < parted.size();) {
        const auto end = std::min(parted.find_first_of(";,", at), parted.size());
        const auto one = trim(std::string_view(parted).substr(at, end - at));
        at = end + 1;
        if (one.empty()) continue;
        const auto known = std::find_if(purposes.begin(), purposes.end(),
                                        [&](const label& l) { return l.code == one || l.text == one; });
        if (known == purposes.end()) return std::nullopt;
        all.append(all.empty() ? "" : ";").append(known->code);
    }
    return all;
}

// The official table has no column of purposes; its scope begins with them.
std::string purposes_named_in(std::string_view scope) {
    std::string all;
    for (const auto& p : purposes)
        if (scope.find(p.text) != std::string_view::npos) all.append(all.empty() ? "" : ";").append(p.code);
    return all;
}

entry read_entry(sheet& s, std::size_t i, const std::vector<store::period>& periods) {
    entry e;
    const bool is_in_manuals_words =
        s.has("类别") && !s.has("项别"); // there 种别 is the upper level (domain.md 13.1)
    e.l1 = s.at_any(i, {"l1", "kind", "一级目录", is_in_manuals_words ? "种别" : "项别"});
    e.l2 = s.at_any(i, {"l2", "category", "二级目录", is_in_manuals_words ? "类别" : "种别"});
    e.supervision = supervision_of(s.at_any(i, {"supervision", "监管方式"}));
    e.verification = s.at_any(i, {"verification", "强检方式"});
    e.scope = s.at_any(i, {"scope", "强检范围及说明"});
    const auto named = purposes_of(s.at(i, "purposes"));
    if (!named) s.refuse(i, "purposes", "import.choice");
    e.purposes = named.value_or("");
    if (!s.has("purposes")) e.purposes = purposes_named_in(e.scope);
    e.verified = s.at(i, "verified");
    if (e.verified.empty()) e.verified = "no";
    e.official_no = s.at(i, "official_no");
    e.source = s.at(i, "source");
    e.replaces = s.at(i, "replaces");
    if (e.is_verified_periodically())
        e.period_months = store::period_for(periods, e.l2).value_or(assumed_period_months);
    if (e.l1.empty() || count_characters(e.l1) > 100) s.refuse(i, "l1", "import.name");
    if (e.l2.empty() || count_characters(e.l2) > 100) s.refuse(i, "l2", "import.name");
    if (count_characters(e.scope) > 2000 || count_characters(e.verification) > 200)
        s.refuse(i, "scope", "import.long");
    if (e.supervision.empty()) s.refuse(i, "supervision", "import.supervision");
    return e;
}

struct catalogue_plan {
    import_plan plan;
    std::vector<entry> rows;
};

value words_of(const entry& e) {
    value v = value::object();
    v.set("supervision", e.supervision)
        .set("verification", e.verification)
        .set("scope", e.scope)
        .set("purposes", e.purposes);
    return v.set("verified", e.verified)
        .set("official_no", e.official_no)
        .set("source", e.source)
        .set("replaces", e.replaces);
}

// What the file says, compared with these rows.
catalogue_plan plan_catalogue(db::read_view& view, std::string_view text, const std::vector<entry>& beside) {
    catalogue_plan p;
    sheet s(text, {}, p.plan);
    if (s.size() == 0 && p.plan.report.is_clean())
        p.plan.report.issues.push_back({0, "", "", "import.empty"});
    const auto periods = store::list_periods(view);
    std::map<std::string, const entry*> known;
    for (const auto& e : beside)
        known.emplace(pair_key(e.l1, e.l2), &e);
    std::set<std::string> seen;
    for (std::size_t i = 0; i < s.size(); ++i) {
        entry e = read_entry(s, i, periods);
        const std::string key = pair_key(e.l1, e.l2);
        if (!seen.insert(key).second) s.refuse(i, "l2", "import.twice");
        const auto old = known.find(key);
        if (old != known.end() && words_of(*old->second) == words_of(e))
            ++p.plan.report.unchanged;
        else
            s.change(i, e.l1 + "/" + e.l2, old == known.end() ? value() : words_of(*old->second),
                     words_of(e));
        p.rows.push_back(std::move(e));
    }
    for (const auto& e : beside)
        if (!seen.contains(pair_key(e.l1, e.l2))) s.remove(e.l1 + "/" + e.l2, words_of(e));
    return p;
}

// The row that this one goes on as: of the same names, or one that says so.
const entry* successor_of(const entry& old, const std::vector<entry>& now) {
    const std::string key = pair_key(old.l1, old.l2);
    for (const auto& e : now)
        if (pair_key(e.l1, e.l2) == key) return &e;
    for (const auto& e : now) {
        std::string_view left = e.replaces;
        while (!left.empty()) {
            const auto end = std::min(left.find(';'), left.size());
            const auto slash = left.substr(0, end).find('/');
            if (slash != std::string_view::npos &&
                pair_key(left.substr(0, slash), left.substr(slash + 1, end - slash - 1)) == key)
                return &e;
            left.remove_prefix(std::min(end + 1, left.size()));
        }
    }
    return nullptr;
}

} // namespace

import_report check_catalogue(db::read_view& view, std::string_view title, std::string_view text) {
    auto report = plan_catalogue(view, text, list_entries(view)).plan.report;
    const auto known = store::find_version_by_title(view, tidy_line(title));
    if (known && known->activated_at && !known->is_current)
        report.issues.push_back({0, "", std::string(title), "catalogue.in_force"});
    return report;
}

result<imported_version> import_catalogue(db::write_tx& tx, const actor& who, std::string_view title,
                                          std::string_view text) {
    if (!who.is_platform()) return error(errc::not_allowed);
    const std::string name = tidy_line(title);
    if (name.empty() || count_characters(name) > 100) return error(errc::invalid, "catalogue.title", "title");
    const auto known = store::find_version_by_title(tx, name);
    const auto before = known ? list_entries_of(tx, known->id) : std::vector<entry>{};
    auto p = plan_catalogue(tx, text, before);
    const bool same = known && p.plan.report.is_clean() && p.plan.report.changes.empty();
    if (same) return imported_version{known->id, std::move(p.plan.report)};
    if (known && known->activated_at && p.plan.report.is_clean())
        return error(errc::conflict, "catalogue.in_force", "title");
    std::int64_t id = known ? known->id : 0;
    p.plan.steps.emplace_back([&](db::write_tx& t) {
        if (id == 0) id = store::put_version(t, name);
        std::set<std::string> kept;
        int seq = 0;
        for (const auto& e : p.rows) {
            store::put_entry(t, id, ++seq, e);
            kept.insert(pair_key(e.l1, e.l2));
        }
        for (const auto& e : before)
            if (!kept.contains(pair_key(e.l1, e.l2))) store::remove_entry(t, e.id);
    });
    auto done = carry_out(tx, who, std::move(p.plan), "catalogue " + name);
    if (!done) return done.error();
    return imported_version{id, std::move(*done)};
}

result<activation> activate_version(db::write_tx& tx, const actor& who, std::int64_t id) {
    if (!who.is_platform()) return error(errc::not_allowed);
    const auto next = store::find_version(tx, id);
    if (!next) return error(errc::not_found);
    if (next->is_current) return activation{};
    if (next->rows == 0) return error(errc::conflict, "catalogue.empty");
    std::int64_t current = 0;
    for (const auto& v : list_versions(tx))
        if (v.is_current) current = v.id;
    store::make_current(tx, id);
    const auto now = list_entries_of(tx, id);
    std::map<std::int64_t, const entry*> goes_on_as; // any older row -> row now in force
    auto older = store::list_all_entries(tx);
    std::erase_if(older, [&](const entry& e) { return e.version_id == id; });
    for (const auto& e : older)
        if (const auto* to = successor_of(e, now)) goes_on_as[e.id] = to;
    for (int steps = 0; steps < 16; ++steps) // through the versions in between
        for (const auto& e : older)
            if (!goes_on_as.contains(e.id) && goes_on_as.contains(e.successor_id))
                goes_on_as[e.id] = goes_on_as[e.successor_id];
    activation done;
    for (const auto& e : older) {
        const auto to = goes_on_as.find(e.id);
        const bool continued =
            to != goes_on_as.end() && (to->second->supervision != "P" || e.supervision == "P");
        store::set_standing(tx, e.id, continued ? row_standing::continued : row_standing::dropped,
                            to == goes_on_as.end() ? 0 : to->second->id);
        if (e.version_id == current) ++(continued ? done.continued : done.dropped);
    }
    for (const auto& e : now)
        store::set_standing(tx, e.id, row_standing::current, 0);
    audit::append(tx, who,
                  {.verb = "activate_version",
                   .subject_kind = "catalogue",
                   .subject_id = id,
                   .after = value::object()
                                .set("title", next->title)
                                .set("continued", done.continued)
                                .set("dropped", done.dropped)});
    return done;
}

suggestion suggest_rows(db::read_view& view, std::string_view instrument_name) {
    const std::string name = comparison_key(instrument_name);
    suggestion found;
    if (count_characters(name) < 2) return found;
    const auto meets = [&](std::string_view word) {
        const std::string key = comparison_key(word);
        const std::string core = key.substr(0, key.find('(')); // 压力表（指示类、显示类） is 压力表
        return !core.empty() &&
               (name.find(core) != std::string::npos || core.find(name) != std::string::npos);
    };
    const auto all = list_entries(view);
    std::vector<std::pair<int, const entry*>> ranked;
    std::set<std::string> older; // upper levels that an older name leads to
    for (const auto& s : store::list_synonyms(view)) {
        if (!meets(s.word)) continue;
        if (s.l1.empty())
            found.fell_out = true;
        else
            older.insert(s.l1);
    }
    for (const auto& e : all) {
        const int points = meets(e.l2) ? 3 : meets(e.l1) ? 2 : older.contains(e.l1) ? 1 : 0;
        if (points > 0) ranked.emplace_back(points, &e);
    }
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    for (std::size_t n = 0; n < ranked.size() && n < 5; ++n)
        found.rows.push_back(*ranked[n].second);
    found.fell_out = found.fell_out && found.rows.empty();
    return found;
}

} // namespace core::catalogue
