#include "core/workbook/archive.hpp"

#include "core/base/text.hpp"

#include <zip.h>

#include <algorithm>

namespace core::workbook {

void part::close_file::operator()(zip_file* f) const {
    zip_fclose(f);
}
void archive::close_zip::operator()(zip* z) const {
    zip_discard(z);
}

result<std::size_t> part::read(char* to, std::size_t most) {
    if (owner_->until_.is_over()) return error(errc::too_late, "workbook.slow");
    const zip_int64_t n = zip_fread(file_.get(), to, most);
    if (n < 0) return error(errc::invalid, "workbook.corrupt");
    read_ += static_cast<std::size_t>(n);
    if (counts_) owner_->total_ += static_cast<std::size_t>(n);
    if (read_ > owner_->most_.part || owner_->total_ > owner_->most_.total)
        return error(errc::invalid, "workbook.too_large");
    return static_cast<std::size_t>(n);
}

result<std::unique_ptr<archive>> archive::open(std::string_view bytes, const deadline& until,
                                               const limits& most) {
    zip_error_t why;
    zip_error_init(&why);
    zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &why);
    zip_t* z = source == nullptr ? nullptr : zip_open_from_source(source, ZIP_RDONLY, &why);
    zip_error_fini(&why);
    if (z == nullptr) {
        if (source != nullptr) zip_source_free(source);
        return error(errc::invalid, "workbook.corrupt");
    }
    std::unique_ptr<archive> all(new archive(z, until, most));
    const auto n = static_cast<std::size_t>(zip_get_num_entries(z, 0));
    if (n > most.parts) return error(errc::invalid, "workbook.too_large");
    std::size_t total = 0;
    for (std::size_t i = 0; i < n; ++i) {
        zip_stat_t s;
        if (zip_stat_index(z, i, 0, &s) != 0 || (s.valid & ZIP_STAT_SIZE) == 0)
            return error(errc::invalid, "workbook.corrupt");
        if ((s.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && s.encryption_method != ZIP_EM_NONE)
            return error(errc::invalid, "workbook.encrypted");
        if (s.size > most.part || total + s.size > most.total)
            return error(errc::invalid, "workbook.too_large");
        total += s.size;
    }
    return all;
}

std::int64_t archive::place_of(std::string_view name) const {
    return zip_name_locate(zip_.get(), std::string(name).c_str(), ZIP_FL_NOCASE | ZIP_FL_ENC_GUESS);
}

bool archive::has(std::string_view name) const {
    return place_of(name) >= 0;
}

bool archive::has_ending(std::string_view end) const {
    const auto n = zip_get_num_entries(zip_.get(), 0);
    for (zip_int64_t i = 0; i < n; ++i) {
        const char* name = zip_get_name(zip_.get(), static_cast<zip_uint64_t>(i), 0);
        if (name != nullptr && to_lower_ascii(name).ends_with(end)) return true;
    }
    return false;
}

std::size_t archive::declared_size(std::string_view name) const {
    zip_stat_t s;
    const auto at = place_of(name);
    if (at < 0 || zip_stat_index(zip_.get(), static_cast<zip_uint64_t>(at), 0, &s) != 0) return 0;
    return s.size;
}

result<part> archive::open(std::string_view name) {
    const auto at = place_of(name);
    if (at < 0) return error(errc::invalid, "workbook.corrupt");
    zip_file_t* f = zip_fopen_index(zip_.get(), static_cast<zip_uint64_t>(at), 0);
    if (f == nullptr) return error(errc::invalid, "workbook.corrupt");
    return part(*this, f);
}

result<bool> archive::contains(std::string_view name, std::string_view bytes) {
    auto source = open(name);
    if (!source) return source.error();
    source->counts_ = false;
    std::string chunk(64u << 10, '\0');
    std::size_t kept = 0; // of the chunk before: what is looked for may lie across the border
    for (;;) {
        const auto n = source->read(chunk.data() + kept, chunk.size() - kept);
        if (!n) return n.error();
        if (*n == 0) return false;
        const std::string_view all(chunk.data(), kept + *n);
        if (all.find(bytes) != std::string_view::npos) return true;
        kept = std::min(all.size(), bytes.size() - 1);
        chunk.replace(0, kept, all.substr(all.size() - kept));
    }
}

result<std::string> archive::read(std::string_view name, std::size_t most) {
    if (declared_size(name) > most) return error(errc::invalid, "workbook.too_large");
    auto source = open(name);
    if (!source) return source.error();
    std::string all;
    for (;;) {
        const std::size_t at = all.size();
        const std::size_t room = std::max<std::size_t>(declared_size(name), at) - at + 1;
        all.resize(at + room);
        const auto n = source->read(all.data() + at, room);
        if (!n) return n.error();
        all.resize(at + *n);
        if (all.size() > most) return error(errc::invalid, "workbook.too_large");
        if (*n == 0) return all;
    }
}

} // namespace core::workbook
