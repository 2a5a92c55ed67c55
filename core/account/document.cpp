#include "core/account/document.hpp"

#include "core/account/applicant.hpp"
#include "core/account/document_store.hpp"
#include "core/journal/audit.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace core::account {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> labels = {
    {{"uscc_certificate", "统一社会信用代码证"},
     {"letter_of_authority", "法人授权书"},
     {"other", "其他证照"}}};
constexpr std::array<std::string_view, 2> required = {"uscc_certificate", "letter_of_authority"};

template<class List>
bool has_required(const List& all) {
    return std::all_of(required.begin(), required.end(), [&](std::string_view kind) {
        return std::any_of(all.begin(), all.end(), [&](const auto& d) { return d.kind == kind; });
    });
}

template<class List>
std::int64_t total_of(const List& all) {
    std::int64_t bytes = 0;
    for (const auto& d : all)
        bytes += d.file.size;
    return bytes;
}

bool may_read_papers(const actor& who) {
    return who.is_applicant() || who.is_platform() || who.is_regulator() ||
           who.roles.any({role::filing_reviewer, role::institution_admin});
}

result<> may_change(db::read_view& view, const actor& who, std::int64_t applicant_id, std::string_view kind) {
    const auto company = get_applicant(view, who, applicant_id);
    if (!company) return company.error();
    if (who.is_platform() || (who.kind == actor_kind::staff && who.roles.has(role::filing_reviewer)))
        return {};
    if (!who.is_applicant() || !who.roles.has(role::owner)) return error(errc::not_allowed);
    const bool open = company->status == "pending" || company->status == "rejected";
    if (open || (company->status == "active" && kind == "other")) return {};
    return error(errc::not_allowed, "document.closed");
}

} // namespace

std::string_view document_label(std::string_view kind) {
    for (const auto& [one, label] : labels)
        if (one == kind) return label;
    return {};
}

result<> check_documents(const std::vector<new_document>& all) {
    for (const auto& d : all)
        if (document_label(d.kind).empty()) return error(errc::invalid, "document.kind", "documents");
    if (!has_required(all)) return error(errc::invalid, "applicant.papers", "documents");
    return files::check_total(total_of(all));
}

result<std::int64_t> add_document(db::write_tx& tx, const actor& who, std::int64_t applicant_id,
                                  const new_document& d) {
    if (auto may = may_change(tx, who, applicant_id, d.kind); !may) return may.error();
    if (document_label(d.kind).empty()) return error(errc::invalid, "document.kind", "documents");
    const auto there = store::list_documents(tx, applicant_id);
    if (auto fine = files::check_total(total_of(there) + d.file.size); !fine) return fine.error();
    const document made{tx.new_id(), applicant_id, who.login_id, d.kind, d.file, tx.now()};
    store::insert_document(tx, made);
    audit::append(tx, who,
                  {.verb = "add_document",
                   .subject_kind = "applicant",
                   .subject_id = applicant_id,
                   .after = value::object().set("kind", d.kind).set("hash", d.file.hash),
                   .applicant_id = applicant_id,
                   .institution_id = who.institution_id});
    return made.id;
}

result<> remove_document(db::write_tx& tx, const actor& who, std::int64_t id) {
    const auto found = store::find_document(tx, id);
    if (!found) return error(errc::not_found);
    if (auto may = may_change(tx, who, found->applicant_id, found->kind); !may) return may;
    if (!store::remove_document(tx, id)) return error(errc::stale_state);
    audit::append(tx, who,
                  {.verb = "remove_document",
                   .subject_kind = "applicant",
                   .subject_id = found->applicant_id,
                   .before = value::object().set("kind", found->kind).set("hash", found->file.hash),
                   .applicant_id = found->applicant_id,
                   .institution_id = who.institution_id});
    return {};
}

std::vector<document> list_documents(db::read_view& view, const actor& who, std::int64_t applicant_id) {
    if (!may_read_papers(who) || !get_applicant(view, who, applicant_id)) return {};
    return store::list_documents(view, applicant_id);
}

result<document> get_document(db::read_view& view, const actor& who, std::int64_t id) {
    auto found = store::find_document(view, id);
    if (!found || !may_read_papers(who) || !get_applicant(view, who, found->applicant_id))
        return error(errc::not_found);
    return std::move(*found);
}

bool has_required_documents(db::read_view& view, std::int64_t applicant_id) {
    return has_required(store::list_documents(view, applicant_id));
}

} // namespace core::account
