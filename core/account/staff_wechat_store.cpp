#include "core/account/staff_wechat_store.hpp"

namespace core::account {
namespace {

std::vector<staff_binding> read(db::rows found) {
    std::vector<staff_binding> all;
    for (const auto r : found)
        all.push_back({r.number(0), r.number(1), r.number(2), r.text(3), r.text(4), r.text(5), r.time(6)});
    return all;
}

std::optional<staff_binding> first(std::vector<staff_binding> found) {
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

} // namespace

std::optional<staff_binding> find_staff_wechat(db::read_view& view, std::string_view openid) {
    return first(read(view.query(
        R"sql(SELECT b.id, b.login_id, coalesce(m.institution_id, 0), b.openid, l.display_name, coalesce(i.name, ''), b.bound_at
              FROM binding b JOIN login l ON l.id = b.login_id JOIN staff_member m ON m.login_id = b.login_id
                LEFT JOIN institution i ON i.id = m.institution_id
              WHERE b.openid = $1 AND b.applicant_id IS NULL AND b.unbound_at IS NULL AND l.status = 'active')sql",
        openid)));
}

std::vector<staff_binding> list_staff_wechat(db::read_view& view, const actor& who) {
    if (who.kind != actor_kind::staff) return {};
    return read(view.query(
        R"sql(SELECT b.id, b.login_id, coalesce(m.institution_id, 0), b.openid, l.display_name, coalesce(i.name, ''), b.bound_at
              FROM binding b JOIN login l ON l.id = b.login_id JOIN staff_member m ON m.login_id = b.login_id
                LEFT JOIN institution i ON i.id = m.institution_id
              WHERE b.login_id = $1 AND b.applicant_id IS NULL AND b.unbound_at IS NULL ORDER BY b.id)sql",
        who.login_id));
}

std::vector<tag_change> list_tag_changes(db::read_view& view, int most) {
    std::vector<tag_change> all;
    for (const auto r : view.query(R"sql(SELECT openid, is_wanted, tries FROM staff_tag
                                         WHERE is_wanted <> is_put AND next_at <= $1 ORDER BY next_at LIMIT $2)sql",
                                   view.now(), most))
        all.push_back({r.text(0), r.flag(1), r.small(2)});
    return all;
}

// The wish may have changed meanwhile: then the row stays open, and the next round tells the new one.
void settle_tag_change(db::write_tx& tx, const tag_change& told) {
    tx.exec(R"sql(UPDATE staff_tag SET is_put = $1, tries = 0, why = '' WHERE openid = $2)sql", told.wanted,
            told.openid);
    tx.exec(R"sql(DELETE FROM staff_tag WHERE openid = $1 AND is_wanted = 0 AND is_put = 0)sql", told.openid);
}

void delay_tag_change(db::write_tx& tx, const tag_change& failed, instant next_at, std::string_view why) {
    tx.exec(
        R"sql(UPDATE staff_tag SET tries = $1, next_at = $2, why = $3 WHERE openid = $4 AND is_wanted = $5)sql",
        failed.tries + 1, next_at, why, failed.openid, failed.wanted);
}

int count_stuck_tags(db::read_view& view) {
    return static_cast<int>(view.query_number(
        R"sql(SELECT count(*) FROM staff_tag WHERE is_wanted <> is_put AND tries >= 5)sql"));
}

namespace store {

std::vector<staff_binding> list_colleagues(db::read_view& view, std::int64_t institution, std::int64_t but,
                                           std::int64_t after, int limit) {
    return read(view.query(
        R"sql(SELECT b.id, b.login_id, m.institution_id, b.openid, l.display_name, i.name, b.bound_at
              FROM staff_member m JOIN binding b ON b.login_id = m.login_id JOIN login l ON l.id = b.login_id
                JOIN institution i ON i.id = m.institution_id
              WHERE m.institution_id = $1 AND m.login_id <> $2 AND b.id > $3
                AND b.applicant_id IS NULL AND b.unbound_at IS NULL ORDER BY b.id LIMIT $4)sql",
        institution, but, after, limit));
}

std::vector<staff_binding> list_others(db::read_view& view, std::int64_t but, std::int64_t after, int limit) {
    return read(view.query(
        R"sql(SELECT b.id, b.login_id, coalesce(m.institution_id, 0), b.openid, l.display_name, coalesce(i.name, ''), b.bound_at
              FROM binding b JOIN login l ON l.id = b.login_id JOIN staff_member m ON m.login_id = b.login_id
                LEFT JOIN institution i ON i.id = m.institution_id
              WHERE b.id > $1 AND b.applicant_id IS NULL AND b.unbound_at IS NULL AND b.login_id <> $2
              ORDER BY b.id LIMIT $3)sql",
        after, but, limit));
}

std::optional<staff_binding> find_staff_binding(db::read_view& view, std::int64_t id) {
    return first(read(view.query(
        R"sql(SELECT b.id, b.login_id, coalesce(m.institution_id, 0), b.openid, l.display_name, coalesce(i.name, ''), b.bound_at
              FROM binding b JOIN login l ON l.id = b.login_id JOIN staff_member m ON m.login_id = b.login_id
                LEFT JOIN institution i ON i.id = m.institution_id
              WHERE b.id = $1 AND b.applicant_id IS NULL AND b.unbound_at IS NULL)sql",
        id)));
}

} // namespace store
} // namespace core::account
