// Lists of instruments: who sees which, filters, orders, pages by key; and what lists are found by (grams,
// tallies), which every verb that changes a row keeps in step.
#pragma once
#include "core/instrument/instrument.hpp"

namespace core::instrument {

enum class sort {
    newest, // entered last
    name,
    validity // 有效期至, those without one last
};

struct filter {
    std::string status;            // filing status; "in_review": submitted or dispatched; "" any
    std::string process;           // process status; "free": in no open order; "" any
    std::string text;              // words, each a part of name, model, maker, place, numbers, tags or user
    std::string l1;                // upper level of the catalogue, "" any
    std::int64_t catalogue_id = 0; // row, 0 any
    std::string method;            // "" any
    std::string region;            // province, city, county or town, "" any
    std::string tag;               // a whole tag, "" any
    std::string due;               // "soon": valid for 60 days at most, "over": past
    bool bookable = false;         // filed, in no open order, not 停用 or 报废
    bool dropped = false;          // fallen out of the catalogue: no longer mandatory (domain.md 13.3)
    sort order = sort::newest;     // staff: by name or validity only without other filters, else newest
};
// Where a page ended: the order's text ("" for newest) and the id.
struct page_key {
    std::string text;
    std::int64_t id = 0; // 0: from the start
};
struct page {
    std::vector<instrument> rows;
    std::optional<page_key> next; // goes on after this; a page may be short when a rare thing is looked for
};
// A company sees its own; an institution those filed with it; a regulator those of his region; the platform
// all. Others nothing. Refuses invalid search.short: staff must type two characters.
result<page> list_page(db::read_view& view, const actor& who, const filter& f, const page_key& after,
                       int limit);
// The rows of such pages of the newest, after the id `after` (0: from the start).
std::vector<instrument> list(db::read_view& view, const actor& who, const filter& f, std::int64_t after,
                             int limit);

struct counts {
    int total = 0, unfiled = 0, in_review = 0, returned = 0, filed = 0;
    int due_soon = 0; // filed, 60 days at most or past; only for a company
};
// Of those that list_page shows, but a regulator's and the platform's from tallies: at the cost of the
// regions.
counts count(db::read_view& view, const actor& who);

// Instruments that an institution has to do with and that a text finds, in what is searched of them or in
// their company's name or code: ids, newest first, below `before` (0: from the start).
enum class desk_part {
    filed,
    handled,
    handed_on
}; // verified by it; decided or to be decided; waiting elsewhere
struct desk_search {
    std::int64_t institution = 0;
    desk_part part = desk_part::filed;
    std::string status;               // filing status, "" any
    std::string text, l1, l2, region; // "" any
    std::string own;                  // words that its own texts have, and not its company's name
};
inline constexpr std::size_t most_named = 500; // companies a word may name, to be gone through one by one
// Whether it can be looked up at all: one Chinese character can't.
bool is_searchable(const desk_search& s);
std::vector<std::int64_t> find_at_desk(db::read_view& view, const desk_search& s, std::int64_t before,
                                       int limit);

// What grams say may be found, newest first (institution 0: with whatever institution), and whether one of
// them really is: for lists in another order.
std::vector<std::int64_t> list_possible(db::read_view& view, const desk_search& s, int most);
bool fits_at_desk(db::read_view& view, std::int64_t id, const desk_search& s);

// How the validity of a filed instrument ends: what due_tally counts it under.
struct due_place {
    std::string kind, day, method; // kind "": nowhere
    bool booked = false;
    bool operator==(const due_place&) const = default;
};
// What lists find an instrument by.
struct listed {
    std::int64_t id = 0, institution_id = 0; // 0: filed with nobody
    std::int64_t applicant_id = 0;
    std::int64_t handler_id = 0;  // of what is submitted, dispatched or returned
    std::int64_t outgoing_of = 0; // who handed it on, while it waits elsewhere
    std::string region_code, filing_status;
    std::string grams; // "" when deleted
    due_place due;
};
listed listed_of(const instrument& i);
std::vector<listed> list_listed(db::read_view& view, std::int64_t applicant); // all of a company
std::optional<listed> read_listed(db::read_view& view, std::int64_t id);
void put_listed(db::write_tx& tx, const listed& now); // of a new row
// After an UPDATE of the row that `before` was read from, in the same transaction.
void relist(db::write_tx& tx, const listed& before);
// The company has filed or booked with the institution: kept for good, for lists of its companies.
void keep_client(db::write_tx& tx, std::int64_t institution, std::int64_t applicant);
// The instrument has got into an open order, or out of it.
void relist_booked(db::write_tx& tx, std::int64_t id, bool booked);

} // namespace core::instrument
