// SQL of the lists of instruments.
#pragma once
#include "core/instrument/instrument_store.hpp"
#include "core/instrument/listing.hpp"

#include <functional>
#include <optional>

namespace core::instrument::store {

// A filter as the queries take it.
struct limits {
    std::string region_from, region_to; // "" any
    std::string tag_like;               // "" any
    std::string valid_from, valid_to;   // "" any
};
limits limits_of(const filter& f, date today, int lead_days, std::string_view region_prefix);
bool passes(const instrument& i, const filter& f, const limits& l); // all of a filter but its text

// From an index in the filter's order: a company's, an institution's, or all.
std::vector<instrument> list_rows(db::read_view& view, const actor& who, const filter& f, const limits& l,
                                  const page_key& after, int limit);
// Every statement that list_rows may run, for the test of their plans.
std::vector<std::string> list_statements();

using add_count = std::function<void(std::string_view status, int n)>;
void count_own(db::read_view& view, std::int64_t applicant, const add_count& add);
void count_institution(db::read_view& view, std::int64_t institution, const add_count& add);
void count_region(db::read_view& view, std::string_view prefix, const add_count& add);
int count_due(db::read_view& view, std::int64_t applicant, date until);
// Of one company: filed with an institution, or in this status and handled by it; newest first, below
// `before`.
std::vector<std::int64_t> list_filed_of(db::read_view& view, std::int64_t applicant, std::int64_t institution,
                                        std::int64_t before, int limit);
std::vector<std::int64_t> list_handled_of(db::read_view& view, std::int64_t applicant,
                                          std::string_view status, std::int64_t institution,
                                          std::int64_t before, int limit);
// With nothing filled but what a search looks at: its texts, place and catalogue, the company's searched
// name.
std::optional<instrument> find_searched(db::read_view& view, std::int64_t id);
std::vector<instrument> list_all_of(db::read_view& view, std::int64_t applicant);
void tally(db::write_tx& tx, const listed& of, int change);
void tally_desk(db::write_tx& tx, const listed& of, int change);
void count_in(db::write_tx& tx, std::int64_t institution, const due_place& at);
void count_out(db::write_tx& tx, std::int64_t institution, const due_place& at);
void set_due_kind(db::write_tx& tx, std::int64_t id, std::string_view kind); // "" none
struct placed {
    std::int64_t institution_id = 0;
    due_place due; // booked: not told
};
std::optional<placed> find_placed(db::read_view& view, std::int64_t id);

} // namespace core::instrument::store
