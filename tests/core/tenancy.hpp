// The table of tenancy_test: every verb and query of core that takes an actor, one line each, called on
// things of one company and one institution. A new verb is a line in the file of its slice.
#pragma once
#include "tests/support/world_orders.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tests::tenancy {

// The things that belong to the company (chenzhiming) and its institution (佛山). Another set of ids, of
// things that don't exist, must give strangers the same answers.
struct things {
    std::int64_t applicant = 0, login = 0, colleague = 0, document = 0, binding = 0, invitation = 0;
    std::int64_t staff_binding = 0;                                     // of the desk's person
    std::int64_t unfiled = 0, submitted = 0, filed = 0, attachment = 0; // instruments, a file of `unfiled`
    std::int64_t order = 0, institution = 0, capability = 0, import = 0;
    std::int64_t free = 0, asked = 0,
                 request =
                     0; // filed instruments in no order, one due soon; the wish to end the other's filing
    std::int64_t trip = 0, visited = 0, unvisited = 0,
                 result = 0; // orders on site in the trip, in none; a result
    std::int64_t announcement = 0,
                 sent = 0; // a draft of the platform; one told to the institution's companies
    std::string session_hash, order_number, import_hash;
};

using call = std::function<core::result<>(core::db::write_tx&, const core::actor&, const things&)>;

enum class what {
    verb,    // changes something: refused to every stranger, to regulators and to colleagues without the role
    reading, // of one thing or a list, shows it to those concerned, regulators of the region among them
    own_desk, // reading that regulators have no part in: work lists, people, sessions, logs
    anybody   // may be called by anybody, and tells or gives nothing of others
};

struct line {
    std::string_view name; // slice::function as the header has it
    what kind;
    std::string_view
        by; // who may: company, worker, reviewer, scheduler, desk, verifier, admin, platform, visitor
    call run;
    // The thing may be known to anybody (an institution): refused, but not as if it did not exist.
    bool is_public = false;
};

std::vector<line> account_lines();
std::vector<line> instrument_lines(); // instrument, filing, workbook
std::vector<line> trip_lines();       // trip, due
std::vector<line> order_lines();      // appointment, catalogue, journal

// Answers of queries as those of verbs: nothing to see is not_found.
inline core::result<> seen(bool there) {
    if (there) return {};
    return core::error(core::errc::not_found);
}
template<class T>
core::result<> outcome_of(const core::result<T>& r) {
    if (r) return {};
    return r.error();
}
// Of batch verbs: the answer for the only id.
template<class List>
core::result<> only(const List& all) {
    if (all.empty()) return core::error(core::errc::not_found);
    if (all.front().refused) return *all.front().refused;
    return {};
}

} // namespace tests::tenancy
