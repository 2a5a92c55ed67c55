// Files that people upload: which kinds are taken, and bytes kept beside the database under the name of their
// hash. Metadata (whose, what for) is with the slice that owns the thing; pages never see a path.
#pragma once
#include "core/base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace core::files {

inline constexpr std::int64_t most_bytes =
    10 * 1024 * 1024; // of one thing's files of one kind together (M13)

// Its media type by ending and content, which must agree (guarantees S9, content.hpp). Refuses invalid, each
// with arg name: file.empty, file.kind, file.lie, file.cut (not all there), file.package (a document or
// program called .zip).
result<std::string> check_file(std::string_view file_name, std::string_view bytes);
// Refuses invalid file.total (arg size, in MiB) above most_bytes.
result<> check_total(std::int64_t bytes);

// Writes the bytes into the folder, synced; gives their hash. Safe to repeat. Before the transaction that
// names them, never inside one.
std::string store_bytes(const std::filesystem::path& folder, std::string_view bytes);
// What a slice keeps of an upload; only receive_file makes one from outside.
struct stored_file {
    std::string file_name; // for display only, at most 120 characters
    std::string media_type, hash;
    std::int64_t size = 0;
};
// check_file and store_bytes in one; also file.total for a file above most_bytes.
result<stored_file> receive_file(const std::filesystem::path& folder, std::string_view file_name,
                                 std::string_view bytes);
std::string read_bytes(const std::filesystem::path& folder, const std::string& hash); // throws if missing

} // namespace core::files
