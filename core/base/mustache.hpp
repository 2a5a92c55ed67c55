// One Mustache text, parsed once and rendered over a core::value without building anything between: names,
// paths (asset.css), "." of a list's element, sections, inverted sections, comments. Partials are put in
// place by template_set; delimiters cannot be changed. Written because rendering was a quarter of a chat
// reply; it renders as kainjow's Mustache does, which its test compares it with.
#pragma once
#include "core/base/value.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace core {

class mustache {
  public:
    using append_fn = void (*)(std::string& out, std::string_view text);

    explicit mustache(std::string_view text); // throws std::runtime_error for a tag or section left open

    struct options {
        append_fn escape;      // appends what {{name}} inserts; {{{name}}} and {{&name}} go in as they are
        bool strict = false;   // an unknown name throws std::logic_error; else it is nothing
        std::string_view name; // of the template, for that message
    };
    std::string render(const value& model, const options& o) const;

  private:
    enum class kind : unsigned char { text, newline, variable, raw_variable, section, inverted };
    struct piece {
        kind what = kind::text;
        std::string text;    // or the name
        std::size_t end = 0; // of a section: behind its last piece
    };
    class rendering;

    void add_text(std::string_view text);
    void add_tag(std::string_view inside, bool raw, std::vector<std::size_t>& open);

    std::vector<piece> pieces_;
};

} // namespace core
