// Filing (备案): one state per instrument, F0-F14 of domain.md 6.2, and the verbs that walk them.
// The only place that changes filing_status. Reading is in queries.hpp, return reasons in reason.hpp, asking
// for a change of what is filed (F12, F14) in request.hpp.
#pragma once
#include "core/filing/reason.hpp"
#include "core/instrument/instrument.hpp"
#include "core/journal/transition.hpp"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace core::filing {

std::span<const transition<std::string_view>> transitions();

// The answer per id of a batch verb: no id stops the others.
struct outcome {
    std::int64_t id = 0;
    std::optional<error> refused;
    std::optional<error> warned; // done, but look again: filing.ask_mandatory, filing.not_mandatory
    bool is_use_asked = false;   // by check_mandatory: how it is used decides (submission::uses)
};
// A batch verb refuses what comes after this many (filing.too_many).
inline constexpr std::size_t most_at_once = 500;

// ---- company ----
struct submission {
    std::int64_t institution = 0;
    bool knowingly = false; // submit although it does not look mandatory (domain.md 1)
    std::map<std::int64_t, std::string> uses =
        {}; // of core::declared_uses by id; absent: as it was said before
};
// F1, F4: several at once to one institution. Each id is refused by itself: filing.type_evaluation (M14),
// filing.same_serial (8.3), filing.target (F1a, M24), filing.use, filing.not_mandatory (unless `knowingly`),
// filing.out_of_service (stopped, scrapped), not_found, stale_state, applicant.not_active.
std::vector<outcome> submit(db::write_tx& tx, const actor& who, std::span<const std::int64_t> ids,
                            const submission& s);
// What submit would say about each being mandatory: `warned`, nothing is taken. Foreign ones: not_found.
std::vector<outcome> check_mandatory(db::read_view& view, const actor& who,
                                     std::span<const std::int64_t> ids);
// Institutions that may be chosen for all of these instruments (M19, M24); empty when their cities differ.
std::vector<catalogue::institution> list_targets(db::read_view& view, const actor& who,
                                                 std::span<const std::int64_t> ids);
// F10. Refuses filing.decided once an institution has handed it on.
result<> withdraw(db::write_tx& tx, const actor& who, std::int64_t id);
result<> remove(db::write_tx& tx, const actor& who, std::int64_t id); // F5, F13
std::vector<outcome> remove_many(db::write_tx& tx, const actor& who,
                                 std::span<const std::int64_t> ids); // M22

// ---- reviewers of the institution that must act ----
struct decision {
    std::optional<std::int64_t> catalogue_id; // corrects the choice of 种别、类别
    std::optional<int> period_months;         // 0: first verification only; absent: as the catalogue proposes
};
// F2, F7: sets the institution, the period and the instrument code. Refuses filing.catalogue,
// filing.period (0..240), filing.type_evaluation when the corrected row needs it (M14).
result<> accept(db::write_tx& tx, const actor& who, std::int64_t id, const decision& d = {});
std::vector<outcome> accept_many(db::write_tx& tx, const actor& who, std::span<const std::int64_t> ids,
                                 const decision& d = {});
// F3. Refuses what check_reasons refuses.
result<> give_back(db::write_tx& tx, const actor& who, std::int64_t id, const given_reasons& why);
std::vector<outcome> give_back_many(db::write_tx& tx, const actor& who, std::span<const std::int64_t> ids,
                                    const given_reasons& why);
// F6: by a city institution, to an active county one of its city (filing.county). Which one is proposed:
// list_counties in queries.hpp; the dispatcher has the last word.
result<> dispatch(db::write_tx& tx, const actor& who, std::int64_t id, std::int64_t county);
std::vector<outcome> dispatch_many(db::write_tx& tx, const actor& who, std::span<const std::int64_t> ids,
                                   std::int64_t county);
// F9: the county (F11b: the province) does not take it; back to the institution that handed it on. Reason of
// 1..100 characters (filing.reason).
result<> decline(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view reason);
// F9, F11b: the institution that handed it on takes it back before the other has decided. With a reason.
result<> take_back(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view reason);
// F11: to an active institution of the next level: a county's city, a city's province (filing.upper). With a
// reason. 强制检定的工作计量器具检定管理办法 art. 5.
result<> pass_up(db::write_tx& tx, const actor& who, std::int64_t id, std::int64_t institution,
                 std::string_view reason);

// F8, only by core/appointment when the front desk, or a verifier on site, returns an order.
result<> unfile_at_desk(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view reason);

} // namespace core::filing
