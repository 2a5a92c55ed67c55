// The second factor of staff (S7): arithmetic by the vectors of the RFCs, setting up, asking, replay, locks,
// recovery codes, what a waiting session is good for.
#include "core/account/login.hpp"
#include "core/account/member.hpp"
#include "core/account/second_factor.hpp"
#include "core/account/totp.hpp"
#include "core/base/ids.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/setting.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/world_accounts.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>

namespace {

using namespace core;
using namespace core::account;
using db::read_view;
using db::write_tx;
using tests::account_world;

// A person with an authenticator app, signed in by password.
class phone_world : public account_world {
  public:
    phone_world() : who(acting("linxiaomin")) { token = sha256_hex(sign_in("linxiaomin")); }

    // As the app does: from the text that is typed into it.
    std::string seed_of(const enrolment& e) const {
        static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        std::string bytes;
        unsigned held = 0;
        int bits = 0;
        for (const char c : e.seed) {
            if (c == '-') continue;
            held = (held << 5) | static_cast<unsigned>(alphabet.find(c));
            bits += 5;
            if (bits < 8) continue;
            bits -= 8;
            bytes += static_cast<char>((held >> bits) & 0xff);
        }
        return bytes;
    }
    std::string code(int steps_away = 0) const { return hotp(seed, totp_step(time.now()) + steps_away); }
    std::vector<std::string> set_up() {
        seed = seed_of(write([&](write_tx& tx) { return begin_second_factor(tx, who); }).value());
        auto codes =
            write([&](write_tx& tx) { return confirm_second_factor(tx, who, code(), token); }).value();
        time.advance(totp_period); // the code that confirmed is used up
        return codes;
    }
    session waiting() {
        const auto found =
            read([&](read_view& v) { return find_session(v, sha256_hex(sign_in("linxiaomin"))); });
        return found.value();
    }
    factor_answer answer(const session& s, std::string_view typed) {
        return write([&](write_tx& tx) -> result<factor_answer> {
                   return answer_second_factor(tx, s, typed, "203.0.113.5");
               })
            .value();
    }
    std::string remove(const actor& by, std::string_view typed, std::string_view reason = "") {
        const auto done =
            write([&](write_tx& tx) { return remove_second_factor(tx, by, who.login_id, typed, reason); });
        if (done) return {};
        return done.error().detail.empty() ? std::string(name_of(done.error().code)) : done.error().detail;
    }

    actor who;
    std::string token, seed;
};

} // namespace

TEST_CASE("S7 HOTP and TOTP give the codes of RFC 4226 and RFC 6238, base32 that of RFC 4648") {
    const std::string seed = "12345678901234567890";
    const std::array<const char*, 10> counted = {"755224", "287082", "359152", "969429", "338314",
                                                 "254676", "287922", "162583", "399871", "520489"};
    for (std::size_t n = 0; n < counted.size(); ++n)
        CHECK(hotp(seed, static_cast<std::int64_t>(n)) == counted[n]);
    const std::pair<std::int64_t, const char*> timed[] = {
        {59, "94287082"},         {1111111109, "07081804"}, {1111111111, "14050471"},
        {1234567890, "89005924"}, {2000000000, "69279037"}, {20000000000, "65353130"}};
    for (const auto& [second, code] : timed)
        CHECK(hotp(seed, totp_step(from_ms(second * 1000)), 8) == code);
    const std::pair<const char*, const char*> texts[] = {{"", ""},
                                                         {"f", "MY"},
                                                         {"fo", "MZXQ"},
                                                         {"foo", "MZXW6"},
                                                         {"foob", "MZXW6YQ"},
                                                         {"fooba", "MZXW6YTB"},
                                                         {"foobar", "MZXW6YTBOI"}};
    for (const auto& [plain, coded] : texts)
        CHECK(base32(plain) == coded);
    CHECK(totp_uri(seed, "强检", "lin.x") ==
          "otpauth://totp/"
          "%E5%BC%BA%E6%A3%80:lin.x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=%E5%BC%BA%E6%A3%80"
          "&algorithm=SHA1&digits=6&period=30");
}

TEST_CASE("S7 a code counts in its own half minute and the ones beside it, once") {
    const std::string seed = "12345678901234567890";
    const instant now = from_ms(1'800'000'000'000);
    const auto step = totp_step(now);
    for (int away = -4; away <= 4; ++away) {
        CAPTURE(away);
        const auto found = find_totp_step(seed, hotp(seed, step + away), now, 0);
        CHECK(found.has_value() == (away >= -1 && away <= 1));
        if (found) CHECK(*found == step + away);
        if (found) CHECK_FALSE(find_totp_step(seed, hotp(seed, step + away), now, *found)); // taken already
    }
    CHECK(find_totp_step(seed, " " + hotp(seed, step).insert(3, " "), now, 0)); // as apps show it
    for (const auto* typed : {"", "12345", "1234567", "abcdef", "000000 "})
        CHECK_FALSE(find_totp_step(seed, typed, now, 0));
}

TEST_CASE("S7 setting up: sealed until a code confirms it, recovery codes once, other sessions end") {
    phone_world w;
    const auto other = sha256_hex(w.sign_in("linxiaomin"));
    CHECK(w.write([&](write_tx& tx) { return begin_second_factor(tx, w.acting("chenzhiming")); })
              .error()
              .code == errc::not_allowed); // for staff
    CHECK(w.write([&](write_tx& tx) { return confirm_second_factor(tx, w.who, "123456", w.token); })
              .error()
              .code == errc::not_found); // nothing begun
    const auto first = w.write([&](write_tx& tx) { return begin_second_factor(tx, w.who); }).value();
    const auto again = w.write([&](write_tx& tx) { return begin_second_factor(tx, w.who); }).value();
    CHECK(first.seed != again.seed);
    CHECK(w.read([&](read_view& v) { return find_enrolment(v, w.who); })->seed == again.seed);
    CHECK(w.count("SELECT count(*) FROM second_factor") == 1);
    CHECK_FALSE(w.read([&](read_view& v) { return has_second_factor(v, w.who.login_id); }));
    CHECK(w.waiting().factor == factor_need::none); // not asked for before it is confirmed
    w.seed = w.seed_of(first);
    CHECK(w.write([&](write_tx& tx) { return confirm_second_factor(tx, w.who, w.code(), w.token); })
              .error()
              .detail == "factor.wrong_app"); // of the seed that was replaced
    const auto codes = w.set_up();
    CHECK(std::set<std::string>(codes.begin(), codes.end()).size() == recovery_codes);
    CHECK(codes[0].size() == 19); // 16 letters in four groups: 80 bits
    CHECK(w.read([&](read_view& v) { return has_second_factor(v, w.who.login_id); }));
    CHECK_FALSE(w.read([&](read_view& v) { return find_session(v, other); }));
    const auto kept = w.read([&](read_view& v) { return find_session(v, w.token); });
    REQUIRE(kept); // it has just proved the factor
    CHECK(kept->factor == factor_need::none);
    CHECK(kept->who.roles.has(role::filing_reviewer));
    CHECK(w.write([&](write_tx& tx) { return begin_second_factor(tx, w.who); }).error().detail ==
          "factor.there");
    CHECK(w.read([&](read_view& v) { return find_enrolment(v, w.who); }).error().code == errc::not_found);
    // S12: neither the seed nor a recovery code is in the file in clear.
    for (const auto& row : {std::string("seed"), std::string("code_hash")})
        for (const auto& planted : {w.seed, codes[0]})
            CHECK(w.read([&](read_view& v) {
                for (const auto r :
                     v.query(row == "seed" ? "SELECT CAST(seed AS BLOB) FROM second_factor"
                                           : "SELECT CAST(code_hash AS BLOB) FROM recovery_code"))
                    if (r.blob(0).find(planted) != std::string::npos) return false;
                return true;
            }));
}

TEST_CASE("S7 after the password the session waits: it has no role before the code, and none twice") {
    phone_world w;
    w.set_up();
    const auto s = w.waiting();
    CHECK(s.factor == factor_need::code);
    CHECK(s.who.roles.empty());
    CHECK(s.who.institution_id == 0);
    CHECK(s.who.login_id == w.who.login_id);
    const auto code = w.code();
    const auto passed = w.answer(s, code);
    REQUIRE(passed.good);
    CHECK(passed.recovery_left == recovery_codes);
    CHECK_FALSE(w.read([&](read_view& v) { return find_session(v, s.token_hash); })); // another token goes on
    const auto full = w.read([&](read_view& v) { return find_session(v, sha256_hex(passed.session.token)); });
    REQUIRE(full);
    CHECK(full->factor == factor_need::none);
    CHECK(full->who.institution_id == w.who.institution_id);
    const auto second = w.waiting();
    CHECK_FALSE(w.answer(second, code).good); // replay, within its half minute
    w.time.advance(totp_period);
    CHECK_FALSE(w.answer(second, w.code(-1)).good); // the same one, a step later
    CHECK(w.answer(second, w.code()).good);
    CHECK_FALSE(w.answer(*full, w.code(1)).good); // a session that waits for nothing passes nothing
}

TEST_CASE("S7 five wrong codes lock for a quarter of an hour, over all sessions of the person") {
    phone_world w;
    w.set_up();
    for (int left = 4; left >= 0; --left) {
        const auto a = w.answer(w.waiting(), "000000");
        CHECK_FALSE(a.good);
        CHECK(a.locked == (left == 0));
        CHECK(a.tries_left == left);
        CHECK(refusal_of(a).detail == (left == 0 ? "factor.locked" : "factor.wrong"));
    }
    CHECK(w.answer(w.waiting(), w.code()).locked); // the right one too
    w.time.advance(std::chrono::minutes(15));
    CHECK(w.answer(w.waiting(), w.code()).good);
    CHECK(w.answer(w.waiting(), "000000").tries_left == 4); // counted anew
    const auto history = w.read([&](read_view& v) { return audit::list_for(v, "login", w.who.login_id); });
    CHECK(std::count_if(history.begin(), history.end(),
                        [](const auto& e) { return e.verb == "second_factor_failed"; }) == 6);
}

TEST_CASE("S7 recovery codes: each once, however it is typed") {
    phone_world w;
    const auto codes = w.set_up();
    CHECK(w.answer(w.waiting(), codes[0]).recovery_left == recovery_codes - 1);
    CHECK_FALSE(w.answer(w.waiting(), codes[0]).good);
    std::string typed = codes[1];
    typed.erase(std::remove(typed.begin(), typed.end(), '-'), typed.end());
    for (auto& c : typed)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    CHECK(w.answer(w.waiting(), typed).good);
    CHECK_FALSE(w.answer(w.waiting(), codes[2].substr(0, 18)).good);
}

TEST_CASE("S7 who removes a second factor: oneself by a code, administrators with a reason, nobody else") {
    phone_world w;
    const auto codes = w.set_up();
    CHECK(w.remove(w.who, "000000") == "factor.wrong_code");
    CHECK(w.remove(w.acting("guopeng"), "", "手机丢失") == "not_found");
    CHECK(w.remove(w.acting("chenzhiming"), "", "手机丢失") == "not_found");
    CHECK(w.remove(account_world::visitor(), "", "手机丢失") == "not_found");
    CHECK(w.remove(w.acting("admin"), "", " ") == "factor.reason");
    CHECK(w.remove(w.who, w.code()).empty());
    CHECK(w.waiting().factor == factor_need::none);
    CHECK(w.remove(w.who, w.code()) == "not_found");
    w.time.advance(totp_period);
    w.token = sha256_hex(w.sign_in("linxiaomin"));
    w.set_up();
    CHECK(w.remove(w.acting("admin"), "", "手机丢失").empty());
    CHECK_FALSE(w.read([&](read_view& v) { return find_session(v, w.token); })); // S5
    CHECK(w.count("SELECT count(*) FROM recovery_code") == 0);
    w.token = sha256_hex(w.sign_in("linxiaomin"));
    const auto fresh = w.set_up();
    CHECK(w.remove(w.who, fresh[3]).empty()); // a recovery code is as good
}

TEST_CASE(
    "S7 the setting says who must have one: nobody, higher roles, all; they set it up before anything") {
    phone_world w;
    const std::array<std::string_view, 4> names = {"linxiaomin", "luoxiaoyan", "fengjianguo", "admin"};
    const auto needs = [&](std::string_view name) {
        return w.read([&](read_view& v) { return find_session(v, sha256_hex(w.sign_in(name))); })->factor;
    };
    const auto require = [&](std::string_view value) {
        w.write([&](write_tx& tx) {
             return setting::change_setting(tx, account_world::system(), "second_factor.required", value);
         }).value();
    };
    for (const auto name : names)
        CHECK(needs(name) == factor_need::none);
    require("higher");
    for (const auto name : names) {
        CAPTURE(name);
        const auto roles = w.acting(name).roles;
        const bool high = roles.any({role::institution_admin, role::platform_admin, role::regulator});
        CHECK(needs(name) == (high ? factor_need::set_up : factor_need::none));
    }
    CHECK(needs("chenzhiming") == factor_need::none); // never companies
    require("all");
    CHECK(needs("linxiaomin") == factor_need::set_up);
    CHECK(needs("chenzhiming") == factor_need::none);
    // A session that must set it up can do just that.
    const auto token = sha256_hex(w.sign_in("linxiaomin"));
    const auto s = w.read([&](read_view& v) { return find_session(v, token); }).value();
    CHECK(s.who.roles.empty());
    w.token = token;
    w.who = s.who;
    w.set_up();
    CHECK(w.read([&](read_view& v) { return find_session(v, token); })->who.roles.has(role::filing_reviewer));
}

TEST_CASE("N1 S7 a fault at any statement of the second factor leaves nothing behind") {
    phone_world w;
    enrolment begun;
    CHECK(tests::for_every_fault(w, [&](write_tx& tx) -> result<> {
              const auto made = begin_second_factor(tx, w.who);
              if (!made) return made.error();
              begun = *made;
              return {};
          }) > 3);
    w.seed = w.seed_of(begun);
    CHECK(tests::for_every_fault(w, [&](write_tx& tx) -> result<> {
              if (auto codes = confirm_second_factor(tx, w.who, w.code(), w.token); !codes)
                  return codes.error();
              return {};
          }) > 14);
    w.time.advance(totp_period);
    const auto s = w.waiting();
    CHECK(tests::for_every_fault(w, [&](write_tx& tx) -> result<> {
              return answer_second_factor(tx, s, w.code(), "203.0.113.5").good
                         ? result<>{}
                         : error(errc::invalid, "not good");
          }) > 5);
    w.time.advance(totp_period);
    CHECK(tests::for_every_fault(w, [&](write_tx& tx) {
              return remove_second_factor(tx, w.acting("admin"), w.who.login_id, "", "手机丢失");
          }) > 4);
}
