#include "notify/hub/wishes_store.hpp"

namespace notify::store {

bool is_unwanted(core::db::read_view& view, std::int64_t login, std::string_view kind) {
    return view.query_number(R"sql(SELECT count(*) FROM unwanted_kind WHERE login_id = $1 AND kind = $2)sql",
                             login, kind) > 0;
}

void put_unwanted(core::db::write_tx& tx, std::int64_t login, std::string_view kind, bool unwanted) {
    if (unwanted)
        tx.exec(R"sql(INSERT INTO unwanted_kind (login_id, kind, at) VALUES ($1, $2, $3)
                      ON CONFLICT (login_id, kind) DO NOTHING)sql",
                login, kind, tx.now());
    else
        tx.exec(R"sql(DELETE FROM unwanted_kind WHERE login_id = $1 AND kind = $2)sql", login, kind);
}

std::vector<std::string> list_unwanted(core::db::read_view& view, std::int64_t login) {
    std::vector<std::string> all;
    for (const auto r :
         view.query(R"sql(SELECT kind FROM unwanted_kind WHERE login_id = $1 ORDER BY kind)sql", login))
        all.push_back(r.text(0));
    return all;
}

std::optional<std::string> find_ways(core::db::read_view& view, std::int64_t login, std::string_view kind) {
    return view.query_one(
        [](core::db::row r) { return r.text(0); },
        R"sql(SELECT ways FROM person_ways WHERE login_id = $1 AND kind IN ('', $2) ORDER BY kind DESC LIMIT 1)sql",
        login, kind);
}

std::vector<std::pair<std::string, std::string>> list_ways(core::db::read_view& view, std::int64_t login) {
    std::vector<std::pair<std::string, std::string>> all;
    for (const auto r :
         view.query(R"sql(SELECT kind, ways FROM person_ways WHERE login_id = $1 ORDER BY kind)sql", login))
        all.emplace_back(r.text(0), r.text(1));
    return all;
}

void put_ways(core::db::write_tx& tx, std::int64_t login, std::string_view kind,
              const std::optional<std::string>& ways) {
    if (ways)
        tx.exec(R"sql(INSERT INTO person_ways (login_id, kind, ways) VALUES ($1, $2, $3)
                      ON CONFLICT (login_id, kind) DO UPDATE SET ways = excluded.ways)sql",
                login, kind, *ways);
    else
        tx.exec(R"sql(DELETE FROM person_ways WHERE login_id = $1 AND kind = $2)sql", login, kind);
}

std::optional<quiet_hours> find_quiet_hours(core::db::read_view& view, std::int64_t login) {
    return view.query_one(
        [](core::db::row r) {
            return quiet_hours{r.small(0), r.small(1), true};
        },
        R"sql(SELECT quiet_from, quiet_until FROM person_quiet WHERE login_id = $1)sql", login);
}

void put_quiet_hours(core::db::write_tx& tx, std::int64_t login, std::optional<quiet_hours> own) {
    if (own)
        tx.exec(R"sql(INSERT INTO person_quiet (login_id, quiet_from, quiet_until) VALUES ($1, $2, $3)
                      ON CONFLICT (login_id) DO UPDATE SET quiet_from = excluded.quiet_from,
                        quiet_until = excluded.quiet_until)sql",
                login, own->from, own->until);
    else
        tx.exec(R"sql(DELETE FROM person_quiet WHERE login_id = $1)sql", login);
}

std::vector<refused_kind> list_refusals(core::db::read_view& view, std::int64_t login, std::int64_t applicant,
                                        core::instant since) {
    std::vector<refused_kind> all;
    for (const auto r : view.query(R"sql(SELECT r.channel, r.kind, r.errcode, r.at
              FROM binding b JOIN channel_refusal r ON r.address = b.openid
              WHERE b.login_id = $1 AND b.unbound_at IS NULL AND coalesce(b.applicant_id, 0) = $2 AND r.at >= $3
              ORDER BY r.at DESC, r.kind LIMIT 50)sql",
                                   login, applicant, since))
        all.push_back({r.text(0), r.text(1), r.small(2), r.time(3), {}});
    return all;
}

int forget_refusals_of(core::db::write_tx& tx, std::int64_t login, std::int64_t applicant) {
    return tx.exec(R"sql(DELETE FROM channel_refusal WHERE address IN (SELECT b.openid FROM binding b
                           WHERE b.login_id = $1 AND b.unbound_at IS NULL AND coalesce(b.applicant_id, 0) = $2))sql",
                   login, applicant);
}

} // namespace notify::store
