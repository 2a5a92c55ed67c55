#include "core/account/follower_store.hpp"

#include "core/base/codes.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace core::account {
namespace {

constexpr code_table stages{coded{sync_stage::list, "list"}, coded{sync_stage::gone, "gone"},
                            coded{sync_stage::details, "details"}, coded{sync_stage::done, "done"}};

follower_sync sync_of(db::row r) {
    follower_sync s;
    s.id = r.number(0);
    s.begun_at = r.time(1);
    s.stage = stages.stored(r.view(2));
    s.next_openid = r.text(3);
    s.total = r.number(4);
    s.seen = r.number(5);
    s.added = r.number(6);
    s.returned = r.number(7);
    s.gone = r.number(8);
    s.detailed = r.number(9);
    s.complete = r.flag(10);
    s.trouble = r.text(11);
    s.try_at = r.maybe_time(12);
    s.finished_at = r.maybe_time(13);
    return s;
}

std::vector<std::string> texts(db::rows found) {
    std::vector<std::string> all;
    for (const auto r : found)
        all.push_back(r.text(0));
    return all;
}

std::optional<std::string> maybe(std::string_view text) {
    return text.empty() ? std::nullopt : std::optional(std::string(text));
}

} // namespace

std::string_view code_of(sync_stage s) {
    return stages.code_of(s);
}

std::optional<follower_sync> find_open_sync(db::read_view& view) {
    return view.query_one(
        sync_of,
        R"sql(SELECT id, begun_at, stage, next_openid, total, seen, added, returned, gone, detailed, complete, trouble,
                                  try_at, finished_at
                                FROM follower_sync WHERE finished_at IS NULL ORDER BY id LIMIT 1)sql");
}

std::optional<follower_sync> find_last_sync(db::read_view& view) {
    return view.query_one(
        sync_of,
        R"sql(SELECT id, begun_at, stage, next_openid, total, seen, added, returned, gone, detailed, complete, trouble,
                                  try_at, finished_at
                                FROM follower_sync ORDER BY id DESC LIMIT 1)sql");
}

std::vector<std::string> list_undetailed(db::read_view& view, int most) {
    return texts(view.query(
        R"sql(SELECT openid FROM follower WHERE is_following = 1 AND detailed_at IS NULL ORDER BY openid LIMIT $1)sql",
        most));
}

std::vector<std::string> list_openids(db::read_view& view, std::string_view after, int most) {
    // Two lists in order, each no longer than a page: joined first they would be read to their ends.
    const auto following = texts(view.query(
        R"sql(SELECT openid FROM follower WHERE is_following = 1 AND openid > $1 ORDER BY openid LIMIT $2)sql",
        after, most));
    const auto bound = texts(view.query(R"sql(SELECT DISTINCT openid FROM binding
                                              WHERE unbound_at IS NULL AND openid > $1 ORDER BY openid LIMIT $2)sql",
                                        after, most));
    std::vector<std::string> all;
    std::set_union(following.begin(), following.end(), bound.begin(), bound.end(), std::back_inserter(all));
    if (all.size() > static_cast<std::size_t>(most)) all.resize(static_cast<std::size_t>(most));
    return all;
}

follower_counts count_followers(db::read_view& view) {
    return view
        .query_one(
            [](db::row r) {
                return follower_counts{r.number(0), r.number(1), r.number(2), r.number(3)};
            },
            R"sql(SELECT following, gone, bound, bound_outside FROM follower_tally WHERE one = 1)sql")
        .value();
}

namespace store {

bool put_follower(db::write_tx& tx, std::string_view openid, bool following, std::string_view scene,
                  instant said_at) {
    return tx.exec(
               R"sql(INSERT INTO follower (openid, is_following, changed_at, said_at, scene, seen_in)
                  VALUES ($1, $2, $3, $4, $5, 0)
                  ON CONFLICT (openid) DO UPDATE SET is_following = excluded.is_following,
                    changed_at = excluded.changed_at, said_at = excluded.said_at
                  WHERE follower.said_at <= excluded.said_at)sql",
               openid, following, tx.now(), said_at, scene) == 1;
}

std::optional<presence> find_presence(db::read_view& view, std::string_view openid) {
    return view.query_one(
        [](db::row r) {
            return presence{r.flag(0), r.maybe_time(1)};
        },
        R"sql(SELECT is_following, wrote_at FROM follower WHERE openid = $1)sql", openid);
}

void put_wrote(db::write_tx& tx, std::string_view openid, instant at) {
    tx.exec(R"sql(UPDATE follower SET wrote_at = $1 WHERE openid = $2)sql", at, openid);
}

void insert_sync(db::write_tx& tx, const follower_sync& s, std::string_view asked_by) {
    tx.exec(
        R"sql(INSERT INTO follower_sync (id, begun_at, asked_by, stage, next_openid, total, seen, added, returned, gone,
                    detailed, complete, trouble)
                  VALUES ($1, $2, $3, $4, '', 0, 0, 0, 0, 0, 0, 1, ''))sql",
        s.id, s.begun_at, asked_by, code_of(s.stage));
}

void save_sync(db::write_tx& tx, const follower_sync& s) {
    tx.exec(
        R"sql(UPDATE follower_sync SET stage = $1, next_openid = $2, total = $3, seen = $4, added = $5, returned = $6,
                    gone = $7, detailed = $8, complete = $9, trouble = $10, try_at = $11, finished_at = $12 WHERE id = $13)sql",
        code_of(s.stage), s.next_openid, s.total, s.seen, s.added, s.returned, s.gone, s.detailed, s.complete,
        s.trouble, s.try_at, s.finished_at, s.id);
}

std::optional<follower_sync> find_sync(db::read_view& view, std::int64_t id) {
    return view.query_one(
        sync_of,
        R"sql(SELECT id, begun_at, stage, next_openid, total, seen, added, returned, gone, detailed, complete, trouble,
                                  try_at, finished_at
                                FROM follower_sync WHERE id = $1)sql",
        id);
}

std::int64_t count_seen(db::read_view& view, std::int64_t sync) {
    return view.query_number(R"sql(SELECT count(*) FROM follower WHERE seen_in = $1)sql", sync);
}

seen see_follower(db::write_tx& tx, const follower_sync& s, std::string_view openid) {
    const auto known = tx.query_one([](db::row r) { return r.flag(0) ? seen::known : seen::returned; },
                                    R"sql(SELECT is_following FROM follower WHERE openid = $1)sql", openid);
    if (!known) {
        tx.exec(R"sql(INSERT INTO follower (openid, is_following, changed_at, said_at, scene, seen_in)
                  VALUES ($1, 1, $2, $3, '', $4))sql",
                openid, tx.now(), s.begun_at, s.id);
        return seen::added;
    }
    tx.exec(R"sql(UPDATE follower SET seen_in = $1 WHERE openid = $2)sql", s.id, openid);
    if (*known == seen::known) return seen::known;
    const bool is_news = put_follower(tx, openid, true, "", s.begun_at);
    return is_news ? seen::returned : seen::known;
}

std::vector<std::string> list_gone(db::read_view& view, const follower_sync& s, int most) {
    return texts(view.query(
        R"sql(SELECT openid FROM follower WHERE is_following = 1 AND seen_in < $1 AND said_at < $2 ORDER BY seen_in LIMIT $3)sql",
        s.id, s.begun_at, most));
}

std::vector<std::string> list_strangers(db::read_view& view, const follower_sync& s) {
    return texts(view.query(
        R"sql(SELECT DISTINCT b.openid FROM binding b
              WHERE b.unbound_at IS NULL AND b.bound_at < $1
                AND NOT EXISTS (SELECT 1 FROM follower f WHERE f.openid = b.openid))sql",
        s.begun_at));
}

void put_detail(db::write_tx& tx, const follower_detail& d) {
    tx.exec(R"sql(UPDATE follower SET unionid = coalesce($1, unionid), subscribed_at = $2,
                    scene = CASE WHEN scene = '' THEN $3 ELSE scene END WHERE openid = $4)sql",
            maybe(d.unionid), d.subscribed_at, d.scene, d.openid);
    tx.exec(
        R"sql(UPDATE binding SET unionid = coalesce(unionid, $1) WHERE openid = $2 AND unbound_at IS NULL)sql",
        maybe(d.unionid), d.openid);
}

void mark_detailed(db::write_tx& tx, std::string_view openid) {
    tx.exec(R"sql(UPDATE follower SET detailed_at = $1 WHERE openid = $2)sql", tx.now(), openid);
}

std::vector<held_binding> list_held(db::read_view& view, std::string_view openid) {
    std::vector<held_binding> all;
    for (const auto r : view.query(R"sql(SELECT id, login_id, coalesce(applicant_id, 0) FROM binding
                                         WHERE openid = $1 AND unbound_at IS NULL ORDER BY id)sql",
                                   openid))
        all.push_back({r.number(0), r.number(1), r.number(2)});
    return all;
}

void set_openid(db::write_tx& tx, std::int64_t binding, std::string_view openid) {
    tx.exec(R"sql(UPDATE binding SET openid = $1 WHERE id = $2 AND unbound_at IS NULL)sql", openid, binding);
}

int move_sessions(db::write_tx& tx, const openid_move& m) {
    return tx.exec(R"sql(UPDATE session SET openid = $1 WHERE openid = $2)sql", m.to, m.from);
}

bool move_tag(db::write_tx& tx, const openid_move& m) {
    const auto wanted = tx.query_one([](db::row r) { return r.flag(0); },
                                     R"sql(SELECT is_wanted FROM staff_tag WHERE openid = $1)sql", m.from);
    if (!wanted) return false;
    // To put it: as never told. To take it off: as if it had come along. What is known of the new one counts
    // more, but for a wish to have it.
    tx.exec(
        R"sql(INSERT INTO staff_tag (openid, is_wanted, is_put, tries, next_at, why) VALUES ($1, $2, $3, 0, $4, '')
              ON CONFLICT (openid) DO UPDATE SET is_wanted = 1, tries = 0, next_at = excluded.next_at, why = ''
              WHERE excluded.is_wanted = 1)sql",
        m.to, *wanted, !*wanted, tx.now());
    tx.exec(R"sql(DELETE FROM staff_tag WHERE openid = $1)sql", m.from);
    return true;
}

bool move_follower(db::write_tx& tx, const openid_move& m) {
    const int left = tx.exec(
        R"sql(UPDATE follower SET moved_to = $1, is_following = 0, changed_at = $2 WHERE openid = $3 AND moved_to IS NULL AND is_following = 1)sql",
        m.to, tx.now(), m.from);
    if (left == 0) return false;
    const auto known = tx.query_one([](db::row r) { return std::pair(r.time(0), r.text(1)); },
                                    R"sql(SELECT said_at, scene FROM follower WHERE openid = $1)sql", m.from);
    tx.exec(R"sql(INSERT INTO follower (openid, is_following, changed_at, said_at, scene, seen_in)
                  VALUES ($1, 1, $2, $3, $4, 0) ON CONFLICT (openid) DO NOTHING)sql",
            m.to, tx.now(), known->first, known->second);
    return true;
}

} // namespace store
} // namespace core::account
