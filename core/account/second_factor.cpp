#include "core/account/second_factor.hpp"

#include "core/account/login.hpp"
#include "core/account/login_store.hpp"
#include "core/account/member.hpp"
#include "core/account/second_factor_store.hpp"
#include "core/account/totp.hpp"
#include "core/base/ids.hpp"
#include "core/base/text.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/setting.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace core::account {
namespace {

constexpr std::size_t seed_bytes = 20;     // as long as the hash, RFC 4226 4
constexpr std::size_t recovery_bytes = 10; // 80 bits, so that a plain hash keeps them
constexpr int most_tries = 5;
constexpr std::chrono::minutes window{15};
constexpr std::string_view issuer = "广东计量强检";
constexpr role_set higher{role::institution_admin, role::platform_admin, role::regulator};

std::string bytes_of(std::size_t n) {
    std::array<unsigned char, 32> made{};
    random_bytes(std::span(made.data(), n));
    return {made.begin(), made.begin() + static_cast<std::ptrdiff_t>(n)};
}

std::string grouped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i)
        out.append(i > 0 && i % 4 == 0 ? "-" : "").append(1, text[i]);
    return out;
}

// As typed: any case, with or without dashes and blanks.
std::string recovery_hash(std::string_view typed) {
    std::string plain;
    for (const char c : typed)
        if (c != '-' && c != ' ') plain += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return sha256_hex("recovery " + plain);
}

std::string tries_key(std::int64_t login) {
    return "factor:" + std::to_string(login);
}

void record(db::write_tx& tx, const actor& who, std::string_view verb, std::int64_t login,
            std::string_view note) {
    audit::append(tx, who,
                  {.verb = verb,
                   .subject_kind = "login",
                   .subject_id = login,
                   .note = std::string(note),
                   .institution_id = who.institution_id});
}

enrolment enrolment_of(db::read_view& view, std::int64_t login, std::string_view seed) {
    const auto person = get_login(view, login);
    return {grouped(base32(seed)), totp_uri(seed, issuer, person ? person->username : "")};
}

// A code of the app, or one of the recovery codes; either is taken by this.
bool takes(db::write_tx& tx, std::int64_t login, std::string_view code) {
    const auto f = store::find_factor(tx, login);
    if (!f || !f->is_confirmed) return false;
    if (const auto step = find_totp_step(f->seed, code, tx.now(), f->last_step))
        return store::take_step(tx, login, *step);
    return store::take_recovery_code(tx, login, recovery_hash(code));
}

bool is_staff(const actor& who) {
    return who.kind == actor_kind::staff && who.login_id != 0;
}

} // namespace

bool has_second_factor(db::read_view& view, std::int64_t login_id) {
    return store::is_factor_confirmed(view, login_id);
}

bool needs_second_factor(db::read_view& view, role_set staff_roles) {
    const auto required = setting::text(view, "second_factor.required");
    return required == "all" || (required == "higher" && staff_roles.any(higher));
}

result<enrolment> begin_second_factor(db::write_tx& tx, const actor& who) {
    if (!is_staff(who)) return error(errc::not_allowed);
    if (has_second_factor(tx, who.login_id)) return error(errc::conflict, "factor.there");
    const std::string seed = bytes_of(seed_bytes);
    store::put_factor(tx, who.login_id, seed);
    record(tx, who, "begin_second_factor", who.login_id, "");
    return enrolment_of(tx, who.login_id, seed);
}

result<enrolment> find_enrolment(db::read_view& view, const actor& who) {
    if (!is_staff(who)) return error(errc::not_found);
    const auto f = store::find_factor(view, who.login_id);
    if (!f || f->is_confirmed) return error(errc::not_found);
    return enrolment_of(view, who.login_id, f->seed);
}

result<std::vector<std::string>> confirm_second_factor(db::write_tx& tx, const actor& who,
                                                       std::string_view code,
                                                       std::string_view kept_token_hash) {
    const auto f = is_staff(who) ? store::find_factor(tx, who.login_id) : std::nullopt;
    if (!f || f->is_confirmed) return error(errc::not_found);
    const auto step = find_totp_step(f->seed, code, tx.now(), 0);
    if (!step) return error(errc::invalid, "factor.wrong_app", "code");
    if (!store::confirm_factor(tx, who.login_id, *step)) return error(errc::stale_state);
    std::vector<std::string> codes, hashes;
    for (int n = 0; n < recovery_codes; ++n) {
        codes.push_back(grouped(base32(bytes_of(recovery_bytes))));
        hashes.push_back(recovery_hash(codes.back()));
    }
    store::put_recovery_codes(tx, who.login_id, hashes);
    store::mark_factor_passed(tx, kept_token_hash);
    end_other_sessions(tx, who, kept_token_hash);
    record(tx, who, "confirm_second_factor", who.login_id, "");
    return codes;
}

result<> remove_second_factor(db::write_tx& tx, const actor& who, std::int64_t login_id,
                              std::string_view code, std::string_view reason) {
    const auto person = get_login(tx, login_id);
    if (!person || !may_administer(tx, who, *person)) return error(errc::not_found);
    if (!has_second_factor(tx, login_id)) return error(errc::not_found);
    const bool oneself = is_staff(who) && who.login_id == login_id;
    if (oneself && !takes(tx, login_id, code)) return error(errc::invalid, "factor.wrong_code", "code");
    const std::string why = tidy_line(reason);
    if (!oneself && (why.empty() || !is_utf8(why) || count_characters(why) > 100))
        return error(errc::invalid, "factor.reason", "reason");
    store::drop_factor(tx, login_id);
    if (!oneself) end_sessions_of(tx, login_id);
    record(tx, who, "remove_second_factor", login_id, why);
    return {};
}

factor_answer answer_second_factor(db::write_tx& tx, const session& waiting, std::string_view code,
                                   std::string_view source) {
    const std::int64_t login = waiting.who.login_id;
    const std::string key = tries_key(login);
    factor_answer a;
    a.locked = !may_try(tx, key);
    if (waiting.factor != factor_need::code || a.locked) return a;
    a.good = takes(tx, login, code);
    if (!a.good) {
        count_failure(tx, key, most_tries, window);
        a.locked = !may_try(tx, key);
        a.tries_left = std::max(0, most_tries - store::failures(tx, key));
        record(tx, waiting.who, "second_factor_failed", login, a.locked ? "locked" : "");
        return a;
    }
    forget_failures(tx, key);
    a.recovery_left = store::count_recovery_codes(tx, login);
    record(tx, waiting.who, "pass_second_factor", login, "");
    drop_session(tx, waiting.token_hash);
    a.session = begin_session(tx, {.login_id = login,
                                   .applicant_id = 0,
                                   .via = "password",
                                   .openid = "",
                                   .source = std::string(source),
                                   .factor_passed = true});
    return a;
}

error refusal_of(const factor_answer& a) {
    if (a.locked)
        return error(errc::too_many, "factor.locked", "code").with("minutes", std::to_string(window.count()));
    return error(errc::invalid, "factor.wrong", "code").with("left", std::to_string(a.tries_left));
}

} // namespace core::account
