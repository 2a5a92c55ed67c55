// Whether bytes are a whole file of the kind that their name says: where it begins, how its parts follow each
// other, where it ends. No decoder: a picture that is whole may still show nothing.
#pragma once
#include <string_view>

namespace core::files {

enum class content {
    whole,
    lie,    // something else than the ending says
    cut,    // begins as it should, but is broken or not all there
    package // a zip that is a document or a program of its own: .docx, .xlsx, .jar, .apk …
};

// .jpg, .jpeg
content check_jpeg(std::string_view bytes);
content check_png(std::string_view bytes);
// Blanks and a byte order mark may come first, as many programs write them; nothing long behind the end,
// where another file could hide.
content check_pdf(std::string_view bytes);
content check_zip(std::string_view bytes);
// Versions 4 and 5; their first block only.
content check_rar(std::string_view bytes);

} // namespace core::files
