#include "wechat/inbox/ways.hpp"

#include "core/base/text.hpp"
#include "notify/hub/hub.hpp"
#include "notify/hub/order.hpp"
#include "notify/hub/ways.hpp"
#include "notify/hub/wishes.hpp"
#include "wechat/inbox/settings.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wechat::inbox {
namespace {

using notify::way_names;
constexpr std::string_view inbox_alone = "none"; // in way_KIND; "" means as for everything

std::string field_of(std::string_view kind) {
    return "way_" + std::string(kind);
}

std::string joined(const way_names& ways) {
    std::string all;
    for (const auto& w : ways)
        all += (all.empty() ? "" : " ") + w;
    return all.empty() ? std::string(inbox_alone) : all;
}

way_names ways_in(std::string_view text) {
    return text == inbox_alone ? way_names() : core::split_words(text);
}

// What holds for who has chosen nothing.
way_names platform_ways(core::db::read_view& view, const services& s) {
    const auto& offered = s.hub->ways();
    const auto orders = notify::list_channel_orders(view);
    const auto at = orders.find("");
    if (at == orders.end()) return offered;
    way_names all;
    for (const auto& channel : at->second) {
        const std::string way(notify::way_of(channel));
        const bool is_offered = std::find(offered.begin(), offered.end(), way) != offered.end();
        if (is_offered && std::find(all.begin(), all.end(), way) == all.end()) all.push_back(way);
    }
    return all;
}

// 先微信，再邮件
std::string words_of(const way_names& ways) {
    if (ways.empty()) return "只看站内消息";
    const std::string first(notify::way_word(ways[0]));
    if (ways.size() == 1) return "只发" + first;
    std::string rest;
    for (std::size_t n = 1; n < ways.size(); ++n)
        rest += (rest.empty() ? "" : "、") + std::string(notify::way_word(ways[n]));
    return "先" + first + "，再" + rest;
}

core::value option(std::string_view code, std::string_view text, bool selected) {
    return core::value::object().set("code", code).set("text", text).set("selected", selected);
}

std::string way_text(std::string_view way, const reachable_by& has) {
    std::string text(notify::way_word(way));
    if (way == "wechat" && !has.wechat) text += "（未绑定）";
    if (way == "email" && !has.email) text += "（未添加）";
    return text;
}

core::value places_of(const way_names& chosen, const way_names& offered, const reachable_by& has) {
    core::value places = core::value::array();
    for (std::size_t n = 0; n < offered.size(); ++n) {
        const std::string now = n < chosen.size() ? chosen[n] : "";
        core::value options = core::value::array();
        for (const auto& w : offered)
            options.push(option(w, way_text(w, has), w == now));
        options.push(option("", n == 0 ? "不发，只看站内消息" : "不再发", now.empty()));
        places.push(core::value::object()
                        .set("n", static_cast<int>(n + 1))
                        .set("label", n == 0   ? "先发到"
                                      : n == 1 ? "没有送到时发到"
                                               : "仍没有送到时发到")
                        .set("options", std::move(options)));
    }
    return places;
}

// Each way first with the others behind it, and each alone.
std::vector<way_names> lists_of(const way_names& offered) {
    std::vector<way_names> all;
    for (const auto& w : offered) {
        way_names list{w};
        std::copy_if(offered.begin(), offered.end(), std::back_inserter(list),
                     [&](const std::string& other) { return other != w; });
        all.push_back(std::move(list));
    }
    for (const auto& w : offered)
        all.push_back({w});
    return all;
}

core::value options_of(std::string_view now, const way_names& offered) {
    core::value options = core::value::array();
    options.push(option("", "与上面相同", now.empty()));
    bool found = now.empty();
    for (const auto& list : lists_of(offered)) {
        const auto code = joined(list);
        found = found || code == now;
        options.push(option(code, words_of(list), code == now));
    }
    if (!found) options.push(option(now, words_of(ways_in(now)), true));
    return options;
}

} // namespace

void put_ways(core::value& model, const request& r, core::db::read_view& view, services& s,
              const reachable_by& has, const core::error* wrong) {
    const auto& offered = s.hub->ways();
    const auto own = notify::list_ways_of(view, r.actor);
    const auto typed = r.form.all("way");
    auto chosen = own.contains("") ? own.find("")->second : platform_ways(view, s);
    if (!typed.empty()) chosen.assign(typed.begin(), typed.end());
    core::value rows = core::value::array();
    bool differs = false;
    for (const auto& w : notify::list_wishes(view, r.actor)) {
        const auto at = own.find(w.kind);
        std::string now = at == own.end() ? std::string() : joined(at->second);
        if (const auto field = r.form.find(field_of(w.kind))) now = *field;
        differs = differs || !now.empty();
        rows.push(core::value::object()
                      .set("name", field_of(w.kind))
                      .set("label", wish_words(s, r.actor, w.kind))
                      .set("options", options_of(now, offered)));
    }
    const bool is_wrong = wrong != nullptr && wrong->field == "ways";
    model.set("has_choice", offered.size() > 1)
        .set("places", places_of(chosen, offered, has))
        .set("way_rows", std::move(rows))
        .set("ways_differ", differs);
    model.set("ways_wrong", is_wrong).set("ways_error", is_wrong ? s.problems->text_of(*wrong) : "");
}

core::result<> save_ways(const request& r, core::db::write_tx& tx, const services& s) {
    if (const auto typed = r.form.all("way"); !typed.empty()) {
        way_names ways;
        for (const auto w : typed)
            if (!w.empty()) ways.emplace_back(w);
        // Who chooses what holds anyway goes on with the platform, should it change its order.
        const bool as_platform = ways == platform_ways(tx, s);
        if (auto done = notify::set_ways(tx, r.actor, "", as_platform ? std::nullopt : std::optional(ways));
            !done)
            return done;
    }
    for (const auto& w : notify::list_wishes(tx, r.actor)) {
        const auto typed = r.form.find(field_of(w.kind));
        if (!typed) continue;
        const auto ways = typed->empty() ? std::nullopt : std::optional(ways_in(*typed));
        if (auto done = notify::set_ways(tx, r.actor, w.kind, ways); !done) return done;
    }
    return {};
}

} // namespace wechat::inbox
