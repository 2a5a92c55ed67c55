#include "core/account/scan.hpp"

#include "core/account/binding.hpp"
#include "core/account/login.hpp"
#include "core/account/scan_store.hpp"
#include "core/account/staff_wechat.hpp"
#include "core/base/ids.hpp"
#include "core/base/text.hpp"
#include "core/journal/audit.hpp"

#include <array>
#include <chrono>
#include <string>
#include <string_view>

namespace core::account {
namespace {

using namespace std::chrono_literals;
constexpr auto lifetime = 10min;
constexpr std::string_view all_codes = "scan:*";
constexpr int most_codes = 60, most_codes_of_all = 600;
constexpr std::chrono::minutes codes_window{10};
constexpr who_may anybody{.applicant = true, .system = true, .staff = {}}; // whoever holds scene and openid

constexpr std::array<transition<scan_status>, 4> table = {{
    {"Q1", scan_status::shown, "take", scan_status::scanned, anybody, ""},
    {"Q2", scan_status::scanned, "confirm", scan_status::confirmed, anybody, ""},
    {"Q3", scan_status::scanned, "refuse", scan_status::refused, anybody, ""},
    {"Q4", scan_status::confirmed, "use", scan_status::used, anybody, ""},
}};

error stale(scan_status now) {
    return error(errc::stale_state,
                 now == scan_status::shown || now == scan_status::scanned ? "scan.waiting" : "scan.used");
}

result<> count_code(db::write_tx& tx, const scan_start& s) {
    const std::string key = "scan:" + (s.network.empty() ? s.source : s.network);
    if (!may_try(tx, key, all_codes)) return error(errc::too_many, "scan.too_many");
    count_failure(tx, key, most_codes, codes_window);
    count_failure(tx, all_codes, most_codes_of_all, codes_window);
    return {};
}

// Row of the table, then the guarded update.
result<> walk(db::write_tx& tx, std::string_view hash, std::string_view verb, const scan& s) {
    const auto* row = find_transition<scan_status>(table, s.status, verb);
    if (row == nullptr || !store::move_scan(tx, hash, row->from, row->to, s)) return stale(s.status);
    return {};
}

actor by_wechat_user(const actor& who, const scan& s) {
    actor person = who;
    person.kind = s.is_for_staff() ? actor_kind::staff : actor_kind::applicant;
    person.login_id = s.login_id;
    person.applicant_id = s.applicant_id;
    person.institution_id = s.institution_id;
    if (s.is_for_staff()) person.roles = s.roles;
    person.name = s.login_name;
    return person;
}

void note(db::write_tx& tx, const actor& who, std::string_view verb, const scan& s) {
    audit::append(tx, who,
                  {.verb = verb,
                   .subject_kind = "login",
                   .subject_id = s.login_id,
                   .after = value::object().set("browser", s.agent).set("address", s.source),
                   .applicant_id = s.applicant_id,
                   .institution_id = s.institution_id});
}

// Who would be signed in: the person of staff, or the first company of the person this WeChat user is bound
// to.
void put_person(db::read_view& view, scan& s) {
    if (s.purpose == scan_purpose::bind) return;
    if (s.purpose == scan_purpose::sign_in_staff) {
        const auto staff = find_staff_wechat(view, s.openid);
        if (!staff) return;
        s.login_id = staff->login_id;
        s.institution_id = staff->institution_id;
        s.login_name = staff->login_name;
        s.applicant_name = staff->institution_name;
        return;
    }
    const auto bound = list_acting(view, s.openid);
    if (bound.empty()) return;
    s.login_id = bound.front().login_id;
    s.applicant_id = bound.front().applicant_id;
    s.login_name = bound.front().login_name;
    s.applicant_name = bound.front().applicant_name;
}

// Between the confirmation and this moment the phone may have been unbound.
bool still_stands(db::read_view& view, const scan& confirmed) {
    if (confirmed.purpose == scan_purpose::bind) return true;
    scan now = confirmed;
    now.login_id = now.applicant_id = 0;
    put_person(view, now);
    return now.login_id == confirmed.login_id && now.applicant_id == confirmed.applicant_id;
}

} // namespace

std::span<const transition<scan_status>> scan_transitions() {
    return table;
}

std::string reference_of(std::string_view scene) {
    return sha256_hex(scene);
}

result<new_scan> begin_scan(db::write_tx& tx, const actor& who, scan_purpose purpose, const scan_start& s) {
    const bool may_bind = who.is_applicant() || who.kind == actor_kind::staff;
    if (purpose == scan_purpose::bind && !may_bind) return error(errc::not_allowed);
    if (s.browser.size() != 64) return error(errc::invalid, "scan.browser");
    if (auto allowed = count_code(tx, s); !allowed) return allowed.error();
    const std::string browser = sha256_hex(s.browser);
    store::end_scans_of(tx, browser);
    new_scan made{random_hex(32), std::to_string(10 + random_below(90))};
    scan kept;
    kept.purpose = purpose;
    kept.number = made.number;
    kept.source = s.source;
    kept.agent = cut_characters(tidy_line(s.agent), 60);
    if (purpose == scan_purpose::bind) {
        kept.login_id = who.login_id;
        kept.applicant_id = who.applicant_id;
    }
    kept.created_at = tx.now();
    kept.expires_at = tx.now() + lifetime;
    store::insert_scan(tx, reference_of(made.scene), browser, kept);
    return made;
}

result<> set_scan_address(db::write_tx& tx, std::string_view scene, std::string_view address) {
    if (address.empty() || address.size() > 512) return error(errc::invalid, "scan.address");
    if (!store::set_address(tx, reference_of(scene), address)) return error(errc::not_found);
    return {};
}

std::optional<scan> find_shown_scan(db::read_view& view, std::string_view scene, std::string_view browser) {
    auto found = store::find_scan(view, reference_of(scene));
    if (!found || found->browser_hash != sha256_hex(browser)) return std::nullopt;
    return std::move(found->what);
}

std::optional<scan> find_scanned(db::read_view& view, std::string_view reference, std::string_view openid) {
    auto found = store::find_scan(view, reference);
    if (!found || openid.empty() || found->what.openid != openid) return std::nullopt;
    put_person(view, found->what);
    return std::move(found->what);
}

result<scan> take_scan(db::write_tx& tx, std::string_view scene, std::string_view openid) {
    const std::string hash = reference_of(scene);
    auto found = store::find_scan(tx, hash);
    if (!found || openid.empty() || openid.size() > 64) return error(errc::not_found, "scan.over");
    scan& s = found->what;
    const bool again = s.status == scan_status::scanned && s.openid == openid;
    if (!again) {
        s.openid = openid;
        if (const auto walked = walk(tx, hash, "take", s); !walked)
            return error(errc::stale_state, "scan.used");
        s.status = scan_status::scanned;
    }
    put_person(tx, s);
    return std::move(s);
}

result<> confirm_scan(db::write_tx& tx, const actor& who, std::string_view reference,
                      std::string_view openid) {
    const auto s = find_scanned(tx, reference, openid);
    if (!s) return error(errc::not_found, "scan.over");
    if (s->login_id == 0)
        return error(errc::not_allowed, s->is_for_staff() ? "scan.unbound_staff" : "scan.unbound");
    if (const auto walked = walk(tx, reference, "confirm", *s); !walked) return walked.error();
    const actor person = by_wechat_user(who, *s);
    note(tx, person, "confirm_scan", *s);
    if (s->purpose != scan_purpose::bind) return {};
    const auto bound =
        s->is_for_staff() ? bind_staff_wechat(tx, person, openid) : bind_wechat(tx, person, openid, "");
    if (!bound) return bound.error();
    return {};
}

result<> refuse_scan(db::write_tx& tx, const actor& who, std::string_view reference,
                     std::string_view openid) {
    const auto s = find_scanned(tx, reference, openid);
    if (!s) return error(errc::not_found, "scan.over");
    if (const auto walked = walk(tx, reference, "refuse", *s); !walked) return walked.error();
    if (s->login_id != 0) note(tx, by_wechat_user(who, *s), "refuse_scan", *s);
    return {};
}

result<scan_outcome> use_scan(db::write_tx& tx, std::string_view scene, std::string_view browser) {
    const auto s = find_shown_scan(tx, scene, browser);
    if (!s) return error(errc::not_found, "scan.over");
    if (const auto walked = walk(tx, reference_of(scene), "use", *s); !walked) return walked.error();
    if (!still_stands(tx, *s)) return error(errc::not_allowed, "scan.undone");
    return scan_outcome{s->purpose, s->login_id, s->applicant_id, s->openid};
}

} // namespace core::account
