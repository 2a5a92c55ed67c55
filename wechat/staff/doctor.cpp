// 公众号 → 接入自检: every finding of mp/doctor, worst first among the open ones, with where to mend it.
#include "wechat/mp/doctor.hpp"
#include "wechat/staff/frame.hpp"
#include "wechat/staff/pages.hpp"

namespace wechat::staff {
namespace {

struct shown {
    std::string_view tag, word;
};
shown look_of(mp::state s) {
    switch (s) {
    case mp::state::good:
        return {"ok", "正常"};
    case mp::state::warning:
        return {"warn", "注意"};
    case mp::state::bad:
        return {"bad", "有问题"};
    case mp::state::skipped:
        break;
    }
    return {"mute", "未检查"};
}

core::value row_of(const mp::finding& f, const problem_texts& texts) {
    const auto look = look_of(f.state);
    return core::value::object()
        .set("name", texts.text_of(core::error(core::errc::invalid, "doctor." + std::string(f.check))))
        .set("tag", look.tag)
        .set("word", look.word)
        .set("text", texts.text_of(f.text_key()));
}

} // namespace

result<response> doctor(const request& r, services& s) {
    if (s.doctor == nullptr) return core::error(core::errc::unavailable, "wechat.off");
    const auto all = s.doctor->examine();
    core::value rows = core::value::array();
    int open = 0, skipped = 0;
    for (const auto& f : all) {
        rows.push(row_of(f, *s.problems));
        open += f.state == mp::state::bad || f.state == mp::state::warning ? 1 : 0;
        skipped += f.state == mp::state::skipped ? 1 : 0;
    }
    core::value model = core::value::object();
    model.set("rows", std::move(rows)).set("open", open).set("fine", open == 0);
    model.set("has_skipped", skipped > 0).set("skipped", skipped);
    return s.db->read([&](read_view& view) {
        return render(r, view, s, "staff/doctor", "接入自检", "公众号 / 接入自检", std::move(model));
    });
}

} // namespace wechat::staff
