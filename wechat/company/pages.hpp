// Every page and action of the company side, as the route table names them.
#pragma once
#include "wechat/server/router.hpp"

namespace wechat::company {

using core::result;
using core::db::read_view;
using core::db::write_tx;

// home.cpp
response front(const request& r, read_view& view, services& s);
response login_form(const request& r, read_view& view, services& s);
result<response> login(const request& r, services& s);
result<response> logout(const request& r, write_tx& tx, services& s);
response home(const request& r, read_view& view, services& s);
response help(const request& r, read_view& view, services& s);
response register_info(const request& r, read_view& view, services& s);
result<response> query(const request& r, services& s);

// reference.cpp
response catalogue(const request& r, read_view& view, services& s);
response catalogue_entry(const request& r, read_view& view, services& s);
response institutions(const request& r, read_view& view, services& s);

// account.cpp
response password_form(const request& r, read_view& view, services& s); // companies and staff
result<response> change_password(const request& r, services& s);
// email.cpp: companies and staff
response email_form(const request& r, read_view& view, services& s);
result<response> begin_email(const request& r, services& s);
result<response> verify_email(const request& r, services& s);
result<response> remove_email(const request& r, write_tx& tx, services& s);

result<response> switch_company(const request& r, write_tx& tx, services& s);

// website.cpp: the Open Platform's qrconnect, when it is configured
result<response> start_website_sign_in(const request& r, services& s);
result<response> website_return(const request& r, services& s);

// js_sdk.cpp
result<response> js_config(const request& r, services& s);

// binding.cpp
result<response> enter(const request& r, services& s);        // /wx/enter: the menu's way in
result<response> oauth_return(const request& r, services& s); // /wx/oauth: back from WeChat
response bind_form(const request& r, read_view& view, services& s);
result<response> bind(const request& r, services& s);
result<response> bind_here(const request& r, write_tx& tx,
                           services& s); // this session's WeChat, this company
result<response> unbind(const request& r, write_tx& tx, services& s);

// scan.cpp
result<response> start_sign_in_scan(const request& r, services& s);
result<response> start_bind_scan(const request& r, services& s); // companies and staff
result<response> start_staff_sign_in_scan(const request& r, services& s);
response show_scan(const request& r, read_view& view, services& s);
response scan_state(const request& r, read_view& view, services& s);
response scan_qr(const request& r, read_view& view, services& s);
result<response> use_scan(const request& r, write_tx& tx, services& s);
response scanned(const request& r, read_view& view, services& s); // on the phone
result<response> confirm_scan(const request& r, write_tx& tx, services& s);
result<response> refuse_scan(const request& r, write_tx& tx, services& s);

// instruments.cpp
response instruments(const request& r, read_view& view, services& s);
response new_instrument(const request& r, read_view& view, services& s);
response show_instrument(const request& r, read_view& view, services& s);
result<response> save_instrument(const request& r, services& s); // add or edit, with files
result<response> remove_instrument(const request& r, write_tx& tx, services& s);
result<response> withdraw_filing(const request& r, write_tx& tx, services& s);
result<response> remove_attachment(const request& r, write_tx& tx, services& s);
result<response> download_attachment(const request& r, services& s);

// filings.cpp
response filings(const request& r, read_view& view, services& s);
response choose_institution(const request& r, read_view& view, services& s);
result<response> submit_filings(const request& r, write_tx& tx, services& s);

// booking.cpp
response book(const request& r, read_view& view, services& s);
response book_time(const request& r, read_view& view, services& s);
result<response> keep_booking(const request& r, services& s);
result<response> book_check(const request& r, services& s);
result<response> book_order(const request& r, services& s);

// due.cpp
response due_list(const request& r, read_view& view, services& s);
response due_plan(const request& r, read_view& view, services& s); // proper orders with times, to submit
result<response> book_due(const request& r, services& s);

// messages.cpp
response messages(const request& r, read_view& view, services& s);
result<response> show_message(const request& r, services& s); // opening it marks it read
result<response> read_messages(const request& r, write_tx& tx, services& s);
result<response> unread_message(const request& r, write_tx& tx, services& s);
response message_settings(const request& r, read_view& view, services& s);
result<response> save_message_settings(const request& r, services& s);
result<response> forget_refusals(const request& r, write_tx& tx, services& s); // undone in WeChat

// announcements.cpp
response show_announcement(const request& r, read_view& view, services& s);

// orders.cpp
response orders(const request& r, read_view& view, services& s);
response show_order(const request& r, read_view& view, services& s);
response order_qr(const request& r, read_view& view, services& s);
result<response> cancel_order(const request& r, write_tx& tx, services& s);

} // namespace wechat::company
