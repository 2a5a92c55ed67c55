// SQL of result versions and their PDFs.
#pragma once
#include "core/appointment/certificate.hpp"

namespace core::appointment::store {

std::vector<recorded_result> list_versions(db::read_view& view, std::int64_t order);
struct owner {
    std::int64_t order = 0, applicant = 0, institution = 0;
    std::string certificate_kind;
};
std::optional<owner> owner_of_result(db::read_view& view, std::int64_t result_id);
std::optional<files::stored_file> find_certificate(db::read_view& view, std::int64_t result_id);
void insert_certificate(db::write_tx& tx, std::int64_t result_id, const files::stored_file& f,
                        std::int64_t uploaded_by);
bool has_certificate_with(db::read_view& view, std::string_view content_hash);

} // namespace core::appointment::store
