#include "wechat/mp/conversation.hpp"

#include "core/account/applicant.hpp"
#include "core/account/login.hpp"
#include "core/account/scan.hpp"
#include "core/appointment/chat_orders.hpp"
#include "core/base/ids.hpp"
#include "core/base/text.hpp"
#include "core/catalogue/catalogue.hpp"
#include "core/instrument/instrument.hpp"
#include "core/instrument/listing.hpp"
#include "notify/hub/receipts.hpp"
#include "wechat/mp/scene_qr.hpp"
#include "wechat/mp/subscription_events.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace wechat::mp {
namespace {

constexpr int wrong_numbers_an_hour = 10;          // of one follower
constexpr int wrong_numbers_an_hour_in_all = 1000; // of everybody who asks for what isn't theirs
constexpr std::string_view all_guesses = "query:*";
constexpr int latest = 10; // M32
constexpr int due_shown = 10;
constexpr int due_read = 200; // of one company, to sort by date

std::string guess_key(std::string_view openid) {
    return "query:" + std::string(openid);
}

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

void put_order(core::value& model, const core::appointment::order& o, core::date today) {
    using core::appointment::order_status;
    model.set("number", core::show_order_number(o.number))
        .set("status", core::appointment::order_tag(o.status).text)
        .set("institution", plain(o.institution_name))
        .set("company", plain(o.applicant_name))
        .set("time", o.time_words(today))
        .set("pieces", o.pieces)
        .set("reason", plain(core::shorten(o.reason, 40)))
        .set("has_reason", !o.reason.empty())
        .set("rejected", o.status == order_status::rejected)
        .set("confirmed", o.status == order_status::confirmed)
        .set("bring", plain(o.bring_note))
        .set("has_bring", !o.bring_note.empty())
        .set("address", plain(o.institution_address))
        .set("next", core::appointment::next_step(o.status, o.method))
        .set("id", std::to_string(o.id));
}

// Digits that were meant as an order number though they are none: ten to fourteen, and no phone number.
std::string mistyped_number(std::string_view text) {
    std::string digits;
    for (const char c : core::to_half_width(text))
        if (c >= '0' && c <= '9') digits += c;
    const bool is_mobile = digits.size() == 11 && digits[0] == '1';
    const bool is_landline = (digits.size() == 11 || digits.size() == 10) && digits[0] == '0';
    if (digits.size() < 10 || digits.size() > 14 || is_mobile || is_landline) return {};
    return digits;
}

// The code on a page of ours (64 hex digits) and not one on a poster.
bool is_of_a_desktop(std::string_view scene) {
    return scene.size() == 64 && scene.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// When WeChat says that it happened; now, when it says nothing of use.
core::instant said_at(core::db::read_view& view, const message& m) {
    if (m.create_time <= 0 || m.create_time > core::to_ms(view.now()) / 1000) return view.now();
    return core::from_ms(m.create_time * 1000);
}

// Whom a company that has no order yet would file with: the first institution of its area that can be
// reached.
std::optional<core::catalogue::institution> institution_of(core::db::read_view& view, std::int64_t company) {
    const auto who = core::account::find_applicant(view, company);
    if (!who) return std::nullopt;
    for (auto& i : core::catalogue::list_direct(view, who->region_code))
        if (!i.phone.empty()) return std::move(i);
    return std::nullopt;
}

core::actor actor_of(const core::account::binding& b) {
    core::actor who;
    who.kind = core::actor_kind::applicant;
    who.login_id = b.login_id;
    who.applicant_id = b.applicant_id;
    who.source = "wechat";
    return who;
}

} // namespace

std::string conversation::say(std::string_view name, core::value model) const {
    model.set("url", settings_->public_url);
    std::string text = templates_->render("text/chat/" + std::string(name) + ".txt", model);
    while (text.ends_with('\n'))
        text.pop_back();
    return text;
}

std::string_view conversation::person::name_of(std::int64_t company) const {
    for (const auto& b : bindings)
        if (b.applicant_id == company) return b.applicant_name;
    return {};
}

conversation::person conversation::person_of(core::db::read_view& view, std::string_view openid) const {
    person p;
    p.openid = openid;
    p.bindings = core::account::list_acting(view, openid);
    for (const auto& b : p.bindings)
        p.companies.push_back(b.applicant_id);
    return p;
}

std::string conversation::reply_to(core::db::write_tx& tx, const message& m) const {
    using handler = std::string (conversation::*)(core::db::write_tx&, const message&) const;
    struct entry {
        std::string_view kind;
        handler handle;
    };
    static constexpr auto table = std::to_array<entry>({
        {"text", &conversation::on_text},
        {"event.click", &conversation::on_menu},
        {"event.templatesendjobfinish", &conversation::on_receipt},
        {"event.subscribe_msg_popup_event", &conversation::on_subscription},
        {"event.subscribe_msg_change_event", &conversation::on_subscription},
        {"event.subscribe_msg_sent_event", &conversation::on_subscription},
        {"event.subscribe", &conversation::on_follow},
        {"event.unsubscribe", &conversation::on_unfollow},
        {"event.scan", &conversation::on_scan},
        {"event.scancode_waitmsg", &conversation::on_code},
        {"event.scancode_push", &conversation::on_code},
        {"event.user_authorization_revoke", &conversation::on_withdrawal},
        {"event.user_authorization_cancellation", &conversation::on_withdrawal},
        {"image", &conversation::on_other},
        {"voice", &conversation::on_other},
        {"video", &conversation::on_other},
        {"shortvideo", &conversation::on_other},
        {"location", &conversation::on_other},
        {"link", &conversation::on_other},
    });
    const std::string kind = m.kind();
    for (const auto& row : table)
        if (row.kind == kind) return (this->*row.handle)(tx, m);
    return {}; // unknown types and events are accepted quietly (K6)
}

std::string conversation::on_follow(core::db::write_tx& tx, const message& m) const {
    const auto scene = scene_of(m.event, m.event_key);
    const bool secret = is_of_a_desktop(scene);
    // A scene of ours is a secret for ten minutes; how the person came is told by the prefix alone.
    core::account::record_follow(tx, m.from, secret ? "qrscene" : core::cut_characters(m.event_key, 100),
                                 said_at(tx, m));
    if (secret) return scanned(tx, m.from, scene);
    return welcome(tx, m.from);
}

std::string conversation::welcome(core::db::read_view& view, std::string_view openid) const {
    return say("welcome", core::value::object().set("bound", person_of(view, openid).bound()));
}

std::string conversation::on_unfollow(core::db::write_tx& tx, const message& m) const {
    core::account::record_unfollow(tx, m.from, said_at(tx, m));
    return {};
}

std::string conversation::on_scan(core::db::write_tx& tx, const message& m) const {
    const auto scene = scene_of(m.event, m.event_key);
    return is_of_a_desktop(scene) ? scanned(tx, m.from, scene) : welcome(tx, m.from);
}

// M5, S4: scanning does nothing yet; the person sees who asks for what and confirms on the page.
std::string conversation::scanned(core::db::write_tx& tx, std::string_view openid,
                                  std::string_view scene) const {
    const auto taken = core::account::take_scan(tx, scene, openid);
    if (!taken) return say("scan_over");
    const bool binds = taken->purpose == core::account::scan_purpose::bind;
    return say("scanned",
               core::value::object()
                   .set("binds", binds)
                   .set("signs_in", !binds)
                   .set("known", taken->login_id != 0)
                   .set("for_staff", taken->is_for_staff())
                   .set("place", taken->is_for_staff() ? "机构" : "单位")
                   .set("company", taken->applicant_name.empty() ? "平台" : plain(taken->applicant_name))
                   .set("person", plain(taken->login_name))
                   .set("number", taken->number)
                   .set("at", core::short_moment_text(taken->created_at))
                   .set("agent", plain(taken->agent))
                   .set("scene", scene));
}

std::string conversation::on_menu(core::db::write_tx& tx, const message& m) const {
    return answer(tx, topic_of_key(m.event_key).value_or(topic::help), m.from);
}

std::string conversation::on_code(core::db::write_tx& tx, const message& m) const {
    const auto number = core::find_order_number(m.field("ScanCodeInfo/ScanResult"));
    if (!number) return say("scan_unknown");
    return one_order(tx, m.from, *number);
}

std::string conversation::on_receipt(core::db::write_tx& tx, const message& m) const {
    std::int64_t msgid = 0; // beyond 2^53: never through a double
    std::from_chars(m.msg_id.data(), m.msg_id.data() + m.msg_id.size(), msgid);
    notify::record_receipt(tx, m.from, msgid, core::cut_characters(m.field("Status"), 60));
    return {};
}

std::string conversation::on_subscription(core::db::write_tx& tx, const message& m) const {
    record_subscription_event(tx, *settings_, m);
    return {};
}

std::string conversation::on_withdrawal(core::db::write_tx& tx, const message& m) const {
    const auto named = m.field("OpenID");
    core::account::forget_wechat_user(tx, named.empty() ? std::string_view(m.from) : named);
    return {};
}

std::string conversation::on_other(core::db::write_tx&, const message&) const {
    return say("not_text");
}

std::string conversation::on_text(core::db::write_tx& tx, const message& m) const {
    if (const auto number = core::find_order_number(m.content)) return one_order(tx, m.from, *number);
    if (const auto digits = mistyped_number(m.content); !digits.empty()) return one_order(tx, m.from, digits);
    if (const auto asked = topic_of(m.content)) return answer(tx, *asked, m.from);
    return say("not_understood");
}

std::string conversation::answer(core::db::write_tx& tx, topic t, std::string_view openid) const {
    switch (t) {
    case topic::latest:
        return latest_orders(tx, openid);
    case topic::due:
        return due_instruments(tx, openid);
    case topic::contact:
        return contact(tx, openid);
    case topic::ask_number:
        return say("ask_number");
    case topic::bind:
        return say("bind");
    case topic::unbind:
        return say("unbind");
    case topic::book:
        return say("book");
    case topic::change:
        return say("change");
    case topic::filing:
        return say("filing");
    case topic::help:
        break;
    }
    return say("help");
}

std::string conversation::latest_orders(core::db::read_view& view, std::string_view openid) const {
    const person p = person_of(view, openid);
    if (!p.bound()) return say("unbound");
    const auto orders = core::appointment::list_for_chat(view, p.companies, latest);
    if (orders.empty()) return say("no_orders");
    const core::date today = view.today();
    core::value list = core::value::array();
    int n = 0;
    for (const auto& o : orders) {
        const bool rejected = o.status == core::appointment::order_status::rejected;
        core::value& line = list.push(core::value::object());
        line.set("n", ++n).set("number", core::show_order_number(o.number));
        line.set("status", core::appointment::order_tag(o.status).text);
        line.set("several", p.several()).set("rejected", rejected);
        if (p.several()) line.set("company", plain(p.name_of(o.applicant_id)));
        if (rejected)
            line.set("reason", plain(core::shorten(o.reason, 40)));
        else
            line.set("time", o.time_words(today)).set("pieces", o.pieces);
    }
    return say("latest", core::value::object().set("orders", std::move(list)).set("count", n));
}

std::string conversation::one_order(core::db::write_tx& tx, std::string_view openid,
                                    std::string_view number) const {
    const person p = person_of(tx, openid);
    const auto found = core::appointment::find_for_chat(tx, p.companies, number);
    const bool own = found && found->own;
    // One's own is never counted: the limits are for those who try numbers of others.
    if (!own && !core::account::may_try(tx, guess_key(openid), all_guesses)) return say("too_many");
    if (!found) {
        core::account::count_failure(tx, guess_key(openid), wrong_numbers_an_hour, std::chrono::minutes(60));
        core::account::count_failure(tx, all_guesses, wrong_numbers_an_hour_in_all, std::chrono::minutes(60));
        return say("not_found", core::value::object().set("number", core::show_order_number(number)));
    }
    core::value model = core::value::object();
    model.set("bound", p.bound()).set("own", own).set("several", own && p.several());
    put_order(model, found->what, tx.today());
    return say("order", std::move(model));
}

std::string conversation::due_instruments(core::db::read_view& view, std::string_view openid) const {
    const person p = person_of(view, openid);
    if (!p.bound()) return say("unbound_due");
    std::vector<core::instrument::instrument> due;
    for (const auto& b : p.bindings)
        for (const std::string_view which : {"over", "soon"}) {
            core::instrument::filter f;
            f.due = which;
            auto some = core::instrument::list(view, actor_of(b), f, 0, due_read);
            std::move(some.begin(), some.end(), std::back_inserter(due));
        }
    if (due.empty()) return say("none_due");
    std::sort(due.begin(), due.end(), [](const auto& a, const auto& b) {
        return std::pair(a.valid_until, a.id) < std::pair(b.valid_until, b.id);
    });
    core::value list = core::value::array();
    const core::date today = view.today();
    const auto shown = std::min(due.size(), std::size_t{due_shown});
    for (std::size_t i = 0; i < shown; ++i) {
        const auto& d = due[i];
        list.push(core::value::object()
                      .set("n", static_cast<int>(i + 1))
                      .set("name", plain(core::shorten(d.name, 20)))
                      .set("serial", plain(core::shorten(d.serial_no, 24)))
                      .set("until", core::to_text(d.valid_until.value_or(core::date{})))
                      .set("over", d.valid_until && *d.valid_until < today));
    }
    return say("due", core::value::object()
                          .set("instruments", std::move(list))
                          .set("count", static_cast<int>(due.size()))
                          .set("shown", static_cast<int>(shown))
                          .set("more", due.size() > shown));
}

std::string conversation::contact(core::db::read_view& view, std::string_view openid) const {
    const person p = person_of(view, openid);
    core::value model = core::value::object();
    model.set("known", false).set("institution", "").set("phone", "").set("hours", "").set("address", "");
    const auto orders = core::appointment::list_latest(view, p.companies, p.bound() ? 1 : 0);
    if (orders.empty() && p.bound()) {
        if (const auto near = institution_of(view, p.companies.front()))
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
