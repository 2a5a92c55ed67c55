// Open to anyone: 强检目录 ("must it be verified?") and 机构与地址. Both read the reference data; what a page
// says of an instrument is advice, the institution decides when it reviews the filing
// (core/catalogue/mandatory.hpp).
#include "core/base/text.hpp"
#include "core/catalogue/capability.hpp"
#include "core/catalogue/labels.hpp"
#include "core/catalogue/mandatory.hpp"
#include "core/catalogue/version.hpp"
#include "wechat/company/frame.hpp"
#include "wechat/company/pages.hpp"
#include "wechat/server/form.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace wechat::company {
namespace {

namespace reference = core::catalogue;
constexpr std::size_t longest_question = 40; // characters

response open_page(const request& r, services& s, std::string_view page, std::string_view title,
                   core::value model, int status = 200) {
    return s.pages->render(r, "public", page, core::value::object().set("title", title), std::move(model),
                           status);
}

std::string purposes_text(const reference::entry& e) {
    std::string all;
    for (const auto& p : core::purposes)
        if (e.purposes.find(p.code) != std::string::npos) all.append(all.empty() ? "" : "、").append(p.text);
    return all.empty() ? "没有写明" : all;
}

core::value row_of(const reference::entry& e) {
    const bool verified = e.supervision != "P";
    return core::value::object()
        .set("id", std::to_string(e.id))
        .set("upper", e.l1)
        .set("lower", e.l2)
        .set("upper_shown", e.l1 != e.l2)
        .set("tag", verified ? "info" : "mute")
        .set("supervision", core::text_of(core::supervisions, e.supervision))
        .set("purposes", purposes_text(e))
        .set("purposes_shown", verified);
}

// What the words stand in, after what they mean: an older name, or a longer one than the catalogue's.
std::vector<reference::entry> find_rows(read_view& view, std::string_view asked, bool& fell_out) {
    auto all = reference::list_entries(view);
    if (asked.empty()) return all;
    auto meant = reference::suggest_rows(view, asked);
    fell_out = meant.fell_out;
    std::set<std::int64_t> known;
    for (const auto& e : meant.rows)
        known.insert(e.id);
    const std::string key = core::comparison_key(asked);
    for (auto& e : all) {
        const bool stands =
            core::comparison_key(e.l1 + " " + e.l2 + " " + e.scope).find(key) != std::string::npos;
        if (stands && known.insert(e.id).second) meant.rows.push_back(std::move(e));
    }
    return std::move(meant.rows);
}

std::string in_force(read_view& view) {
    for (const auto& v : reference::list_versions(view))
        if (v.is_current) return v.title;
    return {};
}

core::value choices(std::string_view chosen, std::initializer_list<core::label> all) {
    core::value list = core::value::array();
    for (const auto& l : all)
        list.push(
            core::value::object().set("code", l.code).set("text", l.text).set("selected", l.code == chosen));
    return list;
}

core::status_tag tag_of(reference::mandatory m) {
    switch (m) {
    case reference::mandatory::yes:
        return {"warn", "须强制检定"};
    case reference::mandatory::no:
        return {"mute", "不强制检定"};
    case reference::mandatory::ask:
        break;
    }
    return {"info", "需要判断"};
}

std::string period_text(const reference::entry& e) {
    if (!e.is_verified_periodically() || !e.period_months) return "由技术机构确定";
    return "一般 " + std::to_string(*e.period_months) + " 个月，以技术机构确定的为准";
}

// Opens the map application of the phone, a page on a desktop.
std::string map_of(const reference::institution& i) {
    return "https://uri.amap.com/search?keyword=" + url_encode(i.name);
}

// The digits of "020-0000 0000" for a tel: link, of the first number when there are several; "" for none.
std::string dialled(std::string_view phone) {
    std::string out;
    for (const char c : core::to_half_width(phone)) {
        const bool digit = c >= '0' && c <= '9';
        const bool between = c == ' ' || c == '-' || c == '(' || c == ')';
        if (digit) out += c;
        if (!digit && !between && !out.empty()) break;
    }
    return out.size() >= 5 ? out : std::string();
}

core::value card_of(const reference::institution& i, std::string_view city) {
    core::value v = core::value::object();
    const std::string call = dialled(i.phone);
    v.set("name", i.name).set("level", core::text_of(core::levels, i.level)).set("city", city);
    v.set("address", i.address.empty() ? "地址待补充" : i.address)
        .set("hours", i.hours)
        .set("hours_shown", !i.hours.empty());
    v.set("phone", i.phone)
        .set("phone_shown", !i.phone.empty())
        .set("call", call)
        .set("call_shown", !call.empty());
    v.set("bring", i.bring_note).set("bring_shown", !i.bring_note.empty());
    return v.set("map", map_of(i)).set("direct", i.direct);
}

} // namespace

response catalogue(const request& r, read_view& view, services& s) {
    const std::string asked = core::cut_characters(core::tidy_line(r.query.get("q")), longest_question);
    bool fell_out = false;
    core::value rows = core::value::array();
    for (const auto& e : find_rows(view, asked, fell_out))
        rows.push(row_of(e));
    core::value model = core::value::object();
    model.set("q", asked)
        .set("asked", !asked.empty())
        .set("empty", rows.as_list()->empty() && !fell_out)
        .set("fell_out", fell_out && rows.as_list()->empty())
        .set("count", static_cast<int>(rows.as_list()->size()))
        .set("rows", std::move(rows))
        .set("version", in_force(view));
    return open_page(r, s, "public/catalogue", "强检目录", std::move(model));
}

response catalogue_entry(const request& r, read_view& view, services& s) {
    const std::string_view purpose =
        core::is_code_of(core::purposes, r.query.get("purpose")) ? r.query.get("purpose") : "";
    const auto said =
        reference::ask_mandatory(view, {r.id(0), purpose, reference::use_of(r.query.get("use"))});
    if (!said.row) return refuse(r, s, core::error(core::errc::not_found));
    const auto& e = *said.row;
    const auto tag = tag_of(said.answer);
    core::value purposes = core::value::array();
    for (const auto& p : core::purposes)
        purposes.push(
            core::value::object().set("code", p.code).set("text", p.text).set("selected", p.code == purpose));
    core::value model = core::value::object();
    const auto words = reference::words_of_levels(view);
    model.set("upper_word", words.upper).set("lower_word", words.lower);
    model.set("id", std::to_string(e.id)).set("upper", e.l1).set("lower", e.l2);
    model.set("supervision", core::text_of(core::supervisions, e.supervision))
        .set("verification", e.verification.empty() ? "使用中不强制检定" : e.verification)
        .set("scope", e.scope.empty() ? "没有写明" : e.scope)
        .set("purposes_text", purposes_text(e))
        .set("period", period_text(e))
        .set("version", in_force(view));
    model.set("purposes", std::move(purposes))
        .set("uses",
             choices(r.query.get("use"), {{"", "不清楚"}, core::declared_uses[0], core::declared_uses[1]}));
    model.set("tag", tag.tag).set("answer", tag.text).set("reason", said.reason);
    return open_page(r, s, "public/catalogue_entry", e.l2 + "是否强检", std::move(model));
}

response institutions(const request& r, read_view& view, services& s) {
    const std::string asked = core::cut_characters(core::tidy_line(r.query.get("q")), longest_question);
    const auto city = r.query.get("city");
    std::map<std::string, std::string, std::less<>> cities; // code -> name
    for (const auto& one : core::catalogue::list_regions(view))
        if (one.level == "city") cities[one.code] = one.name;
    core::value options = core::value::array();
    for (const auto& [code, name] : cities)
        options.push(core::value::object().set("code", code).set("text", name).set("selected", code == city));
    core::value cards = core::value::array();
    for (const auto& i : core::catalogue::list_institutions(view)) {
        const auto at = cities.find(core::catalogue::city_of(i.region_code));
        const bool here = city.empty() || i.level == "province" || (at != cities.end() && at->first == city);
        const bool meant = asked.empty() || (i.name + i.address).find(asked) != std::string::npos;
        if (i.active && here && meant) cards.push(card_of(i, at == cities.end() ? "广东省" : at->second));
    }
    core::value model = core::value::object();
    model.set("q", asked)
        .set("filtered", !asked.empty() || !city.empty())
        .set("cities", std::move(options))
        .set("empty", cards.as_list()->empty())
        .set("cards", std::move(cards));
    return open_page(r, s, "public/institutions", "机构与地址", std::move(model));
}

} // namespace wechat::company
