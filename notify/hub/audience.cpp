#include "notify/hub/audience.hpp"

#include "core/account/binding.hpp"
#include "core/account/contact.hpp"
#include "core/account/member.hpp"

#include <vector>

namespace notify {
namespace {

void add(std::vector<way>& all, const std::vector<core::account::binding>& bindings, std::int64_t only,
         side who) {
    for (const auto& b : bindings)
        if (only == 0 || only == b.login_id) all.push_back({b.login_id, b.id, b.openid, who});
}

// Whoever has that address; the way itself only says whose it is (contact.hpp).
void add(std::vector<way>& all, const std::vector<core::account::reachable>& people, std::int64_t only,
         side who) {
    for (const auto& p : people)
        if (only == 0 || only == p.login_id)
            all.push_back({p.login_id, 0,
                           "login:" + std::to_string(p.login_id) + (p.tag.empty() ? "" : ":" + p.tag), who});
}

void mark_muted(core::db::read_view& view, std::vector<way>& all, const core::outbox::kind& kind,
                std::int64_t applicant) {
    for (auto& w : all) // who switched this company off reads its inbox
        w.is_muted = !kind.always && core::account::is_muted(view, w.login_id, applicant);
}

std::vector<way> list_openids(core::db::read_view& view, const core::outbox::pending& event,
                              const core::outbox::kind& kind) {
    std::vector<way> all;
    if (kind.to_company) {
        add(all, core::account::list_by_applicant(view, event.applicant_id), event.login_id, side::company);
        mark_muted(view, all, kind, event.applicant_id);
    }
    if (!kind.to_staff.empty())
        add(all, core::account::list_staff_bindings(view, event.institution_id, kind.to_staff),
            event.login_id, side::staff);
    return all;
}

std::vector<way> list_contacts(core::db::read_view& view, const core::outbox::pending& event,
                               const core::outbox::kind& kind, core::account::contact how) {
    std::vector<way> all;
    if (kind.to_company) {
        add(all, core::account::list_reachable(view, event.applicant_id, how), event.login_id, side::company);
        mark_muted(view, all, kind, event.applicant_id);
    }
    if (!kind.to_staff.empty())
        add(all, core::account::list_reachable_staff(view, event.institution_id, kind.to_staff, how),
            event.login_id, side::staff);
    return all;
}

} // namespace

std::optional<core::account::contact> contact_of(address_kind k) {
    switch (k) {
    case address_kind::email:
        return core::account::contact::email;
    case address_kind::phone:
        return core::account::contact::phone;
    case address_kind::person:
        return core::account::contact::any;
    case address_kind::openid:
    case address_kind::group:
        break;
    }
    return std::nullopt;
}

std::vector<way> list_ways(core::db::read_view& view, const core::outbox::pending& event,
                           address_kind needed) {
    const auto* kind = core::outbox::find_kind(event.kind);
    if (kind == nullptr) return {};
    if (needed == address_kind::group) return {{0, 0, "group", side::staff}};
    if (const auto how = contact_of(needed)) return list_contacts(view, event, *kind, *how);
    return list_openids(view, event, *kind);
}

} // namespace notify
