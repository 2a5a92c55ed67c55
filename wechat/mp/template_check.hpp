// Do our messages fit the account's own templates? Asked at the start, by the self-check, and when words
// change. What was found is kept for the page. Asks the network: never inside a transaction.
#pragma once
#include "notify/message/message.hpp"
#include "wechat/mp/api.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wechat::mp {

struct template_check {
    enum class state { ok, no_id, not_granted, fields };
    std::string kind;
    template_check::state found = state::ok;
    std::string granted_title;               // the account's title of it
    std::vector<std::string> unknown, empty; // fields the template lacks; its fields that we leave out
    core::instant at;                        // of kept ones
};
std::string joined(const std::vector<std::string>& names, std::string_view between); // of fields, in a line
std::string_view code_of(template_check::state s); // ok, no_id …: as in the base and in texts

// The account's templates by id: title and content. Refuses as api::get.
struct granted_template {
    std::string title, content;
};
using granted_templates = std::map<std::string, granted_template, std::less<>>;
core::result<granted_templates> fetch_templates(api& a);

// Likewise those of subscription notifications.
core::result<granted_templates> fetch_subscription_templates(api& a);

template_check check_template(const notify::message_kind& words, std::string_view template_id,
                              const granted_templates& granted);
// Every kind of the book, in the order of core::outbox::kinds.
std::vector<template_check> check_all(const notify::message_book& book, const settings& s,
                                      const granted_templates& granted);
// The kinds that have a subscription template, by the names their fields have there.
std::vector<template_check> check_subscriptions(const notify::message_book& book, const settings& s,
                                                const granted_templates& granted);
void keep_checks(core::db::write_tx& tx, const std::vector<template_check>& all);
std::optional<template_check> find_check(core::db::read_view& view, std::string_view kind);

// Field names of a granted template: "thing3" out of "机构:{{thing3.DATA}}", in order.
std::vector<std::string> fields_of_template(std::string_view content);

// One message to one openid, at once and outside the hub: to see it on one's own phone. Refuses as api::post,
// invalid message.test_id without a template id.
core::result<> send_test(api& a, std::string_view openid, std::string_view template_id,
                         const notify::message& m);

} // namespace wechat::mp
