// Every list page's query over 50 thousand, 500 thousand and 5 million instruments side by side: a list that
// pages by key costs the same in a small and a large base. usage: scripts/bench scale [-- 50000 500000 …]
// The bases are kept in .build/scale; delete them when the schema has changed.
#include "core/account/demo.hpp"
#include "core/appointment/queries.hpp"
#include "core/filing/queries.hpp"
#include "scripts/benches/scale_data.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>

namespace {

using namespace bench;
using core::actor;
using clock_type = std::chrono::steady_clock;

struct people {
    std::vector<actor> companies; // some, picked by chance
    actor reviewer, scheduler, platform;
};

struct measured {
    double p50 = 0, p99 = 0; // milliseconds
};

using query = std::function<std::size_t(read_view&, const people&, std::size_t)>;
struct listed_query {
    const char* name;
    query run;
};

std::size_t instruments(read_view& v, const actor& who, core::instrument::filter f, bool second = false) {
    auto page = core::instrument::list_page(v, who, f, {}, 50);
    if (page && second && page->next) page = core::instrument::list_page(v, who, f, *page->next, 50);
    return page ? page->rows.size() : 0;
}

const std::vector<listed_query>& queries() {
    using core::instrument::filter;
    using core::instrument::sort;
    static const std::vector<listed_query> all = {
        {"company: newest 50",
         [](read_view& v, const people& p, std::size_t i) { return instruments(v, p.companies[i], {}); }},
        {"company: second page", [](read_view& v, const people& p,
                                    std::size_t i) { return instruments(v, p.companies[i], {}, true); }},
        {"company: by name",
         [](read_view& v, const people& p, std::size_t i) {
             filter f;
             f.order = sort::name;
             return instruments(v, p.companies[i], f);
         }},
        {"company: by validity",
         [](read_view& v, const people& p, std::size_t i) {
             filter f;
             f.order = sort::validity;
             return instruments(v, p.companies[i], f);
         }},
        {"company: unfiled",
         [](read_view& v, const people& p, std::size_t i) {
             filter f;
             f.status = "unfiled";
             return instruments(v, p.companies[i], f);
         }},
        {"company: text 压力",
         [](read_view& v, const people& p, std::size_t i) {
             filter f;
             f.text = "压力";
             return instruments(v, p.companies[i], f);
         }},
        {"company: due soon",
         [](read_view& v, const people& p, std::size_t i) {
             filter f;
             f.due = "soon";
             return instruments(v, p.companies[i], f);
         }},
        {"company: counts",
         [](read_view& v, const people& p, std::size_t i) {
             return static_cast<std::size_t>(core::instrument::count(v, p.companies[i]).total);
         }},
        {"institution: instruments, text 天平",
         [](read_view& v, const people& p, std::size_t) {
             filter f;
             f.text = "天平";
             return instruments(v, p.reviewer, f);
         }},
        {"institution: instruments, newest",
         [](read_view& v, const people& p, std::size_t) { return instruments(v, p.reviewer, {}); }},
        {"platform: instruments, serial G1234",
         [](read_view& v, const people& p, std::size_t) {
             filter f;
             f.text = "G1234";
             return instruments(v, p.platform, f);
         }},
        {"institution: filings to decide",
         [](read_view& v, const people& p, std::size_t) {
             return core::filing::list_work(v, p.reviewer, {}, {}, 50).size();
         }},
        {"institution: filings of mine",
         [](read_view& v, const people& p, std::size_t) {
             core::filing::work_filter f;
             f.of = core::filing::tab::filed;
             return core::filing::list_work(v, p.reviewer, f, {}, 50).size();
         }},
        {"institution: orders, confirmed",
         [](read_view& v, const people& p, std::size_t) {
             core::appointment::order_filter f;
             f.status = "confirmed";
             return core::appointment::list_work(v, p.scheduler, f, {}, 50).size();
         }},
        {"institution: orders, all",
         [](read_view& v, const people& p, std::size_t) {
             return core::appointment::list_work(v, p.scheduler, {}, {}, 50).size();
         }},
        {"company: orders",
         [](read_view& v, const people& p, std::size_t i) {
             return core::appointment::list_orders(v, p.companies[i], {}, 0, 20).size();
         }},
        {"chat: newest 10",
         [](read_view& v, const people& p, std::size_t i) {
             const std::array<std::int64_t, 1> own = {p.companies[i].applicant_id};
             return core::appointment::list_latest(v, own, 10).size();
         }},
    };
    return all;
}

people find_people(core::db::database& db, std::size_t count) {
    return db.read([&](read_view& v) {
        people p;
        std::vector<std::int64_t> ids;
        for (const auto r : v.query("SELECT id FROM applicant ORDER BY id"))
            ids.push_back(r.number(0));
        for (std::size_t i = 0; i < count; ++i) {
            actor a;
            a.kind = core::actor_kind::applicant;
            a.applicant_id = ids[(i * 7919) % ids.size()];
            a.roles.add(core::role::owner);
            p.companies.push_back(a);
        }
        p.reviewer = core::account::acting_as(v, "linxiaomin");
        p.scheduler = p.reviewer;
        p.platform.kind = core::actor_kind::staff;
        p.platform.roles.add(core::role::platform_admin);
        return p;
    });
}

measured measure(core::db::database& db, const people& p, const query& run) {
    std::vector<double> times;
    std::size_t rows = 0;
    for (std::size_t i = 0; i < p.companies.size(); ++i) {
        const auto begun = clock_type::now();
        rows += db.read([&](read_view& v) { return run(v, p, i); });
        times.push_back(std::chrono::duration<double, std::milli>(clock_type::now() - begun).count());
    }
    if (rows == std::size_t(-1)) std::abort(); // the rows are looked at
    std::sort(times.begin(), times.end());
    return {times[times.size() / 2], times[times.size() * 99 / 100]};
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
    std::printf("%-42s", "milliseconds, p50 / p99");
    for (const auto n : sizes)
        std::printf("%20lld", static_cast<long long>(n));
    std::printf("\n");
    for (const auto& q : queries()) {
        std::printf("%-42s", q.name);
        for (const auto& m : table[q.name])
            std::printf("%12.3f /%6.3f", m.p50, m.p99);
        std::printf("\n");
    }
}
