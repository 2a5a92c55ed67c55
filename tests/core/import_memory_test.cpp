// Memory of an import: bounded by what is in the file, not by what reading it leaves behind.
#include "core/workbook/import.hpp"
#include "tests/support/instrument_sheet.hpp"
#include "tests/support/memory.hpp"
#include "tests/support/world_accounts.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

using namespace core::workbook;

TEST_CASE("M17 S9 20,000 rows are read, checked and stored within 96 MiB") {
    constexpr int rows = 20'000;
    constexpr std::size_t mib = 1024 * 1024, most = 96 * mib, least = mib; // less: nothing was measured
    const std::string bytes = [] {
        tests::instrument_sheet s;
        for (int n = 1; n <= rows; ++n)
            s.add("SN-" + std::to_string(n));
        return s.bytes();
    }();
    tests::account_world w;
    const auto who = w.acting("chenzhiming");
    w.close(); // the child opens the base by itself: a process has its own locks and threads
    const auto peak = tests::most_memory_of([&] {
        w.reopen();
        const auto done =
            import_upload(w.db(), who, {.file_name = "清单.xlsx", .bytes = bytes}, import_mode::all);
        if (!done || !done->stored || done->stored->imported != rows)
            throw std::runtime_error("not imported");
        w.close();
    });
    MESSAGE(rows, " rows took ", peak / mib, " MiB at the most");
    CHECK(peak > least);
    CHECK(peak < most);
    w.reopen();
    CHECK(w.count("SELECT count(*) FROM instrument WHERE serial_no LIKE 'SN-%'") == rows);
}
