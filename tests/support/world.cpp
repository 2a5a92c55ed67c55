#include "tests/support/world.hpp"

#include "core/base/ids.hpp"
#include "core/db/migrate.hpp"

namespace tests {
namespace {

// Migrated once per test program, copied per world.
const std::filesystem::path& template_file() {
    static const temp_folder folder;
    static const std::filesystem::path file = [] {
        auto made = folder.path() / "template.db";
        core::db::migrate(made, core::machine_clock());
        return made;
    }();
    return file;
}

} // namespace

temp_folder::temp_folder()
    : path_(std::filesystem::temp_directory_path() / ("qiangjian-test-" + core::random_hex(8))) {
    std::filesystem::create_directories(path_);
}

temp_folder::~temp_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

world::world(core::instant start) : time(start) {
    std::filesystem::copy_file(template_file(), file());
    reopen();
}

void world::replace_with(const std::filesystem::path& other) {
    db_.reset();
    std::filesystem::copy_file(other, file(), std::filesystem::copy_options::overwrite_existing);
    reopen();
}

void world::close() {
    db_.reset();
}

void world::reopen() {
    db_.reset();
    core::db::database::options o;
    o.file = file();
    o.key = core::vault::key{1, 2, 3};
    db_ = std::make_unique<core::db::database>(o, time);
}

} // namespace tests
