#include "wechat/breaker_alarm.hpp"

#include "core/account/contact.hpp"
#include "core/account/member.hpp"

#include <chrono>
#include <vector>

namespace wechat {
namespace {

using namespace std::chrono_literals;

// A breaker closes after minutes and opens again at the next refusal: that is the same trouble.
constexpr auto same_trouble = 1h;

std::vector<std::string> addresses_of(core::db::read_view& view) {
    std::vector<std::string> all;
    for (const auto& person : core::account::list_reachable_staff(view, 0, {core::role::platform_admin},
                                                                  core::account::contact::email))
        if (auto address = core::account::find_contact(
                view, person.login_id, 0, 0, {core::role::platform_admin}, core::account::contact::email))
            all.push_back(std::move(*address));
    return all;
}

} // namespace

breaker_alarm::breaker_alarm(const problem_texts& texts, std::string site, mail send)
    : texts_(&texts), site_(std::move(site)), send_(std::move(send)) {}

int breaker_alarm::look(core::db::database& db, std::span<const mp::block> open) {
    if (!send_) return 0;
    const auto now = db.time().now();
    int mailed = 0;
    for (const auto& b : open) {
        if (mp::mends_itself(b.why)) continue;
        const auto key = std::pair(b.path, b.why);
        const auto before = seen_.find(key);
        const bool is_new = before == seen_.end() || now - before->second > same_trouble;
        bool lost = false;
        if (is_new) mailed += tell(db, b, lost);
        if (!lost) seen_[key] = now;
    }
    return mailed;
}

int breaker_alarm::tell(core::db::database& db, const mp::block& b, bool& lost) const {
    const auto to = db.read(addresses_of);
    const std::string what = texts_->text_of(mp::stopped_error(b));
    const std::string text = what + "\n" + texts_->text_of(mp::cause_error(b)) + "\n\n处理后打开 " + site_ +
                             "/staff/doctor ，自检通过即恢复。\n";
    int mailed = 0;
    for (const auto& address : to)
        if (send_(address, "微信接口已暂停，请处理", text)) ++mailed;
    lost = mailed == 0 && !to.empty();
    return mailed;
}

} // namespace wechat
