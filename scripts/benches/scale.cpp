// Every list page's query over 50 thousand, 500 thousand and 5 million instruments side by side: a list that
// pages by key costs the same in a small and a large base. usage: scripts/bench scale [-- 50000 500000 …]
// [part of a line's name …]; without parts every line is measured. The bases are kept in .build/scale; delete
// them when the schema has changed. What is asked is in scale_company.hpp and scale_staff.hpp.
#include "core/account/applicant.hpp"
#include "core/account/demo.hpp"
#include "scripts/benches/scale_company.hpp"
#include "scripts/benches/scale_staff.hpp"

#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace bench;
using clock_type = std::chrono::steady_clock;

struct measured {
    double p50 = 0, p99 = 0; // milliseconds
    double rows = 0;         // found on the average
};

// Of this thread: what a loaded machine takes from it does not count.
double processor_ms() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) / 1e6;
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

// The lines whose name has one of these parts; all, when there are none.
named_queries queries_with(const std::vector<std::string>& parts) {
    named_queries some = queries();
    std::erase_if(some, [&](const auto& q) {
        return !parts.empty() && std::none_of(parts.begin(), parts.end(), [&](const std::string& part) {
            return std::string_view(q.name).find(part) != std::string_view::npos;
        });
    });
    return some;
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
            const auto company = core::account::find_applicant(v, a.applicant_id).value();
            p.names.push_back(company.name);
            p.codes.push_back(company.uscc);
            a.login_id = v.query_number("SELECT login_id FROM applicant_member WHERE applicant_id = $1",
                                        a.applicant_id);
            a.roles.add(core::role::owner);
            p.companies.push_back(a);
        }
        p.reviewer = core::account::acting_as(v, "linxiaomin");
        p.scheduler = p.head = p.reviewer;
        p.head.roles = core::account::institution_roles;
        p.regulator = core::account::acting_as(v, "fengjianguo");
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
    std::vector<std::string> parts;
    for (int i = 2; i < argc; ++i)
        if (const auto n = std::atoll(argv[i]); n > 0)
            sizes.push_back(n);
        else
            parts.emplace_back(argv[i]);
    const auto lines = queries_with(parts);
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
        for (const auto& q : lines) {
            measure(db, p, q.run); // warm
            table[q.name].push_back(measure(db, p, q.run));
        }
    }
    std::printf("%-52s", "processor ms, p50 / p99 (found)");
    for (const auto n : sizes)
        std::printf("%30lld", static_cast<long long>(n));
    std::printf("\n");
    for (const auto& q : lines) {
        std::printf("%-52s", q.name);
        for (const auto& m : table[q.name])
            std::printf("%12.3f /%6.3f (%7.0f)", m.p50, m.p99, m.rows);
        std::printf("\n");
    }
}
