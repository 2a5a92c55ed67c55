// WeChat users bound to people of companies (W1-W4), and who follows the account.
#pragma once
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/db/transaction.hpp"
#include "core/journal/transition.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace core::account {

// W1-W4: a WeChat user is bound to a person of a company, or to a person of staff, or to nobody.
enum class binding_state { none, bound };
std::span<const transition<binding_state>> binding_transitions();

struct binding {
    std::int64_t id = 0;
    std::string openid;
    std::int64_t login_id = 0, applicant_id = 0;
    std::string login_name, applicant_name;
    instant bound_at;
};

// W1-W3. `who` has just proved to be this person of this company. Refuses conflict (binding.taken, arg name):
// the openid belongs to another person; it is never taken over (guarantees S4). Repeating is fine. Bindings
// of people and companies that may not sign in any more, who could never unbind, give way.
result<std::int64_t> bind_wechat(db::write_tx& tx, const actor& who, std::string_view openid,
                                 std::string_view unionid);
// The same for every company of the person, who has just proved the password.
result<> bind_companies(db::write_tx& tx, const actor& who, std::string_view openid,
                        std::string_view unionid);
// For one more company of a person who came in through this WeChat user. Refuses as bind_wechat, and
// not_allowed (binding.not_in_wechat) unless the openid is bound to the same person now.
result<std::int64_t> bind_another(db::write_tx& tx, const actor& who, std::string_view openid);
// It was bound to this company once, and is not now.
bool was_unbound(db::read_view& view, std::string_view openid, std::int64_t applicant_id);
// W4. One's own; one's company's for its owner; for reviewers and administrators of an institution in whose
// area the company lies (a lost phone); any for the platform and the system. Ends the sessions that came
// through it. Refuses not_found.
result<> unbind_wechat(db::write_tx& tx, const actor& who, std::int64_t binding_id);

// What unbind_wechat would take, of one company.
std::vector<binding> list_bindings(db::read_view& view, const actor& who, std::int64_t applicant_id);

// Without an actor: for whoever has proved the openid, and for the hub.
std::vector<binding> list_by_openid(db::read_view& view, std::string_view openid); // open ones, oldest first
// For whom this WeChat user may act now: people and companies that could also sign in.
std::vector<binding> list_acting(db::read_view& view, std::string_view openid);
std::vector<binding> list_by_login(db::read_view& view, std::int64_t login_id, std::int64_t applicant_id);
std::vector<binding> list_by_applicant(db::read_view& view, std::int64_t applicant_id); // whom to tell
std::optional<binding> find_binding(db::read_view& view, std::int64_t id);              // open ones only
// W2: for whom the person of this unionid may act, as list_acting; for the website's sign-in.
std::vector<binding> list_acting_by_unionid(db::read_view& view, std::string_view unionid);
// Bound WeChat users whose unionid nobody has told yet and nobody asked for within a day, longest ago first.
std::vector<std::string> list_without_unionid(db::read_view& view, int most);
struct unionid_count {
    int asked = 0, known = 0; // of the WeChat users with open bindings
};
unionid_count count_unionids(db::read_view& view); // for the self-check
// What WeChat said when asked, "" for none. Kept with every open binding of the openid.
void record_unionid(db::write_tx& tx, std::string_view openid, std::string_view unionid);
bool is_open(db::read_view& view, std::int64_t binding_id);
// Asked right before a message is sent: the openid it goes to now. None unless the binding is open, the
// person active, not known to have left the account, and still who is told: of the binding's company; of
// staff, of this institution (0: the platform) with any of these roles.
std::optional<std::string> find_reachable(db::read_view& view, std::int64_t binding_id,
                                          std::int64_t institution_id, role_set roles);

// Staff bind a WeChat user to themselves, for no company. Refuses not_allowed; an openid of another person is
// taken (conflict binding.taken). Repeating is fine.
result<std::int64_t> bind_staff_wechat(db::write_tx& tx, const actor& who, std::string_view openid);
std::optional<std::string> find_staff_openid(db::read_view& view,
                                             std::int64_t login_id); // of the newest open one
bool has_staff_binding(db::read_view& view, std::int64_t login_id);  // an open one
// Open ones of people of an institution (0: the platform) with any of these roles: whom to tell.
std::vector<binding> list_staff_bindings(db::read_view& view, std::int64_t institution_id, role_set roles);

// What an event says of `said_at` (WeChat's CreateTime). Late news, older than what is known, changes
// nothing: events come doubled and out of order. follower.hpp has the rest.
void record_follow(db::write_tx& tx, std::string_view openid, std::string_view scene, instant said_at);
// The person wrote to the account or tapped its menu: only a follower can, so who was taken for gone by
// mistake is told again. Of writing the hour is kept: a row for each message would cost more than it tells.
void record_presence(db::write_tx& tx, std::string_view openid, bool wrote, instant said_at);
// When they last wrote, or up to an hour before.
std::optional<instant> last_wrote(db::read_view& view, std::string_view openid);
// Also undoes the person's bindings and sessions (W4): nothing can be sent to them, they prove themselves
// anew.
void record_unfollow(db::write_tx& tx, std::string_view openid, instant said_at);
// The person took the authorisation back or closed the WeChat account: every binding
// and session of the openid ends.
void forget_wechat_user(db::write_tx& tx, std::string_view openid);
// Told by WeChat or never heard of: true unless we know that the person does not follow.
bool may_follow(db::read_view& view, std::string_view openid);

// OAuth round trips (guarantees S4): the state is random, single-use, ten minutes, tied to the browser, and
// good for one of the two sign-in pages only: the account's on a phone, the website's on a desktop
// (qrconnect). WeChat calls back twice, people reload: the same browser is told again what came of it.
enum class oauth_purpose { account, website };
struct oauth_trip {
    std::string target; // our own path
    int tries = 0;
    bool again = false; // used before: openid and unionid are what it proved, "" nothing (yet)
    std::string openid, unionid;
};
std::string begin_oauth(db::write_tx& tx, oauth_purpose purpose, std::string_view browser,
                        std::string_view target, int tries); // the state
// Refuses invalid (oauth.state): unknown, over, another browser's or page's.
result<oauth_trip> use_oauth(db::write_tx& tx, oauth_purpose purpose, std::string_view state,
                             std::string_view browser);
// The exchange gave no verdict (WeChat was away): the same address may be tried again.
void reopen_oauth(db::write_tx& tx, std::string_view state);
// What the exchange of the code proved, for the bind page and for the same browser asking again; kept until
// the state's ten minutes end.
void keep_openid(db::write_tx& tx, std::string_view state, std::string_view openid, std::string_view unionid);
struct proven_openid {
    std::string openid, unionid, target;
};
// The last one this browser proved on the account's page, not yet forgotten or over.
std::optional<proven_openid> find_proven_openid(db::read_view& view, std::string_view browser);
void forget_proven_openid(db::write_tx& tx, std::string_view browser); // after binding
int purge_oauth(db::write_tx& tx);

} // namespace core::account
