// SQL of companies' papers.
#pragma once
#include "core/account/document.hpp"

#include <optional>

namespace core::account::store {

void insert_document(db::write_tx& tx, const document& d);
bool remove_document(db::write_tx& tx, std::int64_t id);
std::optional<document> find_document(db::read_view& view, std::int64_t id);
std::vector<document> list_documents(db::read_view& view, std::int64_t applicant_id);

} // namespace core::account::store
