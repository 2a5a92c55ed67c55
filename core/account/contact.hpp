// How a person can be told things besides by WeChat: an e-mail address, proved by a code that was mailed
// there, and the telephone number. Sealed at rest; found only for people who still belong to whom it is
// about.
#pragma once
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/db/transaction.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace core::account {

// RFC 5321 without quoting, comments, literals and SMTPUTF8: at most 64 characters before the @ and 254 in
// all, a domain with a dot. Nothing else ever reaches an SMTP command or a header.
bool is_email(std::string_view text);
std::string mask_email(std::string_view address); // c***@example.com, for pages and logs

struct own_email {
    std::string address; // verified; "" when there is none
    std::string waiting; // to be verified; "" when there is none
};
own_email find_own_email(db::read_view& view, const actor& who);

// A code of six digits for this address: 30 minutes, five tries, for the caller to mail. Refuses not_allowed
// (nobody signed in), invalid email.address, too_many email.too_often (five codes an hour).
struct email_code {
    std::string address, code;
};
result<email_code> begin_email(db::write_tx& tx, const actor& who, std::string_view address);
// `over`: no code is open any more. A wrong one is counted, so the transaction must be kept.
enum class email_outcome { verified, wrong, over };
email_outcome verify_email(db::write_tx& tx, const actor& who, std::string_view code);
// Repeating is fine; refuses not_allowed (nobody signed in).
result<> remove_email(db::write_tx& tx, const actor& who);

// ---- for the hub ----
enum class contact { email, phone, any }; // any: people, with whatever they have

struct reachable {
    std::int64_t login_id = 0;
    std::string tag; // changes with the address, tells nothing about it; "" when there is none
};
// People who are active and have it: of a company; of an institution (0: the platform) with any of these
// roles.
std::vector<reachable> list_reachable(db::read_view& view, std::int64_t applicant_id, contact how);
std::vector<reachable> list_reachable_staff(db::read_view& view, std::int64_t institution_id, role_set roles,
                                            contact how);
// nullopt: not (or no longer) an active person of this company, or of this institution with any of these
// roles, or without what is asked for. `any`: the telephone number, "" when there is none.
std::optional<std::string> find_contact(db::read_view& view, std::int64_t login_id, std::int64_t applicant_id,
                                        std::int64_t institution_id, role_set roles, contact how);

} // namespace core::account
