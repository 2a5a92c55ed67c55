#include "core/workbook/export.hpp"

#include "core/instrument/instrument.hpp"
#include "core/instrument/listing.hpp"
#include "core/workbook/number_format.hpp"
#include "core/workbook/region_names.hpp"
#include "core/workbook/writer.hpp"

#include <algorithm>

namespace core::workbook {
namespace {

using instrument::field;
using instrument::field_id;
using instrument::field_type;

constexpr int page = 500;

void write_headings(writer& to) {
    std::uint32_t column = 0;
    for (const auto id : column_fields()) {
        const field& f = instrument::field_of(id);
        const auto l = is_only_shown(id) ? look::shown_heading
                       : f.is_required() ? look::starred_heading
                                         : look::heading;
        to.put(0, column++, (f.is_required() ? "*" : "") + std::string(f.label), l);
    }
}

std::string shown_text(const instrument::instrument& i, const field& f, const region_names& regions) {
    if (f.id == field_id::catalogue_l1) return i.l1;
    if (f.id == field_id::catalogue_id) return i.l2;
    if (f.id == field_id::institution_id) return i.institution_id == 0 ? "" : i.institution_name;
    const std::string text = i.text_of(f.id);
    if (f.type == field_type::region) return regions.path_of(text);
    if (f.type == field_type::choice) return std::string(text_of(f.choices, text));
    return text;
}

void write_instrument(writer& to, std::uint32_t row, const instrument::instrument& i,
                      const region_names& regions) {
    std::uint32_t column = 0;
    for (const auto id : column_fields()) {
        const field& f = instrument::field_of(id);
        const auto day = id == field_id::purchased_on  ? i.purchased_on
                         : id == field_id::valid_until ? i.valid_until
                                                       : std::nullopt;
        if (day)
            to.put(row, column, *day);
        else
            to.put(row, column, shown_text(i, f, regions));
        ++column;
    }
}

void write_cell(writer& to, std::uint32_t row, const cell& c, bool from_1904) {
    const auto day =
        c.is_date && c.kind == cell_kind::number ? date_of_serial(c.number, from_1904) : std::nullopt;
    if (day)
        to.put(row, c.column, *day);
    else if (c.kind == cell_kind::number)
        to.put(row, c.column, c.number);
    else if (c.kind != cell_kind::empty)
        to.put(row, c.column, c.text);
}

// Goes through the file again: the rows themselves were not kept.
class error_writer {
  public:
    error_writer(const report& checked, const say& words, bool from_1904, const std::filesystem::path& to)
        : problems_(&checked.problems), words_(&words), from_1904_(from_1904), to_(to, true) {}

    result<int> write(rows& of, const read_file& file) {
        to_.add_sheet("有问题的行");
        to_.freeze_rows(1);
        for (row r;;) {
            const auto more = of.next(r);
            if (!more) return more.error();
            if (!*more) break;
            if (r.number == file.columns.row) write_row(r, 0, "错误原因");
            if (r.number <= file.columns.row) continue;
            const std::string why = reasons_of(r.number);
            if (!why.empty()) write_row(r, ++written_, why);
        }
        to_.finish();
        return static_cast<int>(written_);
    }

  private:
    std::string reasons_of(std::uint32_t number) {
        while (next_ < problems_->size() && (*problems_)[next_].row < number)
            ++next_;
        std::string all;
        for (; next_ < problems_->size() && (*problems_)[next_].row == number; ++next_)
            all.append(all.empty() ? "" : "\n").append((*words_)((*problems_)[next_].why()));
        return all;
    }

    void write_row(const row& r, std::uint32_t at, const std::string& last) {
        if (at == 0) reason_column_ = r.cells.back().column + 1;
        for (const auto& c : r.cells)
            if (c.column < reason_column_) write_cell(to_, at, c, from_1904_);
        to_.put(at, reason_column_, last, at == 0 ? look::heading : look::reason);
    }

    const std::vector<problem>* problems_;
    const say* words_;
    bool from_1904_;
    writer to_;
    std::size_t next_ = 0;
    std::uint32_t written_ = 0, reason_column_ = 0;
};

} // namespace

result<int> export_instruments(db::read_view& view, const actor& who, const std::filesystem::path& to,
                               std::size_t most) {
    if (!who.is_applicant()) return error(errc::not_allowed);
    if (instrument::count(view, who).total > static_cast<int>(most))
        return error(errc::too_many, "export.rows");
    const region_names regions(view);
    writer out(to, true);
    out.add_sheet("器具");
    out.freeze_rows(1);
    write_headings(out);
    std::uint32_t row = 0;
    for (std::int64_t after = 0;;) {
        const auto some = instrument::list(view, who, {}, after, page);
        for (const auto& i : some)
            write_instrument(out, ++row, i, regions);
        if (static_cast<int>(some.size()) < page) break;
        after = some.back().id;
    }
    out.finish();
    return static_cast<int>(row);
}

result<int> write_errors(const upload& u, const read_file& file, const report& checked, const say& words,
                         const deadline& until, const std::filesystem::path& to) {
    auto opened = open_book(u, until);
    if (!opened) return opened.error();
    const auto& sheets = (*opened)->sheets();
    const auto at =
        std::find_if(sheets.begin(), sheets.end(), [&](const sheet& s) { return s.name == file.sheet; });
    if (at == sheets.end()) return error(errc::invalid, "workbook.corrupt");
    auto of = (*opened)->open(static_cast<std::size_t>(at - sheets.begin()));
    if (!of) return of.error();
    return error_writer(checked, words, (*opened)->counts_from_1904(), to).write(**of, file);
}

} // namespace core::workbook
