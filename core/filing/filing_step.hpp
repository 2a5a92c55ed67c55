// Head and tail that every verb of a filing shares; for the .cpp files of this folder only.
#pragma once
#include "core/base/value.hpp"
#include "core/filing/filing.hpp"
#include "core/filing/filing_store.hpp"

namespace core::filing {

using filing_row = transition<std::string_view>;

struct step {
    instrument::instrument what;
    const filing_row* row;
    std::int64_t origin = 0; // who handed it on in this round, 0: nobody
};

// Load (foreign: not_found), table row (none: stale_state), who may (none: not_allowed). Staff of an
// institution that handed it on meanwhile get stale_state.
result<step> begin(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view verb);

// Collects what is to be told, so that a batch of one verb makes one event per company and reason, not one
// per instrument: nobody wants 200 messages. flush() writes the outbox rows.
class announcer {
  public:
    void add(const step& s, std::int64_t institution, std::string_view reason);
    void flush(db::write_tx& tx);

  private:
    struct group {
        std::string_view event;
        std::int64_t institution = 0;
        std::string reason;
        instrument::instrument first;
        int pieces = 0;
    };
    std::vector<group> groups_;
};

// The tail of every verb: guarded update, audit, announcement, in the caller's transaction.
struct ending {
    store::change change;
    std::int64_t institution = 0; // concerned by it: the one that acts next, or acted last
    std::string reason;
    value details; // more for the audit row's `after`
};
result<> finish(db::write_tx& tx, const actor& who, const step& s, ending e, announcer& told);

// 1..100 characters; refuses filing.reason with field `reason`.
result<std::string> check_reason(std::string_view reason);
// When an institution that gets it now should have decided: the setting filings.decide_days (5) working
// days, at the end of the day.
instant deadline_from(db::read_view& view, instant now);
// Nothing to say about an instrument that is mandatory; `ask` is for a person to look at.
std::optional<error> doubt_of(db::read_view& view, const instrument::instrument& i);
// M14: refuses filing.type_evaluation when `e` needs the papers and they are not there.
result<> check_papers(db::read_view& view, const instrument::instrument& i, const catalogue::entry& e);
// 8.3: refuses filing.same_serial when another open filing on the platform has its maker, model and serial.
result<> check_duplicates(db::read_view& view, const instrument::instrument& i);

// One verb for one id, and for many: each id is answered by itself, what is told is told together.
template<class F>
result<> walk_one(db::write_tx& tx, F verb) {
    announcer told;
    auto done = verb(told);
    told.flush(tx);
    return done;
}
template<class F>
std::vector<outcome> walk_many(db::write_tx& tx, std::span<const std::int64_t> ids, F verb) {
    std::vector<outcome> all;
    announcer told;
    for (const auto id : ids) {
        if (all.size() >= most_at_once) {
            all.push_back({id, error(errc::too_many, "filing.too_many"), {}});
            continue;
        }
        auto done = verb(id, told);
        all.push_back({id, done ? std::nullopt : std::optional(done.error()), {}});
    }
    told.flush(tx);
    return all;
}

} // namespace core::filing
