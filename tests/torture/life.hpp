// The process that is killed: database, callback server, hub with all its channels, people who change things,
// and an operator who binds again whom WeChat took for gone and releases what was paused or parked.
#pragma once
#include <cstdint>
#include <filesystem>

namespace torture {

// Works until killed; without changes until nothing is left to do, half an hour of silence included.
int live(const std::filesystem::path& folder, bool changing, std::uint64_t seed);

} // namespace torture
