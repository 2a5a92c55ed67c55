#include "notify/hub/audience.hpp"

#include "core/account/binding.hpp"
#include "core/account/member.hpp"

#include <vector>

namespace notify {
namespace {

void add(std::vector<way>& all, const std::vector<core::account::binding>& bindings, std::int64_t only,
         side who) {
    for (const auto& b : bindings)
        if (only == 0 || only == b.login_id) all.push_back({b.login_id, b.id, b.openid, who});
}

} // namespace

std::vector<way> list_ways(core::db::read_view& view, const core::outbox::pending& event,
                           address_kind needed) {
    std::vector<way> all;
    const auto* kind = core::outbox::find_kind(event.kind);
    if (kind == nullptr || needed != address_kind::openid) return all;
    if (kind->to_company) {
        add(all, core::account::list_by_applicant(view, event.applicant_id), event.login_id, side::company);
        for (auto& w : all) // who switched this company off reads its inbox
            w.is_muted = !kind->always && core::account::is_muted(view, w.login_id, event.applicant_id);
    }
    if (!kind->to_staff.empty())
        add(all, core::account::list_staff_bindings(view, event.institution_id, kind->to_staff),
            event.login_id, side::staff);
    return all;
}

} // namespace notify
