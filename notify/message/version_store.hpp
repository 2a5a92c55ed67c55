// SQL of versions of messages.
#pragma once
#include "notify/message/version.hpp"

#include <optional>

namespace notify::store {

struct version_row {
    std::string kind, source, template_id, note, by;
    int number = 0;
    core::instant at;
    bool in_force = false;
};
std::vector<version_row> list_versions(core::db::read_view& view, std::string_view kind); // newest first
std::optional<version_row> find_version(core::db::read_view& view, std::string_view kind, int number);
std::vector<version_row> list_in_force(core::db::read_view& view);     // of every kind that has one
int number_in_force(core::db::read_view& view, std::string_view kind); // 0: the shipped file
void put_version(core::db::write_tx& tx, const version_row& v, std::int64_t by);
int next_number(core::db::read_view& view, std::string_view kind);
void set_in_force(core::db::write_tx& tx, std::string_view kind, int number); // 0: the shipped file

} // namespace notify::store
