#include "core/account/contact.hpp"

#include "core/account/contact_store.hpp"
#include "core/base/ids.hpp"
#include "core/base/text.hpp"
#include "core/journal/audit.hpp"

#include <algorithm>
#include <chrono>

namespace core::account {
namespace {

using namespace std::chrono_literals;
constexpr auto code_lives = 30min;
constexpr auto sending_window = 1h;
constexpr int most_codes = 5, most_tries = 5;

bool is_letter_or_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_local_part(std::string_view s) {
    constexpr std::string_view others = "!#$%&'*+-/=?^_`{|}~.";
    return !s.empty() && s.size() <= 64 && s.front() != '.' && s.back() != '.' &&
           s.find("..") == std::string_view::npos && std::all_of(s.begin(), s.end(), [&](char c) {
               return is_letter_or_digit(c) || others.find(c) != std::string_view::npos;
           });
}

bool is_label(std::string_view s) {
    return !s.empty() && s.size() <= 63 && s.front() != '-' && s.back() != '-' &&
           std::all_of(s.begin(), s.end(), [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

bool is_domain(std::string_view s) {
    if (s.find('.') == std::string_view::npos) return false;
    while (!s.empty()) {
        const auto dot = std::min(s.find('.'), s.size());
        if (!is_label(s.substr(0, dot))) return false;
        if (dot + 1 == s.size()) return false;
        s.remove_prefix(std::min(dot + 1, s.size()));
    }
    return true;
}

// The part before the @ as typed: some servers tell cases apart there.
std::string tidy_email(std::string_view typed) {
    const std::string text = to_half_width(trim(typed));
    const auto at = text.rfind('@');
    if (at == std::string::npos) return text;
    return text.substr(0, at) + to_lower_ascii(text.substr(at));
}

void note(db::write_tx& tx, const actor& who, std::string_view verb) {
    audit::append(tx, who,
                  {.verb = verb,
                   .subject_kind = "login",
                   .subject_id = who.login_id,
                   .applicant_id = who.applicant_id,
                   .institution_id = who.institution_id});
}

} // namespace

bool is_email(std::string_view text) {
    const auto at = text.rfind('@');
    return at != std::string_view::npos && text.size() <= 254 && is_local_part(text.substr(0, at)) &&
           is_domain(text.substr(at + 1));
}

std::string mask_email(std::string_view address) {
    const auto at = address.rfind('@');
    if (at == std::string_view::npos || at == 0) return "***";
    return std::string(address.substr(0, 1)) + "***" + std::string(address.substr(at));
}

own_email find_own_email(db::read_view& view, const actor& who) {
    if (who.login_id == 0) return {};
    const auto waiting = store::find_email_check(view, who.login_id);
    return {store::find_email(view, who.login_id).value_or(""),
            waiting && view.now() < waiting->expires_at ? waiting->address : ""};
}

result<email_code> begin_email(db::write_tx& tx, const actor& who, std::string_view address) {
    if (who.login_id == 0) return error(errc::not_allowed);
    const std::string to = tidy_email(address);
    if (!is_email(to)) return error(errc::invalid, "email.address", "email");
    const auto before = store::find_email_check(tx, who.login_id);
    const bool same_window = before && tx.now() < before->window_at + sending_window;
    if (same_window && before->sent >= most_codes) return error(errc::too_many, "email.too_often", "email");
    const std::string digits = std::to_string(1'000'000 + random_below(1'000'000)).substr(1);
    store::email_check c;
    c.address = to;
    c.code_hash = sha256_hex(std::to_string(who.login_id) + ":" + digits);
    c.expires_at = tx.now() + code_lives;
    c.window_at = same_window ? before->window_at : tx.now();
    c.sent = same_window ? before->sent + 1 : 1;
    store::put_email_check(tx, who.login_id, c);
    return email_code{to, digits};
}

email_outcome verify_email(db::write_tx& tx, const actor& who, std::string_view code) {
    const auto open = store::find_email_check(tx, who.login_id);
    if (!open || open->code_hash.empty() || tx.now() >= open->expires_at || open->tries >= most_tries)
        return email_outcome::over;
    const std::string typed = to_half_width(trim(code));
    if (sha256_hex(std::to_string(who.login_id) + ":" + typed) != open->code_hash) {
        store::count_email_try(tx, who.login_id);
        return open->tries + 1 >= most_tries ? email_outcome::over : email_outcome::wrong;
    }
    store::put_email(tx, who.login_id, open->address);
    store::end_email_check(tx, who.login_id);
    note(tx, who, "change_email");
    return email_outcome::verified;
}

result<> remove_email(db::write_tx& tx, const actor& who) {
    if (who.login_id == 0) return error(errc::not_allowed);
    store::end_email_check(tx, who.login_id);
    if (store::remove_email(tx, who.login_id)) note(tx, who, "remove_email");
    return {};
}

} // namespace core::account
