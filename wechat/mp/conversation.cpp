#include "wechat/mp/conversation.hpp"

#include "core/account/binding.hpp"
#include "core/account/login.hpp"
#include "core/appointment/queries.hpp"
#include "core/base/ids.hpp"
#include "core/base/text.hpp"
#include "notify/hub/receipts.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace wechat::mp {
namespace {

constexpr int wrong_numbers_an_hour = 10;
constexpr std::size_t latest = 10; // M32

std::string guess_key(std::string_view openid) {
    return "query:" + std::string(openid);
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), text) != words.end();
}

std::vector<std::int64_t> companies_of(const std::vector<core::account::binding>& bindings) {
    std::vector<std::int64_t> ids;
    for (const auto& b : bindings)
        ids.push_back(b.applicant_id);
    return ids;
}

void put_order(core::value& model, const core::appointment::order& o, core::date today) {
    model.set("number", core::show_order_number(o.number))
        .set("status", core::appointment::order_tag(o.status).text);
    model.set("institution", o.institution_name).set("time", o.time_words(today)).set("pieces", o.pieces);
    model.set("reason", o.reason)
        .set("has_reason", !o.reason.empty())
        .set("rejected", o.status == core::appointment::order_status::rejected);
    model.set("confirmed", o.status == core::appointment::order_status::confirmed)
        .set("bring", o.bring_note)
        .set("address", o.institution_address);
    model.set("next", core::appointment::next_step(o.status, o.method)).set("id", std::to_string(o.id));
}

// Status, institution and time; nothing of the company (M30).
core::appointment::order shown_to_all(const core::appointment::public_order& p) {
    core::appointment::order o;
    o.number = p.number;
    o.method = p.method;
    o.status = p.status;
    o.day = p.day;
    o.starts = p.starts;
    o.ends = p.ends;
    o.institution_name = p.institution_name;
    o.institution_address = p.institution_address;
    o.bring_note = p.bring_note;
    return o;
}

// 12 digits typed as a number, or something meant as one (8 digits and more) that is none.
std::string digits_in(std::string_view text) {
    std::string all;
    for (const char c : core::to_half_width(text))
        if (c >= '0' && c <= '9') all += c;
    return all;
}

} // namespace

std::string conversation::say(std::string_view name, core::value model) const {
    model.set("url", public_url_);
    std::string text = templates_->render("text/chat/" + std::string(name) + ".txt", model);
    while (text.ends_with('\n'))
        text.pop_back();
    return text;
}

std::string conversation::reply_to(core::db::write_tx& tx, const message& m) const {
    using handler = std::string (conversation::*)(core::db::write_tx&, const message&) const;
    static constexpr std::array<std::pair<std::string_view, handler>, 7> table = {{
        {"text", &conversation::on_text},
        {"event.subscribe", &conversation::on_follow},
        {"event.unsubscribe", &conversation::on_unfollow},
        {"event.click", &conversation::on_menu},
        {"event.scancode_waitmsg", &conversation::on_scan},
        {"event.scancode_push", &conversation::on_scan},
        {"event.templatesendjobfinish", &conversation::on_receipt},
    }};
    const std::string kind = m.kind();
    for (const auto& [name, handle] : table)
        if (name == kind) return (this->*handle)(tx, m);
    return {}; // unknown types and events are accepted quietly (K6)
}

std::string conversation::on_follow(core::db::write_tx& tx, const message& m) const {
    core::account::record_follow(tx, m.from, core::cut_characters(m.event_key, 100));
    const bool bound = !core::account::list_by_openid(tx, m.from).empty();
    return say("welcome", core::value::object().set("bound", bound));
}

std::string conversation::on_unfollow(core::db::write_tx& tx, const message& m) const {
    core::account::record_unfollow(tx, m.from);
    return {};
}

std::string conversation::on_menu(core::db::write_tx& tx, const message& m) const {
    if (m.event_key == "VERIFY_LATEST10") return latest_orders(tx, m.from);
    if (m.event_key == "QUERY_NUMBER") return say("ask_number");
    return say("help");
}

std::string conversation::on_scan(core::db::write_tx& tx, const message& m) const {
    const auto number = core::find_order_number(m.scan_result);
    if (!number) return say("scan_unknown");
    return one_order(tx, m.from, *number);
}

std::string conversation::on_receipt(core::db::write_tx& tx, const message& m) const {
    std::int64_t msgid = 0; // beyond 2^53: never through a double
    std::from_chars(m.msg_id.data(), m.msg_id.data() + m.msg_id.size(), msgid);
    notify::record_receipt(tx, m.from, msgid, core::cut_characters(m.status, 60));
    return {};
}

std::string conversation::on_text(core::db::write_tx& tx, const message& m) const {
    const std::string text = core::tidy_line(core::to_half_width(m.content));
    if (const auto number = core::find_order_number(text)) return one_order(tx, m.from, *number);
    if (const auto digits = digits_in(text); digits.size() >= 8)
        return one_order(tx, m.from, digits.substr(0, 20));
    if (is_one_of(text, {"检定查询", "查询", "最近"})) return latest_orders(tx, m.from);
    if (is_one_of(text, {"绑定", "登录"})) return say("bind");
    if (text == "解绑") return say("unbind");
    if (is_one_of(text, {"预约", "预约送检"})) return say("book");
    if (is_one_of(text, {"人工", "电话"})) return contact(tx, m.from);
    return say("help");
}

std::string conversation::latest_orders(core::db::read_view& view, std::string_view openid) const {
    const auto bindings = core::account::list_by_openid(view, openid);
    if (bindings.empty()) return say("unbound");
    const auto orders = core::appointment::list_latest(view, companies_of(bindings), latest);
    if (orders.empty()) return say("no_orders");
    const core::date today = view.today();
    core::value list = core::value::array();
    int n = 0;
    for (const auto& o : orders) {
        core::value& row = list.push(core::value::object().set("n", ++n));
        put_order(row, o, today);
    }
    return say("latest", core::value::object().set("orders", std::move(list)).set("count", n));
}

std::string conversation::one_order(core::db::write_tx& tx, std::string_view openid,
                                    std::string_view number) const {
    if (!core::account::may_try(tx, guess_key(openid))) return say("too_many");
    const auto found = core::appointment::find_by_number(tx, number);
    if (!found) {
        core::account::count_failure(tx, guess_key(openid), wrong_numbers_an_hour, std::chrono::minutes(60));
        return say("not_found", core::value::object().set("number", core::show_order_number(number)));
    }
    const auto bindings = core::account::list_by_openid(tx, openid);
    const auto own = core::appointment::find_of_companies(tx, companies_of(bindings), number);
    core::value model = core::value::object().set("bound", !bindings.empty()).set("own", own.has_value());
    put_order(model, own ? *own : shown_to_all(*found), tx.today());
    return say("order", std::move(model));
}

std::string conversation::contact(core::db::read_view& view, std::string_view openid) const {
    const auto bindings = core::account::list_by_openid(view, openid);
    core::value model = core::value::object();
    model.set("known", false).set("institution", "").set("phone", "").set("hours", "");
    if (!bindings.empty()) {
        const auto orders = core::appointment::list_latest(view, companies_of(bindings), 1);
        if (!orders.empty())
            model.set("known", true)
                .set("institution", orders[0].institution_name)
                .set("phone", orders[0].institution_phone)
                .set("hours", orders[0].institution_hours);
    }
    return say("contact", std::move(model));
}

} // namespace wechat::mp
