#include "core/account/applicant.hpp"

#include "core/account/applicant_store.hpp"
#include "core/account/document.hpp"
#include "core/account/uscc.hpp"
#include "core/base/text.hpp"
#include "core/catalogue/catalogue.hpp"
#include "core/journal/outbox.hpp"

#include <array>

namespace core::account {
namespace {

constexpr who_may reviewers{.system = true, .staff = {role::platform_admin, role::filing_reviewer}};
constexpr who_may platform{.system = true, .staff = {role::platform_admin}};
constexpr std::array<transition<std::string_view>, 5> table = {{
    {"R2", "pending", "approve", "active", reviewers, "applicant_approved"},
    {"R2", "pending", "reject", "rejected", reviewers, "applicant_rejected"},
    {"R3", "rejected", "resubmit", "pending", {.applicant = true}, "applicant_registered"},
    {"R4", "active", "suspend", "suspended", platform, "applicant_suspended"},
    {"R4", "suspended", "resume", "active", platform, "applicant_resumed"},
}};

// What the codes of an institution's area begin with: province, city, or only the county.
std::string area_of(const catalogue::institution& place) {
    if (place.level == "province") return std::string(place.region_code.substr(0, 2));
    if (place.level == "city") return std::string(place.region_code.substr(0, 4));
    return place.region_code;
}

// The area of this actor's work: "" everywhere, none for nobody's.
std::optional<std::string> reach_of(db::read_view& view, const actor& who) {
    if (who.is_platform()) return "";
    if (who.is_regulator()) return std::string(region_prefix(who.region_code));
    if (who.kind != actor_kind::staff) return std::nullopt;
    const auto place = catalogue::find_institution(view, who.institution_id);
    return place ? std::optional(area_of(*place)) : std::nullopt;
}

bool is_concerned(db::read_view& view, const actor& who, const applicant& a) {
    if (who.kind == actor_kind::applicant) return who.applicant_id == a.id;
    const auto area = reach_of(view, who);
    return area && a.region_code.starts_with(*area);
}

bool is_owner(const actor& who) {
    return who.is_applicant() && who.roles.has(role::owner);
}

result<std::string> check_reason(std::string_view reason) {
    std::string text = tidy_text(reason);
    if (text.empty() || count_characters(text) > 100)
        return error(errc::invalid, "applicant.reason", "reason");
    return text;
}

value facts_of(db::read_view& view, const applicant& a, std::string_view reason) {
    return value::object()
        .set("applicant", a.name)
        .set("uscc", a.uscc)
        .set("applicant_id", std::to_string(a.id))
        .set("status", applicant_status(a.status).text)
        .set("reason", reason)
        .set("at", moment_text(view.now()));
}

void tell(db::write_tx& tx, std::string_view event, const applicant& a, std::string_view reason) {
    outbox::append(tx, {.kind = event,
                        .subject_kind = "applicant",
                        .subject_id = a.id,
                        .applicant_id = a.id,
                        .facts = facts_of(tx, a, reason)});
}

// As the company's own: no other has this code.
result<registration> check_data(db::read_view& view, std::int64_t id, const registration& given) {
    auto r = check_registration(view, given);
    if (!r) return r.error();
    const auto other = find_applicant_by_uscc(view, r->uscc);
    if (other && other->id != id) return error(errc::conflict, "applicant.taken", "uscc");
    return r;
}

// The one road for a company's status. `given`: data that come with it, refused before anything is changed.
enum class papers { asked, not_asked };
result<> walk(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view verb,
              std::string_view reason, papers needed = papers::not_asked,
              const registration* given = nullptr) {
    auto found = find_applicant(tx, id);
    if (!found || !is_concerned(tx, who, *found)) return error(errc::not_found);
    const auto* row = find_transition<std::string_view>(table, found->status, verb);
    if (row == nullptr) return error(errc::stale_state);
    if (!row->who.allows(who)) return error(errc::not_allowed);
    if (row->verb == "resubmit" && !is_owner(who)) return error(errc::not_allowed);
    if (needed == papers::asked && !has_required_documents(tx, id)) // R1
        return error(errc::invalid, "applicant.papers", "documents");
    if (given != nullptr)
        if (const auto fine = check_data(tx, id, *given); !fine) return fine.error();
    if (!store::change_status(tx, id, row->from, row->to, reason)) return error(errc::stale_state);
    audit::append(tx, who,
                  {.verb = row->verb,
                   .subject_kind = "applicant",
                   .subject_id = id,
                   .before = value::object().set("status", row->from),
                   .after = value::object().set("status", row->to),
                   .note = std::string(reason),
                   .applicant_id = id,
                   .institution_id = who.institution_id});
    if (row->event.empty()) return {};
    found->status = row->to;
    tell(tx, row->event, *found, reason);
    return {};
}

struct named_text {
    std::string_view name;
    std::string registration::*member;
};
constexpr std::array<named_text, 7> texts = {{{"uscc", &registration::uscc},
                                              {"name", &registration::name},
                                              {"region_code", &registration::region_code},
                                              {"address", &registration::address},
                                              {"contact_name", &registration::contact_name},
                                              {"contact_phone", &registration::contact_phone},
                                              {"legal_person", &registration::legal_person}}};

registration data_of(const applicant& a) {
    return {a.uscc, a.name, a.region_code, a.address, a.contact_name, a.contact_phone, a.legal_person};
}

// Keeps the new data and what changed; phones are masked in the journal, which is not sealed (S12).
result<> keep_data(db::write_tx& tx, const actor& who, const applicant& a, std::int64_t version,
                   const registration& given, std::string_view reason) {
    const auto r = check_data(tx, a.id, given);
    if (!r) return r.error();
    const registration old = data_of(a);
    audit::entry e{.verb = "edit",
                   .subject_kind = "applicant",
                   .subject_id = a.id,
                   .note = std::string(reason),
                   .applicant_id = a.id,
                   .institution_id = who.institution_id};
    for (const auto& [name, member] : texts) {
        if (old.*member == (*r).*member) continue;
        const bool phone = name == "contact_phone";
        e.before.set(name, phone ? mask_phone(old.*member) : old.*member);
        e.after.set(name, phone ? mask_phone((*r).*member) : (*r).*member);
    }
    if (e.after.as_members()->empty()) return {};
    if (!store::update_applicant(tx, a.id, version, *r)) return error(errc::stale_state);
    audit::append(tx, who, e);
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

result<registration> check_registration(db::read_view& view, const registration& given) {
    registration r = given;
    std::vector<error> wrong;
    const auto collect = [&](error e) { wrong.push_back(std::move(e)); };
    if (auto code = check_uscc(r.uscc))
        r.uscc = *code;
    else
        collect(code.error());
    if (auto phone = check_phone(r.contact_phone, "contact_phone"))
        r.contact_phone = *phone;
    else
        collect(phone.error());
    for (const auto member : {&registration::name, &registration::contact_name, &registration::address,
                              &registration::legal_person})
        r.*member = tidy_line(r.*member);
    for (const auto& [field, member] : texts)
        if (!is_utf8(r.*member)) collect(error(errc::invalid, "applicant.text", std::string(field)));
    if (r.name.empty() || count_characters(r.name) > 100)
        collect(error(errc::invalid, "applicant.name", "name"));
    if (r.contact_name.empty()) collect(error(errc::invalid, "applicant.contact_name", "contact_name"));
    for (const auto& [field, text, most] :
         {std::tuple("address", &r.address, 200u), std::tuple("contact_name", &r.contact_name, 50u),
          std::tuple("legal_person", &r.legal_person, 50u)})
        if (count_characters(*text) > most) collect(error(errc::invalid, "applicant.long", field));
    if (!catalogue::is_place(view, r.region_code))
        collect(error(errc::invalid, "applicant.region", "region_code"));
    if (wrong.empty()) return r;
    error first = std::move(wrong.front());
    first.also.assign(std::make_move_iterator(wrong.begin() + 1), std::make_move_iterator(wrong.end()));
    return first;
}

result<applicant> get_applicant(db::read_view& view, const actor& who, std::int64_t id) {
    auto found = find_applicant(view, id);
    if (!found || !is_concerned(view, who, *found)) return error(errc::not_found);
    const bool in_clear = who.is_applicant() || reviewers.allows(who);
    if (!in_clear) found->contact_phone = mask_phone(found->contact_phone);
    return std::move(*found);
}

result<std::int64_t> store::register_applicant(db::write_tx& tx, const actor& who,
                                               const registration& given) {
    const auto r = check_registration(tx, given);
    if (!r) return r.error();
    if (find_applicant_by_uscc(tx, r->uscc)) return error(errc::conflict, "applicant.taken", "uscc");
    const auto id = store::insert_applicant(tx, *r);
    audit::append(tx, who,
                  {.verb = "register",
                   .subject_kind = "applicant",
                   .subject_id = id,
                   .after = value::object().set("uscc", r->uscc).set("name", r->name),
                   .applicant_id = id});
    tell(tx, "applicant_registered", find_applicant(tx, id).value(), "");
    return id;
}

result<> approve_applicant(db::write_tx& tx, const actor& who, std::int64_t id) {
    return walk(tx, who, id, "approve", "", papers::asked);
}

result<> store::approve_without_papers(db::write_tx& tx, const actor& who, std::int64_t id) {
    return walk(tx, who, id, "approve", "");
}

result<> reject_applicant(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view reason) {
    const auto text = check_reason(reason);
    if (!text) return text.error();
    return walk(tx, who, id, "reject", *text);
}

result<> resubmit_applicant(db::write_tx& tx, const actor& who, std::int64_t id,
                            const registration& changed) {
    if (auto done = walk(tx, who, id, "resubmit", "", papers::asked, &changed); !done) return done;
    const auto found = find_applicant(tx, id).value();
    return keep_data(tx, who, found, found.version, changed, "");
}

result<> suspend_applicant(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view reason) {
    const auto text = check_reason(reason);
    if (!text) return text.error();
    auto done = walk(tx, who, id, "suspend", *text);
    if (done) store::end_sessions(tx, id);
    return done;
}

result<> resume_applicant(db::write_tx& tx, const actor& who, std::int64_t id) {
    return walk(tx, who, id, "resume", "");
}

result<> edit_applicant(db::write_tx& tx, const actor& who, std::int64_t id, std::int64_t version,
                        const registration& changed, std::string_view reason) {
    const auto found = find_applicant(tx, id);
    if (!found || !is_concerned(tx, who, *found)) return error(errc::not_found);
    const bool reviewer = reviewers.allows(who);
    if (!reviewer && !is_owner(who)) return error(errc::not_allowed);
    if (!reviewer && found->status == "suspended") return error(errc::not_allowed, "applicant.not_active");
    if (found->version != version) return error(errc::stale_state, "applicant.edited");
    const auto code = check_uscc(changed.uscc); // a wrong one is refused further down
    const bool new_identity = tidy_line(changed.name) != found->name || (code && *code != found->uscc);
    if (reviewer && tidy_text(reason).empty()) return error(errc::invalid, "applicant.reason", "reason");
    if (!reviewer && new_identity && found->status == "active")
        return error(errc::not_allowed, "applicant.identity", "name");
    return keep_data(tx, who, *found, version, changed, cut_characters(tidy_text(reason), 100));
}

std::optional<catalogue::institution> find_nearest_institution(db::read_view& view, std::int64_t id) {
    const auto who = find_applicant(view, id);
    if (!who) return std::nullopt;
    for (auto& i : catalogue::list_direct(view, who->region_code))
        if (!i.phone.empty()) return std::move(i);
    return std::nullopt;
}

result<std::vector<audit::recorded>> list_applicant_history(db::read_view& view, const actor& who,
                                                            std::int64_t id) {
    if (auto seen = get_applicant(view, who, id); !seen) return seen.error();
    return audit::list_for(view, "applicant", id);
}

std::vector<applicant> list_applicants(db::read_view& view, const actor& who, const applicant_filter& f,
                                       applicant_key after, int limit) {
    const auto area = reach_of(view, who);
    const bool works_here =
        reviewers.allows(who) || who.is_regulator() || who.roles.has(role::institution_admin);
    if (!area || !works_here) return {};
    return store::list_in_area(view, *area, {f.status, tidy_line(f.text)}, after, limit);
}

int count_pending_applicants(db::read_view& view, const actor& who) {
    const auto area = reach_of(view, who);
    return area && reviewers.allows(who) ? store::count_in_area(view, *area, "pending") : 0;
}

result<> check_standing(db::read_view& view, std::int64_t applicant_id) {
    const auto found = find_applicant(view, applicant_id);
    if (!found) return error(errc::not_found);
    if (found->status != "active") return error(errc::not_allowed, "applicant.not_active");
    return {};
}

} // namespace core::account
