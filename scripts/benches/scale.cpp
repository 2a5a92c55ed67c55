// Every list page's query over 50 thousand, 500 thousand and 5 million instruments side by side: a list that
// pages by key costs the same in a small and a large base. usage: scripts/bench scale [-- 50000 500000 …]
// The bases are kept in .build/scale; delete them when the schema has changed.
#include "core/account/applicant.hpp"
#include "core/account/demo.hpp"
#include "core/account/member.hpp"
#include "core/appointment/queries.hpp"
#include "core/catalogue/catalogue.hpp"
#include "core/due/due.hpp"
#include "core/filing/queries.hpp"
#include "core/filing/request.hpp"
#include "core/journal/audit.hpp"
#include "core/trip/queries.hpp"
#include "core/workbook/import.hpp"
#include "notify/hub/delivery.hpp"
#include "notify/hub/inbox.hpp"
#include "scripts/benches/scale_data.hpp"

#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>

namespace {

using namespace bench;
using core::actor;
using clock_type = std::chrono::steady_clock;

struct people {
    std::vector<actor> companies;   // some, picked by chance
    std::vector<std::string> names; // of them
    actor reviewer, scheduler, platform;
    actor head; // of the institution: its administrator
};

struct measured {
    double p50 = 0, p99 = 0; // milliseconds
    double rows = 0;         // found on the average
};

using query = std::function<std::size_t(read_view&, const people&, std::size_t)>;
struct listed_query {
    const char* name;
    query run;
};

std::size_t instruments(read_view& v, const actor& who, const core::instrument::filter& f,
                        bool second = false) {
    auto page = core::instrument::list_page(v, who, f, {}, 50);
    if (page && second && page->next) page = core::instrument::list_page(v, who, f, *page->next, 50);
    return page ? page->rows.size() : 0;
}

std::size_t texts(read_view& v, const actor& who, std::string text) {
    core::instrument::filter f;
    f.text = std::move(text);
    return instruments(v, who, f);
}

// Of this thread: what a loaded machine takes from it does not count.
double processor_ms() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) / 1e6;
}

// A list that `set` makes out of the empty filter.
template<class Set>
query instruments_of(actor people::*who, Set set) {
    return [who, set](read_view& v, const people& p, std::size_t) {
        core::instrument::filter f;
        set(f);
        return instruments(v, p.*who, f);
    };
}
template<class Set>
query own_instruments(Set set) {
    return [set](read_view& v, const people& p, std::size_t i) {
        core::instrument::filter f;
        set(f);
        return instruments(v, p.companies[i], f);
    };
}
template<class Set>
query filings(Set set) {
    return [set](read_view& v, const people& p, std::size_t) {
        core::filing::work_filter f;
        set(f);
        return core::filing::list_work(v, p.reviewer, f, {}, 50).size();
    };
}
template<class Set>
query orders(Set set) {
    return [set](read_view& v, const people& p, std::size_t) {
        core::appointment::order_filter f;
        set(f);
        return core::appointment::list_work(v, p.scheduler, f, {}, 50).size();
    };
}
template<class Set>
query own_orders(Set set) {
    return [set](read_view& v, const people& p, std::size_t i) {
        core::appointment::order_filter f;
        set(f);
        return core::appointment::list_orders(v, p.companies[i], f, 0, 20).size();
    };
}
template<class Set>
query due_of(bool company, Set set) {
    return [company, set](read_view& v, const people& p, std::size_t i) {
        core::due::filter f;
        set(f);
        return core::due::list_due(v, company ? p.companies[i] : p.reviewer, f, {}, 50).size();
    };
}
// A part of a serial number that exists, another each time.
query serial_part(actor people::*who, std::size_t from, std::size_t length) {
    return [=](read_view& v, const people& p, std::size_t i) {
        return texts(v, p.*who, serial_of(static_cast<std::int64_t>(i * 97)).substr(from, length));
    };
}

using named_queries = std::vector<listed_query>;

named_queries of_companies() {
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
        {"chat: newest 10",
         [](read_view& v, const people& p, std::size_t i) {
             const std::array<std::int64_t, 1> own = {p.companies[i].applicant_id};
             return core::appointment::list_latest(v, own, 10).size();
         }},
    };
}

named_queries of_institution() {
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
             f.text = p.names[i].substr(6, 12); // six digits and more of it
             return core::appointment::list_work(v, p.scheduler, f, {}, 50).size();
         }},
        {"institution: orders, cancelled, no such name", orders([](order_filter& f) {
             f.text = "没有这样的公司";
             f.status = "cancelled";
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
        {"institution: due, one company",
         [](read_view& v, const people& p, std::size_t i) {
             core::due::filter f;
             f.of = tab::never;
             f.text = p.names[i];
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
        {"institution: audit",
         [](read_view& v, const people& p, std::size_t) {
             return core::audit::list_entries(v, p.head, {}, {}, 50).size();
         }},
    };
}

named_queries of_platform() {
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

const named_queries& queries() {
    static const auto all = [] {
        named_queries some = of_companies();
        for (auto* more : {&of_institution, &of_platform})
            for (auto& q : (*more)())
                some.push_back(std::move(q));
        return some;
    }();
    return all;
}

people find_people(core::db::database& db, std::size_t count) {
    return db.read([&](read_view& v) {
        people p;
        std::vector<std::int64_t> ids;
        for (const auto r : v.query("SELECT id FROM applicant WHERE name LIKE '规模%' ORDER BY id"))
            ids.push_back(r.number(0));
        for (std::size_t i = 0; i < count; ++i) {
            actor a;
            a.kind = core::actor_kind::applicant;
            a.applicant_id = ids[(i * 7919) % ids.size()];
            p.names.push_back(core::account::find_applicant(v, a.applicant_id).value().name);
            a.roles.add(core::role::owner);
            p.companies.push_back(a);
        }
        p.reviewer = core::account::acting_as(v, "linxiaomin");
        p.scheduler = p.head = p.reviewer;
        p.head.roles = core::account::institution_roles;
        p.platform.kind = core::actor_kind::staff;
        p.platform.roles.add(core::role::platform_admin);
        return p;
    });
}

measured measure(core::db::database& db, const people& p, const query& run) {
    constexpr auto longest = std::chrono::seconds(3);
    constexpr std::size_t least = 20;
    std::vector<double> times;
    std::size_t rows = 0;
    const auto all_begun = clock_type::now();
    for (std::size_t i = 0; i < p.companies.size(); ++i) {
        if (i >= least && clock_type::now() - all_begun > longest) break;
        const double begun = processor_ms();
        rows += db.read([&](read_view& v) { return run(v, p, i); });
        times.push_back(processor_ms() - begun);
    }
    std::sort(times.begin(), times.end());
    const double found = static_cast<double>(rows) / static_cast<double>(times.size());
    return {times[times.size() / 2], times[times.size() * 99 / 100], found};
}

} // namespace

int main(int argc, char** argv) {
    const auto folder = std::filesystem::path(argv[1]).parent_path() / "scale";
    std::vector<std::int64_t> sizes;
    for (int i = 2; i < argc; ++i)
        sizes.push_back(std::atoll(argv[i]));
    if (sizes.empty()) sizes = {50'000, 500'000, 5'000'000};
    const core::machine_clock time;
    std::map<std::string, std::vector<measured>> table;
    for (const auto n : sizes) {
        const auto begun = clock_type::now();
        const auto file = scaled_database(folder, n);
        core::db::database db(options_of(file), time);
        const people p = find_people(db, 500);
        std::fprintf(stderr, "%lld instruments: ready after %.0f s, %.0f MB\n", static_cast<long long>(n),
                     std::chrono::duration<double>(clock_type::now() - begun).count(),
                     static_cast<double>(std::filesystem::file_size(file)) / 1e6);
        for (const auto& q : queries()) {
            measure(db, p, q.run); // warm
            table[q.name].push_back(measure(db, p, q.run));
        }
    }
    std::printf("%-52s", "processor ms, p50 / p99 (found)");
    for (const auto n : sizes)
        std::printf("%30lld", static_cast<long long>(n));
    std::printf("\n");
    for (const auto& q : queries()) {
        std::printf("%-52s", q.name);
        for (const auto& m : table[q.name])
            std::printf("%12.3f /%6.3f (%7.0f)", m.p50, m.p99, m.rows);
        std::printf("\n");
    }
}
