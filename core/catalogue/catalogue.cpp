#include "core/catalogue/catalogue.hpp"

#include "core/base/embedded.hpp"
#include "core/base/text.hpp"
#include "core/catalogue/capability.hpp"
#include "core/catalogue/catalogue_store.hpp"
#include "core/catalogue/csv.hpp"
#include "core/catalogue/version.hpp"
#include "core/catalogue/version_store.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/setting.hpp"

#include <set>
#include <stdexcept>

namespace core::catalogue {
namespace {

csv::table shipped(std::string_view name) {
    for (const auto& f : embedded_files())
        if (f.name == name) return csv::table(f.bytes);
    throw std::runtime_error("not built in: " + std::string(name));
}

institution shipped_institution(const csv::table& t, std::size_t i) {
    institution one;
    one.name = t.at(i, "name");
    one.level = t.at(i, "level");
    one.region_code = t.at(i, "region_code");
    one.verified = t.at(i, "verified");
    one.direct = one.level == "city";
    return one;
}

actor by_command() {
    actor who;
    who.kind = actor_kind::system;
    who.source = "command";
    return who;
}

bool is_platform_admin(const actor& who) {
    return who.kind == actor_kind::staff && who.roles.has(role::platform_admin);
}

result<> check_institution(const institution& i) {
    const auto outside = [](int n, int least, int most) { return n < least || n > most; };
    if (outside(i.lead_days, 0, 60)) return error(errc::invalid, "institution.days", "lead_days");
    if (outside(i.horizon_days, 1, 366)) return error(errc::invalid, "institution.days", "horizon_days");
    if (outside(i.confirm_days, 1, 30)) return error(errc::invalid, "institution.days", "confirm_days");
    for (const auto& [field, text] : {std::pair("address", &i.address), std::pair("phone", &i.phone),
                                      std::pair("hours", &i.hours), std::pair("bring_note", &i.bring_note)})
        if (count_characters(*text) > 200) return error(errc::invalid, "institution.text", field);
    return {};
}

} // namespace

value facts_of(const institution& i) {
    return value::object()
        .set("address", i.address)
        .set("phone", i.phone)
        .set("hours", i.hours)
        .set("bring_note", i.bring_note)
        .set("direct", i.direct)
        .set("active", i.active)
        .set("lead_days", i.lead_days)
        .set("horizon_days", i.horizon_days)
        .set("confirm_days", i.confirm_days);
}

std::string region_path(db::read_view& view, std::string_view code) {
    std::string path;
    auto r = find_region(view, code);
    for (int depth = 0; r && depth < 4; ++depth) {
        path = path.empty() ? r->name : r->name + " / " + path;
        r = r->parent.empty() ? std::nullopt : find_region(view, r->parent);
    }
    return path;
}

std::string city_of(std::string_view code) {
    return code.size() < 6 ? std::string(code) : std::string(code.substr(0, 4)) + "00";
}

std::string province_of(std::string_view code) {
    return code.size() < 6 ? std::string(code) : std::string(code.substr(0, 2)) + "0000";
}

bool is_place(db::read_view& view, std::string_view code) {
    const auto r = find_region(view, code);
    if (!r || r->level == "province") return false;
    return r->level != "city" || !store::has_counties(view, code);
}

bool is_working_day(db::read_view& view, date d) {
    if (const auto special = store::find_holiday(view, d)) return *special;
    return iso_weekday(d) <= 5;
}

date add_working_days(db::read_view& view, date d, int n) {
    for (int guard = 0; n > 0 && guard < 400; ++guard) {
        d = add_days(d, 1);
        if (is_working_day(view, d)) --n;
    }
    return d;
}

std::vector<institution> list_direct(db::read_view& view, std::string_view region_code) {
    return list_direct(view, region_code, {});
}

std::int64_t readable_institution(db::read_view& view, const actor& who, std::int64_t asked) {
    if (who.kind == actor_kind::staff && who.institution_id != 0 &&
        (asked == 0 || asked == who.institution_id))
        return who.institution_id;
    if (asked == 0 || (!who.is_platform() && !who.is_regulator())) return 0;
    const auto place = find_institution(view, asked);
    return place && (who.is_platform() || who.reads_region(place->region_code)) ? asked : 0;
}

result<> update_institution(db::write_tx& tx, const actor& who, const institution& changed) {
    const auto old = find_institution(tx, changed.id);
    if (!old) return error(errc::not_found);
    const bool platform = who.kind == actor_kind::system || is_platform_admin(who);
    const bool own = who.is_staff_of(changed.id) && who.roles.has(role::institution_admin);
    if (!platform && !own) return error(errc::not_allowed);
    if (!platform && (changed.direct != old->direct || changed.active != old->active))
        return error(errc::not_allowed); // M24
    institution next = *old;
    next.address = tidy_line(changed.address);
    next.phone = tidy_line(changed.phone);
    next.hours = tidy_line(changed.hours);
    next.bring_note = tidy_line(changed.bring_note);
    next.direct = changed.direct;
    next.active = changed.active;
    next.lead_days = changed.lead_days;
    next.horizon_days = changed.horizon_days;
    next.confirm_days = changed.confirm_days;
    if (auto wrong = check_institution(next); wrong.has_error()) return wrong;
    store::update_institution(tx, next);
    audit::append(tx, who,
                  {.verb = "update",
                   .subject_kind = "institution",
                   .subject_id = next.id,
                   .before = facts_of(*old),
                   .after = facts_of(next),
                   .institution_id = next.id});
    return {};
}

void load_demo_institutions(db::write_tx& tx) {
    const auto rows = shipped("schema/demo/institutions.csv");
    for (std::size_t i = 0; i < rows.size(); ++i) {
        auto one = find_institution_by_name(tx, rows.at(i, "name"));
        if (!one) throw std::runtime_error("demo: no institution " + rows.at(i, "name"));
        one->address = rows.at(i, "address");
        one->phone = rows.at(i, "phone");
        one->hours = rows.at(i, "hours");
        one->bring_note = rows.at(i, "bring_note");
        update_institution(tx, by_command(), *one).value();
    }
}

namespace {

std::string_view shipped_text(std::string_view name) {
    for (const auto& f : embedded_files())
        if (f.name == name) return f.bytes;
    throw std::runtime_error("not built in: " + std::string(name));
}

// Only where nothing is yet: what an administrator imported stays.
int load_periods(db::write_tx& tx) {
    const auto rows = shipped("schema/data/verification_periods.csv");
    std::set<std::string> known;
    for (const auto& p : store::list_periods(tx))
        known.insert(p.instrument);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::string& months = rows.at(i, "period_months");
        if (known.contains(rows.at(i, "instrument"))) continue;
        store::put_period(tx, {rows.at(i, "instrument"), rows.at(i, "regulation"), rows.at(i, "mode"),
                               rows.at(i, "verified"), rows.at(i, "source"),
                               months.empty() ? 0 : std::stoi(months)});
    }
    return static_cast<int>(rows.size());
}

// Years for which somebody has imported the notice are left alone.
int load_holidays(db::write_tx& tx) {
    const auto rows = shipped("schema/data/holidays.csv");
    std::set<std::string> noticed;
    for (const auto& h : store::list_holidays(tx))
        if (h.source == "notice") noticed.insert(to_text(h.day).substr(0, 4));
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (!noticed.contains(rows.at(i, "day").substr(0, 4)))
            store::put_holiday(tx, {parse_date(rows.at(i, "day")).value(), rows.at(i, "is_working") == "1",
                                    rows.at(i, "name"), rows.at(i, "source")});
    return static_cast<int>(rows.size());
}

// The catalogue of 1987 decides nothing any more; its names lead people to the rows of today.
void load_synonyms(db::write_tx& tx) {
    const auto rows = shipped("schema/data/catalogue_1987.csv");
    for (std::size_t i = 0; i < rows.size(); ++i) {
        std::string words = rows.at(i, "kind") + "、" + rows.at(i, "detail") + "、";
        for (std::size_t at = 0; at < words.size();) {
            const auto end = words.find("、", at);
            const std::string word = words.substr(at, end - at);
            at = end + std::string_view("、").size();
            if (!word.empty()) store::put_synonym(tx, {word, rows.at(i, "now")});
        }
    }
}

constexpr std::string_view shipped_title = "2020 年第 42 号公告目录（工作替代，待导入官方表）";

// Put in force only where no catalogue is: a newer program must not undo an administrator's choice.
void load_catalogue(db::write_tx& tx, load_report& report) {
    auto known = store::find_version_by_title(tx, shipped_title);
    if (!known) {
        const auto made =
            import_catalogue(tx, by_command(), shipped_title, shipped_text("schema/data/catalogue.csv"))
                .value();
        known = store::find_version(tx, made.id);
        if (list_entries(tx).empty()) activate_version(tx, by_command(), made.id).value();
    }
    const auto periods = store::list_periods(tx);
    for (const auto& e : list_entries_of(tx, known->id)) {
        ++report.entries;
        if (e.is_verified_periodically() && !store::period_for(periods, e.l2))
            report.assumed_periods.push_back(e.l2);
    }
}

} // namespace

load_report load_reference_data(db::write_tx& tx) {
    load_report report;
    const auto regions = shipped("schema/data/regions.csv");
    for (std::size_t i = 0; i < regions.size(); ++i, ++report.regions)
        store::put_region(tx, {regions.at(i, "code"), regions.at(i, "name"), regions.at(i, "level"),
                               regions.at(i, "parent")});
    report.periods = load_periods(tx);
    load_catalogue(tx, report);
    load_synonyms(tx);
    const auto institutions = shipped("schema/data/institutions.csv");
    for (std::size_t i = 0; i < institutions.size(); ++i, ++report.institutions)
        store::put_institution(tx, shipped_institution(institutions, i));
    report.holidays = load_holidays(tx);
    audit::append(tx, by_command(),
                  {.verb = "load_reference_data",
                   .subject_kind = "catalogue",
                   .after = value::object()
                                .set("regions", report.regions)
                                .set("entries", report.entries)
                                .set("institutions", report.institutions)
                                .set("holidays", report.holidays)});
    return report;
}

void load_demo_capabilities(db::write_tx& tx) {
    import_data(tx, by_command(), dataset::capabilities, shipped_text("schema/demo/capabilities.csv"))
        .value();
}

level_words words_of_levels(db::read_view& view) {
    return {setting::text(view, "labels.catalogue_l1"), setting::text(view, "labels.catalogue_l2")};
}

} // namespace core::catalogue
