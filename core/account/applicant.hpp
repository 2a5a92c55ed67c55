// The company or other unit whose instruments are verified (申请方), its data and its standing (R1-R4).
// Its papers are in document.hpp, the wizard that makes it with its first person in registering.hpp, its
// people in member.hpp.
#pragma once
#include "core/base/result.hpp"
#include "core/catalogue/catalogue.hpp"
#include "core/catalogue/labels.hpp"
#include "core/db/transaction.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/transition.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace core::account {

struct applicant {
    std::int64_t id = 0, version = 0;
    std::string uscc, name, status, region_code, address, contact_name, contact_phone; // phone in clear here
    std::string legal_person, status_reason; // reason of a rejection or suspension
    instant status_at, created_at;
};

// For verbs of core, which look at whose it is themselves; pages ask get_applicant.
std::optional<applicant> find_applicant(db::read_view& view, std::int64_t id);
// Whom a company that has no order yet would ask: the first institution of its area that it may choose and
// that has a phone.
std::optional<catalogue::institution> find_nearest_institution(db::read_view& view, std::int64_t id);
std::optional<applicant> find_applicant_by_uscc(db::read_view& view, std::string_view uscc);
// The company itself, the platform, an institution whose area holds it, a regulator of its region; to all
// others it doesn't exist. The phone is masked but for the company, its reviewers and the platform.
result<applicant> get_applicant(db::read_view& view, const actor& who, std::int64_t id);

struct registration {
    std::string uscc, name, region_code, address, contact_name, contact_phone, legal_person;
};
// What a form gave, in the form it is kept. Refuses invalid (uscc.*, phone.*, applicant.name,
// applicant.region …, all fields at once).
result<registration> check_registration(db::read_view& view, const registration& r);
// R2. By the platform, or by reviewers of an institution whose area holds the company. A rejection needs a
// reason (applicant.reason, at most 100 characters), an approval both papers (applicant.papers: they may have
// been removed since R1). Refuses not_found, not_allowed, stale_state.
result<> approve_applicant(db::write_tx& tx, const actor& who, std::int64_t id);
result<> reject_applicant(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view reason);
// R3, by an owner of the company, with data put right; the papers are changed before (document.hpp). Refuses
// also as check_registration, applicant.papers (one of the two required is missing), applicant.taken.
result<> resubmit_applicant(db::write_tx& tx, const actor& who, std::int64_t id, const registration& changed);
// R4, by the platform: its people are signed out at once.
result<> suspend_applicant(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view reason);
result<> resume_applicant(db::write_tx& tx, const actor& who, std::int64_t id);

// Changes of data. An owner changes everything while the papers are still to be looked at (pending,
// rejected), afterwards all but name and code: certificates bear them, so they are changed by a reviewer of
// the area or the platform who has seen the new papers, with a reason. Refuses not_found, not_allowed
// (applicant.identity), stale_state (somebody saved meanwhile), and as check_registration.
result<> edit_applicant(db::write_tx& tx, const actor& who, std::int64_t id, std::int64_t version,
                        const registration& changed, std::string_view reason);
// Every change, oldest first, for whom the company exists.
result<std::vector<audit::recorded>> list_applicant_history(db::read_view& view, const actor& who,
                                                            std::int64_t id);

struct applicant_filter {
    std::string status; // "" any
    // Words, each a part of the name, or the whole code. A single Chinese character is looked for among the
    // next `most_looked_at` of the list.
    std::string text;
};
inline constexpr int most_looked_at = 2'000;
struct applicant_key { // where the page before ended
    std::int64_t time = 0, id = 0;
};
// The reviewers' and the platform's list, waiting longest first, but registered last first when words are
// looked for; of a regulator: his region. Nothing for companies and for staff without this work. At most
// `limit`, phones masked.
std::vector<applicant> list_applicants(db::read_view& view, const actor& who, const applicant_filter& f,
                                       applicant_key after, int limit);
int count_pending_applicants(db::read_view& view, const actor& who); // of the same people

// Companies with every word of the text in their name, or with this credit code, wherever they are; none when
// there are more than `most`, or grams say that so many (500 at least) may be. For lists of what is theirs,
// which look at tenancy themselves.
std::vector<std::int64_t> find_named(db::read_view& view, std::string_view text, std::size_t most);
// What grams say may be so named, at most `most`.
std::vector<std::int64_t> list_possibly_named(db::read_view& view, std::string_view text, int most);
// The first word of the text that names companies, at most `most`, these, and the other words.
struct named_word {
    std::string word, others;
    std::vector<std::int64_t> companies; // none: no word does
};
named_word find_named_word(db::read_view& view, std::string_view text, std::size_t most);

// For verbs that only an approved company may use (filing, booking): not_allowed applicant.not_active.
result<> check_standing(db::read_view& view, std::int64_t applicant_id);

std::span<const transition<std::string_view>> applicant_transitions();
status_tag applicant_status(std::string_view status);

} // namespace core::account
