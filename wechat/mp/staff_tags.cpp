#include "wechat/mp/staff_tags.hpp"

#include "core/account/staff_wechat.hpp"
#include "wechat/mp/errors.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string>
#include <string_view>

namespace wechat::mp {
namespace {

using namespace std::chrono_literals;
using core::account::tag_change;
constexpr int most_a_round = 50;

std::chrono::seconds wait_after(int tries) {
    return std::min<std::chrono::seconds>(60s * (1 << std::min(tries, 9)), 6h);
}

int errcode_of(const core::error& e) {
    int code = 0;
    for (const auto& [name, text] : e.args)
        if (name == "errcode") std::from_chars(text.data(), text.data() + text.size(), code);
    return code;
}

// Nobody who follows, so nobody with a tag. (45159 is a tag that WeChat does not know: the settings are
// wrong.)
bool is_off_already(const tag_change& c, int errcode) {
    return !c.wanted && (errcode == 49003 || class_of(errcode) == error_class::user);
}

core::result<core::value> tell(api& a, const tag_change& c) {
    core::value ask = core::value::object();
    ask.set("openid_list", core::value(core::value::list{c.openid})).set("tagid", a.config().staff_tag);
    return a.post(c.wanted ? "/cgi-bin/tags/members/batchtagging" : "/cgi-bin/tags/members/batchuntagging",
                  ask);
}

} // namespace

int tell_staff_tags(api& a, core::db::database& db) {
    if (a.config().staff_tag == 0) return 0;
    const auto due =
        db.read([](core::db::read_view& v) { return core::account::list_tag_changes(v, most_a_round); });
    int told = 0;
    for (const auto& change : due) {
        const auto answer = tell(a, change);
        const bool done = answer || is_off_already(change, errcode_of(answer.error()));
        db.write([&](core::db::write_tx& tx) -> core::result<> {
              if (done)
                  core::account::settle_tag_change(tx, change);
              else
                  core::account::delay_tag_change(tx, change, tx.now() + wait_after(change.tries),
                                                  answer.error().detail + " " +
                                                      std::to_string(errcode_of(answer.error())));
              return {};
          }).value();
        told += done ? 1 : 0;
        if (!done && answer.error().code == core::errc::unavailable) break; // all others would fail alike
    }
    return told;
}

} // namespace wechat::mp
