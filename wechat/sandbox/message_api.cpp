// Messages to people: template, subscription, customer service (wechat-platform.md 15-17).
#include "wechat/sandbox/apis.hpp"

#include "core/base/text.hpp"
#include "wechat/sandbox/value_rules.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

namespace wechat::sandbox {
namespace {

using namespace std::chrono_literals;

// The message as the phone shows it, or the refusal of its first wrong field (rules of 2023).
std::optional<core::value> fill(state& s, const core::value& body, const message_template& t,
                                chat_item& item) {
    const core::value* data = body.find("data");
    if (data == nullptr || data->as_members() == nullptr || data->as_members()->empty())
        return s.refuse(47003, "argument invalid! data is empty");
    const auto wrong = [&s](const std::string& name, std::string_view how) {
        return s.refuse(47003, "argument invalid! data." + name + ".value " + std::string(how));
    };
    for (const auto& [name, label] : t.labels)
        if (const auto* field = data->find(name); field == nullptr || field->text("value").empty())
            return wrong(name, "is empty");
    for (const auto& [name, field] : *data->as_members()) {
        const auto label = t.labels.find(name);
        if (label == t.labels.end() && !t.labels.empty()) continue; // not of this template: not shown
        const std::string text = field.text("value");
        if (text.empty()) return wrong(name, "is empty");
        if (!is_accepted(name, text)) return wrong(name, "invalid");
        item.fields.emplace_back(label == t.labels.end() ? name : label->second, text);
    }
    item.title = t.title;
    return std::nullopt;
}

void push_receipt(state& s, const phone& p, std::int64_t msgid, const receipt_fate& fate) {
    const auto due = s.time->now() + std::chrono::milliseconds(fate.delay_ms);
    const std::string number = std::to_string(fate.without_number ? 0 : msgid);
    for (int n = 0; n < fate.copies; ++n)
        s.push_event(p, "TEMPLATESENDJOBFINISH",
                     "<MsgID>" + number + "</MsgID>\n" + tag("Status", fate.status), due);
}

// `fate`: what WeChat says of it later.
void log_sent(state& s, const phone& p, const api_call& c, const chat_item& item, std::int64_t msgid,
              const receipt_fate& fate = {}) {
    core::value one = core::value::object();
    one.set("kind", item.kind).set("openid", p.openid).set("client_msg_id", c.body.text("client_msg_id"));
    one.set("msgid", std::to_string(msgid)).set("template_id", c.body.text("template_id"));
    const auto* data = c.body.find("data");
    one.set("title", item.title).set("text", item.text).set("url", item.url);
    one.set("data", data == nullptr ? core::value::object() : *data).set("receipt", fate.status);
    s.sent_log.push(std::move(one));
}

// What a customer-service message shows, by its type; refuses what the type lacks.
struct custom_type {
    std::string_view name;
    std::string_view wanted; // member that must be there
};
constexpr auto custom_types = std::to_array<custom_type>({
    {"text", "content"},
    {"image", "media_id"},
    {"voice", "media_id"},
    {"video", "media_id"},
    {"music", "musicurl"},
    {"news", "articles"},
    {"mpnews", "media_id"},
    {"mpnewsarticle", "article_id"},
    {"msgmenu", "list"},
    {"wxcard", "card_id"},
    {"miniprogrampage", "pagepath"},
});

std::optional<core::value> read_custom(state& s, const core::value& body, chat_item& item) {
    const std::string type = body.text("msgtype");
    const auto known =
        std::find_if(custom_types.begin(), custom_types.end(), [&](const auto& t) { return t.name == type; });
    if (known == custom_types.end()) return s.refuse(40008, "invalid message type");
    const auto* part = body.find(type);
    if (part == nullptr || part->find(known->wanted) == nullptr) return s.refuse(44004, "empty content");
    item.text = "[" + type + "]";
    if (type == "text") {
        item.text = part->text("content");
        if (item.text.empty()) return s.refuse(44004, "empty content");
        if (item.text.size() > 2048) return s.refuse(45002, "content size out of limit");
    } else if (known->wanted == "media_id") {
        const auto at = s.media.find(part->text("media_id"));
        if (at == s.media.end() || at->second.expires_at < s.time->now())
            return s.refuse(40007, "invalid media_id");
    } else if (type == "news") {
        const auto* articles = part->find("articles")->as_list();
        if (articles == nullptr || articles->empty()) return s.refuse(44003, "empty news data");
        if (articles->size() > 1) return s.refuse(45008, "article size out of limit");
        item.title = articles->front().text("title");
        item.text = articles->front().text("description");
        item.url = articles->front().text("url");
    } else if (type == "msgmenu") {
        item.text = part->text("head_content");
        for (const auto& choice : *part->find("list")->as_list())
            item.text += "\n" + choice.text("content");
        if (!part->text("tail_content").empty()) item.text += "\n" + part->text("tail_content");
    }
    return std::nullopt;
}

} // namespace

api_answer send_template(state& s, const api_call& c) {
    phone* p = s.find(c.body.text("touser"));
    if (p == nullptr) return s.refuse(40003, "invalid openid");
    const auto known = s.config.templates.find(c.body.text("template_id"));
    if (known == s.config.templates.end()) return s.refuse(40037, "invalid template_id");
    if (!p->following) return s.refuse(43004, "require subscribe");
    if (p->refused.contains(known->first)) return s.refuse(43101, "user refuse to accept the msg");
    chat_item item;
    item.kind = "template";
    item.url = c.body.text("url");
    if (auto wrong = fill(s, c.body, known->second, item)) return *wrong;
    const auto now = s.time->now();
    const std::string client_id = c.body.text("client_msg_id");
    const std::string key = p->openid + "/" + client_id;
    if (const auto at = s.sent_ids.find(key);
        !client_id.empty() && at != s.sent_ids.end() && now - at->second.at < 10min) {
        ++s.duplicates;
        return fine().set("msgid", at->second.msgid);
    }
    const std::int64_t msgid = first_msgid + ++s.seq;
    if (!client_id.empty()) s.remember(key, {msgid, now});
    const auto fate = s.random.receipt(s.faults.receipt());
    log_sent(s, *p, c, item, msgid, fate);
    s.add_item(*p, std::move(item));
    push_receipt(s, *p, msgid, fate);
    return fine().set("msgid", msgid);
}

api_answer send_subscription(state& s, const api_call& c) {
    phone* p = s.find(c.body.text("touser"));
    if (p == nullptr) return s.refuse(40003, "invalid openid");
    const std::string id = c.body.text("template_id");
    const message_template* t = nullptr;
    for (const auto* list : {&s.config.subscriptions, &s.config.templates})
        if (const auto at = list->find(id); t == nullptr && at != list->end()) t = &at->second;
    if (t == nullptr) return s.refuse(40037, "invalid template_id");
    const std::string page = c.body.text("page");
    if (!page.empty() && !page.starts_with("https://")) return s.refuse(41030, "invalid page");
    const auto left = p->subscriptions.find(id);
    if (left == p->subscriptions.end() || left->second == 0 || p->refused.contains(id))
        return s.refuse(43101, "user refuse to accept the msg");
    chat_item item;
    item.kind = "subscription";
    item.url = page;
    if (auto wrong = fill(s, c.body, *t, item)) return *wrong;
    if (!t->long_term) --left->second;
    const std::int64_t msgid = first_msgid + ++s.seq;
    log_sent(s, *p, c, item, msgid);
    s.add_item(*p, std::move(item));
    s.push_event(*p, "subscribe_msg_sent_event",
                 "<SubscribeMsgSentEvent><List>\n" + tag("TemplateId", id) + "<MsgID>" +
                     std::to_string(msgid) + "</MsgID>\n<ErrorCode>0</ErrorCode>\n" +
                     tag("ErrorStatus", "success") + "</List></SubscribeMsgSentEvent>\n");
    return fine().set("msgid", msgid);
}

api_answer send_custom(state& s, const api_call& c) {
    phone* p = s.find(c.body.text("touser"));
    if (p == nullptr) return s.refuse(40003, "invalid openid");
    chat_item item;
    item.kind = "custom";
    if (auto wrong = read_custom(s, c.body, item)) return *wrong;
    const auto now = s.time->now();
    std::erase_if(p->allowances, [&](const allowance& a) { return a.until <= now; });
    if (!p->following || p->allowances.empty())
        return s.refuse(45015, "response out of time limit or subscription is canceled");
    // Of several windows the one that closes first is used up first.
    std::sort(p->allowances.begin(), p->allowances.end(),
              [](const auto& a, const auto& b) { return a.until < b.until; });
    const auto open =
        std::find_if(p->allowances.begin(), p->allowances.end(), [](const auto& a) { return a.left > 0; });
    if (open == p->allowances.end()) return s.refuse(45047, "out of response count limit");
    --open->left;
    log_sent(s, *p, c, item, first_msgid + s.seq + 1);
    s.add_item(*p, std::move(item));
    return fine();
}

api_answer show_typing(state& s, const api_call& c) {
    const phone* p = s.find(c.body.text("touser"));
    if (p == nullptr) return s.refuse(40003, "invalid openid");
    const std::string command = c.body.text("command");
    if (command != "Typing" && command != "CancelTyping") return s.refuse(40097, "invalid args");
    if (p->allowances.empty()) return s.refuse(45072, "command out of time limit");
    return fine();
}

} // namespace wechat::sandbox
