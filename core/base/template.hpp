// Mustache templates: parsed once at start, rendered with a core::value as view model. Names that the model
// does not have are an error in strict mode (tests, --dev), so that a misspelt name is found at once.
#pragma once
#include "core/base/value.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace core {

class template_set {
  public:
    struct options {
        std::filesystem::path folder; // overrides the embedded templates when not empty
        bool reload = false;          // read the folder at every rendering (--dev)
        bool strict = false;          // unknown names throw
    };

    // Loads every file below templates/ (*.html *.txt *.tmpl *.json). Throws, naming file and fault.
    explicit template_set(options o);
    ~template_set();
    template_set(const template_set&) = delete;
    template_set& operator=(const template_set&) = delete;

    // name without folder prefix and ending kept: "company/home.html", "text/chat/help.txt".
    // .html escapes & < > " '; other endings insert values as they are. Partials: {{>partials/icon.html}} or
    // {{>partials/icon}} (same ending as the file that includes it).
    // Throws std::out_of_range for an unknown template.
    std::string render(std::string_view name, const value& model) const;
    // A mustache text that is not a file: problem texts, message fields. Strict: unknown names throw
    // std::logic_error.
    static std::string render_text(std::string_view mustache, const value& model, bool strict = false);

    bool has(std::string_view name) const;
    std::vector<std::string> names() const;
    std::string source(std::string_view name) const;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace core
