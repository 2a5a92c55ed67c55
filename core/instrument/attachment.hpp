// Files of an instrument: 相关资料 and 型式评价报告 (M13, M14). The bytes lie beside the database, named by
// their hash, written and synced before the transaction that names them.
#pragma once
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/db/transaction.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace core::instrument {

inline constexpr std::int64_t most_attached_bytes = 10 * 1024 * 1024; // per instrument and kind

struct attachment {
    std::int64_t id = 0, instrument_id = 0, size = 0, uploaded_by = 0;
    std::string kind, file_name, media_type, content_hash;
    instant uploaded_at;
};

// Its media type by ending and content, which must agree. Refuses invalid: file.kind (arg name), file.lie
// (arg name), file.empty.
result<std::string> check_file(std::string_view file_name, std::string_view bytes);

// Writes the bytes into the folder, synced; gives their hash. Safe to repeat.
std::string store_bytes(const std::filesystem::path& folder, std::string_view bytes);

// Refuses not_found, not_allowed (under review), invalid (file.*; file.total with args size).
result<std::int64_t> attach(db::write_tx& tx, const actor& who, std::int64_t instrument,
                            std::string_view kind, std::string_view file_name, std::string_view bytes,
                            const std::string& hash);
std::vector<attachment> list_attachments(db::read_view& view, std::int64_t instrument);
result<attachment> get_attachment(db::read_view& view, const actor& who, std::int64_t id);
std::string read_bytes(const std::filesystem::path& folder, const attachment& a);
bool has_type_evaluation(db::read_view& view, std::int64_t instrument);

} // namespace core::instrument
