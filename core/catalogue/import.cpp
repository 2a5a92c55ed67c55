#include "core/catalogue/import.hpp"

#include "core/base/text.hpp"
#include "core/catalogue/capability_store.hpp"
#include "core/catalogue/catalogue_store.hpp"
#include "core/catalogue/labels.hpp"
#include "core/catalogue/sheet.hpp"
#include "core/catalogue/version_store.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace core::catalogue {
namespace {

bool is_region_code(std::string_view code) {
    return (code.size() == 6 || code.size() == 9) &&
           code.find_first_not_of("0123456789") == std::string::npos;
}

// Which level stands above which: a town of 东莞 lies right below its city.
bool fits_below(std::string_view level, std::string_view above) {
    if (level == "province") return above.empty();
    if (level == "city") return above == "province";
    if (level == "county") return above == "city";
    return above == "county" || above == "city";
}

value words_of(const region& r) {
    return value::object().set("name", r.name).set("level", r.level).set("parent", r.parent);
}

value words_of(const institution& i) {
    return facts_of(i).set("level", i.level).set("region_code", i.region_code).set("verified", i.verified);
}

value words_of(const capability& c) {
    return value::object().set("direct", c.direct);
}

value words_of(const store::period& p) {
    return value::object()
        .set("period_months", p.months)
        .set("regulation", p.regulation)
        .set("mode", p.mode)
        .set("verified", p.verified)
        .set("source", p.source);
}

value words_of(const store::holiday& h) {
    return value::object().set("is_working", h.is_working).set("name", h.name).set("source", h.source);
}

import_plan plan_regions(db::read_view& view, std::string_view text) {
    import_plan plan;
    sheet s(text, {"code", "name", "level", "parent"}, plan);
    std::map<std::string, region> known;
    for (auto& r : list_regions(view))
        known.emplace(r.code, r);
    std::set<std::string> seen;
    for (std::size_t i = 0; i < s.size(); ++i) {
        const region r{s.at(i, "code"), s.at(i, "name"), s.choice(i, "level", levels), s.at(i, "parent")};
        if (!is_region_code(r.code)) s.refuse(i, "code", "import.code");
        if (!seen.insert(r.code).second) s.refuse(i, "code", "import.twice");
        if (r.name.empty() || count_characters(r.name) > 40) s.refuse(i, "name", "import.name");
        const auto above = known.find(r.parent);
        const std::string_view level_above =
            above == known.end() ? "" : std::string_view(above->second.level);
        if ((above == known.end() && !r.parent.empty()) || !fits_below(r.level, level_above))
            s.refuse(i, "parent", "import.parent");
        const auto old = known.find(r.code);
        if (old != known.end() && old->second.name == r.name && old->second.level == r.level &&
            old->second.parent == r.parent) {
            ++plan.report.unchanged;
            continue;
        }
        s.change(i, r.code + " " + r.name, old == known.end() ? value() : words_of(old->second), words_of(r));
        known[r.code] = r;
        plan.steps.emplace_back([r](db::write_tx& tx) { store::put_region(tx, r); });
    }
    return plan;
}

institution read_institution(sheet& s, std::size_t i, const std::optional<institution>& old) {
    institution one = old.value_or(institution{});
    one.name = s.at(i, "name");
    one.level = s.choice(i, "level", levels);
    one.region_code = s.at(i, "region_code");
    const auto keep = [&](std::string_view column, std::string& to) {
        if (const std::string text = s.at(i, column); !text.empty()) to = text;
        if (count_characters(to) > 200) s.refuse(i, column, "import.long");
    };
    keep("address", one.address);
    keep("phone", one.phone);
    keep("hours", one.hours);
    keep("bring_note", one.bring_note);
    keep("verified", one.verified);
    if (one.verified.empty()) one.verified = "no";
    one.direct = s.flag(i, "direct", old ? old->direct : one.level == "city");
    one.active = s.flag(i, "active", one.active);
    one.lead_days = s.number(i, "lead_days", one.lead_days, 0, 60);
    one.horizon_days = s.number(i, "horizon_days", one.horizon_days, 1, 366);
    one.confirm_days = s.number(i, "confirm_days", one.confirm_days, 1, 30);
    return one;
}

import_plan plan_institutions(db::read_view& view, std::string_view text) {
    import_plan plan;
    sheet s(text, {"name", "level", "region_code"}, plan);
    std::set<std::string> seen;
    for (std::size_t i = 0; i < s.size(); ++i) {
        const auto old = find_institution_by_name(view, s.at(i, "name"));
        const institution one = read_institution(s, i, old);
        if (one.name.empty() || count_characters(one.name) > 100) s.refuse(i, "name", "import.name");
        if (!seen.insert(one.name).second) s.refuse(i, "name", "import.twice");
        if (one.level == "town") s.refuse(i, "level", "import.choice");
        if (!find_region(view, one.region_code)) s.refuse(i, "region_code", "import.region");
        if (old && words_of(one) == words_of(*old)) {
            ++plan.report.unchanged;
            continue;
        }
        s.change(i, one.name, old ? words_of(*old) : value(), words_of(one));
        plan.steps.emplace_back([one](db::write_tx& tx) {
            store::put_institution(tx, one);
            institution now = one;
            now.id = find_institution_by_name(tx, one.name).value().id;
            store::update_institution(tx, now);
        });
    }
    return plan;
}

std::string capability_text(std::string_view institution, const capability& c) {
    return std::string(institution) + " " + c.l1 + (c.l2.empty() ? "" : "/" + c.l2) + " " +
           std::string(text_of(methods, c.method));
}

import_plan plan_capabilities(db::read_view& view, std::string_view text) {
    import_plan plan;
    sheet s(text, {"institution", "l1", "method"}, plan);
    std::map<std::string, capability> before; // of the institutions named, by what it says
    std::set<std::int64_t> named;
    std::set<std::string> seen;
    for (std::size_t i = 0; i < s.size(); ++i) {
        const std::string name = s.at(i, "institution");
        const auto place = find_institution_by_name(view, name);
        if (!place) {
            s.refuse(i, "institution", "import.institution");
            continue;
        }
        if (named.insert(place->id).second)
            for (const auto& c : list_capabilities(view, place->id))
                before.emplace(capability_text(name, c), c);
        capability c{0,
                     place->id,
                     s.at(i, "l1"),
                     s.at(i, "l2"),
                     s.choice(i, "method", methods),
                     s.flag(i, "direct", true)};
        if (c.l2 == "*") c.l2.clear();
        if (!store::is_in_force(view, c.l1, c.l2))
            s.refuse(i, c.l2.empty() ? "l1" : "l2", "import.catalogue");
        const std::string what = capability_text(name, c);
        if (!seen.insert(what).second) s.refuse(i, "l1", "import.twice");
        const auto old = before.find(what);
        if (old != before.end() && old->second.direct == c.direct) {
            ++plan.report.unchanged;
            continue;
        }
        s.change(i, what, old == before.end() ? value() : words_of(old->second), words_of(c));
        plan.steps.emplace_back([c](db::write_tx& tx) {
            capability next = c;
            next.id = tx.new_id();
            store::put_capability(tx, next);
        });
    }
    for (const auto& [what, c] : before) {
        if (seen.contains(what)) continue;
        s.remove(what, words_of(c));
        plan.steps.emplace_back([id = c.id](db::write_tx& tx) { store::remove_capability(tx, id); });
    }
    return plan;
}

import_plan plan_periods(db::read_view& view, std::string_view text) {
    import_plan plan;
    sheet s(text, {"instrument", "period_months"}, plan);
    std::map<std::string, store::period> known;
    for (auto& p : store::list_periods(view))
        known.emplace(p.instrument, p);
    std::set<std::string> seen;
    for (std::size_t i = 0; i < s.size(); ++i) {
        store::period p{s.at(i, "instrument"), s.at(i, "regulation"),
                        s.at(i, "mode"),       s.at(i, "verified"),
                        s.at(i, "source"),     s.number(i, "period_months", 0, 1, 240)};
        if (p.verified.empty()) p.verified = "no";
        if (p.instrument.empty()) s.refuse(i, "instrument", "import.name");
        if (!seen.insert(p.instrument).second) s.refuse(i, "instrument", "import.twice");
        const auto old = known.find(p.instrument);
        if (old != known.end() && old->second == p) {
            ++plan.report.unchanged;
            continue;
        }
        s.change(i, p.instrument, old == known.end() ? value() : words_of(old->second), words_of(p));
        plan.steps.emplace_back([p](db::write_tx& tx) { store::put_period(tx, p); });
    }
    if (!plan.steps.empty()) plan.steps.emplace_back([](db::write_tx& tx) { store::apply_periods(tx); });
    return plan;
}

import_plan plan_holidays(db::read_view& view, std::string_view text) {
    import_plan plan;
    sheet s(text, {"day", "is_working", "name"}, plan);
    std::set<std::string> years;
    std::set<std::string> seen;
    std::map<std::string, store::holiday> known;
    for (auto& h : store::list_holidays(view))
        known.emplace(to_text(h.day), h);
    for (std::size_t i = 0; i < s.size(); ++i) {
        const auto day = parse_date(s.at(i, "day"));
        if (!day) {
            s.refuse(i, "day", "import.date");
            continue;
        }
        const std::string key = to_text(*day);
        if (!seen.insert(key).second) s.refuse(i, "day", "import.twice");
        years.insert(key.substr(0, 4));
        const std::string source = s.at(i, "source");
        const store::holiday h{*day, s.flag(i, "is_working", false), s.at(i, "name"),
                               source.empty() ? "notice" : source};
        if (h.name.empty() || count_characters(h.name) > 20) s.refuse(i, "name", "import.name");
        if (h.is_working != (iso_weekday(*day) > 5) && h.is_working)
            s.refuse(i, "is_working", "import.weekday");
        const auto old = known.find(key);
        if (old != known.end() && old->second == h) {
            ++plan.report.unchanged;
            continue;
        }
        s.change(i, key + " " + h.name, old == known.end() ? value() : words_of(old->second), words_of(h));
        plan.steps.emplace_back([h](db::write_tx& tx) { store::put_holiday(tx, h); });
    }
    for (const auto& [key, h] : known) {
        if (!years.contains(key.substr(0, 4)) || seen.contains(key)) continue;
        s.remove(key + " " + h.name, words_of(h));
        plan.steps.emplace_back([day = h.day](db::write_tx& tx) { store::remove_holiday(tx, day); });
    }
    return plan;
}

import_plan plan_of(db::read_view& view, dataset d, std::string_view text) {
    switch (d) {
    case dataset::regions:
        return plan_regions(view, text);
    case dataset::institutions:
        return plan_institutions(view, text);
    case dataset::capabilities:
        return plan_capabilities(view, text);
    case dataset::periods:
        return plan_periods(view, text);
    case dataset::holidays:
        return plan_holidays(view, text);
    }
    return {};
}

constexpr std::array<std::string_view, 5> names = {"regions", "institutions", "capabilities", "periods",
                                                   "holidays"};

} // namespace

std::optional<dataset> dataset_named(std::string_view name) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) return std::nullopt;
    return static_cast<dataset>(found - names.begin());
}

import_report check_import(db::read_view& view, dataset d, std::string_view text) {
    return plan_of(view, d, text).report;
}

result<import_report> import_data(db::write_tx& tx, const actor& who, dataset d, std::string_view text) {
    return carry_out(tx, who, plan_of(tx, d, text), names[static_cast<std::size_t>(d)]);
}

} // namespace core::catalogue
