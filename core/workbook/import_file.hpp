// 导入 (M17) before anything is written: a file as typed rows, and what is wrong with them by the checks of
// the form. Storing them is import.* 's.
#pragma once
#include "core/base/actor.hpp"
#include "core/db/transaction.hpp"
#include "core/instrument/instrument.hpp"
#include "core/workbook/columns.hpp"
#include "core/workbook/xlsx_book.hpp"

#include <functional>

namespace core::workbook {

// Drafts in little room: a row of 25 columns takes about 300 bytes.
class packed_rows {
  public:
    void push(std::uint32_t row, const instrument::draft& d, bool was_read);
    std::size_t size() const { return numbers_.size(); }
    std::size_t bytes() const { return texts_.bytes() + numbers_.size() * sizeof(std::uint32_t); }
    std::uint32_t number(std::size_t i) const { return numbers_[i]; } // of the row in the file
    instrument::draft at(std::size_t i) const;
    bool was_read(std::size_t i) const { return was_read_[i]; } // false: a value of it could not be read

  private:
    text_table texts_; // one a row: the length of every field in two bytes, then the fields
    std::vector<std::uint32_t> numbers_;
    std::vector<bool> was_read_;
};

struct read_file {
    std::string file_name, hash; // hash: SHA-256 of the bytes, hex
    std::string sheet;           // which one was read
    headings columns;
    packed_rows rows;
    std::vector<problem> wrong, doubts; // found while reading, by row
    int blank = 0, hidden = 0, examples = 0;
    deadline until; // of the reading; holds for the check of the rows too
};
// Reads the first visible sheet that has our headings. Touches no database. Refuses what open_book and rows
// refuse; import.no_headings, import.columns_missing, import.columns_twice, import.nothing (no rows),
// import.two_sheets (another visible sheet has our headings and rows too).
result<read_file> read_upload(const upload& u, const deadline& until, const limits& most = {});

enum class verdict : std::uint8_t { good, wrong, repeated };

struct report {
    int rows = 0; // with something in them, but the example; good + wrong + repeated
    int good = 0, wrong = 0, repeated = 0;
    std::vector<verdict> of_row;           // in the order of read_file::rows
    std::vector<problem> problems, doubts; // by row; at most 50,000
    bool is_right() const { return rows > 0 && rows == good; }
};
// Checks every row as the form would, and that none repeats a row before it or an instrument of the company.
// not_allowed to anyone but a company, workbook.slow when the reading's time is over.
result<report> check_rows(db::read_view& view, const actor& who, const read_file& file);
// As above, into `to`, and hands over every good row as soon as it is known to be one.
using take_good = std::function<void(instrument::instrument&& one)>;
result<> check_rows(db::read_view& view, const actor& who, const read_file& file, report& to,
                    const take_good& take);

} // namespace core::workbook
