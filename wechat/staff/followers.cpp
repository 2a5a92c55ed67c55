// 公众号 → 关注者: how many follow and are bound, what the last nightly list brought, and the button for one
// now.
#include "core/account/follower.hpp"

#include "wechat/staff/frame.hpp"
#include "wechat/staff/pages.hpp"

namespace wechat::staff {
namespace {

namespace account = core::account;

std::string_view stage_word(account::sync_stage s) {
    switch (s) {
    case account::sync_stage::list:
        return "正在读取名单";
    case account::sync_stage::gone:
        return "正在标记已取消关注的人";
    case account::sync_stage::details:
        return "正在读取用户资料";
    case account::sync_stage::done:
        break;
    }
    return "已完成";
}

core::value figure(std::string_view label, std::int64_t n, std::string_view note) {
    return core::value::object().set("label", label).set("n", n).set("note", note);
}

core::value list_of(const account::follower_sync& s) {
    core::value rows = core::value::array();
    const auto add = [&rows](std::string_view label, std::string text) {
        rows.push(core::value::object().set("label", label).set("text", std::move(text)));
    };
    add("名单时间", core::moment_text(s.begun_at));
    add("状态", std::string(stage_word(s.stage)));
    if (s.finished_at) add("完成时间", core::moment_text(*s.finished_at));
    add("微信统计的关注人数", std::to_string(s.total));
    add("名单人数", std::to_string(s.seen));
    add("新发现", std::to_string(s.added));
    add("重新关注", std::to_string(s.returned));
    add("已取消关注（绑定同时解除）", std::to_string(s.gone));
    add("读取资料", std::to_string(s.detailed));
    return rows;
}

} // namespace

response followers(const request& r, read_view& view, services& s) {
    const auto n = account::count_followers(view);
    const auto last = account::find_last_sync(view);
    core::value figures = core::value::array();
    figures.push(figure("关注人数", n.following, "能收到公众号消息"));
    figures.push(figure("已绑定微信", n.bound, "绑定了平台账号的微信用户"));
    figures.push(figure("已绑定但未关注", n.bound_outside, "收不到微信消息，只有站内消息"));
    figures.push(figure("已取消关注", n.left, "记录保留，不再推送"));
    core::value model = core::value::object();
    const bool open = last && !last->finished_at;
    model.set("figures", std::move(figures)).set("has_list", last.has_value());
    model.set("rows", last ? list_of(*last) : core::value::array());
    model.set("incomplete", last && last->finished_at && !last->complete);
    model.set("stands", open && !last->trouble.empty());
    model.set("again_at", open && last->try_at ? core::short_moment_text(*last->try_at) : std::string());
    return render(r, view, s, "staff/followers", "关注者", "公众号 / 关注者", std::move(model));
}

result<response> sync_followers(const request& r, write_tx& tx, services& s) {
    if (s.callback == nullptr) return core::error(core::errc::unavailable, "wechat.off");
    if (auto asked = account::request_sync(tx, r.actor); !asked) return asked.error();
    return see_other("/staff/followers?done=sync_requested");
}

} // namespace wechat::staff
