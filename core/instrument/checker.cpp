#include "core/instrument/checker.hpp"

#include "core/base/text.hpp"
#include "core/instrument/instrument.hpp"

#include <algorithm>
#include <charconv>

namespace core::instrument {
namespace {

constexpr int longest_validity_months = 240; // the longest period of a catalogue row

// Letters, digits or Chinese: a number of punctuation only says nothing (domain.md 8.3).
bool says_something(std::string_view key) {
    return std::any_of(key.begin(), key.end(), [](char c) {
        return static_cast<unsigned char>(c) >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
    });
}

// Each word once, in one order, separated by one blank.
std::string join_words(std::string_view text) {
    std::vector<std::string> words = split_words(text);
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
    std::string all;
    for (const auto& w : words)
        all.append(all.empty() ? "" : " ").append(w);
    return all;
}

std::int64_t to_number(std::string_view text) {
    std::int64_t n = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), n);
    return failed == std::errc() && end == text.data() + text.size() ? n : 0;
}

// 广东省/广州市/白云区, 广东省 广州市 白云区 and 广东省广州市白云区 are one.
std::string path_key(std::string_view path) {
    std::string key = comparison_key(path);
    std::erase_if(key, [](char c) { return c == '/' || c == '-' || c == '\\' || c == '>' || c == ','; });
    return key;
}

std::string pair_key(std::string_view l1, std::string_view l2) {
    return comparison_key(l1) + "\x1f" + comparison_key(l2);
}

} // namespace

checker::checker(db::read_view& view) : view_(&view), today_(view.today()) {}

result<> checker::read(instrument& i, const draft& d, std::span<const field_id> which) {
    wrong_.clear();
    const instrument before = i;
    const auto asked = [&](field_id id) { return std::find(which.begin(), which.end(), id) != which.end(); };
    for (const auto& f : fields) {
        if (!asked(f.id) || !is_typed(f) || f.type == field_type::catalogue) continue;
        const std::string& text = d.text(f.id);
        read_field(i, f, f.type == field_type::paragraph ? tidy_text(text) : tidy_line(text));
    }
    if (asked(field_id::catalogue_id)) read_catalogue(i, d);
    if ((asked(field_id::own_no) || asked(field_id::serial_no)) && is_numberless(i.serial_no) &&
        i.own_no.empty())
        refuse(field_of(field_id::own_no), "own_no.required"); // domain.md 8.3
    if (asked(field_id::instrument_status)) check_status(before, i);
    if (wrong_.empty()) return {};
    error first = std::move(wrong_.front());
    first.also.assign(std::make_move_iterator(wrong_.begin() + 1), std::make_move_iterator(wrong_.end()));
    return first;
}

void checker::refuse(const field& f, std::string why) {
    const auto levels = f.type == field_type::catalogue ? catalogue::words_of_levels(*view_)
                                                        : catalogue::level_words{std::string(f.label), ""};
    wrong_.push_back(error(errc::invalid, std::move(why), std::string(f.name))
                         .with("label", f.id == field_id::catalogue_id ? levels.lower : levels.upper)
                         .with("upper", levels.upper)
                         .with("lower", levels.lower)
                         .with("most", std::to_string(f.most)));
}

void checker::read_field(instrument& i, const field& f, const std::string& text) {
    if (f.is_required() && text.empty())
        return refuse(f, f.id == field_id::serial_no ? "serial_no.required"
                         : f.most == 0               ? "field.choose"
                                                     : "field.required");
    if (!is_utf8(text)) return refuse(f, "field.text");
    if (f.most > 0 && count_characters(text) > f.most) return refuse(f, "field.long");
    switch (f.type) {
    case field_type::line:
    case field_type::paragraph:
        return f.id == field_id::serial_no ? read_serial(i, f, text) : i.set_text(f.id, text);
    case field_type::words:
        return i.set_text(f.id, join_words(text));
    case field_type::choice:
        return read_choice(i, f, text);
    case field_type::date:
        return read_date(i, f, text);
    case field_type::region:
        return read_region(i, f, text);
    case field_type::catalogue:
    case field_type::reference:
    case field_type::files:
        return;
    }
}

// A code from a form, a word from a file; a blank takes the initial value.
void checker::read_choice(instrument& i, const field& f, const std::string& text) {
    if (text.empty()) return i.set_text(f.id, std::string(f.initial));
    for (const auto& one : f.choices)
        if (one.code == text || one.text == text) return i.set_text(f.id, std::string(one.code));
    const std::string key = comparison_key(text); // 送 检
    for (const auto& one : f.choices)
        if (comparison_key(one.text) == key) return i.set_text(f.id, std::string(one.code));
    refuse(f, "field.choice");
}

void checker::read_serial(instrument& i, const field& f, const std::string& text) {
    if (!is_numberless(text) && !says_something(comparison_key(text))) return refuse(f, "serial_no.required");
    i.serial_no = text;
}

void checker::read_date(instrument& i, const field& f, const std::string& text) {
    auto& to = f.id == field_id::purchased_on ? i.purchased_on : i.valid_until;
    to.reset();
    if (text.empty()) return;
    const auto d = parse_date(text);
    if (!d || d->year() < std::chrono::year(1950)) return refuse(f, "date.form");
    if (f.id == field_id::purchased_on && *d > today_) return refuse(f, "date.future"); // domain.md 8.6
    if (*d > add_months(today_, longest_validity_months)) return refuse(f, "date.far");
    to = d;
}

void checker::read_region(instrument& i, const field& f, const std::string& text) {
    const bool is_code = text.find_first_not_of("0123456789") == std::string::npos;
    const std::string code = is_code ? text : find_place(text);
    auto known = is_place_.find(code);
    if (known == is_place_.end()) known = is_place_.emplace(code, catalogue::is_place(*view_, code)).first;
    if (!known->second) return refuse(f, "region.place");
    i.region_code = code;
}

std::string checker::find_place(const std::string& path) {
    if (!recent_place_.empty() && recent_path_ == path) return recent_place_;
    if (place_by_path_.empty()) {
        std::map<std::string, std::string, std::less<>> whole; // code -> path; parents come before children
        for (const auto& r : catalogue::list_regions(*view_)) {
            const auto above = whole.find(r.parent);
            const bool top = above == whole.end() || r.level == "province";
            const std::string& all = whole[r.code] = (top ? "" : above->second) + comparison_key(r.name);
            place_by_path_.emplace(all, r.code);
            const auto province = all.find("省"); // may be left out
            if (province != std::string::npos) place_by_path_.emplace(all.substr(province + 3), r.code);
        }
    }
    const auto found = place_by_path_.find(path_key(path));
    recent_path_ = path;
    return recent_place_ = found == place_by_path_.end() ? std::string() : found->second;
}

void checker::load_catalogue() {
    if (!rows_.empty()) return;
    rows_ = catalogue::list_entries(*view_);
    for (const auto& row : rows_) {
        row_by_id_.emplace(row.id, &row);
        row_by_names_.emplace(pair_key(row.l1, row.l2), &row);
    }
}

const catalogue::entry* checker::find_row(std::int64_t id) {
    load_catalogue();
    const auto found = row_by_id_.find(id);
    return found == row_by_id_.end() ? nullptr : found->second;
}

const catalogue::entry* checker::find_row(std::string_view l1, std::string_view l2) {
    load_catalogue();
    if (recent_row_ != nullptr && recent_names_.first == l1 && recent_names_.second == l2) return recent_row_;
    const auto found = row_by_names_.find(pair_key(l1, l2));
    recent_names_.first = l1;
    recent_names_.second = l2;
    return recent_row_ = found == row_by_names_.end() ? nullptr : found->second;
}

// A form gives the row's id, a file both names. A row of an older version may stay, but not be chosen
// (domain.md 13.3).
void checker::read_catalogue(instrument& i, const draft& d) {
    const field& upper = field_of(field_id::catalogue_l1);
    const field& lower = field_of(field_id::catalogue_id);
    const std::string l1 = tidy_line(d.text(upper.id));
    const std::string l2 = tidy_line(d.text(lower.id));
    if (l2.empty()) refuse(lower, "field.choose");
    const bool is_id = !l2.empty() && l2.find_first_not_of("0123456789") == std::string::npos;
    if (l1.empty() && !is_id) refuse(upper, "field.choose");
    if (l2.empty() || (l1.empty() && !is_id)) return;
    const std::int64_t id = is_id ? to_number(l2) : 0;
    if (id != 0 && id == i.catalogue_id) return;
    const auto* row = is_id ? find_row(id) : find_row(l1, l2);
    if (row == nullptr) return refuse(lower, is_id ? "field.choice" : "catalogue.pair");
    i.catalogue_id = row->id;
    i.l1 = row->l1;
    i.l2 = row->l2;
    i.supervision = row->supervision;
}

// 新增 is how an instrument begins; 报废 is how it ends, and nothing begins with it.
void checker::check_status(const instrument& before, const instrument& i) {
    const field& f = field_of(field_id::instrument_status);
    const bool is_new = before.id == 0;
    if (is_new && i.instrument_status == "scrapped") refuse(f, "instrument.scrapped");
    if (!is_new && before.instrument_status == "scrapped" && i.instrument_status != "scrapped")
        refuse(f, "instrument.scrapped");
    if (before.verified_on && before.instrument_status != "new" && i.instrument_status == "new")
        refuse(f, "instrument.not_new");
}

} // namespace core::instrument
