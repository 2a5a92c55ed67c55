#include "core/journal/audit_head.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <stdexcept>

namespace core::audit {
namespace {

constexpr int line_length = 20 + 1 + 64 + 1; // id, blank, hash, line end: the same at every write

class head_note {
  public:
    explicit head_note(std::filesystem::path file) : file_(std::move(file)) {}
    ~head_note() {
        if (fd_ >= 0) ::close(fd_);
    }
    head_note(const head_note&) = delete;
    head_note& operator=(const head_note&) = delete;

    void write(const head& h) {
        if (h.id == last_) return;
        if (fd_ < 0) fd_ = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (fd_ < 0) throw std::runtime_error("cannot write " + file_.string());
        char line[line_length + 1];
        std::snprintf(line, sizeof line, "%020lld %s\n", static_cast<long long>(h.id), h.hash.c_str());
        if (::pwrite(fd_, line, line_length, 0) != line_length)
            throw std::runtime_error("cannot note the end of the audit chain");
        last_ = h.id;
    }

  private:
    std::filesystem::path file_;
    int fd_ = -1;
    std::int64_t last_ = 0;
};

} // namespace

std::optional<head> find_head(db::read_view& view) {
    return view.query_one(
        [](db::row r) {
            return head{r.number(0), r.text(1)};
        },
        R"sql(SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1)sql");
}

std::filesystem::path head_file(const std::filesystem::path& database) {
    return database.string() + ".audit-head";
}

std::function<void(db::read_view&)> keep_head(const std::filesystem::path& file) {
    return [note = std::make_shared<head_note>(file)](db::read_view& view) {
        if (const auto h = find_head(view)) note->write(*h);
    };
}

noted read_head(const std::filesystem::path& file) {
    std::ifstream in(file);
    if (!in) return {};
    head h;
    if (!(in >> h.id >> h.hash) || h.id <= 0 || h.hash.size() != 64) return {std::nullopt, false};
    return {h, true};
}

bool is_cut(db::read_view& view, const head& kept) {
    return view.query_number(R"sql(SELECT count(*) FROM audit WHERE id = $1 AND hash = $2)sql", kept.id,
                             kept.hash) != 1;
}

} // namespace core::audit
