#include "core/catalogue/csv.hpp"

#include <algorithm>
#include <stdexcept>

namespace core::csv {
namespace {

std::vector<std::vector<std::string>> read(std::string_view text) {
    std::vector<std::vector<std::string>> rows;
    std::vector<std::string> row;
    std::string field;
    bool quoted = false;
    const auto end_row = [&] {
        row.push_back(std::move(field));
        field.clear();
        if (row.size() > 1 || !row[0].empty()) rows.push_back(std::move(row));
        row.clear();
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c != '"')
                field += c;
            else if (i + 1 < text.size() && text[i + 1] == '"')
                field += text[++i];
            else
                quoted = false;
        } else if (c == '"' && field.empty()) {
            quoted = true;
        } else if (c == ',') {
            row.push_back(std::move(field));
            field.clear();
        } else if (c == '\n') {
            end_row();
        } else if (c != '\r') {
            field += c;
        }
    }
    if (quoted) throw std::runtime_error("csv: a quote is not closed");
    if (!field.empty() || !row.empty()) end_row();
    return rows;
}

} // namespace

table::table(std::string_view text) {
    auto all = read(text);
    if (all.empty()) throw std::runtime_error("csv: no head row");
    head_ = std::move(all.front());
    for (std::size_t i = 1; i < all.size(); ++i) {
        if (all[i].size() != head_.size())
            throw std::runtime_error("csv: row " + std::to_string(i + 1) + " has " +
                                     std::to_string(all[i].size()) + " fields, the head has " +
                                     std::to_string(head_.size()));
        rows_.push_back(std::move(all[i]));
    }
}

const std::string& table::at(std::size_t row, std::string_view column) const {
    const auto found = std::find(head_.begin(), head_.end(), column);
    if (found == head_.end()) throw std::runtime_error("csv: no column " + std::string(column));
    return rows_.at(row)[static_cast<std::size_t>(found - head_.begin())];
}

} // namespace core::csv
