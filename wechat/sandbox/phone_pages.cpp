#include "wechat/sandbox/phone_pages.hpp"

#include "core/base/json.hpp"
#include "wechat/mp/services.hpp"
#include "wechat/sandbox/platform.hpp"

#include <algorithm>
#include <charconv>

namespace wechat::sandbox {
namespace {

template<class Number = int>
Number number_of(std::string_view text) {
    Number n = 0;
    std::from_chars(text.data(), text.data() + text.size(), n);
    return n;
}

std::string openid_of(const request& r, const platform& p) {
    for (const auto wanted : {r.query.get("phone"), r.field("phone"), r.cookies.get("phone")})
        if (!wanted.empty() && p.find_phone(wanted)) return std::string(wanted);
    return p.phones().front().openid;
}

core::value buttons_of(const core::value& list) {
    core::value out = core::value::array();
    if (list.as_list() == nullptr) return out;
    for (const auto& b : *list.as_list()) {
        core::value below = core::value::array();
        if (const auto* entries = b.find("sub_button"); entries != nullptr && entries->as_list() != nullptr)
            below = buttons_of(*entries);
        core::value one = core::value::object();
        one.set("name", b.text("name"))
            .set("type", b.text("type"))
            .set("key", b.text("key"))
            .set("url", b.text("url"));
        one.set("is_link", b.text("type") == "view").set("is_scan", b.text("type").starts_with("scancode"));
        one.set("has_below", !below.as_list()->empty()).set("below", std::move(below));
        out.push(std::move(one));
    }
    return out;
}

} // namespace

core::result<response> phone_page(const request& r, services& s) {
    platform& p = *s.platform;
    const std::string openid = openid_of(r, p);
    const auto chosen = p.find_phone(openid);
    core::value phones = core::value::array();
    for (const auto& one : p.phones())
        phones.push(core::value::object()
                        .set("openid", one.openid)
                        .set("name", one.name)
                        .set("current", one.openid == openid));
    const auto menu = p.use([&](state& st) { return menu_for(st, *st.find(openid)); });
    core::value model = core::value::object();
    model.set("phones", std::move(phones))
        .set("openid", openid)
        .set("name", chosen->name)
        .set("following", chosen->following);
    model.set("menu", buttons_of(menu));
    model.set("site", s.wechat->public_url);
    response page = s.pages->fragment(r, "sandbox/phone", std::move(model));
    page.add("Set-Cookie", "phone=" + openid + "; Path=/; Secure; HttpOnly; SameSite=Lax");
    page.add("Content-Security-Policy",
             "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
             "connect-src 'self'; form-action 'self'; frame-src 'self' " +
                 s.wechat->public_url + "; base-uri 'none'");
    return page;
}

core::result<response> phone_events(const request& r, services& s) {
    platform& p = *s.platform;
    core::value items = core::value::array();
    for (const auto& item : p.chat_after(openid_of(r, p), number_of<std::int64_t>(r.query.get("after")))) {
        core::value fields = core::value::array();
        for (const auto& [name, text] : item.fields)
            fields.push(core::value::object().set("name", name).set("text", text));
        core::value one = core::value::object();
        one.set("seq", item.seq)
            .set("kind", item.kind)
            .set("text", item.text)
            .set("title", item.title)
            .set("url", item.url);
        items.push(one.set("fields", std::move(fields)).set("at", core::short_moment_text(item.at)));
    }
    const auto who = p.find_phone(openid_of(r, p));
    core::value out = core::value::object();
    return json(core::to_json(out.set("items", std::move(items)).set("following", who->following)));
}

core::result<response> phone_act(const request& r, services& s) {
    platform& p = *s.platform;
    const std::string openid = openid_of(r, p);
    const std::string& act = r.parameters.at(0);
    if (act == "follow")
        p.set_following(openid, true);
    else if (act == "unfollow")
        p.set_following(openid, false);
    else if (act == "say")
        p.say(openid, r.field("text"));
    else if (act == "tap")
        p.tap(openid, r.field("key"));
    else if (act == "scan")
        p.scan(openid, r.field("text"));
    else if (act == "accept" || act == "decline")
        p.subscribe(openid, std::string(r.field("template")), act == "accept");
    else if (act == "refuse" || act == "unrefuse")
        p.refuse_template(openid, std::string(r.field("template")), act == "refuse");
    else if (act == "snapshot")
        p.use([&](state& st) { st.find(openid)->snapshot = r.field("on") == "1"; });
    else
        return core::error(core::errc::not_found);
    return json("{}");
}

core::result<response> list_codes(const request&, services& s) {
    core::value codes = core::value::array();
    for (const auto& c : s.platform->recent_codes())
        codes.push(core::value::object().set("url", c.url).set("at", core::moment_text(c.at).substr(11)));
    return json(core::to_json(core::value::object().set("codes", std::move(codes))));
}

namespace {

// As the form of the phone page sends it: errcode=-1, reset=1&after=1.
std::string words_of(const fault& f) {
    std::string out;
    const auto add = [&](bool there, std::string_view name, int n) {
        if (there) out.append(out.empty() ? "" : "&").append(name).append("=").append(std::to_string(n));
    };
    add(f.errcode != 0, "errcode", f.errcode);
    add(f.html, "html", 1);
    add(f.broken, "broken", 1);
    add(f.reset, "reset", 1);
    add(f.delay_ms != 0, "delay_ms", f.delay_ms);
    add(f.after, "after", 1);
    return out;
}

void set_receipts(const request& r, fault_switches& faults) {
    auto fate = faults.receipts();
    if (const auto status = r.field("receipt"); !status.empty()) fate.status = status;
    if (const auto copies = r.field("receipt_copies"); !copies.empty())
        fate.copies = std::clamp(number_of(copies), 0, 9);
    if (const auto delay = r.field("receipt_delay_ms"); !delay.empty())
        fate.delay_ms = std::clamp(number_of(delay), 0, 3'600'000);
    if (const auto numbered = r.field("receipt_without_number"); !numbered.empty())
        fate.without_number = numbered == "1";
    faults.set_receipts(std::move(fate));
    if (const auto every = r.field("drop_receipts"); !every.empty()) faults.drop_receipts(number_of(every));
}

} // namespace

core::result<response> list_faults(const request&, services& s) {
    auto& faults = s.platform->faults();
    core::value calls = core::value::array();
    for (const auto& w : faults.list()) {
        const auto whose = s.platform->find_phone(w.openid);
        calls.push(core::value::object()
                       .set("path", w.path)
                       .set("person", whose ? whose->name : w.openid)
                       .set("kind", words_of(w.what))
                       .set("times", w.what.times));
    }
    core::value receipts = core::value::array();
    const auto fate = faults.receipts();
    if (fate.status != "success") receipts.push("receipt=" + fate.status);
    if (fate.copies != 1) receipts.push("receipt_copies=" + std::to_string(fate.copies));
    if (fate.delay_ms != 0) receipts.push("receipt_delay_ms=" + std::to_string(fate.delay_ms));
    if (fate.without_number) receipts.push("receipt_without_number=1");
    if (const int every = faults.dropped_every(); every != 0)
        receipts.push("drop_receipts=" + std::to_string(every));
    return json(core::to_json(
        core::value::object().set("calls", std::move(calls)).set("receipts", std::move(receipts))));
}

core::result<response> set_fault(const request& r, services& s) {
    fault f;
    f.times = number_of(r.field("times"));
    f.errcode = number_of(r.field("errcode"));
    f.delay_ms = number_of(r.field("delay_ms"));
    f.after = r.field("after") == "1";
    f.html = r.field("html") == "1";
    f.broken = r.field("broken") == "1";
    f.reset = r.field("reset") == "1";
    auto& faults = s.platform->faults();
    if (r.field("clear") == "1")
        faults.clear();
    else if (!r.field("path").empty())
        faults.set(std::string(r.field("path")), f, std::string(r.field("openid")));
    set_receipts(r, faults);
    if (const int swaps = number_of(r.field("swap_events")); swaps > 0) faults.swap_events(swaps);
    return json("{}");
}

core::result<response> change_world(const request& r, services& s) {
    platform& p = *s.platform;
    const std::string& act = r.parameters.at(0);
    if (act == "phone") {
        if (r.field("openid").empty() || r.field("openid").size() > 64)
            return core::error(core::errc::invalid);
        p.use([&](state& st) { st.add_phone(r.field("openid"), r.field("name")); });
    } else if (act == "crowd") {
        p.add_crowd(std::min(number_of(r.field("count")), 100'000));
    } else if (act == "move") {
        p.move_account();
    } else if (act == "expire") {
        p.use([](state& st) { st.keys.expire(); });
    } else if (act == "quota") {
        p.use([&](state& st) { st.used.limit(std::string(r.field("path")), number_of(r.field("daily"))); });
    } else if (act == "subscription") {
        p.use([&](state& st) {
            auto& t = st.config.subscriptions[std::string(r.field("template"))];
            t.title = std::string(r.field("title"));
            t.long_term = r.field("long_term") == "1";
        });
    } else {
        return core::error(core::errc::not_found);
    }
    return json("{}");
}

core::result<response> list_secrets(const request&, services& s) {
    return json(core::to_json(core::value::object().set("secrets", s.platform->secrets())));
}

core::result<response> list_sent(const request&, services& s) {
    core::value out = core::value::object();
    out.set("sent", s.platform->sent()).set("duplicates", s.platform->duplicates());
    return json(core::to_json(out.set("faults_left", s.platform->faults().left())));
}

} // namespace wechat::sandbox
