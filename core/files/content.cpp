#include "core/files/content.hpp"

#include "core/base/text.hpp"

#include <zip.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace core::files {
namespace {

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
    return static_cast<std::uint8_t>(bytes[at]);
}

std::uint32_t number_at(std::string_view bytes, std::size_t at) { // big endian
    std::uint32_t n = 0;
    for (std::size_t i = 0; i < 4; ++i)
        n = n << 8 | byte_at(bytes, at + i);
    return n;
}

// What only a document or a program has at its root: ECMA-376 (docx, xlsx, pptx), OpenDocument, Java,
// Android.
constexpr std::array<std::string_view, 4> package_marks = {"[content_types].xml", "mimetype",
                                                           "meta-inf/manifest.mf", "androidmanifest.xml"};

struct close_zip {
    void operator()(zip_t* z) const { zip_discard(z); }
};

} // namespace

// ITU T.81 B.1: markers with their lengths up to the first scan, and an end of image behind it. Phones put
// more behind the end (a moving picture), which is theirs.
content check_jpeg(std::string_view bytes) {
    if (!bytes.starts_with("\xFF\xD8\xFF")) return content::lie;
    std::size_t at = 2;
    while (at + 4 <= bytes.size()) {
        if (byte_at(bytes, at) != 0xFF) return content::lie; // text behind three bytes of a picture
        const std::uint8_t marker = byte_at(bytes, at + 1);
        if (marker == 0xFF) { // a filling byte
            ++at;
            continue;
        }
        if (marker < 0xC0 || (marker >= 0xD0 && marker <= 0xD9)) return content::lie; // no segment
        const std::size_t length =
            static_cast<std::size_t>(byte_at(bytes, at + 2)) << 8 | byte_at(bytes, at + 3);
        if (length < 2) return content::lie;
        at += 2 + length;
        if (marker == 0xDA) // of the scan
            return at < bytes.size() && bytes.find("\xFF\xD9", at) != std::string_view::npos ? content::whole
                                                                                             : content::cut;
    }
    return content::cut;
}

// PNG 1.2, 5.3: chunks of length, name, data and sum, from IHDR to IEND.
content check_png(std::string_view bytes) {
    constexpr std::string_view magic("\x89PNG\r\n\x1A\n", 8);
    if (!bytes.starts_with(magic)) return content::lie;
    std::size_t at = magic.size();
    for (bool is_first = true; at + 12 <= bytes.size(); is_first = false) {
        const std::size_t length = number_at(bytes, at);
        const auto name = bytes.substr(at + 4, 4);
        if (is_first && (name != "IHDR" || length != 13)) return content::lie;
        if (length > bytes.size() - at - 12) return content::cut;
        if (name == "IEND") return content::whole;
        at += 12 + length;
    }
    return content::cut;
}

// ISO 32000-1, 7.5: a header line, and %%EOF within the last kilobyte, as readers look for it.
content check_pdf(std::string_view bytes) {
    constexpr std::size_t end_within = 1024;
    constexpr std::string_view blanks(" \t\r\n\f\0", 6);
    if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
    const auto begin = bytes.find_first_not_of(blanks);
    if (begin == std::string_view::npos || !bytes.substr(begin).starts_with("%PDF-")) return content::lie;
    const auto last = bytes.find_last_not_of(blanks);
    const auto end = bytes.substr(0, last + 1).rfind("%%EOF");
    return end != std::string_view::npos && last - end < end_within ? content::whole : content::cut;
}

content check_zip(std::string_view bytes) {
    if (!bytes.starts_with(std::string_view("PK\x03\x04", 4)) &&
        !bytes.starts_with(std::string_view("PK\x05\x06", 4)))
        return content::lie;
    zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, nullptr);
    if (source == nullptr) return content::cut;
    const std::unique_ptr<zip_t, close_zip> all(zip_open_from_source(source, ZIP_RDONLY, nullptr));
    if (!all) { // no list of its files at the end
        zip_source_free(source);
        return content::cut;
    }
    const auto n = zip_get_num_entries(all.get(), 0);
    for (zip_int64_t i = 0; i < n; ++i) {
        const char* name = zip_get_name(all.get(), static_cast<zip_uint64_t>(i), ZIP_FL_ENC_RAW);
        if (name == nullptr) return content::cut;
        const std::string lower = to_lower_ascii(name);
        for (const auto mark : package_marks)
            if (lower == mark) return content::package;
    }
    return content::whole;
}

content check_rar(std::string_view bytes) {
    constexpr std::string_view version_4("Rar!\x1A\x07\x00", 7), version_5("Rar!\x1A\x07\x01\x00", 8);
    if (bytes.starts_with(version_4)) { // sum in two bytes, then the type of the block: 0x73, of the archive
        if (bytes.size() < version_4.size() + 7) return content::cut;
        return byte_at(bytes, version_4.size() + 2) == 0x73 ? content::whole : content::lie;
    }
    if (!bytes.starts_with(version_5)) return content::lie;
    std::size_t at = version_5.size() + 4; // behind the sum: size in seven bits a byte, then the type
    while (at < bytes.size() && (byte_at(bytes, at) & 0x80) != 0)
        ++at;
    if (++at >= bytes.size()) return content::cut;
    const auto type = byte_at(bytes, at);
    return type == 1 || type == 4 ? content::whole : content::lie; // of the archive, or encrypted from here
}

} // namespace core::files
