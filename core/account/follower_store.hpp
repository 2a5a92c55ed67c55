// SQL of followers, their syncs and moves.
#pragma once
#include "core/account/follower.hpp"

namespace core::account::store {

// News of `said_at` (WeChat's clock) about one person; false when something newer is known already.
bool put_follower(db::write_tx& tx, std::string_view openid, bool following, std::string_view scene,
                  instant said_at);

struct presence {
    bool is_following = false;
    std::optional<instant> wrote_at;
};
std::optional<presence> find_presence(db::read_view& view, std::string_view openid);
void put_wrote(db::write_tx& tx, std::string_view openid, instant at);

void insert_sync(db::write_tx& tx, const follower_sync& s, std::string_view asked_by);
void save_sync(db::write_tx& tx, const follower_sync& s);
std::optional<follower_sync> find_sync(db::read_view& view, std::int64_t id);
std::int64_t count_seen(db::read_view& view, std::int64_t sync);
enum class seen { known, added, returned };
seen see_follower(db::write_tx& tx, const follower_sync& s, std::string_view openid);
std::vector<std::string> list_gone(db::read_view& view, const follower_sync& s, int most);
// Bound since before the list, and never heard of as followers.
std::vector<std::string> list_strangers(db::read_view& view, const follower_sync& s);
void put_detail(db::write_tx& tx, const follower_detail& d);
void mark_detailed(db::write_tx& tx, std::string_view openid);

struct held_binding {
    std::int64_t id = 0, login_id = 0, applicant_id = 0; // applicant 0: as staff
};
std::vector<held_binding> list_held(db::read_view& view, std::string_view openid); // open ones
void set_openid(db::write_tx& tx, std::int64_t binding, std::string_view openid);
int move_sessions(db::write_tx& tx, const openid_move& m);
// The wish for the staff tag; WeChat is told anew of the new openid, for nobody promises that tags move.
// True: there was one.
bool move_tag(db::write_tx& tx, const openid_move& m);
// The old row is left behind as moved, the new one takes what is known; false: moved already or unknown.
bool move_follower(db::write_tx& tx, const openid_move& m);

} // namespace core::account::store
