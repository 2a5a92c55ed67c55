#include "core/files/file_store.hpp"

#include "core/base/ids.hpp"
#include "core/base/text.hpp"
#include "core/files/content.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace core::files {
namespace {

struct file_kind {
    std::string_view ending, media_type;
    content (*check)(std::string_view bytes);
};
constexpr std::array<file_kind, 6> kinds = {{{".jpg", "image/jpeg", check_jpeg},
                                             {".jpeg", "image/jpeg", check_jpeg},
                                             {".png", "image/png", check_png},
                                             {".pdf", "application/pdf", check_pdf},
                                             {".zip", "application/zip", check_zip},
                                             {".rar", "application/vnd.rar", check_rar}}};

std::filesystem::path path_of(const std::filesystem::path& folder, const std::string& hash) {
    return folder / hash.substr(0, 2) / hash;
}

void sync_folder(const std::filesystem::path& folder) {
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    ::fsync(fd);
    ::close(fd);
}

} // namespace

result<std::string> check_file(std::string_view file_name, std::string_view bytes) {
    const std::string name = to_lower_ascii(file_name);
    const auto refused = [&](std::string why) {
        return error(errc::invalid, std::move(why)).with("name", std::string(file_name));
    };
    if (bytes.empty()) return refused("file.empty");
    for (const auto& k : kinds) {
        if (!name.ends_with(k.ending)) continue;
        switch (k.check(bytes)) {
        case content::whole:
            return std::string(k.media_type);
        case content::lie:
            return refused("file.lie");
        case content::cut:
            return refused("file.cut");
        case content::package:
            return refused("file.package");
        }
    }
    return refused("file.kind");
}

std::string store_bytes(const std::filesystem::path& folder, std::string_view bytes) {
    const std::string hash = sha256_hex(bytes);
    const auto target = path_of(folder, hash);
    if (std::filesystem::create_directories(target.parent_path())) sync_folder(folder);
    // Touched, so that collect_orphans leaves it alone; synced, for whoever wrote it may not have come to
    // that yet.
    if (::utimensat(AT_FDCWD, target.c_str(), nullptr, 0) == 0) {
        sync_folder(target.parent_path());
        return hash;
    }
    const std::filesystem::path part = target.string() + "." + random_hex(4);
    const int fd = ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) throw std::runtime_error("cannot create " + part.string());
    std::size_t written = 0;
    while (written < bytes.size()) {
        const auto n = ::write(fd, bytes.data() + written, bytes.size() - written);
        if (n <= 0) break;
        written += static_cast<std::size_t>(n);
    }
    const int failed = ::fsync(fd);
    ::close(fd);
    if (written != bytes.size() || failed != 0) {
        std::filesystem::remove(part);
        throw std::runtime_error("cannot write " + part.string());
    }
    std::filesystem::rename(part, target);
    sync_folder(target.parent_path());
    return hash;
}

std::string read_bytes(const std::filesystem::path& folder, const std::string& hash) {
    std::ifstream in(path_of(folder, hash), std::ios::binary);
    if (!in) throw std::runtime_error("file " + hash + " is missing in the data folder");
    std::ostringstream bytes;
    bytes << in.rdbuf();
    return bytes.str();
}

result<stored_file> receive_file(const std::filesystem::path& folder, std::string_view file_name,
                                 std::string_view bytes) {
    if (auto fine = check_total(static_cast<std::int64_t>(bytes.size())); !fine) return fine.error();
    auto type = check_file(file_name, bytes);
    if (!type) return type.error();
    return stored_file{cut_characters(tidy_line(file_name), 120), std::move(*type),
                       store_bytes(folder, bytes), static_cast<std::int64_t>(bytes.size())};
}

result<> check_total(std::int64_t bytes) {
    if (bytes <= most_bytes) return {};
    const auto tenths = (bytes * 10 + 524288) / 1048576;
    return error(errc::invalid, "file.total")
        .with("size", std::to_string(tenths / 10) + "." + std::to_string(tenths % 10));
}

} // namespace core::files
