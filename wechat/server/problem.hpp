// The one mapping from a refusal to an HTTP status and a Chinese text (templates/text/problems.txt).
#pragma once
#include "core/base/result.hpp"
#include "core/base/template.hpp"
#include "core/base/value.hpp"

#include <map>
#include <string>
#include <string_view>

namespace wechat {

int status_of(core::errc code); // not_found 404, not_allowed 403, invalid 422, stale_state 409, …

// problems.txt: lines `key = text with {{args}}`; `#` starts a comment. Every errc has a general text under
// its own name, used when `detail` is empty or unknown.
class problem_texts {
  public:
    explicit problem_texts(const core::template_set& templates); // throws for a malformed line
    std::string text_of(const core::error& e) const;
    bool has(std::string_view key) const;
    // For templates: {summary: bool, errors: [{field, text}], error_<field>: text …}
    core::value model_of(const core::error& e) const;

  private:
    std::map<std::string, std::string, std::less<>> texts_;
};

} // namespace wechat
