#include "core/account/applicant.hpp"

#include "core/account/applicant_store.hpp"
#include "core/account/uscc.hpp"
#include "core/base/text.hpp"
#include "core/catalogue/catalogue.hpp"
#include "core/journal/audit.hpp"

#include <array>

namespace core::account {
namespace {

constexpr who_may reviewers{.system = true, .staff = {role::platform_admin, role::filing_reviewer}};
constexpr std::array<transition<std::string_view>, 5> table = {{
    {"R2", "pending", "approve", "active", reviewers, ""},
    {"R2", "pending", "reject", "rejected", reviewers, ""},
    {"R3", "rejected", "resubmit", "pending", {.applicant = true}, ""},
    {"R4", "active", "suspend", "suspended", {.staff = {role::platform_admin}}, ""},
    {"R4", "suspended", "resume", "active", {.staff = {role::platform_admin}}, ""},
}};

void collect(std::vector<error>& all, error e) {
    all.push_back(std::move(e));
}

// The company itself, the platform, or an institution whose area holds the company's city (S1).
bool is_concerned(db::read_view& view, const actor& who, const applicant& a) {
    if (who.is_platform() || who.reads_region(a.region_code)) return true;
    if (who.kind == actor_kind::applicant) return who.applicant_id == a.id;
    if (who.kind != actor_kind::staff) return false;
    const auto place = catalogue::find_institution(view, who.institution_id);
    if (!place) return false;
    return place->level == "province" ||
           catalogue::city_of(place->region_code) == catalogue::city_of(a.region_code);
}

// The one road for a company's status.
result<> walk(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view verb,
              std::string_view reason) {
    const auto found = find_applicant(tx, id);
    if (!found || !is_concerned(tx, who, *found)) return error(errc::not_found);
    const auto* row = find_transition<std::string_view>(table, found->status, verb);
    if (row == nullptr) return error(errc::stale_state);
    if (!row->who.allows(who)) return error(errc::not_allowed);
    if (!store::change_status(tx, id, row->from, row->to)) return error(errc::stale_state);
    audit::append(tx, who,
                  {.verb = row->verb,
                   .subject_kind = "applicant",
                   .subject_id = id,
                   .before = value::object().set("status", row->from),
                   .after = value::object().set("status", row->to),
                   .note = tidy_text(reason),
                   .applicant_id = id,
                   .institution_id = who.institution_id});
    return {};
}

} // namespace

std::span<const transition<std::string_view>> applicant_transitions() {
    return table;
}

status_tag applicant_status(std::string_view s) {
    if (s == "active") return {"ok", "已通过"};
    if (s == "pending") return {"info", "审核中"};
    if (s == "rejected") return {"bad", "未通过"};
    return {"mute", "已停用"};
}

result<std::int64_t> register_applicant(db::write_tx& tx, const actor& who, const registration& given) {
    registration r = given;
    std::vector<error> wrong;
    if (auto code = check_uscc(r.uscc))
        r.uscc = *code;
    else
        collect(wrong, code.error());
    if (auto phone = check_phone(r.contact_phone, "contact_phone"))
        r.contact_phone = *phone;
    else
        collect(wrong, phone.error());
    r.name = tidy_line(r.name);
    r.contact_name = tidy_line(r.contact_name);
    r.address = tidy_line(r.address);
    if (r.name.empty() || count_characters(r.name) > 100)
        collect(wrong, error(errc::invalid, "applicant.name", "name"));
    if (r.contact_name.empty())
        collect(wrong, error(errc::invalid, "applicant.contact_name", "contact_name"));
    for (const auto& [field, text] :
         {std::pair("address", &r.address), std::pair("contact_name", &r.contact_name)})
        if (count_characters(*text) > 200) collect(wrong, error(errc::invalid, "applicant.long", field));
    if (!catalogue::is_place(tx, r.region_code))
        collect(wrong, error(errc::invalid, "applicant.region", "region_code"));
    if (!wrong.empty()) {
        error first = std::move(wrong.front());
        first.also.assign(std::make_move_iterator(wrong.begin() + 1), std::make_move_iterator(wrong.end()));
        return first;
    }
    if (find_applicant_by_uscc(tx, r.uscc)) return error(errc::conflict, "applicant.taken", "uscc");
    const auto id = store::insert_applicant(tx, r);
    audit::append(tx, who,
                  {.verb = "register",
                   .subject_kind = "applicant",
                   .subject_id = id,
                   .after = value::object().set("uscc", r.uscc).set("name", r.name),
                   .applicant_id = id});
    return id;
}

result<> approve_applicant(db::write_tx& tx, const actor& who, std::int64_t id) {
    return walk(tx, who, id, "approve", "");
}

result<> reject_applicant(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view reason) {
    if (tidy_text(reason).empty()) return error(errc::invalid, "applicant.reason", "reason");
    return walk(tx, who, id, "reject", reason);
}

result<> resubmit_applicant(db::write_tx& tx, const actor& who, std::int64_t id) {
    return walk(tx, who, id, "resubmit", "");
}

result<> suspend_applicant(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view reason) {
    if (tidy_text(reason).empty()) return error(errc::invalid, "applicant.reason", "reason");
    auto done = walk(tx, who, id, "suspend", reason);
    if (done) store::end_sessions(tx, id);
    return done;
}

result<> resume_applicant(db::write_tx& tx, const actor& who, std::int64_t id) {
    return walk(tx, who, id, "resume", "");
}

result<> check_standing(db::read_view& view, std::int64_t applicant_id) {
    const auto found = find_applicant(view, applicant_id);
    if (!found) return error(errc::not_found);
    if (found->status != "active") return error(errc::not_allowed, "applicant.not_active");
    return {};
}

} // namespace core::account
