#include "core/workbook/columns.hpp"

#include "core/base/text.hpp"
#include "core/workbook/number_format.hpp"

#include <algorithm>
#include <cctype>
#include <unordered_map>

namespace core::workbook {
namespace {

using instrument::field;
using instrument::field_id;
using instrument::field_type;

constexpr std::size_t most_shown = 60;       // characters of a value in a report
constexpr std::size_t most_read = 2000;      // characters of a value that are looked at
constexpr int digits_kept = 15;              // Excel keeps no more
constexpr double first_bare_serial = 20'000; // 1954: a bare 2024 is a year, not the day serial of 1905
constexpr double last_bare_serial = 73'050;  // 2099-12-31
constexpr std::size_t most_headings_told = 50;

const std::unordered_map<std::string, const field*>& fields_by_heading() {
    static const auto all = [] {
        std::unordered_map<std::string, const field*> made;
        for (const auto& f : instrument::fields)
            if (f.id != field_id::process_status) made.emplace(heading_key(f.label), &f);
        return made;
    }();
    return all;
}

bool is_number_like(field_id id) {
    return id == field_id::serial_no || id == field_id::own_no || id == field_id::certificate_no ||
           id == field_id::type_approval_no;
}

std::string shown(const cell& c) {
    return shorten(cut_bytes(c.text, most_shown * 8), most_shown);
}

bool is_digits(std::string_view s) {
    return !s.empty() && s.find_first_not_of("0123456789") == std::string_view::npos;
}

// Full-width letters, digits, dashes and points as half-width: Ｙ－１００. Brackets and ～ stay as typed.
std::string plain_letters(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        const bool wide = text[i] == '\xEF' && i + 3 <= text.size();
        const std::string one = wide ? to_half_width(text.substr(i, 3)) : std::string();
        const bool taken = one.size() == 1 && (std::isalnum(static_cast<unsigned char>(one[0])) != 0 ||
                                               one[0] == '-' || one[0] == '.');
        if (taken)
            out += one;
        else
            out.append(text.substr(i, wide ? 3 : 1));
        i += wide ? 3 : 1;
    }
    return out;
}

class row_reader {
  public:
    row_reader(const row& r, bool from_1904, typed_row& to) : row_(&r), from_1904_(from_1904), to_(&to) {}

    void read(const field& f, const cell& c) {
        if (c.is_merged && c.kind == cell_kind::empty) return refuse(f, c, "cell.merged");
        if (c.kind == cell_kind::empty) return;
        if (c.kind == cell_kind::error) return refuse(f, c, "cell.error");
        if (c.kind == cell_kind::boolean) return refuse(f, c, "cell.truth");
        if (c.kind == cell_kind::formula) return refuse(f, c, "cell.formula");
        if (f.type == field_type::date) return read_date(f, c);
        if (c.is_date) return refuse(f, c, "cell.became_date");
        if (c.kind == cell_kind::number) return read_number(f, c);
        read_text(f, c);
    }

  private:
    void refuse(const field& f, const cell& c, std::string key) {
        to_->wrong.push_back({row_->number, f.id, std::move(key), shown(c)});
    }
    void doubt(const field& f, const cell& c, std::string key) {
        to_->doubts.push_back({row_->number, f.id, std::move(key), shown(c)});
    }

    void read_number(const field& f, const cell& c) {
        std::string text = decimal_text(c.number);
        const bool lost = significant_digits(text) > digits_kept;
        if (lost && f.id == field_id::serial_no) return refuse(f, c, "serial_no.digits");
        if (lost && is_number_like(f.id)) doubt(f, c, "doubt.digits");
        if (f.id == field_id::serial_no && c.digits == 0) doubt(f, c, "doubt.number");
        if (f.type == field_type::catalogue) return refuse(f, c, "catalogue.pair");
        if (text.size() < c.digits && is_digits(text)) text.insert(0, c.digits - text.size(), '0'); // 00123
        to_->draft.set(f.id, std::move(text));
    }

    void read_text(const field& f, const cell& c) {
        if (count_characters(cut_bytes(c.text, most_read * 4 + 4)) > most_read)
            return refuse(f, c, f.most > 0 ? "field.long" : "field.choice");
        const bool plain =
            f.type == field_type::region || f.type == field_type::choice || is_number_like(f.id);
        std::string text = plain                        ? to_half_width(c.text)
                           : f.type == field_type::line ? plain_letters(c.text)
                                                        : std::string(c.text);
        if (f.type == field_type::catalogue && is_digits(tidy_line(text)))
            return refuse(f, c, "catalogue.pair");
        to_->draft.set(f.id, std::move(text));
    }

    void read_date(const field& f, const cell& c) {
        if (c.kind == cell_kind::text) {
            const std::string text = tidy_line(to_half_width(cut_bytes(c.text, 200)));
            if (text.empty()) return;
            auto found = date_text_of(text);
            return found ? to_->draft.set(f.id, std::move(*found)) : refuse(f, c, "date.ambiguous");
        }
        if (auto written = date_text_of(decimal_text(c.number)); written && !c.is_date) // 20240105
            return to_->draft.set(f.id, std::move(*written));
        const bool in_range = c.number >= first_bare_serial && c.number <= last_bare_serial;
        const auto d = c.is_date || in_range ? date_of_serial(c.number, from_1904_) : std::nullopt;
        return d ? to_->draft.set(f.id, core::to_text(*d)) : refuse(f, c, "date.ambiguous");
    }

    const row* row_;
    bool from_1904_;
    typed_row* to_;
};

void keep_name(std::vector<std::string>& list, std::string_view name) {
    if (list.size() < most_headings_told) list.push_back(shorten(tidy_line(cut_bytes(name, 400)), 30));
}

// Digits, what stands between them, and what is behind the last one.
struct date_parts {
    std::vector<std::string> numbers;
    std::vector<std::string> marks;
};

date_parts split_date(std::string_view s) {
    date_parts p;
    for (std::size_t i = 0; i < s.size();) {
        std::size_t end = i;
        while (end < s.size() && s[end] >= '0' && s[end] <= '9')
            ++end;
        p.numbers.emplace_back(s.substr(i, end - i));
        std::size_t next = end;
        while (next < s.size() && (s[next] < '0' || s[next] > '9'))
            ++next;
        p.marks.emplace_back(trim(s.substr(end, next - end)));
        i = next;
    }
    return p;
}

bool is_time_of_day(std::string_view s) {
    return s.find(':') != std::string_view::npos &&
           s.find_first_not_of("0123456789:. ") == std::string_view::npos;
}

std::string padded(const std::string& n) {
    return n.size() == 1 ? "0" + n : n;
}

} // namespace

const std::vector<field_id>& column_fields() {
    static const auto all = [] {
        std::vector<field_id> ids;
        for (const auto& f : instrument::fields)
            if (f.row > 0 && f.type != field_type::files && f.id != field_id::process_status)
                ids.push_back(f.id);
        return ids;
    }();
    return all;
}

bool is_only_shown(field_id id) {
    return instrument::field_of(id).by == instrument::filler::flow;
}

std::string heading_key(std::string_view text) {
    std::string key = comparison_key(cut_bytes(text, 400));
    while (key.starts_with('*'))
        key.erase(0, 1);
    while (key.ends_with('*'))
        key.pop_back();
    return key;
}

headings match_headings(const row& r) {
    headings h;
    h.row = r.number;
    const auto& by_heading = fields_by_heading();
    for (const auto& c : r.cells) {
        if (c.kind != cell_kind::text || tidy_line(c.text).empty()) continue;
        const auto found = by_heading.find(heading_key(c.text));
        if (found == by_heading.end()) {
            keep_name(h.unknown, c.text);
            continue;
        }
        const field& f = *found->second;
        ++h.known;
        if (std::find(h.of_column.begin(), h.of_column.end(), f.id) != h.of_column.end()) {
            keep_name(h.twice, f.label);
        } else if (!instrument::is_typed(f)) {
            keep_name(h.ignored, f.label);
        } else {
            h.of_column.resize(std::max<std::size_t>(h.of_column.size(), c.column + 1));
            h.of_column[c.column] = f.id;
        }
    }
    for (const auto& f : instrument::fields)
        if (f.is_required() && std::find(h.of_column.begin(), h.of_column.end(), f.id) == h.of_column.end())
            h.missing.emplace_back(f.label);
    return h;
}

error problem::why() const {
    const auto& f = instrument::field_of(field);
    return error(errc::invalid, key, std::string(f.name))
        .with("label", std::string(f.label))
        .with("most", std::to_string(f.most))
        .with("value", value)
        .with("other", std::to_string(other));
}

std::string expected_of(const field& f) {
    if (f.type == field_type::choice) {
        std::string all;
        for (const auto& one : f.choices)
            all.append(all.empty() ? "" : "、").append(one.text);
        return all;
    }
    if (f.type == field_type::date) return "日期，如 2024-01-05";
    if (f.type == field_type::catalogue) return "强检目录里的种别和类别，见模板的下拉列表";
    std::string text = f.most > 0 ? "不超过 " + std::to_string(f.most) + " 个字" : "";
    if (f.is_required()) text = text.empty() ? "必填" : "必填，" + text;
    if (!f.hint.empty()) text.append(text.empty() ? "" : "，").append(f.hint);
    return text;
}

typed_row type_row(const headings& h, const row& r, bool from_1904) {
    typed_row typed;
    row_reader reader(r, from_1904, typed);
    for (const auto& c : r.cells) {
        if (c.column >= h.of_column.size() || !h.of_column[c.column]) continue;
        reader.read(instrument::field_of(*h.of_column[c.column]), c);
    }
    return typed;
}

bool is_example(const headings& h, const row& r) {
    for (const auto& c : r.cells)
        if (c.column < h.of_column.size() && h.of_column[c.column] == field_id::name)
            return c.kind == cell_kind::text && trim(c.text).starts_with(example_mark);
    return false;
}

std::optional<std::string> date_text_of(std::string_view text) {
    std::string_view day = trim(text);
    const auto blank = day.find_first_of(" T");
    if (blank != std::string_view::npos && is_time_of_day(trim(day.substr(blank + 1))))
        day = day.substr(0, blank);
    if (day.size() == 8 && is_digits(day) && (day.starts_with("19") || day.starts_with("20")))
        return std::string(day.substr(0, 4)) + "-" + std::string(day.substr(4, 2)) + "-" +
               std::string(day.substr(6));
    if (day.size() > 20 || day.empty() || !is_digits(day.substr(0, 1))) return std::nullopt;
    const auto p = split_date(day);
    if (p.numbers.size() != 3 || p.numbers[0].size() != 4 || p.numbers[1].size() > 2 ||
        p.numbers[2].size() > 2)
        return std::nullopt;
    const std::string& mark = p.marks[0];
    const bool chinese = mark == "年" && p.marks[1] == "月" && (p.marks[2] == "日" || p.marks[2].empty());
    const bool plain =
        (mark == "-" || mark == "/" || mark == ".") && p.marks[1] == mark && p.marks[2].empty();
    if (!chinese && !plain) return std::nullopt;
    return p.numbers[0] + "-" + padded(p.numbers[1]) + "-" + padded(p.numbers[2]);
}

} // namespace core::workbook
