// Files of an instrument: 相关资料 and 型式评价报告 (M13, M14). The bytes lie beside the database, named by
// their hash, written and synced before the transaction that names them (core/files); at most 10 MiB per
// kind.
#pragma once
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/db/transaction.hpp"
#include "core/files/file_store.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace core::instrument {

struct attachment {
    std::int64_t id = 0, instrument_id = 0, size = 0, uploaded_by = 0;
    std::string kind, file_name, media_type, content_hash;
    instant uploaded_at;
};

// `file` is what files::receive_file gave: checked, written and synced before this transaction, named by the
// hash of its own bytes. Everything may be added and removed in unfiled and returned, only 相关资料 when
// filed (domain.md 6.2). Refuses not_found, not_allowed (instrument.under_review), invalid (file.*;
// file.total with args size; file.many).
result<std::int64_t> attach(db::write_tx& tx, const actor& who, std::int64_t instrument,
                            std::string_view kind, const files::stored_file& file);
// The row stays, and with it the bytes: what a reviewer has seen can be shown later. Refuses as attach.
result<> remove_attachment(db::write_tx& tx, const actor& who, std::int64_t id);
// For whoever may see the instrument; nobody else is told of any.
std::vector<attachment> list_attachments(db::read_view& view, const actor& who, std::int64_t instrument);
result<attachment> get_attachment(db::read_view& view, const actor& who, std::int64_t id);
bool has_type_evaluation(db::read_view& view, std::int64_t instrument);

} // namespace core::instrument
