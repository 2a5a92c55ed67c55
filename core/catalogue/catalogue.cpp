#include "core/catalogue/catalogue.hpp"

#include "core/base/embedded.hpp"
#include "core/catalogue/catalogue_store.hpp"
#include "core/catalogue/csv.hpp"

#include <stdexcept>

namespace core::catalogue {
namespace {

csv::table shipped(std::string_view name) {
    for (const auto& f : embedded_files())
        if (f.name == name) return csv::table(f.bytes);
    throw std::runtime_error("not built in: " + std::string(name));
}

// A period is joined to a catalogue row when their names meet; the institution's reviewer has the last word.
std::optional<int> period_for(const csv::table& periods, std::string_view l2) {
    for (std::size_t i = 0; i < periods.size(); ++i) {
        const std::string& name = periods.at(i, "instrument");
        const bool meets = l2.find(name) != std::string_view::npos || name.find(l2) != std::string::npos;
        if (meets && !periods.at(i, "period_months").empty())
            return std::stoi(periods.at(i, "period_months"));
    }
    return std::nullopt;
}

institution shipped_institution(const csv::table& t, std::size_t i) {
    institution one;
    one.name = t.at(i, "name");
    one.level = t.at(i, "level");
    one.region_code = t.at(i, "region_code");
    one.verified = t.at(i, "verified");
    one.direct = one.level == "city";
    one.address = "（示例地址）检测路 8 号一楼收检大厅";
    one.phone = "020-0000 0000";
    one.hours = "工作日 08:30–11:30，14:30–17:00";
    one.bring_note = "器具、预约凭证、上次检定证书";
    return one;
}

} // namespace

mandatory is_mandatory(const entry& e, std::string_view purpose) {
    if (e.supervision == "P") return mandatory::no;
    if (e.purposes.empty()) return mandatory::ask;
    return e.purposes.find(purpose) == std::string::npos ? mandatory::no : mandatory::yes;
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
    auto found = store::list_active(view, city_of(region_code), true);
    if (found.empty()) found = store::list_active(view, "440000", false);
    return found;
}

load_report load_reference_data(db::write_tx& tx) {
    load_report report;
    const auto regions = shipped("schema/data/regions.csv");
    for (std::size_t i = 0; i < regions.size(); ++i, ++report.regions)
        store::put_region(tx, {regions.at(i, "code"), regions.at(i, "name"), regions.at(i, "level"),
                               regions.at(i, "parent")});
    const auto rows = shipped("schema/data/catalogue.csv");
    const auto periods = shipped("schema/data/verification_periods.csv");
    const std::int64_t version = store::put_version(tx, "2020 年第 42 号公告目录（工作替代，待导入官方表）");
    for (std::size_t i = 0; i < rows.size(); ++i, ++report.entries) {
        entry e;
        e.l1 = rows.at(i, "kind");
        e.l2 = rows.at(i, "category");
        e.supervision = rows.at(i, "supervision");
        e.verification = rows.at(i, "verification");
        e.scope = rows.at(i, "scope");
        e.purposes = rows.at(i, "purposes");
        e.verified = rows.at(i, "verified");
        if (e.is_verified_periodically()) e.period_months = period_for(periods, e.l2).value_or(12);
        store::put_entry(tx, version, std::stoi(rows.at(i, "seq")), e);
    }
    const auto institutions = shipped("schema/data/institutions.csv");
    for (std::size_t i = 0; i < institutions.size(); ++i, ++report.institutions)
        store::put_institution(tx, shipped_institution(institutions, i));
    return report;
}

} // namespace core::catalogue
