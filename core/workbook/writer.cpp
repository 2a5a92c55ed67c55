#include "core/workbook/writer.hpp"

#include "core/base/text.hpp"

#include <xlsxwriter.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace core::workbook {
namespace {

constexpr std::size_t most_of_a_cell = 32'767; // characters, the format's own limit

// A text that looks like an escape of the format ("_x000D_") would come back as another.
std::string plain(std::string_view text) {
    std::string all = cut_characters(text, most_of_a_cell);
    for (std::size_t at = all.find("_x"); at != std::string::npos; at = all.find("_x", at + 8))
        all.replace(at, 1, "_x005F_");
    return all;
}

lxw_datetime datetime_of(date d) {
    return {static_cast<int>(d.year()),
            static_cast<int>(static_cast<unsigned>(d.month())),
            static_cast<int>(static_cast<unsigned>(d.day())),
            0,
            0,
            0};
}

lxw_col_t narrow(std::uint32_t column) {
    return static_cast<lxw_col_t>(column);
}

} // namespace

struct writer::book {
    std::string folder; // must outlive the file
    lxw_workbook* file = nullptr;
    lxw_worksheet* sheet = nullptr;
    std::array<lxw_format*, 9> formats{};
    bool failed = false;

    lxw_format* format(look l) { return formats[static_cast<std::size_t>(l)]; }
    void expect(lxw_error e) { failed = failed || e != LXW_NO_ERROR; }
};

writer::writer(const std::filesystem::path& file, bool is_streamed) : book_(std::make_unique<book>()) {
    book_->folder = file.parent_path().string();
    lxw_workbook_options options = {};
    options.constant_memory = is_streamed ? LXW_TRUE : LXW_FALSE;
    options.tmpdir = book_->folder.data();
    book_->file = workbook_new_opt(file.c_str(), &options);
    if (book_->file == nullptr) throw std::runtime_error("cannot begin a workbook");
    for (auto& f : book_->formats)
        f = workbook_add_format(book_->file);
    for (const auto l : {look::text, look::example})
        format_set_num_format(book_->format(l), "@");
    for (const auto l : {look::day, look::example_day})
        format_set_num_format(book_->format(l), "yyyy-mm-dd");
    for (const auto l : {look::heading, look::starred_heading, look::shown_heading}) {
        format_set_bold(book_->format(l));
        format_set_bg_color(book_->format(l), 0xE8F1FA);
        format_set_bottom(book_->format(l), LXW_BORDER_THIN);
    }
    format_set_font_color(book_->format(look::starred_heading), 0xB3261E);
    format_set_font_color(book_->format(look::shown_heading), 0x757575);
    for (const auto l : {look::example, look::example_day}) {
        format_set_italic(book_->format(l));
        format_set_font_color(book_->format(l), 0x757575);
    }
    format_set_font_color(book_->format(look::reason), 0xB3261E);
}

// An unfinished file is given up: the library frees what it holds only by closing it.
writer::~writer() {
    if (book_->file != nullptr) workbook_close(book_->file);
}

void writer::add_sheet(std::string_view name, bool is_hidden) {
    book_->sheet = workbook_add_worksheet(book_->file, std::string(name).c_str());
    if (book_->sheet == nullptr) throw std::runtime_error("cannot add a sheet");
    if (is_hidden) worksheet_hide(book_->sheet);
}

void writer::put(std::uint32_t row, std::uint32_t column, std::string_view text, look l) {
    if (text.empty()) return;
    book_->expect(
        worksheet_write_string(book_->sheet, row, narrow(column), plain(text).c_str(), book_->format(l)));
}

void writer::put(std::uint32_t row, std::uint32_t column, double number) {
    book_->expect(worksheet_write_number(book_->sheet, row, narrow(column), number, nullptr));
}

void writer::put(std::uint32_t row, std::uint32_t column, date d, look l) {
    auto when = datetime_of(d);
    book_->expect(worksheet_write_datetime(book_->sheet, row, narrow(column), &when, book_->format(l)));
}

void writer::format_column(std::uint32_t column, int characters, look l) {
    book_->expect(
        worksheet_set_column(book_->sheet, narrow(column), narrow(column), characters, book_->format(l)));
}

void writer::freeze_rows(std::uint32_t rows) {
    worksheet_freeze_panes(book_->sheet, rows, 0);
}

void writer::note(std::uint32_t row, std::uint32_t column, std::string_view text) {
    lxw_comment_options options = {};
    options.author = const_cast<char*>("");
    options.x_scale = 1.5;
    book_->expect(
        worksheet_write_comment_opt(book_->sheet, row, narrow(column), std::string(text).c_str(), &options));
}

void writer::name_range(std::string_view name, std::string_view sheet, std::uint32_t column,
                        std::uint32_t rows) {
    const std::string letter(1, static_cast<char>('A' + column));
    const std::string formula =
        "='" + std::string(sheet) + "'!$" + letter + "$1:$" + letter + "$" + std::to_string(rows);
    book_->expect(workbook_define_name(book_->file, std::string(name).c_str(), formula.c_str()));
}

void writer::choose_from(std::uint32_t first, std::uint32_t last, std::uint32_t column,
                         const std::vector<std::string>& words) {
    std::vector<char*> list;
    for (const auto& w : words)
        list.push_back(const_cast<char*>(w.c_str()));
    list.push_back(nullptr);
    lxw_data_validation rule = {};
    rule.validate = LXW_VALIDATION_TYPE_LIST;
    rule.value_list = list.data();
    rule.error_title = const_cast<char*>("请从列表中选择");
    rule.error_message = const_cast<char*>("请点单元格右侧的箭头，从列表中选择。");
    book_->expect(
        worksheet_data_validation_range(book_->sheet, first, narrow(column), last, narrow(column), &rule));
}

// libxlsxwriter 1.1.4 copies the formula of such a rule twice and frees it once; so the rule is made with a
// list, which it copies once, and the copy is replaced.
void writer::choose_by(std::uint32_t first, std::uint32_t last, std::uint32_t column,
                       std::string_view formula) {
    choose_from(first, last, column, {"-"});
    lxw_data_val_obj* rule = STAILQ_FIRST(book_->sheet->data_validations);
    while (rule != nullptr && STAILQ_NEXT(rule, list_pointers) != nullptr)
        rule = STAILQ_NEXT(rule, list_pointers);
    if (rule == nullptr) throw std::runtime_error("a workbook's rule was not taken");
    std::free(rule->value_formula);
    rule->value_formula = ::strdup(std::string(formula).c_str());
}

void writer::only_days(std::uint32_t first, std::uint32_t last, std::uint32_t column, date from, date to) {
    lxw_data_validation rule = {};
    rule.validate = LXW_VALIDATION_TYPE_DATE;
    rule.criteria = LXW_VALIDATION_CRITERIA_BETWEEN;
    rule.minimum_datetime = datetime_of(from);
    rule.maximum_datetime = datetime_of(to);
    rule.error_title = const_cast<char*>("请填写日期");
    rule.error_message = const_cast<char*>("请按 2024-01-05 的样式填写日期。");
    book_->expect(
        worksheet_data_validation_range(book_->sheet, first, narrow(column), last, narrow(column), &rule));
}

void writer::finish() {
    const lxw_error e = workbook_close(std::exchange(book_->file, nullptr));
    if (e != LXW_NO_ERROR || book_->failed)
        throw std::runtime_error(std::string("a workbook could not be written: ") + lxw_strerror(e));
}

} // namespace core::workbook
