// Every error code of WeChat that we know, from its answer to what becomes of the message (wechat-platform.md
// 22).
#include "notify/hub/settle.hpp"
#include "wechat/mp/errors.hpp"
#include "wechat/mp/template_channel.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>

namespace {

using namespace wechat::mp;
using notify::follow_up;
using notify::verdict;

const core::instant now = core::local_instant(*core::parse_date("2026-11-24"), 10 * 60);

http_answer answered(const std::string& body, int status = 200) {
    http_answer a;
    a.fate = http_answer::fate::answered;
    a.status = status;
    a.body = body;
    return a;
}

notify::send_result judged(int code) {
    return judge_answer(answered(R"({"errcode":)" + std::to_string(code) + R"(,"errmsg":"x rid: 6-1"})"));
}

notify::delivery first_try() {
    notify::delivery d;
    d.id = 1;
    d.status = "sending";
    d.attempts = 1;
    return d;
}

} // namespace

TEST_CASE("N7 every known code has a class, and every class its state: refused ones are never tried again "
          "unchanged") {
    const std::map<error_class, std::string> status_of = {
        {error_class::ok, "accepted"},          {error_class::benign, "accepted"},
        {error_class::refresh_token, "queued"}, {error_class::retry, "queued"},
        {error_class::unknown, "queued"},       {error_class::quota_day, "queued"},
        {error_class::quota_minute, "queued"},  {error_class::account, "queued"},
        {error_class::user, "blocked"},         {error_class::data, "failed"},
        {error_class::authorise, "failed"},     {error_class::one_template, "parked"}};
    std::set<error_class> seen;
    for (const auto& e : known_errors()) {
        INFO(e.code, " ", e.meaning);
        seen.insert(e.kind);
        const auto r = judged(e.code);
        CHECK(r.errcode == e.code);
        auto d = notify::after_try(first_try(), r, now, 0);
        if (r.refused == notify::refusal::unlikely) {
            CHECK(d.status == "queued");
            d.next_at = {};
            d.attempts = 2;
            d.status = "sending";
            d = notify::after_try(d, r, now, 0);
        }
        CHECK(d.status == status_of.at(e.kind));
        CHECK(notify::is_settled(d.status) == (d.next_at == core::instant{}));
        if (d.status == "queued") CHECK(d.next_at > now);
        CHECK(d.doubt_since.has_value() == (r.result == verdict::in_doubt));
        CHECK((d.follow_up != follow_up::nothing) ==
              (d.status == "blocked" || d.status == "failed" || d.status == "parked"));
    }
    for (const auto& [kind, status] : status_of)
        if (kind != error_class::unknown) CHECK(seen.contains(kind));
}

TEST_CASE("N7 how far a person's refusal reaches") {
    const std::map<int, follow_up> table = {
        {43004, follow_up::gone},      {46004, follow_up::gone},      {50005, follow_up::gone},
        {43101, follow_up::mark_kind}, {43019, follow_up::mark_all},  {48002, follow_up::mark_all},
        {50002, follow_up::mark_all},  {45015, follow_up::fall_back}, {45047, follow_up::fall_back}};
    for (const auto& [code, expected] : table)
        CHECK_MESSAGE(notify::after_try(first_try(), judged(code), now, 0).follow_up == expected, code);
    CHECK(judged(40003).refused == notify::refusal::unlikely);
}

TEST_CASE("N6 what nobody can tell is in doubt: no answer, half ones, gateways, codes we have never seen") {
    http_answer cut;
    cut.fate = http_answer::fate::in_doubt;
    CHECK(judge_answer(cut).result == verdict::in_doubt);
    http_answer refused = cut;
    refused.fate = http_answer::fate::not_sent;
    CHECK(judge_answer(refused).result == verdict::not_sent);
    for (const char* body :
         {"", "{}", "null", "[]", "<html>502</html>", R"({"errmsg":"ok"})", R"({"errcode":)"})
        for (const int status : {200, 404, 502})
            CHECK(judge_answer(answered(body, status)).result == verdict::in_doubt);
    CHECK(judged(-1).result == verdict::in_doubt);
    CHECK(judged(123456).result == verdict::in_doubt);
    const auto fine = judge_answer(answered(R"({"errcode":0,"errmsg":"ok","msgid":9007199254740993})", 502));
    CHECK(fine.result == verdict::accepted); // the body decides, not the status
    CHECK(fine.msgid == 9007199254740993);   // 64 bit, never a double
    CHECK(judged(47003).rid == "6-1");
}
