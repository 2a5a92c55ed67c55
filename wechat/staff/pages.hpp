// Every page and action of the staff side, as the route table names them.
#pragma once
#include "wechat/server/router.hpp"

namespace wechat::staff {

using core::result;
using core::db::read_view;
using core::db::write_tx;

// home.cpp
response login_form(const request& r, read_view& view, services& s);
result<response> login(const request& r, services& s);
response home(const request& r, read_view& view, services& s);
response find(const request& r, read_view& view, services& s);

// second_factor.cpp
response factor_form(const request& r, read_view& view, services& s);
result<response> answer_factor(const request& r, services& s);
response factor_setup(const request& r, read_view& view, services& s);
result<response> begin_factor(const request& r, write_tx& tx, services& s);
response factor_qr(const request& r, read_view& view, services& s);
result<response> confirm_factor(const request& r, services& s);
result<response> remove_factor(const request& r, services& s);

// filings.cpp
response filings(const request& r, read_view& view, services& s);
response show_filing(const request& r, read_view& view, services& s);
result<response> accept_filing(const request& r, write_tx& tx, services& s);
result<response> accept_filings(const request& r, write_tx& tx, services& s); // several
result<response> return_filing(const request& r, write_tx& tx, services& s);
result<response> dispatch_filing(const request& r, write_tx& tx, services& s);
result<response> decline_filing(const request& r, write_tx& tx, services& s);

// orders.cpp
response orders(const request& r, read_view& view, services& s);
response show_order(const request& r, read_view& view, services& s);
result<response> confirm_orders(const request& r, write_tx& tx, services& s); // one or several
result<response> reject_orders(const request& r, write_tx& tx, services& s);

// desk.cpp
response desk(const request& r, read_view& view, services& s);
response desk_order(const request& r, read_view& view, services& s);
result<response> receive_order(const request& r, write_tx& tx, services& s);

// results.cpp
response results(const request& r, read_view& view, services& s);
response result_form(const request& r, read_view& view, services& s);
result<response> record_results(const request& r, services& s);

// menu.cpp
result<response> menu(const request& r, services& s);
result<response> publish_menu(const request& r, services& s);

// templates.cpp, template_edit.cpp: the platform's message templates
response templates(const request& r, read_view& view, services& s);
result<response> check_templates(const request& r, services& s);
response show_template(const request& r, read_view& view, services& s);
result<response> save_template(const request& r, services& s); // saves, previews or sends a test, by `act`
result<response> restore_template(const request& r, services& s);
result<response> set_template_order(const request& r, write_tx& tx, services& s);

// followers.cpp
response followers(const request& r, read_view& view, services& s);
result<response> sync_followers(const request& r, write_tx& tx, services& s);

// announcements.cpp
response announcements(const request& r, read_view& view, services& s);
response new_announcement(const request& r, read_view& view, services& s);
response show_announcement(const request& r, read_view& view, services& s);
response edit_announcement(const request& r, read_view& view, services& s);
result<response> save_announcement(const request& r, services& s);
result<response> try_announcement(const request& r, write_tx& tx, services& s);
result<response> send_announcement(const request& r, write_tx& tx, services& s);
result<response> recall_announcement(const request& r, write_tx& tx, services& s);
result<response> remove_announcement(const request& r, write_tx& tx, services& s);

// wechat.cpp
response wechat_binding(const request& r, read_view& view, services& s);
response colleagues_wechat(const request& r, read_view& view, services& s);
response ask_unbind_wechat(const request& r, read_view& view, services& s);
result<response> unbind_wechat(const request& r, write_tx& tx, services& s);

// doctor.cpp
result<response> doctor(const request& r, services& s);

// messages.cpp
response messages(const request& r, read_view& view, services& s);
result<response> show_message(const request& r, services& s); // opening it marks it read
result<response> read_messages(const request& r, write_tx& tx, services& s);
result<response> unread_message(const request& r, write_tx& tx, services& s);
response message_settings(const request& r, read_view& view, services& s);
result<response> save_message_settings(const request& r, services& s);
result<response> forget_refusals(const request& r, write_tx& tx, services& s); // undone in WeChat

// deliveries.cpp
response deliveries(const request& r, read_view& view, services& s);
response show_delivery(const request& r, read_view& view, services& s);
result<response> resend_delivery(const request& r, write_tx& tx, services& s);

// unreached.cpp
result<response> unreached(const request& r, services& s); // shows telephone numbers: recorded
result<response> close_unreached(const request& r, write_tx& tx, services& s);
result<response> close_many_unreached(const request& r, write_tx& tx, services& s);

} // namespace wechat::staff
