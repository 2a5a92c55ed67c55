// Staff and their WeChat: a person's bindings, undoing them, whom a WeChat user may sign in as, and the tag
// that shows followers the staff menu. Binding itself is bind_staff_wechat (binding.hpp); the table of both
// is there.
#pragma once
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/db/transaction.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace core::account {

struct staff_binding {
    std::int64_t id = 0, login_id = 0, institution_id = 0; // institution 0: the platform
    std::string openid, login_name, institution_name;
    instant bound_at;
};
std::vector<staff_binding> list_staff_wechat(db::read_view& view,
                                             const actor& who); // one's own, oldest first
// Of the other people of one's institution for its administrator, of everybody else for the platform: open
// ones with an id above `after`, at most `limit`. Empty for others.
std::vector<staff_binding> list_colleagues_wechat(db::read_view& view, const actor& who, std::int64_t after,
                                                  int limit);
// What unbind_staff_wechat would take. Refuses not_found.
result<staff_binding> get_staff_wechat(db::read_view& view, const actor& who, std::int64_t binding_id);
// W4s. One's own. W4a: of people of one's institution for its administrator (a lost phone); any for the
// platform; the person is told, and signed out where they came in through that WeChat. Refuses not_allowed,
// not_found.
result<> unbind_staff_wechat(db::write_tx& tx, const actor& who, std::int64_t binding_id);
// The active person of staff whom this WeChat user is bound to.
std::optional<staff_binding> find_staff_wechat(db::read_view& view, std::string_view openid);

// The staff tag. Binding and unbinding write the wish; whoever talks to WeChat carries it out and says how it
// went.
struct tag_change {
    std::string openid;
    bool wanted = false;
    int tries = 0; // failed ones so far
};
std::vector<tag_change> list_tag_changes(db::read_view& view, int most); // due now, longest due first
void settle_tag_change(db::write_tx& tx, const tag_change& told);
void delay_tag_change(db::write_tx& tx, const tag_change& failed, instant next_at, std::string_view why);
int count_stuck_tags(db::read_view& view); // failed five times or more

} // namespace core::account
