#include "wechat/mp/answers.hpp"

#include "core/account/applicant.hpp"
#include "core/account/login.hpp"
#include "core/appointment/chat_orders.hpp"
#include "core/appointment/queries.hpp"
#include "core/base/ids.hpp"
#include "core/base/text.hpp"
#include "core/catalogue/catalogue.hpp"
#include "core/due/due.hpp"
#include "wechat/mp/message.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

namespace wechat::mp {
namespace {

constexpr int wrong_numbers_an_hour = 10;          // of one follower
constexpr int wrong_numbers_an_hour_in_all = 1000; // of everybody who asks for what isn't theirs
constexpr std::string_view all_guesses = "query:*";
constexpr int latest = 10; // M32
constexpr int due_shown = 10;

std::string guess_key(std::string_view openid) {
    return "query:" + std::string(openid);
}

void put_order(core::value& model, const core::appointment::order& o, core::date today) {
    using core::appointment::order_status;
    const bool brings = o.status == order_status::confirmed && o.method != "onsite" && !o.bring_note.empty();
    model.set("number", core::show_order_number(o.number))
        .set("status", core::appointment::order_tag(o.status).text)
        .set("institution", plain(o.institution_name))
        .set("company", plain(o.applicant_name))
        .set("time", o.time_words(today))
        .set("reason", plain(core::shorten(o.reason, 40)))
        .set("has_reason", !o.reason.empty())
        .set("rejected", o.status == order_status::rejected)
        .set("bring", plain(o.bring_note))
        .set("brings", brings)
        .set("next", core::appointment::next_step(o.status, o.method))
        .set("id", std::to_string(o.id));
}

core::actor actor_of(const core::account::binding& b) {
    core::actor who;
    who.kind = core::actor_kind::applicant;
    who.login_id = b.login_id;
    who.applicant_id = b.applicant_id;
    who.source = "wechat";
    return who;
}

// Past its end or near it, the earliest of these companies first; `count` is how many there are.
std::vector<core::due::item> list_earliest(core::db::read_view& view,
                                           const std::vector<core::account::binding>& bindings, int& count) {
    using core::due::tab;
    std::vector<core::due::item> all;
    for (const auto& b : bindings) {
        const auto who = actor_of(b);
        const auto counts = core::due::count_due(view, who);
        for (const tab t : {tab::overdue, tab::soon, tab::replace}) {
            count += counts.of(t);
            if (counts.of(t) == 0) continue;
            auto some = core::due::list_due(view, who, {.of = t}, {}, due_shown);
            std::move(some.begin(), some.end(), std::back_inserter(all));
        }
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return std::pair(a.valid_until, a.id) < std::pair(b.valid_until, b.id);
    });
    if (all.size() > due_shown) all.resize(due_shown);
    return all;
}

} // namespace

// What people entered on pages is text: a tag in it must not become a link in the chat.
std::string plain(std::string_view text) {
    if (text.find_first_of("<>") == std::string_view::npos) return std::string(text);
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (c == '<')
            out += "＜";
        else if (c == '>')
            out += "＞";
        else
            out += c;
    }
    return out;
}

std::string answers::say(std::string_view name, core::value model) const {
    return render(name, model);
}

std::string answers::render(std::string_view name, core::value& model) const {
    model.set("url", settings_->public_url);
    std::string text = templates_->render("text/chat/" + std::string(name) + ".txt", model);
    while (text.ends_with('\n'))
        text.pop_back();
    return text;
}

// As many of the rows as fit; `shown` says how many of `count`. Almost always all of them do.
std::string answers::say_rows(std::string_view name, std::string_view rows, core::value model) const {
    for (;;) {
        const auto shown = static_cast<std::int64_t>(model.find(rows)->as_list()->size());
        model.set("shown", shown).set("more", shown < model.number("count"));
        std::string text = render(name, model);
        if (text.size() <= most_reply_bytes || shown <= 1) return text;
        core::value::list fewer = *model.find(rows)->as_list();
        fewer.pop_back();
        model.set(rows, core::value(std::move(fewer)));
    }
}

std::string_view answers::person::name_of(std::int64_t company) const {
    for (const auto& b : bindings)
        if (b.applicant_id == company) return b.applicant_name;
    return {};
}

answers::person answers::person_of(core::db::read_view& view, std::string_view openid) const {
    person p;
    p.openid = openid;
    p.bindings = core::account::list_acting(view, openid);
    for (const auto& b : p.bindings)
        p.companies.push_back(b.applicant_id);
    return p;
}

std::string answers::welcome(core::db::read_view& view, std::string_view openid) const {
    return say("welcome", core::value::object().set("bound", person_of(view, openid).bound()));
}

std::string answers::latest_orders(core::db::read_view& view, std::string_view openid) const {
    const person p = person_of(view, openid);
    if (!p.bound()) return say("unbound");
    const auto orders = core::appointment::list_for_chat(view, p.companies, latest);
    if (orders.empty()) return say("no_orders");
    const core::date today = view.today();
    core::value::list rows;
    for (const auto& o : orders) {
        const bool rejected = o.status == core::appointment::order_status::rejected;
        core::value line = core::value::object();
        line.set("n", static_cast<int>(rows.size() + 1)).set("number", core::show_order_number(o.number));
        line.set("status", core::appointment::order_tag(o.status).text);
        line.set("several", p.several()).set("rejected", rejected);
        if (p.several()) line.set("company", plain(core::shorten(p.name_of(o.applicant_id), 30)));
        if (rejected)
            line.set("reason", plain(core::shorten(o.reason, 40)));
        else
            line.set("time", o.time_words(today)).set("pieces", o.pieces);
        rows.push_back(std::move(line));
    }
    const auto count = static_cast<std::int64_t>(rows.size());
    core::value model = core::value::object();
    model.set("count", count).set("orders", core::value(std::move(rows)));
    return say_rows("latest", "orders", std::move(model));
}

std::string answers::one_order(core::db::write_tx& tx, std::string_view openid,
                               const typed_number& typed) const {
    const auto not_found = [&] {
        return say("not_found", core::value::object().set("number", core::show_order_number(typed.digits)));
    };
    if (!typed.is_right) return not_found();
    const person p = person_of(tx, openid);
    const auto found = core::appointment::find_for_chat(tx, p.companies, typed.digits);
    const bool own = found && found->own;
    // One's own is never counted: the limits are for those who try numbers of others.
    if (!own && !core::account::may_try(tx, guess_key(openid), all_guesses)) return say("too_many");
    if (!found) {
        core::account::count_failure(tx, guess_key(openid), wrong_numbers_an_hour, std::chrono::minutes(60));
        core::account::count_failure(tx, all_guesses, wrong_numbers_an_hour_in_all, std::chrono::minutes(60));
        return not_found();
    }
    core::value model = core::value::object();
    model.set("bound", p.bound()).set("several", own && p.several()).set("another", typed.has_another);
    put_order(model, found->what, tx.today());
    return say(own ? "order_own" : "order_foreign", std::move(model));
}

std::string answers::due_instruments(core::db::read_view& view, std::string_view openid) const {
    const person p = person_of(view, openid);
    if (!p.bound()) return say("unbound_due");
    int count = 0;
    const int days = core::due::lead_days(view);
    const auto due = list_earliest(view, p.bindings, count);
    if (due.empty()) return say("none_due", core::value::object().set("days", days));
    core::value::list rows;
    for (const auto& d : due)
        rows.push_back(core::value::object()
                           .set("n", static_cast<int>(rows.size() + 1))
                           .set("name", plain(core::shorten(d.name, 20)))
                           .set("serial", plain(core::shorten(d.serial_no, 24)))
                           .set("until", core::to_text(d.valid_until.value_or(core::date{})))
                           .set("over", d.days_left < 0));
    core::value model = core::value::object();
    model.set("count", count).set("days", days).set("instruments", core::value(std::move(rows)));
    return say_rows("due", "instruments", std::move(model));
}

std::string answers::contact(core::db::read_view& view, std::string_view openid) const {
    const person p = person_of(view, openid);
    core::value model = core::value::object();
    model.set("known", false).set("institution", "").set("phone", "").set("hours", "").set("address", "");
    const auto orders = core::appointment::list_latest(view, p.companies, p.bound() ? 1 : 0);
    if (orders.empty() && p.bound()) {
        if (const auto near = core::account::find_nearest_institution(view, p.companies.front()))
            model.set("known", true)
                .set("institution", plain(near->name))
                .set("phone", plain(near->phone))
                .set("hours", plain(near->hours))
                .set("address", plain(near->address));
    }
    if (!orders.empty())
        model.set("known", true)
            .set("institution", plain(orders[0].institution_name))
            .set("phone", plain(orders[0].institution_phone))
            .set("hours", plain(orders[0].institution_hours))
            .set("address", plain(orders[0].institution_address));
    return say("contact", std::move(model));
}

} // namespace wechat::mp
