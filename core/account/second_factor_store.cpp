#include "core/account/second_factor_store.hpp"

namespace core::account::store {

std::optional<factor> find_factor(db::read_view& view, std::int64_t login) {
    return view.query_one(
        [&](db::row r) {
            return factor{view.vault().open(r.blob(0)).value(), !r.is_null(1), r.number(2)};
        },
        R"sql(SELECT seed, confirmed_at, last_step FROM second_factor WHERE login_id = $1)sql", login);
}

bool is_factor_confirmed(db::read_view& view, std::int64_t login) {
    return view.query_number(
               R"sql(SELECT count(*) FROM second_factor WHERE login_id = $1 AND confirmed_at IS NOT NULL)sql",
               login) == 1;
}

void put_factor(db::write_tx& tx, std::int64_t login, std::string_view seed) {
    const std::string sealed = tx.vault().seal(seed);
    tx.exec(R"sql(INSERT INTO second_factor (login_id, seed, last_step, created_at) VALUES ($1, $2, 0, $3)
                  ON CONFLICT (login_id) DO UPDATE SET seed = excluded.seed, last_step = 0,
                    created_at = excluded.created_at)sql",
            login, db::blob_view{sealed}, tx.now());
}

bool confirm_factor(db::write_tx& tx, std::int64_t login, std::int64_t step) {
    return tx.exec(R"sql(UPDATE second_factor SET confirmed_at = $1, last_step = $2
                         WHERE login_id = $3 AND confirmed_at IS NULL)sql",
                   tx.now(), step, login) == 1;
}

bool take_step(db::write_tx& tx, std::int64_t login, std::int64_t step) {
    return tx.exec(R"sql(UPDATE second_factor SET last_step = $1
                         WHERE login_id = $2 AND confirmed_at IS NOT NULL AND last_step < $3)sql",
                   step, login, step) == 1;
}

void drop_factor(db::write_tx& tx, std::int64_t login) {
    tx.exec(R"sql(DELETE FROM recovery_code WHERE login_id = $1)sql", login);
    tx.exec(R"sql(DELETE FROM second_factor WHERE login_id = $1)sql", login);
}

void put_recovery_codes(db::write_tx& tx, std::int64_t login, const std::vector<std::string>& hashes) {
    tx.exec(R"sql(DELETE FROM recovery_code WHERE login_id = $1)sql", login);
    for (const auto& hash : hashes)
        tx.exec(R"sql(INSERT INTO recovery_code (login_id, code_hash) VALUES ($1, $2))sql", login, hash);
}

bool take_recovery_code(db::write_tx& tx, std::int64_t login, std::string_view hash) {
    return tx.exec(R"sql(UPDATE recovery_code SET used_at = $1
                         WHERE login_id = $2 AND code_hash = $3 AND used_at IS NULL)sql",
                   tx.now(), login, hash) == 1;
}

int count_recovery_codes(db::read_view& view, std::int64_t login) {
    return static_cast<int>(view.query_number(
        R"sql(SELECT count(*) FROM recovery_code WHERE login_id = $1 AND used_at IS NULL)sql", login));
}

void mark_factor_passed(db::write_tx& tx, std::string_view token_hash) {
    tx.exec(R"sql(UPDATE session SET factor_at = $1 WHERE token_hash = $2)sql", tx.now(), token_hash);
}

} // namespace core::account::store
