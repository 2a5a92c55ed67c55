// Papers of a company (M3): 统一社会信用代码证, 法人授权书 and others. The bytes are kept by core/files; here
// is whose they are, what they are for, and who may see them.
#pragma once
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/db/transaction.hpp"
#include "core/files/file_store.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace core::account {

struct document {
    std::int64_t id = 0, applicant_id = 0, uploaded_by = 0;
    std::string kind; // uscc_certificate, letter_of_authority, other
    files::stored_file file;
    instant uploaded_at;
};
std::string_view document_label(std::string_view kind); // 统一社会信用代码证; "" for what is no kind

struct new_document {
    std::string kind;
    files::stored_file file;
};
// Both required kinds are there, all together at most 10 MiB. Refuses invalid: applicant.papers (field
// documents), document.kind, file.total.
result<> check_documents(const std::vector<new_document>& all);

// By an owner while the papers are still to be looked at (pending, rejected), later only `other` ones; by
// reviewers of the area and the platform always. Refuses not_found, not_allowed (document.closed),
// document.kind, file.total (10 MiB of all of a company).
result<std::int64_t> add_document(db::write_tx& tx, const actor& who, std::int64_t applicant_id,
                                  const new_document& d);
result<> remove_document(db::write_tx& tx, const actor& who, std::int64_t id);

// The company, its reviewers, the platform, a regulator of its region; front desks have no business with
// them.
std::vector<document> list_documents(db::read_view& view, const actor& who, std::int64_t applicant_id);
result<document> get_document(db::read_view& view, const actor& who, std::int64_t id);
bool has_required_documents(db::read_view& view, std::int64_t applicant_id);
// Hashes of files that are still somebody's paper, for whoever collects what nobody needs.
bool is_document_content(db::read_view& view, std::string_view content_hash);

} // namespace core::account
