// Lists of templates: the account's template messages and its subscription messages (wechat-platform.md 15,
// 16).
#include "wechat/sandbox/apis.hpp"

#include "core/base/ids.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace wechat::sandbox {
namespace {

constexpr std::size_t most_templates = 25;

// A corner of the platform's public library.
struct keyword {
    int kid;
    std::string_view name, kind;
};
struct public_template {
    int tid;
    std::string_view short_id, title;
    std::array<keyword, 4> keywords;
};
constexpr auto library = std::to_array<public_template>({
    {1001,
     "TM00015",
     "预约成功提醒",
     {{{1, "预约单号", "character_string"},
       {2, "预约时间", "time"},
       {3, "检定机构", "thing"},
       {4, "状态", "phrase"}}}},
    {1002,
     "TM00016",
     "检定完成提醒",
     {{{1, "单号", "character_string"},
       {2, "完成时间", "time"},
       {3, "检定机构", "thing"},
       {4, "结果", "phrase"}}}},
    {1003,
     "TM00017",
     "证书到期提醒",
     {{{1, "器具名称", "thing"}, {2, "到期日期", "date"}, {3, "数量", "number"}, {4, "提示", "thing"}}}},
});

std::string content_of(const message_template& t) {
    std::string content;
    for (const auto& [name, label] : t.labels)
        content += label + ":{{" + name + ".DATA}}\n";
    return content;
}

std::string new_id() {
    return core::random_hex(22).substr(0, 43);
}

int number_of(const std::string& text) {
    int n = 0;
    std::from_chars(text.data(), text.data() + text.size(), n);
    return n;
}

} // namespace

api_answer list_templates(state& s, const api_call&) {
    core::value list = core::value::array();
    for (const auto& [id, t] : s.config.templates) {
        core::value one = core::value::object().set("template_id", id).set("title", t.title);
        one.set("primary_industry", "").set("deputy_industry", "");
        list.push(one.set("content", content_of(t)).set("example", ""));
    }
    return core::value::object().set("template_list", std::move(list));
}

api_answer add_template(state& s, const api_call& c) {
    const std::string short_id = c.body.text("template_id_short");
    const auto from =
        std::find_if(library.begin(), library.end(), [&](const auto& t) { return t.short_id == short_id; });
    if (from == library.end()) return s.refuse(40036, "invalid template_id_short");
    if (s.config.templates.size() >= most_templates) return s.refuse(45026, "template num exceeds limit");
    const auto* names = c.body.find("keyword_name_list");
    message_template t;
    t.title = std::string(from->title);
    for (const auto& k : from->keywords) {
        const bool wanted =
            names == nullptr || names->as_list() == nullptr ||
            std::any_of(names->as_list()->begin(), names->as_list()->end(), [&](const core::value& n) {
                return n.as_text() != nullptr && *n.as_text() == k.name;
            });
        if (wanted) t.labels[std::string(k.kind) + std::to_string(k.kid)] = std::string(k.name);
    }
    if (t.labels.empty()) return s.refuse(200014, "invalid keyword_name_list");
    const std::string id = new_id();
    s.config.templates[id] = std::move(t);
    return fine().set("template_id", id);
}

api_answer delete_template(state& s, const api_call& c) {
    if (s.config.templates.erase(c.body.text("template_id")) == 0)
        return s.refuse(40037, "invalid template_id");
    return fine();
}

api_answer get_industry(state&, const api_call&) {
    const auto industry = [](std::string_view first, std::string_view second) {
        return core::value::object().set("first_class", first).set("second_class", second);
    };
    return core::value::object()
        .set("primary_industry", industry("政府与公共事业", "公共事业"))
        .set("secondary_industry", industry("其它", "其它"));
}

api_answer set_industry(state& s, const api_call& c) {
    if (c.body.text("industry_id1").empty() || c.body.text("industry_id2").empty())
        return s.refuse(40102, "invalid industry id");
    return fine();
}

api_answer list_subscription_templates(state& s, const api_call&) {
    core::value list = core::value::array();
    for (const auto& [id, t] : s.config.subscriptions) {
        core::value one = core::value::object().set("priTmplId", id).set("title", t.title);
        one.set("content", content_of(t)).set("example", "").set("type", t.long_term ? 3 : 2);
        list.push(std::move(one));
    }
    return fine().set("data", std::move(list));
}

api_answer add_subscription_template(state& s, const api_call& c) {
    const int tid = number_of(c.body.text("tid"));
    const auto from =
        std::find_if(library.begin(), library.end(), [&](const auto& t) { return t.tid == tid; });
    if (from == library.end()) return s.refuse(200012, "invalid tid");
    const auto* wanted = c.body.find("kidList");
    if (wanted == nullptr || wanted->as_list() == nullptr || wanted->as_list()->empty() ||
        wanted->as_list()->size() > 5)
        return s.refuse(200020, "invalid kidList");
    if (c.body.text("sceneDesc").empty()) return s.refuse(200021, "invalid sceneDesc");
    if (s.config.subscriptions.size() >= most_templates) return s.refuse(200013, "too many templates");
    message_template t;
    t.title = std::string(from->title);
    for (const auto& one : *wanted->as_list()) {
        const auto kid = one.as_number() == nullptr ? 0 : *one.as_number();
        const auto k = std::find_if(from->keywords.begin(), from->keywords.end(),
                                    [&](const auto& f) { return f.kid == kid; });
        if (k == from->keywords.end()) return s.refuse(200020, "invalid kidList");
        t.labels[std::string(k->kind) + std::to_string(k->kid)] = std::string(k->name);
    }
    const std::string id = new_id();
    s.config.subscriptions[id] = std::move(t);
    return fine().set("priTmplId", id);
}

api_answer delete_subscription_template(state& s, const api_call& c) {
    if (s.config.subscriptions.erase(c.body.text("priTmplId")) == 0)
        return s.refuse(200014, "invalid priTmplId");
    return fine();
}

api_answer subscription_categories(state&, const api_call&) {
    core::value one = core::value::object().set("id", 616).set("name", "政务民生");
    return fine().set("data", core::value(core::value::list{std::move(one)}));
}

api_answer subscription_titles(state&, const api_call&) {
    core::value list = core::value::array();
    for (const auto& t : library)
        list.push(core::value::object()
                      .set("tid", t.tid)
                      .set("title", t.title)
                      .set("type", 2)
                      .set("categoryId", "616"));
    return fine().set("count", static_cast<std::int64_t>(library.size())).set("data", std::move(list));
}

api_answer subscription_keywords(state& s, const api_call& c) {
    const int tid = number_of(c.query("tid"));
    const auto from =
        std::find_if(library.begin(), library.end(), [&](const auto& t) { return t.tid == tid; });
    if (from == library.end()) return s.refuse(200012, "invalid tid");
    core::value list = core::value::array();
    for (const auto& k : from->keywords)
        list.push(core::value::object()
                      .set("kid", k.kid)
                      .set("name", k.name)
                      .set("rule", k.kind)
                      .set("example", ""));
    return fine().set("count", static_cast<std::int64_t>(from->keywords.size())).set("data", std::move(list));
}

} // namespace wechat::sandbox
