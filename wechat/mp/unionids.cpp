#include "wechat/mp/unionids.hpp"

#include "core/account/binding.hpp"

#include <map>
#include <string>

namespace wechat::mp {
namespace {

constexpr int most_a_call = 100; // WeChat's limit

core::value question(const std::vector<std::string>& openids) {
    core::value list = core::value::array();
    for (const auto& openid : openids)
        list.push(core::value::object().set("openid", openid).set("lang", "zh_CN"));
    return core::value::object().set("user_list", std::move(list));
}

} // namespace

int learn_unionids(api& a, core::db::database& db) {
    if (a.config().website_appid.empty()) return 0;
    const auto unknown =
        db.read([](core::db::read_view& v) { return core::account::list_without_unionid(v, most_a_call); });
    if (unknown.empty()) return 0;
    const auto answer = a.post("/cgi-bin/user/info/batchget", question(unknown));
    if (!answer) return 0;
    std::map<std::string, std::string> told;
    const core::value* list = answer->find("user_info_list");
    if (list != nullptr && list->as_list() != nullptr)
        for (const auto& one : *list->as_list())
            told[one.text("openid")] = one.text("unionid");
    int learned = 0;
    db.write([&](core::db::write_tx& tx) -> core::result<> {
          for (const auto& openid : unknown) {
              const std::string unionid = told[openid].size() <= 64 ? told[openid] : std::string();
              core::account::record_unionid(tx, openid, unionid);
              learned += unionid.empty() ? 0 : 1;
          }
          return {};
      }).value();
    return learned;
}

} // namespace wechat::mp
