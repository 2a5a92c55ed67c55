// An old .xls file (BIFF), read by libfreexl behind the same interface. What that library doesn't tell is not
// known here either: hidden sheets and rows, merged areas.
#pragma once
#include "core/workbook/book.hpp"

namespace core::workbook {

// Refuses as open_book does; a file kept with a password is workbook.encrypted.
result<std::unique_ptr<book>> open_xls(const std::filesystem::path& file, const deadline& until,
                                       const limits& most);

} // namespace core::workbook
