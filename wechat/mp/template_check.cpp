#include "wechat/mp/template_check.hpp"

#include "core/journal/outbox.hpp"
#include "wechat/mp/push_channel.hpp"
#include "wechat/mp/template_channel.hpp"

#include <algorithm>
#include <array>

namespace wechat::mp {

std::string_view code_of(template_check::state s) {
    static constexpr std::array<std::string_view, 4> codes = {"ok", "no_id", "not_granted", "fields"};
    return codes[static_cast<std::size_t>(s)];
}

std::string joined(const std::vector<std::string>& names, std::string_view between) {
    std::string all;
    for (const auto& n : names)
        all.append(all.empty() ? "" : between).append(n);
    return all;
}

namespace {

core::result<granted_templates> fetch(api& a, const char* path, std::string_view list_name,
                                      std::string_view id_name) {
    const auto answer = a.get(path);
    if (!answer) return answer.error();
    granted_templates all;
    const auto* list = answer->find(list_name);
    if (list == nullptr || list->as_list() == nullptr)
        return core::error(core::errc::unavailable, "wechat.away");
    for (const auto& t : *list->as_list())
        all[t.text(id_name)] = {t.text("title"), t.text("content")};
    return all;
}

template_check check_names(std::string_view kind, const std::vector<std::string>& ours,
                           std::string_view template_id, const granted_templates& granted) {
    template_check c;
    c.kind = kind;
    if (template_id.empty()) {
        c.found = template_check::state::no_id;
        return c;
    }
    const auto at = granted.find(template_id);
    if (at == granted.end()) {
        c.found = template_check::state::not_granted;
        return c;
    }
    c.granted_title = at->second.title;
    const auto theirs = fields_of_template(at->second.content);
    for (const auto& name : ours)
        if (std::find(theirs.begin(), theirs.end(), name) == theirs.end()) c.unknown.push_back(name);
    for (const auto& name : theirs)
        if (std::find(ours.begin(), ours.end(), name) == ours.end()) c.empty.push_back(name);
    if (!c.unknown.empty() || !c.empty.empty()) c.found = template_check::state::fields;
    return c;
}

} // namespace

core::result<granted_templates> fetch_templates(api& a) {
    return fetch(a, "/cgi-bin/template/get_all_private_template", "template_list", "template_id");
}

core::result<granted_templates> fetch_subscription_templates(api& a) {
    return fetch(a, "/wxaapi/newtmpl/gettemplate", "data", "priTmplId");
}

template_check check_template(const notify::message_kind& words, std::string_view template_id,
                              const granted_templates& granted) {
    std::vector<std::string> names;
    for (const auto& f : words.fields)
        names.push_back(f.name);
    return check_names(words.kind, names, template_id, granted);
}

std::vector<template_check> check_subscriptions(const notify::message_book& book, const settings& s,
                                                const granted_templates& granted) {
    std::vector<template_check> all;
    for (const auto& [kind, id] : s.subscription_ids) {
        const auto* words = book.find(kind);
        if (words == nullptr) continue;
        std::vector<std::string> names;
        for (const auto& f : words->fields)
            if (const auto name = notify::subscription_name(f); !name.empty()) names.emplace_back(name);
        all.push_back(check_names(kind, names, id, granted));
    }
    return all;
}

std::vector<template_check> check_all(const notify::message_book& book, const settings& s,
                                      const granted_templates& granted) {
    std::vector<template_check> all;
    for (const auto& kind : core::outbox::kinds)
        if (const auto* words = book.find(kind.name))
            all.push_back(check_template(*words, template_id_of(s, &book, kind.name), granted));
    return all;
}

std::vector<std::string> fields_of_template(std::string_view content) {
    std::vector<std::string> names;
    for (auto at = content.find("{{"); at != std::string_view::npos; at = content.find("{{", at + 2)) {
        const auto end = content.find(".DATA}}", at);
        if (end == std::string_view::npos) break;
        names.emplace_back(content.substr(at + 2, end - at - 2));
    }
    return names;
}

core::result<> send_test(api& a, std::string_view openid, std::string_view template_id,
                         const notify::message& m) {
    if (!is_plain(template_id) || !is_plain(openid))
        return core::error(core::errc::invalid, "message.test_id", "template_id");
    core::value body = core::value::object();
    body.set("touser", openid).set("template_id", template_id);
    if (!m.url.empty()) body.set("url", a.config().public_url + m.url);
    const auto answer = a.post("/cgi-bin/message/template/send", body.set("data", data_of(m)));
    if (!answer) return answer.error();
    return {};
}

} // namespace wechat::mp
