#include "core/account/binding.hpp"
#include "core/account/login_store.hpp"
#include "core/account/reset.hpp"
#include "core/base/ids.hpp"
#include "core/journal/audit.hpp"

namespace core::account {
namespace {

using namespace std::chrono_literals;
constexpr int resets_a_day = 5;

std::string key_of(std::string_view openid) {
    return "reset:" + std::string(openid);
}

} // namespace

result<std::string> begin_reset(db::write_tx& tx, const actor& who, std::string_view openid) {
    if (!may_try(tx, key_of(openid))) return error(errc::too_many, "reset.too_many");
    const auto bindings = list_by_openid(tx, openid); // all of one person
    const auto person = bindings.empty() ? std::nullopt : get_login(tx, bindings.front().login_id);
    if (!person || person->status != "active") return error(errc::not_found, "reset.unbound");
    count_failure(tx, key_of(openid), resets_a_day, 24h);
    tx.exec(R"sql(DELETE FROM password_reset WHERE login_id = $1)sql", person->id);
    std::string code = random_hex(16);
    tx.exec(R"sql(INSERT INTO password_reset (code_hash, login_id, openid, created_at, expires_at)
                  VALUES ($1, $2, $3, $4, $5))sql",
            sha256_hex(code), person->id, openid, tx.now(), tx.now() + 10min);
    audit::append(tx, who, {.verb = "begin_reset", .subject_kind = "login", .subject_id = person->id});
    return code;
}

result<login> find_reset(db::read_view& view, std::string_view code) {
    const auto id = view.query_number(
        R"sql(SELECT login_id FROM password_reset WHERE code_hash = $1 AND expires_at > $2)sql",
        sha256_hex(code), view.now());
    auto person = get_login(view, id);
    if (!person || person->status != "active") return error(errc::invalid, "reset.over");
    return std::move(*person);
}

result<> reset_password(db::write_tx& tx, const actor& who, std::string_view code,
                        const accepted_password& fresh) {
    const auto person = find_reset(tx, code);
    if (!person) return person.error();
    tx.exec(R"sql(DELETE FROM password_reset WHERE login_id = $1)sql", person->id);
    store::keep_password(tx, person->id, fresh.hash(), false);
    store::forget_account_failures(tx, person->username);
    audit::append(tx, who, {.verb = "reset_password", .subject_kind = "login", .subject_id = person->id});
    return {};
}

int purge_resets(db::write_tx& tx) {
    return tx.exec(R"sql(DELETE FROM password_reset WHERE expires_at < $1)sql", tx.now());
}

} // namespace core::account
