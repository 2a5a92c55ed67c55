#include "wechat/sandbox/platform.hpp"

#include "core/base/ids.hpp"
#include "core/base/json.hpp"
#include "core/base/log.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <sstream>

namespace wechat::sandbox {
namespace {

std::string seconds_of(core::instant t) {
    return std::to_string(core::to_ms(t) / 1000);
}

void read_phones(state& s, const std::filesystem::path& file) {
    std::ifstream in(file);
    std::stringstream all;
    all << in.rdbuf();
    const auto kept = core::parse_json(all.str());
    const auto* list = kept ? kept->find("phones") : nullptr;
    if (list == nullptr || list->as_list() == nullptr) return;
    for (const auto& one : *list->as_list()) {
        phone& p = s.add_phone(one.text("openid"), one.text("name"));
        p.following = one.flag("following");
        p.subscribed_at = core::from_ms(one.number("subscribed_at"));
        p.subscribe_scene = one.text("scene");
        p.remark = one.text("remark");
        if (const auto* accepted = one.find("subscriptions");
            accepted != nullptr && accepted->as_members() != nullptr)
            for (const auto& [id, left] : *accepted->as_members())
                p.subscriptions[id] = left.as_number() == nullptr ? 0 : static_cast<int>(*left.as_number());
    }
}

constexpr std::chrono::minutes id_memory(10); // as WeChat's

// One line a message: when, number, whose and which. Only what is still remembered is kept.
void read_sent(state& s, const std::filesystem::path& file) {
    std::ifstream in(file);
    std::int64_t at = 0, msgid = 0;
    std::string key;
    while (in >> at >> msgid >> key) {
        s.seq = std::max(s.seq, msgid - first_msgid);
        if (s.time->now() - core::from_ms(at) < id_memory) s.sent_ids[key] = {msgid, core::from_ms(at)};
    }
    in.close();
    s.sent_file.open(file, std::ios::trunc);
    for (const auto& [id, one] : std::map(s.sent_ids))
        s.remember(id, one);
}

// Why a reply would not be shown by WeChat, "" when it would.
std::string_view wrong_reply(const push& to, std::string_view xml) {
    if (element(xml, "ToUserName") != to.openid) return "ToUserName is not the person";
    if (element(xml, "FromUserName") != element(to.plain, "ToUserName"))
        return "FromUserName is not the account";
    if (element(xml, "CreateTime").size() != 10) return "CreateTime is not in seconds";
    if (element(xml, "MsgType").empty()) return "no MsgType";
    return {};
}

} // namespace

platform::platform(account a, const core::clock& time, std::filesystem::path file)
    : state_(std::move(a), time), file_(std::move(file)) {
    if (!file_.empty() && std::filesystem::exists(file_)) read_phones(state_, file_);
    if (file_.empty()) return;
    std::filesystem::path sent = file_;
    std::filesystem::create_directories(sent.parent_path());
    read_sent(state_, sent.replace_extension(".sent"));
}

void platform::keep() const {
    if (file_.empty()) return;
    core::value list = core::value::array();
    for (const auto& p : state_.phones) {
        if (p.crowd) continue;
        core::value accepted = core::value::object();
        for (const auto& [id, left] : p.subscriptions)
            accepted.set(id, left);
        core::value one = core::value::object().set("openid", p.openid).set("name", p.name);
        one.set("following", p.following).set("subscribed_at", core::to_ms(p.subscribed_at));
        one.set("scene", p.subscribe_scene).set("remark", p.remark).set("subscriptions", std::move(accepted));
        list.push(std::move(one));
    }
    std::filesystem::create_directories(file_.parent_path());
    std::filesystem::path fresh = file_;
    fresh += ".new";
    std::ofstream(fresh) << core::to_json(core::value::object().set("phones", std::move(list)));
    std::filesystem::rename(fresh, file_);
}

api_answer platform::call(const api_row& row, const api_call& c) {
    const std::lock_guard<std::mutex> hold(guard_);
    core::value seen = core::value::object().set("cost_in_ms", 1).set("request_url", std::string(row.path));
    seen.set("request_body",
             c.body.as_members() == nullptr || row.needs_token == false ? "" : core::to_json(c.body));
    state_.request_seen = seen.set("client_ip", c.http->remote_address);
    const auto now = state_.time->now();
    if (row.needs_token) {
        const std::string token = c.query("access_token");
        if (token.empty()) return state_.refuse(41001, "access_token missing");
        if (!state_.keys.is_good(token, now))
            return state_.keys.was_ours(token)
                       ? state_.refuse(42001, "access_token expired")
                       : state_.refuse(40001, "invalid credential, access_token is invalid or not latest");
    }
    if (!state_.used.take(row.path, row.daily, now))
        return state_.refuse(45009, "reach max api daily quota limit");
    return row.run(state_, c);
}

std::string platform::begin_oauth(std::string_view openid) {
    const std::lock_guard<std::mutex> hold(guard_);
    return make_oauth_code(state_, openid, state_.config.appid, "snsapi_base");
}

std::vector<phone> platform::phones() const {
    const std::lock_guard<std::mutex> hold(guard_);
    std::vector<phone> shown;
    for (const auto& p : state_.phones)
        if (!p.crowd) shown.push_back(p);
    return shown;
}

std::optional<phone> platform::find_phone(std::string_view openid) const {
    const std::lock_guard<std::mutex> hold(guard_);
    const phone* p = state_.find(openid);
    return p == nullptr ? std::nullopt : std::optional(*p);
}

void platform::add_phone(std::string_view openid, std::string_view name) {
    const std::lock_guard<std::mutex> hold(guard_);
    phone& p = state_.add_phone(openid, name);
    p.following = true;
    p.subscribed_at = state_.time->now();
    p.subscribe_scene = "ADD_SCENE_OTHERS";
    keep();
}

void platform::add_crowd(int n) {
    const std::lock_guard<std::mutex> hold(guard_);
    for (int i = 0; i < n; ++i) {
        const std::string number = std::to_string(1'000'000 + state_.phones.size());
        phone& p = state_.add_phone("oSandboxCrowd00000000" + number, "");
        p.following = p.crowd = true;
        p.subscribed_at = state_.time->now();
        p.subscribe_scene = "ADD_SCENE_SEARCH";
    }
}

void platform::move_account() {
    const std::lock_guard<std::mutex> hold(guard_);
    for (auto& p : state_.phones)
        state_.rename(p, "oMoved" + core::sha256_hex(p.openid).substr(0, 22));
    keep();
}

// Only who follows can speak to the account.
phone* platform::follower(std::string_view openid) {
    phone* p = state_.find(openid);
    return p != nullptr && p->following ? p : nullptr;
}

void platform::set_following(std::string_view openid, bool following, std::string_view scene) {
    const std::lock_guard<std::mutex> hold(guard_);
    phone* p = state_.find(openid);
    if (p == nullptr) return;
    state_.follow(*p, following, scene);
    keep();
}

void platform::say(std::string_view openid, std::string_view text) {
    const std::lock_guard<std::mutex> hold(guard_);
    phone* p = follower(openid);
    if (p == nullptr || text.empty()) return;
    chat_item item;
    item.kind = "said";
    item.text = std::string(text);
    state_.add_item(*p, std::move(item));
    state_.allow(*p, "message");
    state_.push_message(*p, "text", tag("Content", text));
}

void platform::tap(std::string_view openid, std::string_view key) {
    const std::lock_guard<std::mutex> hold(guard_);
    phone* p = follower(openid);
    if (p == nullptr) return;
    state_.allow(*p, "click");
    state_.push_event(*p, "CLICK", tag("EventKey", key));
}

void platform::scan(std::string_view openid, std::string_view result) {
    const std::lock_guard<std::mutex> hold(guard_);
    phone* p = state_.find(openid);
    if (p == nullptr) return;
    constexpr std::string_view login_mark = "/connect/confirm?uuid=";
    if (const auto at = result.find(login_mark); at != std::string_view::npos) {
        const auto asked = state_.sign_ins.find(result.substr(at + login_mark.size()));
        if (asked == state_.sign_ins.end()) return state_.add_note(*p, "二维码已失效");
        asked->second.openid = p->openid;
        return state_.add_note(*p,
                               "网站申请用微信登录，<a href=\"" + std::string(result) + "\">查看并确认</a>");
    }
    std::string scene;
    if (const auto ticket = state_.ticket_of.find(result); ticket != state_.ticket_of.end()) {
        const auto& code = state_.codes.find(ticket->second)->second;
        if (code.expires_at != core::instant{} && code.expires_at < state_.time->now())
            return state_.add_note(*p, "二维码已过期");
        scene = code.scene;
        if (p->following) {
            state_.allow(*p, "scan");
            return state_.push_event(*p, "SCAN", tag("EventKey", scene) + tag("Ticket", ticket->second));
        }
        state_.follow(*p, true, scene);
        return keep();
    }
    if (!p->following) return;
    state_.allow(*p, "click");
    state_.push_event(*p, "scancode_waitmsg",
                      tag("EventKey", "SCAN_QUERY") + "<ScanCodeInfo>" + tag("ScanType", "qrcode") +
                          tag("ScanResult", result) + "</ScanCodeInfo>\n");
}

void platform::subscribe(std::string_view openid, const std::string& template_id, bool accepts) {
    const std::lock_guard<std::mutex> hold(guard_);
    phone* p = state_.find(openid);
    if (p == nullptr) return;
    if (accepts) ++p->subscriptions[template_id];
    state_.push_event(*p, "subscribe_msg_popup_event",
                      "<SubscribeMsgPopupEvent><List>\n" + tag("TemplateId", template_id) +
                          tag("SubscribeStatusString", accepts ? "accept" : "reject") +
                          "<PopupScene>1</PopupScene>\n</List></SubscribeMsgPopupEvent>\n");
    keep();
}

void platform::refuse_template(std::string_view openid, const std::string& template_id, bool refuses) {
    const std::lock_guard<std::mutex> hold(guard_);
    phone* p = state_.find(openid);
    if (p == nullptr) return;
    const bool subscribed = p->subscriptions.erase(template_id) > 0;
    if (refuses)
        p->refused.insert(template_id);
    else
        p->refused.erase(template_id);
    if (refuses && subscribed) // of template messages nothing is pushed (wechat-platform.md 15)
        state_.push_event(*p, "subscribe_msg_change_event",
                          "<SubscribeMsgChangeEvent><List>\n" + tag("TemplateId", template_id) +
                              tag("SubscribeStatusString", "reject") + "</List></SubscribeMsgChangeEvent>\n");
    keep();
}

void platform::show_reply(const push& to, std::string_view xml) {
    const std::lock_guard<std::mutex> hold(guard_);
    phone* p = state_.find(to.openid);
    if (p == nullptr) return;
    if (const auto wrong = wrong_reply(to, xml); !wrong.empty()) {
        core::log::warn("sandbox", "a reply that WeChat would not show",
                        core::value::object().set("cause", wrong));
        return state_.add_note(*p, "该公众号暂时无法提供服务，请稍后再试");
    }
    chat_item item;
    item.kind = "reply";
    item.text = element(xml, "Content");
    if (!item.text.empty()) state_.add_item(*p, std::move(item));
}

void platform::note(std::string_view openid, std::string_view text) {
    const std::lock_guard<std::mutex> hold(guard_);
    if (phone* p = state_.find(openid)) state_.add_note(*p, text);
}

std::vector<chat_item> platform::chat_after(std::string_view openid, std::int64_t seq) const {
    const std::lock_guard<std::mutex> hold(guard_);
    std::vector<chat_item> out;
    if (const phone* p = state_.find(openid))
        for (const auto& item : p->chat)
            if (item.seq > seq) out.push_back(item);
    return out;
}

std::vector<state::made_code> platform::recent_codes() const {
    const std::lock_guard<std::mutex> hold(guard_);
    return state_.codes_made;
}

std::vector<push> platform::take_pushes() {
    const std::lock_guard<std::mutex> hold(guard_);
    const auto now = state_.time->now();
    auto& all = state_.pushes;
    const auto later =
        std::stable_partition(all.begin(), all.end(), [&](const push& p) { return p.due <= now; });
    std::vector<push> due(std::make_move_iterator(all.begin()), std::make_move_iterator(later));
    all.erase(all.begin(), later);
    if (due.size() > 1 && state_.faults.takes_swap()) std::swap(due[0], due[1]);
    return due;
}

std::optional<core::instant> platform::next_push() const {
    const std::lock_guard<std::mutex> hold(guard_);
    const auto& all = state_.pushes;
    if (all.empty()) return std::nullopt;
    return std::min_element(all.begin(), all.end(),
                            [](const push& a, const push& b) { return a.due < b.due; })
        ->due;
}

platform::callback_request platform::seal(const push& p) const {
    const auto& keys = state_.config.keys;
    const std::string timestamp = seconds_of(state_.time->now());
    const std::string nonce = std::to_string(core::random_below(1'000'000'000));
    callback_request r;
    r.query = "signature=" + sign(keys, timestamp, nonce, "") + "&timestamp=" + timestamp +
              "&nonce=" + nonce + "&openid=" + p.openid;
    if (!state_.config.encrypted) {
        r.body = p.plain;
        return r;
    }
    const std::string sealed = encrypt(keys, p.plain);
    r.query += "&encrypt_type=aes&msg_signature=" + sign(keys, timestamp, nonce, sealed);
    r.body = "<xml>\n" + tag("ToUserName", state_.config.original_id) + tag("Encrypt", sealed) + "</xml>";
    return r;
}

std::string platform::open_reply(std::string_view body) const {
    if (body.empty() || body == "success") return {};
    if (!state_.config.encrypted) return std::string(body);
    const auto& keys = state_.config.keys;
    const std::string sealed = element(body, "Encrypt");
    const std::string expected = sign(keys, element(body, "TimeStamp"), element(body, "Nonce"), sealed);
    if (sealed.empty() || expected != element(body, "MsgSignature")) return {};
    return decrypt(keys, sealed).value_or("");
}

core::value platform::sent() const {
    const std::lock_guard<std::mutex> hold(guard_);
    return state_.sent_log;
}

core::value platform::secrets() const {
    const std::lock_guard<std::mutex> hold(guard_);
    return state_.secrets;
}

std::int64_t platform::duplicates() const {
    const std::lock_guard<std::mutex> hold(guard_);
    return state_.duplicates;
}

} // namespace wechat::sandbox
