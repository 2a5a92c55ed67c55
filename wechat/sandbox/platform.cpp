#include "wechat/sandbox/platform.hpp"

#include "core/base/ids.hpp"
#include "wechat/sandbox/value_rules.hpp"

#include <algorithm>
#include <iterator>

namespace wechat::sandbox {
namespace {

using namespace std::chrono_literals;
constexpr std::int64_t first_msgid = 3487542469355618313; // beyond 2^53, as WeChat's are

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

std::string seconds_of(core::instant t) {
    return std::to_string(core::to_ms(t) / 1000);
}

} // namespace

platform::platform(account a, const core::clock& time) : account_(std::move(a)), time_(&time) {
    phones_.push_back({"oSandboxPhone0000000000000001", "陈志明的手机", false, {}});
    phones_.push_back({"oSandboxPhone0000000000000002", "李婷的手机", false, {}});
    phones_.push_back({"oSandboxPhone0000000000000003", "周伟的手机", false, {}});
}

phone* platform::find(std::string_view openid) {
    for (auto& p : phones_)
        if (p.openid == openid) return &p;
    return nullptr;
}

core::value platform::refuse(int code, std::string_view message) const {
    core::value v = core::value::object();
    v.set("errcode", code);
    v.set("errmsg",
          std::string(message) + " rid: sandbox-" + std::to_string(core::to_ms(time_->now()) % 1000000));
    return v;
}

core::value platform::stable_token(const core::value& ask) {
    const std::lock_guard<std::mutex> hold(guard_);
    if (ask.text("appid") != account_.appid) return refuse(40013, "invalid appid");
    if (ask.text("secret") != account_.secret) return refuse(40125, "invalid appsecret");
    const auto now = time_->now();
    const bool force = ask.flag("force_refresh");
    if (token_.empty() || force || token_expires_ - now < 5min) {
        older_token_ = token_;
        older_until_ = force ? now : now + 5min;
        token_ = "sandbox_" + core::random_hex(32);
        token_expires_ = now + 2h;
    }
    core::value v = core::value::object();
    v.set("access_token", token_);
    v.set("expires_in", static_cast<std::int64_t>((token_expires_ - now) / 1s));
    return v;
}

bool platform::token_is_good(std::string_view token) const {
    const std::lock_guard<std::mutex> hold(guard_);
    const auto now = time_->now();
    return !token.empty() &&
           ((token == token_ && now < token_expires_) || (token == older_token_ && now < older_until_));
}

core::value platform::send_template(const core::value& ask) {
    const std::lock_guard<std::mutex> hold(guard_);
    phone* p = find(ask.text("touser"));
    if (p == nullptr) return refuse(40003, "invalid openid");
    const auto known = account_.templates.find(ask.text("template_id"));
    if (known == account_.templates.end()) return refuse(40037, "invalid template_id");
    if (!p->following) return refuse(43004, "require subscribe");
    const core::value* data = ask.find("data");
    if (data == nullptr || data->as_members() == nullptr)
        return refuse(47003, "argument invalid! data is empty");
    chat_item item;
    item.kind = "template";
    item.title = known->second.title;
    item.url = ask.text("url");
    for (const auto& [name, field] : *data->as_members()) {
        const std::string text = field.text("value");
        if (!is_accepted(name, text))
            return refuse(47003, "argument invalid! data." + name + ".value invalid");
        const auto label = known->second.labels.find(name);
        item.fields.emplace_back(label == known->second.labels.end() ? name : label->second, text);
    }
    const auto now = time_->now();
    const std::string client_id = ask.text("client_msg_id");
    core::value ok = core::value::object();
    ok.set("errcode", 0).set("errmsg", "ok");
    const std::string key = p->openid + "/" + client_id;
    if (const auto at = sent_ids_.find(key);
        !client_id.empty() && at != sent_ids_.end() && now - at->second.at < 10min) {
        ++duplicates_;
        return ok.set("msgid", at->second.msgid);
    }
    const std::int64_t msgid = first_msgid + ++seq_;
    if (!client_id.empty()) sent_ids_[key] = {msgid, now};
    core::value logged = core::value::object();
    logged.set("openid", p->openid).set("client_msg_id", client_id).set("msgid", std::to_string(msgid));
    logged.set("template_id", known->first).set("title", item.title).set("data", *data).set("url", item.url);
    sent_log_.push(std::move(logged));
    add_item(*p, std::move(item));
    push_receipt(*p, msgid);
    return ok.set("msgid", msgid);
}

void platform::push_receipt(const phone& p, std::int64_t msgid) {
    const auto fate = faults_.receipt();
    const auto due = time_->now() + std::chrono::milliseconds(fate.delay_ms);
    const std::string number = std::to_string(fate.without_number ? 0 : msgid);
    for (int n = 0; n < fate.copies; ++n)
        push_event(p, "TEMPLATESENDJOBFINISH", "<MsgID>" + number + "</MsgID>\n" + tag("Status", "success"),
                   due);
}

core::value platform::create_menu(const core::value& menu) {
    const std::lock_guard<std::mutex> hold(guard_);
    const core::value* buttons = menu.find("button");
    if (buttons == nullptr || buttons->as_list() == nullptr || buttons->as_list()->size() > 3)
        return refuse(40016, "invalid button size");
    menu_ = menu;
    return core::value::object().set("errcode", 0).set("errmsg", "ok");
}

core::value platform::get_menu() const {
    const std::lock_guard<std::mutex> hold(guard_);
    if (menu_.is_null()) return refuse(46003, "menu no exist");
    return core::value::object().set("menu", menu_);
}

core::value platform::list_templates() const {
    const std::lock_guard<std::mutex> hold(guard_);
    core::value list = core::value::array();
    for (const auto& [id, t] : account_.templates) {
        std::string content;
        for (const auto& [name, label] : t.labels)
            content += label + ":{{" + name + ".DATA}}\n";
        core::value one = core::value::object();
        list.push(one.set("template_id", id).set("title", t.title).set("content", content));
    }
    return core::value::object().set("template_list", std::move(list));
}

core::value platform::create_qr(const core::value& ask) {
    const std::lock_guard<std::mutex> hold(guard_);
    const core::value* info = ask.find("action_info");
    const core::value* scene = info == nullptr ? nullptr : info->find("scene");
    const std::string text = scene == nullptr ? "" : scene->text("scene_str");
    if (text.empty() || text.size() > 64) return refuse(40053, "invalid action info");
    const std::string ticket = "gQ" + core::random_hex(24);
    const std::string url = "http://weixin.qq.com/q/" + ticket;
    scenes_[url] = text;
    codes_made_.insert(codes_made_.begin(), {url, time_->now()});
    if (codes_made_.size() > 10) codes_made_.resize(10);
    core::value v = core::value::object();
    return v.set("ticket", ticket).set("expire_seconds", ask.number("expire_seconds")).set("url", url);
}

std::vector<platform::made_code> platform::recent_codes() const {
    const std::lock_guard<std::mutex> hold(guard_);
    return codes_made_;
}

core::value platform::user_info(std::string_view openid) const {
    const auto p = find_phone(openid);
    if (!p) return refuse(40003, "invalid openid");
    return core::value::object()
        .set("subscribe", p->following ? 1 : 0)
        .set("openid", p->openid)
        .set("language", "zh_CN");
}

core::value platform::user_list() const {
    core::value ids = core::value::array();
    for (const auto& p : phones())
        if (p.following) ids.push(p.openid);
    const auto n = static_cast<std::int64_t>(ids.as_list()->size());
    core::value v = core::value::object();
    v.set("total", n).set("count", n).set("data", core::value::object().set("openid", std::move(ids)));
    return v.set("next_openid", "");
}

std::string platform::begin_oauth(std::string_view openid) {
    const std::lock_guard<std::mutex> hold(guard_);
    const std::string made = core::random_hex(16);
    codes_[made] = {std::string(openid), time_->now() + 5min};
    return made;
}

core::value platform::exchange_code(std::string_view appid, std::string_view secret, std::string_view given) {
    const std::lock_guard<std::mutex> hold(guard_);
    if (appid != account_.appid) return refuse(40013, "invalid appid");
    if (secret != account_.secret) return refuse(40125, "invalid appsecret");
    const auto at = codes_.find(given);
    if (at == codes_.end()) return refuse(40029, "invalid code");
    if (at->second.used) return refuse(40163, "code been used");
    if (time_->now() > at->second.expires_at) return refuse(42003, "code expired");
    at->second.used = true;
    core::value v = core::value::object();
    v.set("access_token", "oauth_" + core::random_hex(16)).set("expires_in", 7200);
    v.set("refresh_token", "refresh_" + core::random_hex(16)).set("openid", at->second.openid);
    return v.set("scope", "snsapi_base");
}

std::vector<phone> platform::phones() const {
    const std::lock_guard<std::mutex> hold(guard_);
    return phones_;
}

std::optional<phone> platform::find_phone(std::string_view openid) const {
    const std::lock_guard<std::mutex> hold(guard_);
    for (const auto& p : phones_)
        if (p.openid == openid) return p;
    return std::nullopt;
}

void platform::add_item(phone& p, chat_item item) {
    item.seq = ++seq_;
    item.at = time_->now();
    p.chat.push_back(std::move(item));
    if (p.chat.size() > 500) p.chat.erase(p.chat.begin());
}

std::string platform::message_head(const phone& p, std::string_view type) const {
    return tag("ToUserName", account_.original_id) + tag("FromUserName", p.openid) + "<CreateTime>" +
           seconds_of(time_->now()) + "</CreateTime>\n" + tag("MsgType", type);
}

void platform::push_event(const phone& p, std::string_view event, std::string_view extra, core::instant due) {
    pushes_.push_back(
        {p.openid, "<xml>" + message_head(p, "event") + tag("Event", event) + std::string(extra) + "</xml>",
         due});
    if (wake_) wake_();
}

void platform::set_following(std::string_view openid, bool following, std::string_view scene) {
    const std::lock_guard<std::mutex> hold(guard_);
    phone* p = find(openid);
    if (p == nullptr || p->following == following) return;
    p->following = following;
    if (following)
        push_event(*p, "subscribe", tag("EventKey", scene.empty() ? "" : "qrscene_" + std::string(scene)));
    else
        push_event(*p, "unsubscribe", tag("EventKey", ""));
    chat_item item;
    item.kind = "note";
    item.text = following ? "您已关注公众号" : "您已取消关注";
    add_item(*p, std::move(item));
}

void platform::say(std::string_view openid, std::string_view text) {
    const std::lock_guard<std::mutex> hold(guard_);
    phone* p = find(openid);
    if (p == nullptr || text.empty() || !p->following) return;
    chat_item item;
    item.kind = "said";
    item.text = std::string(text);
    add_item(*p, std::move(item));
    const std::string id = std::to_string(6265774840459230000 + ++seq_);
    pushes_.push_back(
        {p->openid,
         "<xml>" + message_head(*p, "text") + tag("Content", text) + "<MsgId>" + id + "</MsgId>\n</xml>",
         {}});
    if (wake_) wake_();
}

void platform::tap(std::string_view openid, std::string_view key) {
    const std::lock_guard<std::mutex> hold(guard_);
    phone* p = find(openid);
    if (p != nullptr && p->following) push_event(*p, "CLICK", tag("EventKey", key));
}

void platform::scan(std::string_view openid, std::string_view result) {
    std::string scene;
    {
        const std::lock_guard<std::mutex> hold(guard_);
        phone* p = find(openid);
        if (p == nullptr) return;
        const auto known = scenes_.find(result);
        if (known != scenes_.end()) scene = known->second;
        if (p->following && !scene.empty()) push_event(*p, "SCAN", tag("EventKey", scene));
        if (p->following && scene.empty())
            push_event(*p, "scancode_waitmsg",
                       tag("EventKey", "SCAN_QUERY") + "<ScanCodeInfo>" + tag("ScanType", "qrcode") +
                           tag("ScanResult", result) + "</ScanCodeInfo>\n");
        if (p->following) return;
    }
    if (!scene.empty()) set_following(openid, true, scene);
}

void platform::show_reply(std::string_view openid, std::string_view xml) {
    const std::lock_guard<std::mutex> hold(guard_);
    phone* p = find(openid);
    if (p == nullptr) return;
    chat_item item;
    item.kind = "reply";
    item.text = element(xml, "Content");
    if (!item.text.empty()) add_item(*p, std::move(item));
}

void platform::note(std::string_view openid, std::string_view text) {
    const std::lock_guard<std::mutex> hold(guard_);
    phone* p = find(openid);
    if (p == nullptr) return;
    chat_item item;
    item.kind = "note";
    item.text = std::string(text);
    add_item(*p, std::move(item));
}

std::vector<chat_item> platform::chat_after(std::string_view openid, std::int64_t seq) const {
    const std::lock_guard<std::mutex> hold(guard_);
    std::vector<chat_item> out;
    for (const auto& p : phones_)
        if (p.openid == openid)
            for (const auto& item : p.chat)
                if (item.seq > seq) out.push_back(item);
    return out;
}

std::vector<push> platform::take_pushes() {
    const std::lock_guard<std::mutex> hold(guard_);
    const auto now = time_->now();
    const auto later =
        std::stable_partition(pushes_.begin(), pushes_.end(), [&](const push& p) { return p.due <= now; });
    std::vector<push> due(std::make_move_iterator(pushes_.begin()), std::make_move_iterator(later));
    pushes_.erase(pushes_.begin(), later);
    return due;
}

std::optional<core::instant> platform::next_push() const {
    const std::lock_guard<std::mutex> hold(guard_);
    if (pushes_.empty()) return std::nullopt;
    return std::min_element(pushes_.begin(), pushes_.end(),
                            [](const push& a, const push& b) { return a.due < b.due; })
        ->due;
}

void platform::add_phone(std::string_view openid, std::string_view name) {
    const std::lock_guard<std::mutex> hold(guard_);
    phones_.push_back({std::string(openid), std::string(name), true, {}});
}

platform::callback_request platform::seal(const push& p) const {
    const std::string timestamp = seconds_of(time_->now());
    const std::string nonce = std::to_string(core::random_below(1'000'000'000));
    callback_request r;
    r.query = "signature=" + sign(account_.keys, timestamp, nonce, "") + "&timestamp=" + timestamp +
              "&nonce=" + nonce + "&openid=" + p.openid;
    if (!account_.encrypted) {
        r.body = p.plain;
        return r;
    }
    const std::string sealed = encrypt(account_.keys, p.plain);
    r.query += "&encrypt_type=aes&msg_signature=" + sign(account_.keys, timestamp, nonce, sealed);
    r.body = "<xml>\n" + tag("ToUserName", account_.original_id) + tag("Encrypt", sealed) + "</xml>";
    return r;
}

std::string platform::open_reply(std::string_view body) const {
    if (body.empty() || body == "success") return {};
    if (!account_.encrypted) return std::string(body);
    const std::string sealed = element(body, "Encrypt");
    const std::string expected =
        sign(account_.keys, element(body, "TimeStamp"), element(body, "Nonce"), sealed);
    if (sealed.empty() || expected != element(body, "MsgSignature")) return {};
    return decrypt(account_.keys, sealed).value_or("");
}

core::value platform::sent() const {
    const std::lock_guard<std::mutex> hold(guard_);
    return sent_log_;
}

} // namespace wechat::sandbox
