#include "wechat/mp/follower_sync.hpp"

#include "wechat/server/form.hpp"

#include <algorithm>
#include <chrono>

namespace wechat::mp {
namespace {

namespace account = core::account;
using namespace std::chrono_literals;
constexpr std::size_t written_at_once = 1000; // followers in one transaction: the writer has others waiting
constexpr int asked_at_once = 100;            // batchget, changeopenid
constexpr int invalid_openid = 40003;

template<class F>
void write(core::db::database& db, F f) {
    db.write([&](core::db::write_tx& tx) -> core::result<> {
          f(tx);
          return {};
      }).value();
}

std::vector<std::string> openids_of(const core::value& page) {
    std::vector<std::string> all;
    const auto* data = page.find("data");
    const auto* list = data == nullptr ? nullptr : data->find("openid");
    if (list == nullptr || list->as_list() == nullptr) return all;
    for (const auto& one : *list->as_list())
        if (one.as_text() != nullptr) all.push_back(*one.as_text());
    return all;
}

int code_of(const core::error& e) {
    for (const auto& [name, text] : e.args)
        if (name == "errcode") return std::atoi(text.c_str());
    return 0;
}

core::result<bool> take_page(api& a, core::db::database& db, const account::follower_sync& s) {
    const auto page = a.get("/cgi-bin/user/get", "next_openid=" + url_encode(s.next_openid));
    if (!page) return page.error();
    const auto openids = openids_of(*page);
    const std::span<const std::string> all(openids);
    for (std::size_t at = 0; at < all.size(); at += written_at_once)
        write(db, [&](core::db::write_tx& tx) {
            account::take_followers(tx, s, all.subspan(at, std::min(written_at_once, all.size() - at)));
        });
    const std::string next = page->text("next_openid");
    // Behind the last page WeChat says the last openid once more, or nothing.
    const bool last = all.empty() || next.empty() || next == s.next_openid;
    write(db, [&](core::db::write_tx& tx) {
        account::turn_page(tx, s, last ? s.next_openid : next, page->number("total"));
        if (last) account::end_list(tx, s);
    });
    return true;
}

account::follower_detail detail_of(const core::value& v) {
    account::follower_detail d;
    d.openid = v.text("openid");
    d.unionid = v.text("unionid");
    d.scene = v.text("subscribe_scene");
    if (const auto at = v.number("subscribe_time"); at > 0) d.subscribed_at = core::from_ms(at * 1000);
    return d;
}

core::value list_of(const std::vector<std::string>& openids) {
    core::value list = core::value::array();
    for (const auto& openid : openids)
        list.push(core::value::object().set("openid", openid).set("lang", "zh_CN"));
    return core::value::object().set("user_list", std::move(list));
}

// One that WeChat refuses spoils the hundred: then they are asked for one by one.
core::result<std::vector<account::follower_detail>> ask(api& a, const std::vector<std::string>& openids) {
    std::vector<account::follower_detail> found;
    const auto answer = a.post("/cgi-bin/user/info/batchget", list_of(openids));
    if (answer) {
        const auto* list = answer->find("user_info_list");
        if (list != nullptr && list->as_list() != nullptr)
            for (const auto& one : *list->as_list())
                found.push_back(detail_of(one));
        return found;
    }
    if (code_of(answer.error()) != invalid_openid) return answer.error();
    for (const auto& openid : openids) {
        const auto one = a.get("/cgi-bin/user/info", "lang=zh_CN&openid=" + url_encode(openid));
        if (one)
            found.push_back(detail_of(*one));
        else if (code_of(one.error()) != invalid_openid)
            return one.error();
    }
    return found;
}

core::result<bool> take_details(api& a, core::db::database& db, const account::follower_sync& s) {
    const auto openids =
        db.read([](core::db::read_view& v) { return account::list_undetailed(v, asked_at_once); });
    if (openids.empty()) {
        write(db, [&](core::db::write_tx& tx) { account::end_sync(tx, s); });
        return false;
    }
    const auto found = ask(a, openids);
    if (!found) return found.error();
    write(db, [&](core::db::write_tx& tx) { account::take_details(tx, s, openids, *found); });
    return true;
}

core::result<bool> step(api& a, core::db::database& db, const account::follower_sync& s) {
    switch (s.stage) {
    case account::sync_stage::list:
        return take_page(a, db, s);
    case account::sync_stage::gone:
        write(db,
              [&](core::db::write_tx& tx) { account::mark_gone(tx, s, static_cast<int>(written_at_once)); });
        return true;
    case account::sync_stage::details:
        return take_details(a, db, s);
    case account::sync_stage::done:
        break;
    }
    return false;
}

std::string words_of(const core::error& e) {
    std::string why = e.detail;
    for (const auto& [name, text] : e.args)
        why += " " + name + "=" + text;
    return why;
}

account::follower_sync begin(core::db::database& db, std::string_view asked_by) {
    return db
        .write([&](core::db::write_tx& tx) -> core::result<account::follower_sync> {
            return account::begin_sync(tx, asked_by);
        })
        .value();
}

} // namespace

bool may_sync_now(core::db::database& db) {
    return db.read([](core::db::read_view& v) {
        const auto open = account::find_open_sync(v);
        return open ? !open->try_at || *open->try_at <= v.now() : account::is_sync_due(v);
    });
}

core::result<bool> sync_some(api& a, core::db::database& db) {
    const auto s = begin(db, "schedule");
    auto done = step(a, db, s);
    if (!done)
        write(db, [&](core::db::write_tx& tx) {
            account::hold_sync(tx, s, words_of(done.error()), tx.now() + 15min);
        });
    return done;
}

core::result<account::follower_sync> sync_followers(api& a, core::db::database& db,
                                                    std::string_view asked_by) {
    begin(db, asked_by);
    for (;;) {
        const auto more = sync_some(a, db);
        if (!more) return more.error();
        if (!*more) break;
    }
    return *db.read([](core::db::read_view& v) { return account::find_last_sync(v); });
}

core::result<move_plan> plan_move(api& a, core::db::database& db, std::string_view from_appid) {
    move_plan plan;
    std::string after;
    for (;;) {
        const auto some =
            db.read([&](core::db::read_view& v) { return account::list_openids(v, after, asked_at_once); });
        if (some.empty()) return plan;
        after = some.back();
        core::value list = core::value::array();
        for (const auto& openid : some)
            list.push(openid);
        const auto answer =
            a.post("/cgi-bin/changeopenid",
                   core::value::object().set("from_appid", from_appid).set("openid_list", std::move(list)));
        if (!answer) return answer.error();
        const auto* results = answer->find("result_list");
        if (results == nullptr || results->as_list() == nullptr) continue;
        for (const auto& r : *results->as_list()) {
            if (const auto to = r.text("new_openid"); !to.empty())
                plan.moves.push_back({r.text("ori_openid"), to});
            else
                plan.unknown.push_back(r.text("ori_openid"));
        }
    }
}

} // namespace wechat::mp
