#include "tests/fuzz/targets.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace {

TEST_CASE("Everything that fuzzing found or began with goes through without a fault") {
    for (const auto& target : fuzz::targets) {
        const auto folder = std::filesystem::path(SOURCE_DIR) / "tests/fuzz/corpus" / target.name;
        std::size_t inputs = 0;
        for (const auto& file : std::filesystem::directory_iterator(folder)) {
            std::ifstream in(file.path(), std::ios::binary);
            std::ostringstream bytes;
            bytes << in.rdbuf();
            CAPTURE(file.path().string());
            const std::string input = bytes.str();
            CHECK_NOTHROW(target.run(input));
            for (std::size_t n = 0; n < input.size(); n += 1 + input.size() / 64) // and cut short
                CHECK_NOTHROW(target.run(std::string_view(input).substr(0, n)));
            ++inputs;
        }
        CHECK(inputs >= 5);
    }
}

} // namespace
