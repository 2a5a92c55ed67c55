// What `scale` measures of institutions, the region and the platform. A list or count that a page shows has a
// line here or a reason in scripts/checks/check_benches.py.
#pragma once
#include "core/account/applicant.hpp"
#include "core/account/follower.hpp"
#include "core/account/session.hpp"
#include "core/announcement/announcement.hpp"
#include "core/catalogue/catalogue.hpp"
#include "core/filing/request.hpp"
#include "core/journal/audit.hpp"
#include "core/trip/queries.hpp"
#include "notify/hub/delivery.hpp"
#include "notify/hub/search.hpp"
#include "notify/hub/told.hpp"
#include "notify/hub/unreached.hpp"
#include "scripts/benches/scale_queries.hpp"

namespace bench {

inline named_queries of_institution() {
    using core::appointment::order_filter;
    using core::due::tab;
    using core::filing::work_filter;
    using core::instrument::filter;
    using core::instrument::sort;
    using ft = core::filing::tab;
    return {
        {"institution: instruments, newest", instruments_of(&people::reviewer, [](filter&) {})},
        {"institution: instruments, by name",
         instruments_of(&people::reviewer, [](filter& f) { f.order = sort::name; })},
        {"institution: instruments, by validity",
         instruments_of(&people::reviewer, [](filter& f) { f.order = sort::validity; })},
        {"institution: instruments, text 天平",
         instruments_of(&people::reviewer, [](filter& f) { f.text = "天平"; })},
        {"institution: instruments, on site",
         instruments_of(&people::reviewer, [](filter& f) { f.method = "onsite"; })},
        {"institution: instruments, five digits", serial_part(&people::reviewer, 2, 5)},
        {"institution: instruments, counts",
         [](read_view& v, const people& p, std::size_t) {
             return static_cast<std::size_t>(core::instrument::count(v, p.reviewer).total);
         }},
        {"institution: filings, to decide", filings([](work_filter&) {})},
        {"institution: filings, dispatched", filings([](work_filter& f) { f.of = ft::dispatched; })},
        {"institution: filings, outgoing", filings([](work_filter& f) { f.of = ft::outgoing; })},
        {"institution: filings, returned", filings([](work_filter& f) { f.of = ft::returned; })},
        {"institution: filings, filed", filings([](work_filter& f) { f.of = ft::filed; })},
        {"institution: filings, filed, text 天平", filings([](work_filter& f) {
             f.of = ft::filed;
             f.text = "天平";
         })},
        {"institution: filings, filed, one company",
         [](read_view& v, const people& p, std::size_t i) {
             work_filter f;
             f.of = ft::filed;
             f.text = p.names[i];
             return core::filing::list_work(v, p.reviewer, f, {}, 50).size();
         }},
        {"institution: filings, filed, credit code",
         [](read_view& v, const people& p, std::size_t i) {
             return core::filing::list_work(v, p.reviewer, {.of = ft::filed, .text = p.codes[i]}, {}, 50)
                 .size();
         }},
        {"institution: filings, filed, some companies",
         [](read_view& v, const people& p, std::size_t i) { // twelve
             return core::filing::list_work(v, p.reviewer,
                                            {.of = ft::filed, .text = p.names[i].substr(0, 18)}, {}, 50)
                 .size();
         }},
        {"institution: filings, filed, hundred companies",
         [](read_view& v, const people& p, std::size_t i) {
             return core::filing::list_work(v, p.reviewer,
                                            {.of = ft::filed, .text = p.names[i].substr(0, 15)}, {}, 50)
                 .size();
         }},
        {"institution: filings, filed, thousands of companies",
         [](read_view& v, const people& p, std::size_t i) {
             return core::filing::list_work(v, p.reviewer,
                                            {.of = ft::filed, .text = p.names[i].substr(0, 12)}, {}, 50)
                 .size();
         }},
        {"institution: filings, filed, one company, 天平",
         [](read_view& v, const people& p, std::size_t i) {
             return core::filing::list_work(v, p.reviewer, {.of = ft::filed, .text = p.names[i] + " 天平"},
                                            {}, 50)
                 .size();
         }},
        {"institution: filings, to decide, one company",
         [](read_view& v, const people& p, std::size_t i) {
             return core::filing::list_work(v, p.reviewer, {.text = p.names[i]}, {}, 50).size();
         }},
        {"institution: filings, returned, one company",
         [](read_view& v, const people& p, std::size_t i) {
             return core::filing::list_work(v, p.reviewer, {.of = ft::returned, .text = p.names[i]}, {}, 50)
                 .size();
         }},
        {"institution: filings, filed, no such text", filings([](work_filter& f) {
             f.of = ft::filed;
             f.text = "没有这样的器具";
         })},
        {"institution: filings, filed, of a 项别", filings([](work_filter& f) {
             f.of = ft::filed;
             f.l1 = "压力仪表";
         })},
        {"institution: filings, to decide, text 天平", filings([](work_filter& f) { f.text = "天平"; })},
        {"institution: filings, counts",
         [](read_view& v, const people& p, std::size_t) {
             return static_cast<std::size_t>(core::filing::count_work(v, p.reviewer).filed);
         }},
        {"institution: requests",
         [](read_view& v, const people& p, std::size_t) {
             return core::filing::list_requests(v, p.reviewer, {}, 50).size();
         }},
        {"institution: orders, all", orders([](order_filter&) {})},
        {"institution: orders, pending", orders([](order_filter& f) { f.status = "pending"; })},
        {"institution: orders, confirmed", orders([](order_filter& f) { f.status = "confirmed"; })},
        {"institution: orders, part of a name", orders([](order_filter& f) { f.text = "制药有限"; })},
        {"institution: orders, part of one name",
         [](read_view& v, const people& p, std::size_t i) {
             order_filter f;
             f.text = p.names[i].substr(6, 21); // what only it bears, without the rest
             return core::appointment::list_work(v, p.scheduler, f, {}, 50).size();
         }},
        {"institution: orders, cancelled, no such name", orders([](order_filter& f) {
             f.text = "没有这样的公司";
             f.status = "cancelled";
         })},
        {"institution: orders, of today",
         [](read_view& v, const people& p, std::size_t) {
             return core::appointment::list_work(v, p.scheduler, {.day = v.today()}, {}, 50).size();
         }},
        {"institution: orders, of today, cancelled",
         [](read_view& v, const people& p, std::size_t) {
             return core::appointment::list_work(v, p.scheduler, {.status = "cancelled", .day = v.today()},
                                                 {}, 50)
                 .size();
         }},
        {"institution: orders, of today, one company",
         [](read_view& v, const people& p, std::size_t i) {
             return core::appointment::list_work(v, p.scheduler,
                                                 {.text = p.names[i].substr(6, 21), .day = v.today()}, {}, 50)
                 .size();
         }},
        {"institution: orders, of today, a single character",
         [](read_view& v, const people& p, std::size_t) {
             return core::appointment::list_work(v, p.scheduler, {.text = "鑫", .day = v.today()}, {}, 50)
                 .size();
         }},
        {"institution: orders, hundred companies",
         [](read_view& v, const people& p, std::size_t i) {
             order_filter f;
             f.text = p.names[i].substr(0, 15);
             return core::appointment::list_work(v, p.scheduler, f, {}, 50).size();
         }},
        {"institution: orders, pending, part of one name",
         [](read_view& v, const people& p, std::size_t i) {
             order_filter f;
             f.status = "pending";
             f.text = p.names[i].substr(6, 21);
             return core::appointment::list_work(v, p.scheduler, f, {}, 50).size();
         }},
        {"institution: the desk looks for a company",
         [](read_view& v, const people& p, std::size_t i) {
             return core::appointment::find_at_desk(v, p.scheduler, p.names[i].substr(6, 21)).orders.size();
         }},
        {"institution: orders, the desk's day",
         [](read_view& v, const people& p, std::size_t) {
             return core::appointment::list_day(v, p.scheduler, v.today()).size();
         }},
        {"institution: orders, pending, part of a name", orders([](order_filter& f) {
             f.status = "pending";
             f.text = "制药有限";
         })},
        {"institution: orders, counts",
         [](read_view& v, const people& p, std::size_t) {
             return static_cast<std::size_t>(core::appointment::count_by_status(v, p.scheduler).total());
         }},
        {"institution: due, soon", due_of(false, [](core::due::filter&) {})},
        {"institution: due, overdue", due_of(false, [](core::due::filter& f) { f.of = tab::overdue; })},
        {"institution: due, replace", due_of(false, [](core::due::filter& f) { f.of = tab::replace; })},
        {"institution: due, barred", due_of(false, [](core::due::filter& f) { f.of = tab::barred; })},
        {"institution: due, never", due_of(false, [](core::due::filter& f) { f.of = tab::never; })},
        {"institution: due, free only", due_of(false, [](core::due::filter& f) { f.free_only = true; })},
        {"institution: due, one company, soon", due_of_named(tab::soon)},
        {"institution: due, one company, overdue", due_of_named(tab::overdue)},
        {"institution: due, one company, never", due_of_named(tab::never)},
        {"institution: due, soon, hundred companies", due_of_part(tab::soon, 15)},
        {"institution: due, never, hundred companies", due_of_part(tab::never, 15)},
        {"institution: due, soon, thousands of companies", due_of_part(tab::soon, 12)},
        {"institution: due, soon, text 天平", due_of(false, [](core::due::filter& f) { f.text = "天平"; })},
        {"institution: due, soon, three digits",
         [](read_view& v, const people& p, std::size_t i) {
             core::due::filter f;
             f.text = serial_of(static_cast<std::int64_t>(i * 97)).substr(2, 3);
             return core::due::list_due(v, p.reviewer, f, {}, 50).size();
         }},
        {"institution: due, barred, thousands of companies", due_of_part(tab::barred, 12)},
        {"institution: due, soon, one company, 天平",
         [](read_view& v, const people& p, std::size_t i) {
             core::due::filter f;
             f.text = p.names[i] + " 天平";
             return core::due::list_due(v, p.reviewer, f, {}, 50).size();
         }},
        {"institution: due, soon, a single character",
         due_of(false, [](core::due::filter& f) { f.text = "鑫"; })},
        {"institution: due, soon, no such text",
         due_of(false, [](core::due::filter& f) { f.text = "没有这样的器具"; })},
        {"institution: due, soon, five digits",
         [](read_view& v, const people& p, std::size_t i) {
             core::due::filter f;
             f.text = serial_of(static_cast<std::int64_t>(i * 97)).substr(2, 5);
             return core::due::list_due(v, p.reviewer, f, {}, 50).size();
         }},
        {"institution: due, counts",
         [](read_view& v, const people& p, std::size_t) {
             return static_cast<std::size_t>(core::due::count_due(v, p.reviewer).soon);
         }},
        {"institution: due, forecast", [](read_view& v, const people& p,
                                          std::size_t) { return core::due::forecast(v, p.reviewer).size(); }},
        {"institution: trips of three months",
         [](read_view& v, const people& p, std::size_t) {
             const auto today = v.today();
             return core::trip::list_trips(v, p.scheduler, core::add_days(today, -30),
                                           core::add_days(today, 60), {}, 50)
                 .size();
         }},
        {"institution: trips, my day",
         [](read_view& v, const people& p, std::size_t) {
             return core::trip::list_my_trips(v, p.scheduler, v.today()).size();
         }},
        {"institution: stops to plan",
         [](read_view& v, const people& p, std::size_t) {
             return core::trip::propose_stops(v, p.scheduler, core::add_days(v.today(), 1)).size();
         }},
        {"institution: applicants waiting, how many",
         [](read_view& v, const people& p, std::size_t) {
             return static_cast<std::size_t>(core::account::count_pending_applicants(v, p.reviewer));
         }},
        {"institution: applicants, part of a name",
         [](read_view& v, const people& p, std::size_t) {
             return core::account::list_applicants(v, p.reviewer, {"", "制药有限"}, {}, 50).size();
         }},
        {"institution: applicants, waiting, part of a name",
         [](read_view& v, const people& p, std::size_t) {
             return core::account::list_applicants(v, p.reviewer, {"pending", "制药有限"}, {}, 50).size();
         }},
        {"institution: applicants, a single character",
         [](read_view& v, const people& p, std::size_t) {
             return core::account::list_applicants(v, p.reviewer, {"", "鑫"}, {}, 50).size();
         }},
        {"institution: applicants waiting",
         [](read_view& v, const people& p, std::size_t) {
             core::account::applicant_filter f;
             f.status = "pending";
             return core::account::list_applicants(v, p.reviewer, f, {}, 50).size();
         }},
        {"institution: applicants, all",
         [](read_view& v, const people& p, std::size_t) {
             return core::account::list_applicants(v, p.reviewer, {}, {}, 50).size();
         }},
        {"institution: applicants, one name",
         [](read_view& v, const people& p, std::size_t i) {
             core::account::applicant_filter f;
             f.text = p.names[i];
             return core::account::list_applicants(v, p.reviewer, f, {}, 50).size();
         }},
        {"institution: deliveries",
         [](read_view& v, const people& p, std::size_t) {
             return notify::list_deliveries(v, p.reviewer, {}, 0, 50).size();
         }},
        {"institution: deliveries, failed",
         [](read_view& v, const people& p, std::size_t) {
             return notify::list_deliveries(v, p.reviewer, {"failed"}, 0, 50).size();
         }},
        {"institution: deliveries, found by company",
         [](read_view& v, const people& p, std::size_t i) {
             return notify::search_deliveries(v, p.reviewer, {.text = p.names[i]}, 0, 50).items.size();
         }},
        {"institution: deliveries, found by status",
         [](read_view& v, const people& p, std::size_t) {
             return notify::search_deliveries(v, p.reviewer, {.status = "failed"}, 0, 50).items.size();
         }},
        {"institution: deliveries in trouble, counts",
         [](read_view& v, const people& p, std::size_t) {
             return static_cast<std::size_t>(notify::count_trouble(v, p.reviewer)["failed"]);
         }},
        {"institution: not reached",
         [](read_view& v, const people& p, std::size_t) {
             return notify::list_unreached(v, p.reviewer, 0, 50).size();
         }},
        {"institution: not reached, closed",
         [](read_view& v, const people& p, std::size_t) {
             return notify::list_closed_unreached(v, p.reviewer, {}, 50).size();
         }},
        {"institution: not reached, how many",
         [](read_view& v, const people& p, std::size_t) {
             return static_cast<std::size_t>(notify::count_unreached(v, p.reviewer));
         }},
        {"institution: inbox", inbox(&staff, {})},
        {"institution: inbox, unread", inbox(&staff, {.unread_only = true})},
        {"institution: inbox, unread, how many",
         [](read_view& v, const people& p, std::size_t) {
             return static_cast<std::size_t>(notify::count_unread(v, p.scheduler));
         }},
        {"institution: sessions",
         [](read_view& v, const people& p, std::size_t) {
             return core::account::list_sessions(v, p.reviewer, p.reviewer.login_id).size();
         }},
        {"institution: audit",
         [](read_view& v, const people& p, std::size_t) {
             return core::audit::list_entries(v, p.head, {}, {}, 50).size();
         }},
    };
}

inline named_queries of_platform() {
    using core::instrument::filter;
    return {
        {"platform: instruments, newest", instruments_of(&people::platform, [](filter&) {})},
        {"platform: instruments, filed in a county", instruments_of(&people::platform,
                                                                    [](filter& f) {
                                                                        f.status = "filed";
                                                                        f.region = "440606";
                                                                    })},
        {"platform: instruments, beginning of a serial number", serial_part(&people::platform, 0, 5)},
        {"platform: instruments, five digits inside", serial_part(&people::platform, 2, 5)},
        {"platform: instruments, seven digits inside", serial_part(&people::platform, 1, 7)},
        {"platform: instruments, counts",
         [](read_view& v, const people& p, std::size_t) {
             return static_cast<std::size_t>(core::instrument::count(v, p.platform).total);
         }},
        {"platform: due, by institution",
         [](read_view& v, const people& p, std::size_t) {
             return core::due::list_region_due(v, p.platform).size();
         }},
        {"region: due, by institution",
         [](read_view& v, const people& p, std::size_t) {
             return core::due::list_region_due(v, p.regulator).size();
         }},
        {"region: instruments, newest", instruments_of(&people::regulator, [](filter&) {})},
        {"region: instruments, text 天平",
         instruments_of(&people::regulator, [](filter& f) { f.text = "天平"; })},
        {"platform: announcements",
         [](read_view& v, const people& p, std::size_t) {
             return core::announcement::list_announcements(v, p.platform, 0, 50).size();
         }},
        {"platform: announcements, who one is for",
         [](read_view& v, const people& p, std::size_t) {
             const auto n = core::announcement::count_audience(v, p.platform, {});
             return n ? static_cast<std::size_t>(n->companies) : 0;
         }},
        {"platform: announcements, who one of an institution is for",
         [](read_view& v, const people& p, std::size_t) {
             core::announcement::draft d;
             d.audience = core::announcement::audience::institution;
             d.institution_id = p.reviewer.institution_id;
             const auto n = core::announcement::count_audience(v, p.platform, d);
             return n ? static_cast<std::size_t>(n->companies) : 0;
         }},
        {"platform: announcements, what became of one's messages",
         [](read_view& v, const people& p, std::size_t) {
             const auto newest = core::announcement::list_announcements(v, p.platform, 0, 1);
             const auto n = notify::count_told(v, newest.at(0).id);
             return static_cast<std::size_t>(n.delivered);
         }},
        {"platform: followers, to be asked about",
         [](read_view& v, const people&, std::size_t i) {
             return core::account::list_openids(v, "gen-" + std::to_string(i), 100).size();
         }},
        {"platform: followers, counts",
         [](read_view& v, const people&, std::size_t) {
             return static_cast<std::size_t>(core::account::count_followers(v).following);
         }},
        {"platform: applicants, one name",
         [](read_view& v, const people& p, std::size_t i) {
             return core::account::list_applicants(v, p.platform, {"", p.names[i]}, {}, 50).size();
         }},
        {"platform: deliveries, found by person",
         [](read_view& v, const people& p, std::size_t i) {
             return notify::search_deliveries(v, p.platform, {.text = "经办" + std::to_string(i)}, 0, 50)
                 .items.size();
         }},
        {"platform: deliveries in trouble, counts",
         [](read_view& v, const people& p, std::size_t) {
             return static_cast<std::size_t>(notify::count_trouble(v, p.platform)["failed"]);
         }},
        {"platform: not reached",
         [](read_view& v, const people& p, std::size_t) {
             return notify::list_unreached(v, p.platform, 0, 50).size();
         }},
        {"platform: institutions", [](read_view& v, const people&,
                                      std::size_t) { return core::catalogue::list_institutions(v).size(); }},
        {"platform: deliveries",
         [](read_view& v, const people& p, std::size_t) {
             return notify::list_deliveries(v, p.platform, {}, 0, 50).size();
         }},
        {"platform: audit",
         [](read_view& v, const people& p, std::size_t) {
             return core::audit::list_entries(v, p.platform, {}, {}, 50).size();
         }},
    };
}

} // namespace bench
