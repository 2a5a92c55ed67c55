// The second factor of staff (guarantees S7): a code of an authenticator app after the password, recovery
// codes for a lost phone. Who must have one is the setting second_factor.required: none (usual), higher
// (platform and institution administrators, regulators), all. Whoever has one is always asked for it.
#pragma once
#include "core/account/session.hpp"
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/db/transaction.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace core::account {

inline constexpr int recovery_codes = 10;

bool has_second_factor(db::read_view& view, std::int64_t login_id);  // set up and confirmed
bool needs_second_factor(db::read_view& view, role_set staff_roles); // by the setting

struct enrolment {
    std::string seed; // base32, in groups of four, for those who type it
    std::string uri;  // for the QR code
};
// A fresh seed, kept sealed until a code of it confirms that the app has it. For oneself. Refuses not_allowed
// (not staff), conflict factor.there (confirmed before: remove it first).
result<enrolment> begin_second_factor(db::write_tx& tx, const actor& who);
// What begin gave last, while it waits for confirmation. Refuses not_found.
result<enrolment> find_enrolment(db::read_view& view, const actor& who);
// Gives the recovery codes, shown once; each works once. All other sessions of the person end. Refuses
// not_found (nothing begun), invalid factor.wrong.
result<std::vector<std::string>> confirm_second_factor(db::write_tx& tx, const actor& who,
                                                       std::string_view code,
                                                       std::string_view kept_token_hash);
// Oneself with a code (`code`, also a recovery code), or who administers the person (a lost phone), with a
// reason; then every session of the person ends. Refuses not_found, not_allowed, factor.wrong, factor.reason.
result<> remove_second_factor(db::write_tx& tx, const actor& who, std::int64_t login_id,
                              std::string_view code, std::string_view reason);

// Of a session that waits for the factor: a code of the app, or a recovery code. Five wrong ones lock for
// fifteen minutes; a code is taken once. On success the session goes on under a fresh token. Call it in a
// transaction that is kept: wrong tries are counted.
struct factor_answer {
    bool good = false, locked = false;
    int tries_left = 0, recovery_left = 0;
    new_session session;
};
factor_answer answer_second_factor(db::write_tx& tx, const session& waiting, std::string_view code,
                                   std::string_view source);
error refusal_of(const factor_answer& a); // factor.wrong (arg left), factor.locked

} // namespace core::account
