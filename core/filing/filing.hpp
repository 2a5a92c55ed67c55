// Filing (备案): one state per instrument, F0-F14 of domain.md 6.2. The only place that changes
// filing_status.
#pragma once
#include "core/instrument/instrument.hpp"
#include "core/journal/transition.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace core::filing {

std::span<const transition<std::string_view>> transitions();

// The answer per id of a batch verb: no id stops the others.
struct outcome {
    std::int64_t id = 0;
    std::optional<error> refused;
};

// F1, F4: several at once to one institution. Each id is refused by itself: filing.type_evaluation (M14),
// filing.same_serial (8.3), filing.target (F1a, M24), not_found, stale_state.
std::vector<outcome> submit(db::write_tx& tx, const actor& who, std::span<const std::int64_t> ids,
                            std::int64_t institution);
// Institutions that may be chosen for all of these instruments (M19, M24); empty when their cities differ.
std::vector<catalogue::institution> list_targets(db::read_view& view, const actor& who,
                                                 std::span<const std::int64_t> ids);

result<> withdraw(db::write_tx& tx, const actor& who, std::int64_t id); // F10
result<> remove(db::write_tx& tx, const actor& who, std::int64_t id);   // F5, F13
// F2, F7: sets the institution, the period (0: as the catalogue proposes) and the instrument code.
result<> accept(db::write_tx& tx, const actor& who, std::int64_t id, int period_months);
enum class return_kind { incomplete, not_mandatory };
// F3. Refuses filing.reason (empty or over 100 characters) with field `reason`.
result<> give_back(db::write_tx& tx, const actor& who, std::int64_t id, return_kind kind,
                   std::string_view reason);
result<> dispatch(db::write_tx& tx, const actor& who, std::int64_t id, std::int64_t county); // F6
result<> decline(db::write_tx& tx, const actor& who, std::int64_t id,
                 std::string_view reason); // F9, county refuses
// F8, only by core/appointment when the front desk returns an order.
result<> unfile_at_desk(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view reason);

// The work list of an institution, nearest deadline first.
struct work_item {
    instrument::instrument what;
    std::string contact; // person and masked phone
    instant due_at;
};
inline constexpr int working_days_to_decide = 5;
struct work_filter {
    std::string status = "submitted"; // submitted, dispatched, returned, filed
    std::string text;
};
struct work_key { // where the page before ended
    std::int64_t time = 0, id = 0;
};
std::vector<work_item> list_work(db::read_view& view, const actor& who, const work_filter& f, work_key after,
                                 int limit);
struct work_counts {
    int submitted = 0, dispatched = 0, returned = 0, filed = 0, late = 0;
};
work_counts count_work(db::read_view& view, const actor& who);

} // namespace core::filing
