// The files built into the binary: templates/, schema/ and the bundled assets/ (see scripts/embed.cmake).
// Not a file system: names are exact, as in the source tree ("schema/0001_base.sql").
#pragma once
#include <span>
#include <string_view>

namespace core {

struct embedded_file {
    std::string_view name;
    std::string_view bytes;
};

std::span<const embedded_file> embedded_files();

} // namespace core
