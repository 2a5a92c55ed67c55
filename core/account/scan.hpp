// QR codes on desktop pages (M5): a random scene, single-use, ten minutes, tied to the browser that shows it.
// Scanning alone does nothing: the person confirms on the phone, seeing site, purpose, account, where and
// when, and the number on the screen (guarantees S4). Sessions and bindings themselves are in session.hpp,
// binding.hpp.
#pragma once
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/db/transaction.hpp"
#include "core/journal/transition.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace core::account {

enum class scan_purpose { sign_in, sign_in_staff, bind };
enum class scan_status { shown, scanned, confirmed, refused, used };
std::string_view code_of(scan_status s);

std::span<const transition<scan_status>> scan_transitions();

struct scan_start {
    std::string browser;      // the cookie of the browser that shows the code
    std::string source;       // its address
    std::string agent;        // its kind in words, at most 60 characters are kept
    std::string network = {}; // codes are counted by it; "": by the address
};
struct new_scan {
    std::string scene; // 64 hex digits, for the QR code; only its hash is kept
    std::string number;
};
// `who` is anybody for signing in, a person of a company or of staff for bind (else not_allowed). Ends what
// this browser showed before. Each is a call of WeChat's, of 100,000 a day, that a stranger in a loop could
// use up: refuses too_many (scan.too_many) after 60 of a network or 600 in all within ten minutes.
result<new_scan> begin_scan(db::write_tx& tx, const actor& who, scan_purpose purpose, const scan_start& s);
// What WeChat made of the scene, once it is known. Refuses not_found.
result<> set_scan_address(db::write_tx& tx, std::string_view scene, std::string_view address);

// What the phone's link names it by: the link stays in chats and in the inbox for a week, and from it nobody
// finds the scene, which alone makes the code and ends at the desktop.
std::string reference_of(std::string_view scene);

struct scan {
    scan_purpose purpose = scan_purpose::sign_in;
    scan_status status = scan_status::shown;
    std::string address, number, source, agent, openid;
    std::int64_t login_id = 0, applicant_id = 0, institution_id = 0;
    role_set roles; // of a person of staff
    // bind: for whom; signing in: who would be signed in, "" when unbound. For staff the institution, "" for
    // the platform.
    std::string login_name, applicant_name;
    instant created_at, expires_at;

    bool is_for_staff() const {
        return purpose == scan_purpose::sign_in_staff || (login_id != 0 && applicant_id == 0);
    }
};
// For the page that shows the code: of this browser and not over, else nullopt.
std::optional<scan> find_shown_scan(db::read_view& view, std::string_view scene, std::string_view browser);
// For the phone: scanned by this WeChat user and not over, else nullopt.
std::optional<scan> find_scanned(db::read_view& view, std::string_view reference, std::string_view openid);

// A WeChat user scanned it. Refuses not_found (unknown, over), stale_state (scan.used: by somebody else, or
// done). The same person again is fine.
result<scan> take_scan(db::write_tx& tx, std::string_view scene, std::string_view openid);
// By the person who scanned. bind: binds this WeChat user to the person who asked, refuses as bind_wechat
// or bind_staff_wechat does. Signing in: refuses not_allowed (scan.unbound, scan.unbound_staff) for a WeChat
// user without such a binding. not_found, stale_state.
result<> confirm_scan(db::write_tx& tx, const actor& who, std::string_view reference,
                      std::string_view openid);
result<> refuse_scan(db::write_tx& tx, const actor& who, std::string_view reference, std::string_view openid);

struct scan_outcome {
    scan_purpose purpose = scan_purpose::sign_in;
    std::int64_t login_id = 0, applicant_id = 0;
    std::string openid;
};
// By the browser that shows it, once. Refuses not_found, stale_state (scan.waiting).
result<scan_outcome> use_scan(db::write_tx& tx, std::string_view scene, std::string_view browser);
int purge_scans(db::write_tx& tx);

} // namespace core::account
