#include "wechat/mp/conversation.hpp"

#include "core/account/binding.hpp"
#include "core/account/scan.hpp"
#include "core/base/text.hpp"
#include "core/base/value.hpp"
#include "notify/hub/receipts.hpp"
#include "wechat/mp/scene_qr.hpp"
#include "wechat/mp/subscription_events.hpp"

#include <array>
#include <charconv>

namespace wechat::mp {
namespace {

// The code on a page of ours (64 hex digits) and not one on a poster.
bool is_of_a_desktop(std::string_view scene) {
    return scene.size() == 64 && scene.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// When WeChat says that it happened; now, when it says nothing of use.
core::instant said_at(core::db::read_view& view, const message& m) {
    if (m.create_time <= 0 || m.create_time > core::to_ms(view.now()) / 1000) return view.now();
    return core::from_ms(m.create_time * 1000);
}

} // namespace

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
        {"event.user_authorization_cancellation", &conversation::on_withdrawal},
        {"image", &conversation::on_other},
        {"voice", &conversation::on_other},
        {"video", &conversation::on_other},
        {"shortvideo", &conversation::on_other},
        {"location", &conversation::on_other},
        {"link", &conversation::on_other},
    });
    const std::string kind = m.kind();
    note_presence(tx, m, kind);
    for (const auto& row : table)
        if (row.kind == kind) return (this->*row.handle)(tx, m);
    return {}; // unknown types and events are accepted quietly (K6)
}

// What WeChat itself reports, receipts and unfollowing among it, proves nothing of the person.
void conversation::note_presence(core::db::write_tx& tx, const message& m, std::string_view kind) {
    const bool wrote = !kind.starts_with("event.");
    if (wrote || kind == "event.click" || kind == "event.scan")
        core::account::record_presence(tx, m.from, wrote, said_at(tx, m));
}

std::string conversation::on_follow(core::db::write_tx& tx, const message& m) const {
    const auto scene = scene_of(m.event, m.event_key);
    const bool secret = is_of_a_desktop(scene);
    // A scene of ours is a secret for ten minutes; how the person came is told by the prefix alone.
    core::account::record_follow(tx, m.from, secret ? "qrscene" : core::cut_characters(m.event_key, 100),
                                 said_at(tx, m));
    if (secret) return scanned(tx, m.from, scene);
    return answers_.welcome(tx, m.from);
}

std::string conversation::on_unfollow(core::db::write_tx& tx, const message& m) const {
    core::account::record_unfollow(tx, m.from, said_at(tx, m));
    return {};
}

std::string conversation::on_scan(core::db::write_tx& tx, const message& m) const {
    const auto scene = scene_of(m.event, m.event_key);
    return is_of_a_desktop(scene) ? scanned(tx, m.from, scene) : answers_.welcome(tx, m.from);
}

// M5, S4: scanning does nothing yet; the person sees who asks for what and confirms on the page.
std::string conversation::scanned(core::db::write_tx& tx, std::string_view openid,
                                  std::string_view scene) const {
    const auto taken = core::account::take_scan(tx, scene, openid);
    if (!taken) return answers_.say("scan_over");
    const bool staff = taken->is_for_staff(), placed = !taken->applicant_name.empty();
    const std::string_view name = taken->purpose == core::account::scan_purpose::bind ? "scan_bind"
                                  : taken->login_id != 0                              ? "scan_sign_in"
                                  : staff                                             ? "scan_unbound_staff"
                                                                                      : "scan_unbound";
    return answers_.say(name, core::value::object()
                                  .set("of_company", !staff)
                                  .set("of_institution", staff && placed)
                                  .set("of_platform", staff && !placed)
                                  .set("place", plain(taken->applicant_name))
                                  .set("person", plain(taken->login_name))
                                  .set("number", taken->number)
                                  .set("at", core::short_moment_text(taken->created_at))
                                  .set("agent", plain(taken->agent))
                                  .set("reference", core::account::reference_of(scene)));
}

std::string conversation::on_menu(core::db::write_tx& tx, const message& m) const {
    return answer(tx, topic_of_key(m.event_key).value_or(topic::help), m.from);
}

std::string conversation::on_code(core::db::write_tx& tx, const message& m) const {
    const auto result = m.field("ScanCodeInfo/ScanResult");
    if (const auto number = find_typed_number(result, tx.today()))
        return answers_.one_order(tx, m.from, *number);
    // A code of an account, as our sign-in pages show: WeChat itself has to open it.
    return answers_.say(result.find("weixin.qq.com/q/") == std::string_view::npos ? "scan_unknown"
                                                                                  : "scan_by_wechat");
}

std::string conversation::on_receipt(core::db::write_tx& tx, const message& m) const {
    std::int64_t msgid = 0; // beyond 2^53: never through a double
    std::from_chars(m.msg_id.data(), m.msg_id.data() + m.msg_id.size(), msgid);
    const bool follows =
        notify::record_receipt(tx, m.from, msgid, core::cut_characters(m.field("Status"), 60));
    if (follows && refused_) tx.after_commit(refused_);
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
    return answers_.say("not_text");
}

std::string conversation::on_text(core::db::write_tx& tx, const message& m) const {
    if (const auto number = find_typed_number(m.content, tx.today()))
        return answers_.one_order(tx, m.from, *number);
    if (const auto asked = topic_of(m.content)) return answer(tx, *asked, m.from);
    return answers_.say("not_understood");
}

std::string conversation::answer(core::db::read_view& view, topic t, std::string_view openid) const {
    switch (t) {
    case topic::latest:
        return answers_.latest_orders(view, openid);
    case topic::due:
        return answers_.due_instruments(view, openid);
    case topic::contact:
        return answers_.contact(view, openid);
    case topic::ask_number:
        return answers_.say("ask_number");
    case topic::bind:
        return answers_.say("bind");
    case topic::unbind:
        return answers_.say("unbind");
    case topic::book:
        return answers_.say("book");
    case topic::change:
        return answers_.say("change");
    case topic::filing:
        return answers_.say("filing");
    case topic::password:
        return answers_.say("password");
    case topic::thanks:
        return answers_.say("thanks");
    case topic::help:
        break;
    }
    return answers_.say("help");
}

} // namespace wechat::mp
