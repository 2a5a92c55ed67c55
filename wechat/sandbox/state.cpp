#include "wechat/sandbox/state.hpp"

#include "core/base/ids.hpp"

#include <array>
#include <chrono>

namespace wechat::sandbox {
namespace {

using namespace std::chrono_literals;

std::string seconds_of(core::instant t) {
    return std::to_string(core::to_ms(t) / 1000);
}

std::string head(const state& s, const phone& p, std::string_view type) {
    return tag("ToUserName", s.config.original_id) + tag("FromUserName", p.openid) + "<CreateTime>" +
           seconds_of(s.time->now()) + "</CreateTime>\n" + tag("MsgType", type);
}

struct window {
    std::string_view after;
    std::chrono::milliseconds lasts;
    int messages;
};
constexpr auto windows = std::to_array<window>({
    {"message", 48h, 5},
    {"click", 1min, 3},
    {"follow", 1min, 3},
    {"scan", 1min, 3},
});

} // namespace

std::string cdata(std::string_view text) {
    std::string out = "<![CDATA[";
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.substr(i, 3) == "]]>") {
            out += "]]]]><![CDATA[>";
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out + "]]>";
}

std::string tag(std::string_view name, std::string_view text) {
    return "<" + std::string(name) + ">" + cdata(text) + "</" + std::string(name) + ">\n";
}

core::value fine() {
    return core::value::object().set("errcode", 0).set("errmsg", "ok");
}

state::state(account a, const core::clock& t) : config(std::move(a)), time(&t), seq(core::to_ms(t.now())) {
    add_phone("oSandboxPhone0000000000000001", "陈志明的手机");
    add_phone("oSandboxPhone0000000000000002", "李婷的手机");
    add_phone("oSandboxPhone0000000000000003", "周伟的手机");
}

phone* state::find(std::string_view openid) {
    const auto at = index_.find(std::string(openid));
    return at == index_.end() ? nullptr : &phones[at->second];
}

const phone* state::find(std::string_view openid) const {
    const auto at = index_.find(std::string(openid));
    return at == index_.end() ? nullptr : &phones[at->second];
}

phone& state::add_phone(std::string_view openid, std::string_view name) {
    if (phone* known = find(openid)) return *known;
    index_.emplace(openid, phones.size());
    phone& p = phones.emplace_back();
    p.openid = std::string(openid);
    p.name = std::string(name);
    const std::string person = core::sha256_hex(p.openid).substr(0, 22);
    p.unionid = "oUnion" + person;
    p.website_openid = "oWebsi" + person;
    return p;
}

void state::rename(phone& p, std::string_view openid) {
    moved[p.openid] = std::string(openid);
    const auto at = index_.extract(p.openid);
    p.openid = std::string(openid);
    index_.emplace(p.openid, at.mapped());
}

void state::remember(const std::string& key, remembered one) {
    sent_ids[key] = one;
    if (sent_file.is_open())
        sent_file << core::to_ms(one.at) << ' ' << one.msgid << ' ' << key << '\n' << std::flush;
}

void state::add_item(phone& p, chat_item item) {
    item.seq = ++seq;
    item.at = time->now();
    p.chat.push_back(std::move(item));
    if (p.chat.size() > 500) p.chat.erase(p.chat.begin());
}

void state::add_note(phone& p, std::string_view text) {
    chat_item item;
    item.kind = "note";
    item.text = std::string(text);
    add_item(p, std::move(item));
}

void state::follow(phone& p, bool following, std::string_view scene) {
    if (p.following == following) return;
    p.following = following;
    if (following) {
        p.subscribed_at = time->now();
        p.subscribe_scene = scene.empty() ? "ADD_SCENE_SEARCH" : "ADD_SCENE_QR_CODE";
        p.qr_scene = std::string(scene);
        allow(p, "follow");
        push_event(p, "subscribe", tag("EventKey", scene.empty() ? "" : "qrscene_" + std::string(scene)));
    } else {
        p.tags.clear();
        p.allowances.clear();
        push_event(p, "unsubscribe", tag("EventKey", ""));
    }
    add_note(p, following ? "您已关注公众号" : "您已取消关注");
}

void state::allow(phone& p, std::string_view after) {
    for (const auto& w : windows) {
        if (w.after != after) continue;
        std::erase_if(p.allowances, [&](const allowance& a) { return a.after == after; });
        p.allowances.push_back({w.after, time->now() + w.lasts, w.messages});
    }
}

void state::push_event(const phone& p, std::string_view event, std::string_view extra, core::instant due) {
    pushes.push_back({p.openid,
                      "<xml>" + head(*this, p, "event") + tag("Event", event) + std::string(extra) + "</xml>",
                      due});
    if (wake) wake();
}

void state::push_message(const phone& p, std::string_view type, std::string_view extra) {
    const std::string id = std::to_string(6265774840459230000 + ++seq);
    pushes.push_back(
        {p.openid,
         "<xml>" + head(*this, p, type) + std::string(extra) + "<MsgId>" + id + "</MsgId>\n</xml>",
         {}});
    if (wake) wake();
}

core::value state::refuse(int code, std::string_view message) {
    const std::string rid = core::random_hex(4) + "-" + core::random_hex(4) + "-" + core::random_hex(4);
    if (refused.size() > 1000) refused.clear();
    core::value v = core::value::object().set("errcode", code);
    v.set("errmsg", std::string(message) + " rid: " + rid);
    refused[rid] = request_seen;
    refused[rid].set("invoke_time", core::to_ms(time->now()) / 1000);
    return v;
}

void state::show_code(const std::string& url) {
    codes_made.insert(codes_made.begin(), {url, time->now()});
    if (codes_made.size() > 10) codes_made.resize(10);
}

} // namespace wechat::sandbox
