#include "core/account/binding.hpp"

#include "core/account/binding_store.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/outbox.hpp"

namespace core::account {

result<std::int64_t> bind_wechat(db::write_tx& tx, const actor& who, std::string_view openid,
                                 std::string_view unionid) {
    if (!who.is_applicant()) return error(errc::not_allowed);
    if (openid.empty() || openid.size() > 64) return error(errc::invalid, "binding.openid");
    for (const auto& b : list_by_openid(tx, openid)) {
        if (b.login_id != who.login_id)
            return error(errc::conflict, "binding.taken").with("name", b.applicant_name);
        if (b.applicant_id == who.applicant_id) return b.id;
    }
    const auto id = store::insert_binding(tx, openid, unionid, who.login_id, who.applicant_id);
    audit::append(
        tx, who,
        {.verb = "bind", .subject_kind = "binding", .subject_id = id, .applicant_id = who.applicant_id});
    outbox::append(tx, {.kind = "wechat_bound",
                        .subject_kind = "binding",
                        .subject_id = id,
                        .applicant_id = who.applicant_id,
                        .facts = store::facts_of(tx, who)});
    return id;
}

result<> unbind_wechat(db::write_tx& tx, const actor& who, std::int64_t binding_id) {
    if (!store::close_binding(tx, binding_id, who.login_id)) return error(errc::not_found);
    audit::append(tx, who,
                  {.verb = "unbind",
                   .subject_kind = "binding",
                   .subject_id = binding_id,
                   .applicant_id = who.applicant_id});
    return {};
}

} // namespace core::account
