#include "core/catalogue/catalogue.hpp"
#include "core/workbook/export.hpp"
#include "core/workbook/region_names.hpp"
#include "core/workbook/writer.hpp"

#include <algorithm>
#include <set>

namespace core::workbook {
namespace {

using instrument::field;
using instrument::field_id;
using instrument::field_type;

constexpr std::uint32_t first_row = 1, last_row = 20'000; // that have lists and rules
constexpr std::string_view sheet_name = "器具", help_name = "填写说明", lists_name = "选项";
// Columns of the hidden sheet. A list inside a rule may have no more than 255 characters.
enum list_column : std::uint32_t { uppers, upper_of_row, lower_of_row, places };

std::string letter_of(std::uint32_t column) {
    return std::string(1, static_cast<char>('A' + column));
}

std::uint32_t column_of(field_id id) {
    const auto& all = column_fields();
    return static_cast<std::uint32_t>(std::find(all.begin(), all.end(), id) - all.begin());
}

std::string note_of(const field& f) {
    if (is_only_shown(f.id)) return "由平台填写，导入时不读取。";
    std::string text = f.is_required() ? "必填。" : "可不填。";
    const std::string expected = expected_of(f);
    return expected.empty() ? text : text + expected + "。";
}

class template_writer {
  public:
    template_writer(db::read_view& view, const std::filesystem::path& to) : to_(to, false) {
        entries_ = catalogue::list_entries(view);
        std::stable_sort(entries_.begin(), entries_.end(),
                         [](const auto& a, const auto& b) { return a.l1 < b.l1; });
        places_ = region_names(view).list_places();
    }

    void write() {
        to_.add_sheet(sheet_name);
        std::uint32_t column = 0;
        for (const auto id : column_fields())
            write_column(instrument::field_of(id), column++);
        to_.freeze_rows(1);
        write_example();
        write_help();
        write_lists();
        to_.finish();
    }

  private:
    void write_column(const field& f, std::uint32_t column) {
        const bool shown = is_only_shown(f.id);
        const auto l = shown ? look::shown_heading : f.is_required() ? look::starred_heading : look::heading;
        to_.put(0, column, (f.is_required() ? "*" : "") + std::string(f.label), l);
        to_.note(0, column, note_of(f));
        const int width = f.most >= 200 ? 24 : 14;
        const bool is_text =
            f.type == field_type::line || f.type == field_type::words || f.type == field_type::paragraph;
        to_.format_column(column, width,
                          f.type == field_type::date ? look::day
                          : is_text                  ? look::text
                                                     : look::plain);
        if (!shown) write_rule(f, column);
    }

    void write_rule(const field& f, std::uint32_t column) {
        if (f.type == field_type::choice) {
            std::vector<std::string> words;
            for (const auto& one : f.choices)
                words.emplace_back(one.text);
            to_.choose_from(first_row, last_row, column, words);
        } else if (f.type == field_type::date) {
            to_.only_days(first_row, last_row, column, *parse_date("1950-01-01"), *parse_date("2099-12-31"));
        } else if (f.type == field_type::region) {
            to_.choose_by(first_row, last_row, column, "places");
        } else if (f.id == field_id::catalogue_l1) {
            to_.choose_by(first_row, last_row, column, "catalogue_upper");
        } else if (f.type == field_type::catalogue) {
            to_.choose_by(first_row, last_row, column, lower_formula());
        }
    }

    // The rows of the chosen 种别 stand together in the hidden sheet.
    static std::string lower_formula() {
        const std::string chosen = "$" + letter_of(column_of(field_id::catalogue_l1)) + "2";
        const std::string list = "'" + std::string(lists_name) + "'!";
        const std::string by = list + "$" + letter_of(upper_of_row) + ":$" + letter_of(upper_of_row);
        return "OFFSET(" + list + "$" + letter_of(lower_of_row) + "$1,MATCH(" + chosen + "," + by +
               ",0)-1,0,COUNTIF(" + by + "," + chosen + "),1)";
    }

    void write_example() {
        const auto put = [&](field_id id, std::string_view text) {
            to_.put(1, column_of(id), text, look::example);
        };
        put(field_id::name, std::string(example_mark) + "压力表（此行不导入，可删除）");
        put(field_id::model, "Y-100");
        put(field_id::measuring_range, "(0~1.6)MPa");
        put(field_id::accuracy_class, "1.6级");
        put(field_id::serial_no, "00123");
        put(field_id::own_no, "YL-01");
        put(field_id::manufacturer, "××仪表有限公司");
        put(field_id::origin, "国产");
        put(field_id::location_text, "一号车间锅炉房");
        to_.put(1, column_of(field_id::purchased_on), *parse_date("2024-01-05"), look::example_day);
        put(field_id::instrument_status, "在用");
        put(field_id::purpose, "安全防护");
        put(field_id::instrument_type, "工作计量器具");
        put(field_id::method, "送检");
        if (!places_.empty()) put(field_id::region_code, places_.front());
        if (!entries_.empty()) put(field_id::catalogue_l1, entries_.front().l1);
        if (!entries_.empty()) put(field_id::catalogue_id, entries_.front().l2);
        put(field_id::tags, "锅炉 一车间");
    }

    void write_help() {
        to_.add_sheet(help_name);
        to_.format_column(0, 16, look::plain);
        to_.format_column(1, 70, look::plain);
        to_.put(0, 0, "栏目", look::heading);
        to_.put(0, 1, "怎样填写", look::heading);
        std::uint32_t row = 1;
        for (const auto id : column_fields()) {
            to_.put(row, 0, instrument::field_of(id).label, look::plain);
            to_.put(row++, 1, note_of(instrument::field_of(id)), look::plain);
        }
    }

    void write_lists() {
        to_.add_sheet(lists_name, true);
        std::uint32_t row = 0, upper = 0;
        std::set<std::string_view> seen;
        for (const auto& e : entries_) {
            if (seen.insert(e.l1).second) to_.put(upper++, uppers, e.l1, look::plain);
            to_.put(row, upper_of_row, e.l1, look::plain);
            to_.put(row++, lower_of_row, e.l2, look::plain);
        }
        row = 0;
        for (const auto& p : places_)
            to_.put(row++, places, p, look::plain);
        to_.name_range("catalogue_upper", lists_name, uppers, std::max(upper, 1u));
        to_.name_range("places", lists_name, places, std::max(row, 1u));
    }

    writer to_;
    std::vector<catalogue::entry> entries_;
    std::vector<std::string> places_;
};

} // namespace

void write_template(db::read_view& view, const std::filesystem::path& to) {
    template_writer(view, to).write();
}

} // namespace core::workbook
