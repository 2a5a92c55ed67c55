// Reading filings: an institution's work lists and counts, the steps of one filing, and what earlier filings
// of the same model propose. Tenancy is in here (S1). Changes nothing.
#pragma once
#include "core/filing/filing.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace core::filing {

enum class tab {
    submitted,  // to be decided by the actor's institution
    dispatched, // handed to it by the city, to be decided
    outgoing,   // handed on by it, waiting for another institution
    returned,   // given back by it
    filed       // it verifies them
};
std::string_view code_of(tab t);
std::optional<tab> parse_tab(std::string_view code);

struct work_filter {
    tab of = tab::submitted;
    std::string text;   // words, each a part of what an instrument is found by, or of its company's name
    std::string l1, l2; // 项别, 种别
    std::string region; // a county's or city's code
    bool late = false;  // past the deadline
    std::int64_t institution = 0; // for those who read more than one: the platform, a regulator
};
struct work_item {
    std::int64_t id = 0, applicant_id = 0, catalogue_id = 0;
    std::string applicant_name, contact; // contact: person and masked phone
    std::string name, model, serial_no, manufacturer, purpose, method, region_code, filing_status;
    std::string l1, l2, supervision;
    std::string institution_name; // that must act, or verifies it
    instant since;                // submitted, or when it got its status
    std::optional<instant> due_at;
    int waited_days = 0; // working days since then
    int due_days = 0;    // working days until the deadline; below zero: late
};
struct work_key { // where the page before ended
    std::int64_t time = 0, id = 0;
};
work_key key_of(const work_item& w);
// Of the actor's institution, or that of the filter when the actor may read it: what waits by deadline, the
// rest newest first, and newest first whenever a text is looked for. At most `limit` after `after`.
std::vector<work_item> list_work(db::read_view& view, const actor& who, const work_filter& f, work_key after,
                                 int limit);
struct work_counts {
    int submitted = 0, dispatched = 0, outgoing = 0, returned = 0, filed = 0;
    int late = 0;     // of submitted and dispatched, each counted up to most_counted
    int requests = 0; // open ones (request.hpp), likewise
    int of(tab t) const;
};
inline constexpr int most_counted = 1'000; // where counting stops, so that it costs the same however many
work_counts count_work(db::read_view& view, const actor& who, std::int64_t institution = 0);

// What happened to one filing, oldest first; the company sees every hand-over (M25), not the people.
struct history_step {
    instant at;
    std::string verb;        // of the transition table, or add
    std::string_view text;   // 提交备案, 分派县级 …
    std::string institution; // that it went to, or that decided; "" none
    std::string actor_name;  // only for staff
    std::string reason;
};
result<std::vector<history_step>> list_steps(db::read_view& view, const actor& who, std::int64_t id);
std::string_view verb_text(std::string_view verb); // 提交备案; "" for a verb of no filing
// Why it was given back, field by field; empty when it is not, or only with free text.
result<std::vector<return_reason>> list_reasons(db::read_view& view, const actor& who, std::int64_t id);

// Learned from accepted filings of the same maker, model and name.
struct proposed_row {
    catalogue::entry entry;
    int period_months = 0; // 0: first verification only
    int times = 0;         // accepted like this
};
struct proposed_place {
    catalogue::institution place;
    int times = 0; // accepted there, of this city
};
struct proposal {
    int times = 0;                      // accepted filings of this model
    std::vector<proposed_row> rows;     // most frequent first, at most 5
    std::vector<proposed_place> places; // in the instrument's city, most frequent first, at most 5
};
result<proposal> propose(db::read_view& view, const actor& who, std::int64_t id);

// Where a city institution may dispatch this instrument to (F6): the county's own first, then where its model
// went before. `proposed` marks at most one.
struct dispatch_target {
    catalogue::institution place;
    bool same_county = false;
    int times = 0; // of this model accepted there
    bool proposed = false;
};
result<std::vector<dispatch_target>> list_counties(db::read_view& view, const actor& who, std::int64_t id);

} // namespace core::filing
