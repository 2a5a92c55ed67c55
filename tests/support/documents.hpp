// The smallest files that are whole, of every kind that people upload.
#pragma once
#include <string>
#include <string_view>

namespace tests {

inline std::string pdf_of(std::string_view text) {
    return "%PDF-1.7\n" + std::string(text) + "\n%%EOF\n";
}

// An application segment, the begin of a scan, a little of it, the end.
inline std::string jpeg_of(std::string_view text) {
    std::string all("\xFF\xD8\xFF\xE0\x00\x04\x00\x00\xFF\xDA\x00\x02", 12);
    return all.append(text).append("\xFF\xD9");
}

inline std::string png_chunk(std::string_view name, std::string_view data) {
    std::string all;
    for (int shift = 24; shift >= 0; shift -= 8)
        all.push_back(static_cast<char>(data.size() >> shift & 0xFF));
    return all.append(name).append(data).append(4, '\0');
}
inline std::string png_of(std::string_view text) {
    return std::string("\x89PNG\r\n\x1A\n", 8) + png_chunk("IHDR", std::string(13, '\1')) +
           png_chunk("IDAT", text) + png_chunk("IEND", "");
}

inline std::string rar_of(std::string_view text) {
    return std::string("Rar!\x1A\x07\x01\x00"
                       "sum.\x0B\x01\x05",
                       15) +
           std::string(text);
}

} // namespace tests
