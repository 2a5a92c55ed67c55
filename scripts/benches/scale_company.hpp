// What `scale` measures of companies and their people. A list or count that a page shows has a line here or a
// reason in scripts/checks/check_benches.py.
#pragma once
#include "core/account/binding.hpp"
#include "core/account/invitation.hpp"
#include "core/account/member.hpp"
#include "core/account/session.hpp"
#include "core/appointment/chat_orders.hpp"
#include "core/due/booking.hpp"
#include "core/filing/request.hpp"
#include "core/instrument/timeline.hpp"
#include "core/journal/audit.hpp"
#include "core/workbook/import.hpp"
#include "scripts/benches/scale_queries.hpp"

namespace bench {

inline named_queries of_companies() {
    using core::due::tab;
    using core::instrument::filter;
    using core::instrument::sort;
    return {
        {"company: instruments, newest", own_instruments([](filter&) {})},
        {"company: instruments, second page",
         [](read_view& v, const people& p, std::size_t i) {
             return instruments(v, p.companies[i], {}, true);
         }},
        {"company: instruments, by name", own_instruments([](filter& f) { f.order = sort::name; })},
        {"company: instruments, by validity", own_instruments([](filter& f) { f.order = sort::validity; })},
        {"company: instruments, unfiled", own_instruments([](filter& f) { f.status = "unfiled"; })},
        {"company: instruments, in review", own_instruments([](filter& f) { f.status = "in_review"; })},
        {"company: instruments, text 压力", own_instruments([](filter& f) { f.text = "压力"; })},
        {"company: instruments, due soon", own_instruments([](filter& f) { f.due = "soon"; })},
        {"company: instruments, bookable", own_instruments([](filter& f) { f.bookable = true; })},
        {"company: instruments, counts",
         [](read_view& v, const people& p, std::size_t i) {
             return static_cast<std::size_t>(core::instrument::count(v, p.companies[i]).total);
         }},
        {"company: due, soon", due_of(true, [](core::due::filter&) {})},
        {"company: due, overdue", due_of(true, [](core::due::filter& f) { f.of = tab::overdue; })},
        {"company: due, never", due_of(true, [](core::due::filter& f) { f.of = tab::never; })},
        {"company: due, counts",
         [](read_view& v, const people& p, std::size_t i) {
             return static_cast<std::size_t>(core::due::count_due(v, p.companies[i]).soon);
         }},
        {"company: orders", own_orders([](core::appointment::order_filter&) {})},
        {"company: orders, completed",
         own_orders([](core::appointment::order_filter& f) { f.status = "completed"; })},
        {"company: orders, part of a number",
         own_orders([](core::appointment::order_filter& f) { f.text = "00012"; })},
        {"company: orders, counts",
         [](read_view& v, const people& p, std::size_t i) {
             return static_cast<std::size_t>(core::appointment::count_by_status(v, p.companies[i]).total());
         }},
        {"company: requests",
         [](read_view& v, const people& p, std::size_t i) {
             return core::filing::list_requests(v, p.companies[i], {}, 50).size();
         }},
        {"company: imports",
         [](read_view& v, const people& p, std::size_t i) {
             return core::workbook::list_imports(v, p.companies[i], 0, 50).size();
         }},
        {"company: members",
         [](read_view& v, const people& p, std::size_t i) {
             return core::account::list_members(v, p.companies[i], p.companies[i].applicant_id).size();
         }},
        {"company: audit",
         [](read_view& v, const people& p, std::size_t i) {
             return core::audit::list_entries(v, p.companies[i], {}, {}, 50).size();
         }},
        {"company: unread",
         [](read_view& v, const people& p, std::size_t i) {
             return static_cast<std::size_t>(notify::count_unread(v, p.companies[i]));
         }},
        {"company: invitations",
         [](read_view& v, const people& p, std::size_t i) {
             return core::account::list_invitations(v, p.companies[i]).size();
         }},
        {"company: WeChat users bound",
         [](read_view& v, const people& p, std::size_t i) {
             return core::account::list_bindings(v, p.companies[i], p.companies[i].applicant_id).size();
         }},
        {"company: sessions",
         [](read_view& v, const people& p, std::size_t i) {
             return core::account::list_sessions(v, p.companies[i], p.companies[i].login_id).size();
         }},
        {"company: inbox", inbox(&own, {})},
        {"company: inbox, reminders", inbox(&own, {.of = notify::topic::reminder})},
        {"company: inbox, unread", inbox(&own, {.unread_only = true})},
        {"company: booking of what is due, planned",
         [](read_view& v, const people& p, std::size_t i) {
             return core::due::plan_booking(v, p.companies[i], {}).orders.size();
         }},
        {"company: timeline of one instrument",
         [](read_view& v, const people& p, std::size_t i) {
             const auto of = core::instrument::list(v, p.companies[i], {}, 0, 1);
             if (of.empty()) return std::size_t{0};
             const auto t = core::instrument::list_timeline(v, p.companies[i], of[0].id, 0, 50);
             return t ? t->entries.size() : 0;
         }},
        {"chat: newest 10",
         [](read_view& v, const people& p, std::size_t i) {
             const std::array<std::int64_t, 1> own = {p.companies[i].applicant_id};
             return core::appointment::list_latest(v, own, 10).size();
         }},
        {"chat: newest 10, as lines",
         [](read_view& v, const people& p, std::size_t i) {
             const std::array<std::int64_t, 1> own = {p.companies[i].applicant_id};
             return core::appointment::list_for_chat(v, own, 10).size();
         }},
    };
}

} // namespace bench
