// Followers: one, a hundred, page by page; moves to another account (wechat-platform.md 13).
#include "wechat/sandbox/apis.hpp"

#include <string>

namespace wechat::sandbox {
namespace {

constexpr std::size_t page_of_followers = 10'000;
constexpr std::size_t most_in_batch = 100;

core::value info_of(const phone& p) {
    core::value v = core::value::object();
    v.set("subscribe", p.following ? 1 : 0).set("openid", p.openid);
    if (!p.following) return v.set("unionid", p.unionid);
    core::value tags = core::value::array();
    for (const auto id : p.tags)
        tags.push(id);
    v.set("nickname", "").set("sex", 0).set("language", "zh_CN").set("city", "").set("province", "");
    v.set("country", "").set("headimgurl", "");
    v.set("subscribe_time", core::to_ms(p.subscribed_at) / 1000).set("unionid", p.unionid);
    v.set("remark", p.remark).set("groupid", p.tags.empty() ? std::int64_t{0} : *p.tags.begin());
    v.set("tagid_list", std::move(tags)).set("subscribe_scene", p.subscribe_scene);
    return v.set("qr_scene", 0).set("qr_scene_str", p.qr_scene);
}

} // namespace

api_answer user_info(state& s, const api_call& c) {
    const std::string openid = c.query("openid");
    if (openid.empty()) return s.refuse(41009, "missing openid");
    const phone* p = s.find(openid);
    if (p == nullptr) return s.refuse(40003, "invalid openid");
    return info_of(*p);
}

api_answer user_info_batch(state& s, const api_call& c) {
    const auto* wanted = c.body.find("user_list");
    if (wanted == nullptr || wanted->as_list() == nullptr || wanted->as_list()->empty())
        return s.refuse(40031, "invalid openid list");
    if (wanted->as_list()->size() > most_in_batch) return s.refuse(40032, "invalid openid list size");
    core::value list = core::value::array();
    for (const auto& one : *wanted->as_list()) {
        const phone* p = s.find(one.text("openid"));
        if (p == nullptr) return s.refuse(40003, "invalid openid");
        list.push(info_of(*p));
    }
    return core::value::object().set("user_info_list", std::move(list));
}

api_answer user_list(state& s, const api_call& c) {
    const std::string after = c.query("next_openid");
    if (!after.empty() && s.find(after) == nullptr) return s.refuse(40003, "invalid openid");
    core::value ids = core::value::array();
    std::int64_t total = 0;
    std::size_t count = 0;
    bool begun = after.empty();
    std::string last;
    for (const auto& p : s.phones) {
        if (p.following) ++total;
        if (begun && p.following && count < page_of_followers) {
            ids.push(p.openid);
            last = p.openid;
            ++count;
        }
        if (p.openid == after) begun = true;
    }
    core::value v = core::value::object();
    v.set("total", total).set("count", static_cast<std::int64_t>(count));
    if (count > 0) v.set("data", core::value::object().set("openid", std::move(ids)));
    return v.set("next_openid", last);
}

api_answer set_remark(state& s, const api_call& c) {
    phone* p = s.find(c.body.text("openid"));
    if (p == nullptr) return s.refuse(40003, "invalid openid");
    if (c.body.text("remark").size() > 90) return s.refuse(45001, "remark too long");
    p->remark = c.body.text("remark");
    return fine();
}

api_answer change_openid(state& s, const api_call& c) {
    const auto* list = c.body.find("openid_list");
    if (c.body.text("from_appid").empty()) return s.refuse(40013, "invalid appid");
    if (list == nullptr || list->as_list() == nullptr || list->as_list()->empty())
        return s.refuse(40031, "invalid openid list");
    if (list->as_list()->size() > most_in_batch) return s.refuse(40032, "invalid openid list size");
    core::value results = core::value::array();
    for (const auto& one : *list->as_list()) {
        const std::string old = one.as_text() == nullptr ? "" : *one.as_text();
        core::value r = core::value::object().set("ori_openid", old);
        const auto at = s.moved.find(old);
        if (at == s.moved.end())
            r.set("err_msg", "ori_openid error");
        else
            r.set("new_openid", at->second).set("err_msg", "ok");
        results.push(std::move(r));
    }
    return fine().set("result_list", std::move(results));
}

} // namespace wechat::sandbox
