// 公众号 → 消息模板 → one kind: its words, a preview over the newest real event, a test to one's own phone,
// the versions, and the order of channels.
#include "core/account/binding.hpp"
#include "core/base/text.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/outbox.hpp"
#include "notify/hub/hub.hpp"
#include "notify/hub/order.hpp"
#include "notify/message/samples.hpp"
#include "notify/message/version.hpp"
#include "wechat/mp/template_channel.hpp"
#include "wechat/staff/frame.hpp"
#include "wechat/staff/pages.hpp"
#include "wechat/staff/templates.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

namespace wechat::staff {
namespace {

std::string error_at(services& s, const core::error* e, std::string_view field) {
    if (e == nullptr) return {};
    if (e->field == field) return s.problems->text_of(*e);
    for (const auto& other : e->also)
        if (other.field == field) return s.problems->text_of(other);
    return {};
}

core::value input(services& s, const core::error* e, const std::string& name, std::string_view label,
                  std::string_view text, std::size_t most) {
    const std::string wrong = error_at(s, e, name);
    core::value v = core::value::object();
    v.set("name", name).set("label", label).set("value", text).set("most", static_cast<std::int64_t>(most));
    return v.set("wrong", !wrong.empty()).set("error", wrong);
}

// What a field of this name is called in the subscription template: that stays as it is in force.
std::string subscription_of(const notify::message_kind* now, std::string_view name) {
    if (now != nullptr)
        for (const auto& f : now->fields)
            if (f.name == name) return f.subscription;
    return {};
}

// As typed. Rows without name, label and text are left out, so that a field can be taken away.
notify::message_kind words_of(const request& r, std::string_view kind, const notify::message_kind* now) {
    notify::message_kind w;
    w.kind = kind;
    const auto typed = [&](const std::string& name) { return core::tidy_line(r.field(name)); };
    w.title = typed("title");
    w.url = typed("url");
    w.staff_title = typed("staff_title");
    w.staff_url = typed("staff_url");
    w.template_id = typed("template_id");
    for (std::size_t n = 1; n <= notify::most_fields; ++n) {
        const std::string number = std::to_string(n);
        notify::message_field f{typed("name_" + number), typed("label_" + number), typed("text_" + number)};
        f.subscription = subscription_of(now, f.name);
        if (!f.name.empty() || !f.label.empty() || !f.text.empty()) w.fields.push_back(std::move(f));
    }
    return w;
}

struct shown_event {
    core::value facts;
    std::string from; // which event it is
};
shown_event event_of(read_view& view, std::string_view kind) {
    if (const auto event = core::outbox::find_latest(view, kind))
        return {event->facts, core::short_moment_text(event->at) + " 的真实数据"};
    return {notify::sample_facts(kind), "近期没有这类事件，用的是示例数据"};
}

core::value preview_of(const notify::message_kind& words, const core::value& facts,
                       std::string_view side_word, notify::side side) {
    core::value fields = core::value::array();
    const auto m = notify::message_book::fill(words, facts, side);
    for (const auto& f : m.fields)
        fields.push(core::value::object()
                        .set("label", f.label)
                        .set("text", f.text)
                        .set("cut", f.text != f.full && f.name.starts_with("thing"))
                        .set("full", f.full));
    core::value v = core::value::object();
    v.set("side", side_word).set("title", m.title).set("url", m.url);
    return v.set("fields", std::move(fields));
}

core::value field_rows(services& s, const core::error* e, const notify::message_kind& words) {
    core::value rows = core::value::array();
    const std::size_t shown = std::min(notify::most_fields, words.fields.size() + 2);
    for (std::size_t n = 1; n <= shown; ++n) {
        const std::string number = std::to_string(n);
        const notify::message_field f =
            n <= words.fields.size() ? words.fields[n - 1] : notify::message_field{};
        rows.push(core::value::object()
                      .set("n", number)
                      .set("name", input(s, e, "name_" + number, "字段 " + number, f.name, 24))
                      .set("label", input(s, e, "label_" + number, "标题 " + number, f.label, 20))
                      .set("text", input(s, e, "text_" + number, "内容 " + number, f.text, 300)));
    }
    return rows;
}

void put_facts(core::value& model, const core::value& facts) {
    core::value names = core::value::array();
    if (facts.as_members() != nullptr)
        for (const auto& [name, v] : *facts.as_members())
            if (v.as_list() == nullptr)
                names.push(core::value::object().set("name", name).set("value", facts.text(name)));
    model.set("facts", std::move(names));
}

void put_versions(core::value& model, const request& r, read_view& view, services& s, std::string_view kind) {
    core::value rows = core::value::array();
    for (const auto& v : notify::list_versions(view, r.actor, *s.messages, kind))
        rows.push(core::value::object()
                      .set("number", v.number)
                      .set("name", v.number == 0 ? "内置" : "第 " + std::to_string(v.number) + " 版")
                      .set("title", v.words.title)
                      .set("by", v.by)
                      .set("at", v.number == 0 ? "" : core::moment_text(v.at))
                      .set("note", v.note)
                      .set("in_force", v.in_force));
    model.set("versions", std::move(rows));
}

void put_order(core::value& model, read_view& view, services& s, std::string_view kind) {
    const auto orders = notify::list_channel_orders(view);
    auto at = orders.find(kind);
    const bool is_own = at != orders.end();
    if (!is_own) at = orders.find("");
    std::vector<std::string> names;
    if (at != orders.end())
        names = at->second;
    else
        for (const auto& p : s.hub->channels())
            names.push_back(p.channel);
    core::value places = core::value::array();
    for (std::size_t n = 0; n < std::size(notify::shipped_order); ++n) {
        core::value choices = core::value::array();
        choices.push(
            core::value::object().set("code", "").set("text", "—").set("selected", n >= names.size()));
        for (const auto c : notify::shipped_order)
            choices.push(core::value::object()
                             .set("code", c)
                             .set("text", notify::channel_word(c))
                             .set("selected", n < names.size() && names[n] == c));
        places.push(
            core::value::object().set("n", static_cast<int>(n + 1)).set("choices", std::move(choices)));
    }
    model.set("places", std::move(places)).set("order_is_own", is_own);
}

response edit_page(const request& r, read_view& view, services& s, const notify::message_kind& words,
                   const core::error* wrong, std::string_view note, bool is_typed) {
    const std::string kind = words.kind;
    core::value model = core::value::object();
    put_errors(model, s, wrong);
    core::value heads = core::value::array();
    heads.push(input(s, wrong, "title", "标题", words.title, 30));
    heads.push(input(s, wrong, "url", "点开后的页面", words.url, 300));
    heads.push(input(s, wrong, "staff_title", "机构人员看到的标题", words.staff_title, 30));
    heads.push(input(s, wrong, "staff_url", "机构人员点开后的页面", words.staff_url, 300));
    heads.push(input(s, wrong, "template_id", "模板 ID", words.template_id, 64));
    model.set("heads", std::move(heads)).set("fields", field_rows(s, wrong, words));
    model.set("note", input(s, wrong, "note", "修改说明", note, 200));
    const auto event = event_of(view, kind);
    core::value previews = core::value::array();
    const bool may_fill = notify::check_words(words).has_value();
    const auto* k = core::outbox::find_kind(kind);
    if (may_fill && k->to_company)
        previews.push(preview_of(words, event.facts, "企业", notify::side::company));
    if (may_fill && !k->to_staff.empty())
        previews.push(preview_of(words, event.facts, "机构人员", notify::side::staff));
    model.set("previews", std::move(previews)).set("preview_from", event.from);
    const auto configured = s.wechat->template_ids.find(kind);
    model.set("configured_id", configured == s.wechat->template_ids.end() ? "" : configured->second)
        .set("has_configured_id", configured != s.wechat->template_ids.end());
    model.set("kind", kind)
        .set("heading", words.title.empty() ? kind : words.title)
        .set("is_typed", is_typed);
    model.set("check", finding_of(mp::find_check(view, kind)));
    model.set("may_test", core::account::find_staff_openid(view, r.actor.login_id).has_value());
    model.set("example", "{{number}}");
    put_facts(model, event.facts);
    put_versions(model, r, view, s, kind);
    put_order(model, view, s, kind);
    const int status = wrong == nullptr ? 200 : status_of(wrong->code);
    return render(r, view, s, "staff/template", "消息模板", "公众号 / 消息模板", std::move(model), status);
}

response again(const request& r, services& s, const notify::message_kind& words,
               const std::optional<core::error>& wrong) {
    return s.db->read([&](read_view& v) {
        return edit_page(r, v, s, words, wrong ? &*wrong : nullptr, r.field("note"), true);
    });
}

// What the account's own template says about these words; nullopt: it fits, or WeChat cannot be asked.
std::optional<core::error> misfit(services& s, const notify::message_kind& words, mp::template_check& found) {
    const auto configured = s.wechat->template_ids.find(words.kind);
    const std::string id = !words.template_id.empty()                   ? words.template_id
                           : configured == s.wechat->template_ids.end() ? std::string()
                                                                        : configured->second;
    found.kind = words.kind;
    found.found = mp::template_check::state::no_id;
    if (id.empty() || s.doctor == nullptr) return std::nullopt;
    const auto granted = mp::fetch_templates(*s.api);
    if (!granted) return std::nullopt;
    found = mp::check_template(words, id, *granted);
    using state = mp::template_check::state;
    if (found.found == state::not_granted)
        return core::error(core::errc::invalid, "message.not_granted", "template_id");
    if (found.found != state::fields) return std::nullopt;
    const auto list = [](const std::vector<std::string>& names) {
        std::string all;
        for (const auto& n : names)
            all += (all.empty() ? "" : "、") + n;
        return all.empty() ? std::string("无") : all;
    };
    std::size_t at = 0;
    for (std::size_t n = 0; n < words.fields.size() && at == 0; ++n)
        if (std::find(found.unknown.begin(), found.unknown.end(), words.fields[n].name) !=
            found.unknown.end())
            at = n + 1;
    const std::string field =
        at == 0 ? "name_" + std::to_string(words.fields.size() + 1) : "name_" + std::to_string(at);
    return core::error(core::errc::invalid, "message.misfit", field)
        .with("unknown", list(found.unknown))
        .with("empty", list(found.empty));
}

result<response> save(const request& r, services& s, const notify::message_kind& words) {
    mp::template_check found;
    if (const auto wrong = misfit(s, words, found)) return again(r, s, words, wrong);
    const auto done = s.db->write([&](write_tx& tx) -> result<int> {
        auto changed = notify::change_message(tx, r.actor, *s.messages, words, r.field("note"));
        if (changed) mp::keep_checks(tx, {found});
        return changed;
    });
    if (!done) return again(r, s, words, done.error());
    if (found.found == mp::template_check::state::ok) s.hub->mend(words.kind);
    return see_other("/staff/templates/" + words.kind + "?done=template_saved");
}

result<response> test(const request& r, services& s, const notify::message_kind& words) {
    struct asked {
        std::optional<std::string> openid;
        core::value facts;
    };
    const auto to = s.db->read([&](read_view& v) {
        return asked{core::account::find_staff_openid(v, r.actor.login_id), event_of(v, words.kind).facts};
    });
    const core::error unbound(core::errc::not_allowed, "message.test_unbound");
    if (!to.openid) return again(r, s, words, unbound);
    const auto* k = core::outbox::find_kind(words.kind);
    const auto side = k->to_company ? notify::side::company : notify::side::staff;
    const std::string id =
        !words.template_id.empty() ? words.template_id : mp::template_id_of(*s.wechat, nullptr, words.kind);
    const auto sent =
        mp::send_test(*s.api, *to.openid, id, notify::message_book::fill(words, to.facts, side));
    if (!sent) return again(r, s, words, sent.error());
    s.db->write([&](write_tx& tx) -> result<> {
            core::audit::append(tx, r.actor,
                                {.verb = "test_message",
                                 .subject_kind = "message_kind",
                                 .after = core::value::object().set("kind", words.kind)});
            return {};
        })
        .value();
    return see_other("/staff/templates/" + words.kind + "?done=template_tested");
}

} // namespace

response show_template(const request& r, read_view& view, services& s) {
    const auto* words = s.messages->find(r.parameters[0]);
    if (words == nullptr) return refuse(r, view, s, core::error(core::errc::not_found));
    int number = -1;
    const auto asked = r.query.get("version");
    std::from_chars(asked.data(), asked.data() + asked.size(), number);
    if (!asked.empty())
        for (const auto& v : notify::list_versions(view, r.actor, *s.messages, words->kind))
            if (v.number == number) return edit_page(r, view, s, v.words, nullptr, v.note, true);
    return edit_page(r, view, s, *words, nullptr, "", false);
}

result<response> save_template(const request& r, services& s) {
    if (s.messages->find(r.parameters[0]) == nullptr) return core::error(core::errc::not_found);
    const auto words = words_of(r, r.parameters[0], s.messages->find(r.parameters[0]));
    if (const auto fine = notify::check_words(words); !fine) return again(r, s, words, fine.error());
    if (r.field("act") == "preview") return again(r, s, words, std::nullopt);
    if (r.field("act") == "test") return test(r, s, words);
    return save(r, s, words);
}

result<response> restore_template(const request& r, services& s) {
    const int number = static_cast<int>(to_id(r.field("number")));
    const auto words = s.db->read([&](read_view& v) -> std::optional<notify::message_kind> {
        for (auto& known : notify::list_versions(v, r.actor, *s.messages, r.parameters[0]))
            if (known.number == number) return std::move(known.words);
        return std::nullopt;
    });
    if (!words) return core::error(core::errc::not_found);
    mp::template_check found; // the account's template may have changed since
    if (const auto wrong = misfit(s, *words, found)) return again(r, s, *words, wrong);
    const auto done = s.db->write([&](write_tx& tx) -> result<> {
        auto restored = notify::restore_message(tx, r.actor, *s.messages, r.parameters[0], number);
        if (restored) mp::keep_checks(tx, {found});
        return restored;
    });
    if (!done) return done.error();
    if (found.found == mp::template_check::state::ok) s.hub->mend(words->kind);
    return see_other("/staff/templates/" + words->kind + "?done=template_restored");
}

result<response> set_template_order(const request& r, write_tx& tx, services& s) {
    if (s.messages->find(r.parameters[0]) == nullptr) return core::error(core::errc::not_found);
    std::vector<std::string> channels;
    for (const auto c : r.form.all("channel"))
        if (!c.empty()) channels.emplace_back(c);
    const bool shipped = r.field("act") == "shipped";
    const auto done = notify::set_channel_order(tx, r.actor, r.parameters[0],
                                                shipped ? std::vector<std::string>() : channels);
    if (!done) return done.error();
    return see_other("/staff/templates/" + r.parameters[0] + "?done=order_saved");
}

} // namespace wechat::staff
