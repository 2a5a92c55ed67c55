// A forgotten password, set anew by whoever proves to be the person: by a WeChat bound to the login. Staff
// have no bindings; their administrator sets a temporary password (set_password in login.hpp).
#pragma once
#include "core/account/login.hpp"
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/db/transaction.hpp"

#include <string>
#include <string_view>

namespace core::account {

// `openid` was just proved by OAuth or by a scene the person scanned. Gives the code for the form that
// follows: one use, ten minutes; an earlier one of the person ends. Refuses not_found reset.unbound
// (nobody's, or the person is disabled), too_many reset.too_many (five a day of one openid).
result<std::string> begin_reset(db::write_tx& tx, const actor& who, std::string_view openid);
// Whose password it is, for its rules. Refuses invalid reset.over: unknown, used, over.
result<login> find_reset(db::read_view& view, std::string_view code);
// All sessions end, counted failures of the account are forgotten. Refuses reset.over.
result<> reset_password(db::write_tx& tx, const actor& who, std::string_view code,
                        const accepted_password& fresh);
int purge_resets(db::write_tx& tx);

} // namespace core::account
