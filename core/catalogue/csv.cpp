#include "core/catalogue/csv.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <stdexcept>

namespace core::csv {
namespace {

struct numbered_row {
    std::size_t line;
    std::vector<std::string> fields;
};

class reader {
  public:
    explicit reader(std::string_view text) : text_(text) {
        if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
        if (!is_utf8(text_)) fail("is not UTF-8");
    }
    std::vector<numbered_row> all() {
        std::vector<numbered_row> rows;
        while (at_ < text_.size()) {
            numbered_row row{line_, {}};
            do
                row.fields.push_back(next() == '"' ? quoted() : bare());
            while (take(','));
            end_line();
            if (row.fields.size() > 1 || !row.fields[0].empty()) rows.push_back(std::move(row));
        }
        return rows;
    }

  private:
    [[noreturn]] void fail(const std::string& why) const {
        throw std::runtime_error("csv: line " + std::to_string(line_) + " " + why);
    }
    char next() const { return at_ < text_.size() ? text_[at_] : '\n'; }
    bool take(char c) {
        if (at_ >= text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    void end_line() {
        take('\r');
        if (at_ < text_.size() && !take('\n')) fail("has text after a closing quote");
        ++line_;
    }
    std::string bare() {
        const auto end = std::min(text_.find_first_of(",\"\r\n", at_), text_.size());
        std::string field(text_.substr(at_, end - at_));
        at_ = end;
        if (next() == '"') fail("has a quote inside a bare field");
        return field;
    }
    std::string quoted() {
        std::string field;
        for (take('"');; ++at_) {
            if (at_ >= text_.size()) fail("has a quote that is not closed");
            const char c = text_[at_];
            if (c == '"') {
                ++at_;
                if (next() != '"' || at_ >= text_.size()) return field;
            }
            line_ += c == '\n' ? 1 : 0;
            field += c;
        }
    }

    std::string_view text_;
    std::size_t at_ = 0, line_ = 1;
};

} // namespace

table::table(std::string_view text) {
    auto all = reader(text).all();
    if (all.empty()) throw std::runtime_error("csv: no head row");
    head_ = std::move(all.front().fields);
    for (auto i = head_.begin(); i != head_.end(); ++i)
        if (std::find(head_.begin(), i, *i) != i) throw std::runtime_error("csv: column twice: " + *i);
    for (std::size_t i = 1; i < all.size(); ++i) {
        if (all[i].fields.size() != head_.size())
            throw std::runtime_error("csv: line " + std::to_string(all[i].line) + " has " +
                                     std::to_string(all[i].fields.size()) + " fields, the head has " +
                                     std::to_string(head_.size()));
        lines_.push_back(all[i].line);
        rows_.push_back(std::move(all[i].fields));
    }
}

bool table::has(std::string_view column) const {
    return std::find(head_.begin(), head_.end(), column) != head_.end();
}

const std::string& table::at(std::size_t row, std::string_view column) const {
    const auto found = std::find(head_.begin(), head_.end(), column);
    if (found == head_.end()) throw std::runtime_error("csv: no column " + std::string(column));
    return rows_.at(row)[static_cast<std::size_t>(found - head_.begin())];
}

} // namespace core::csv
