// Workbooks of 10,000 and 50,000 rows by 25 columns: how long reading takes, and how much memory.
#include "core/workbook/book.hpp"

#include <sys/resource.h>
#include <xlsxwriter.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace {

using clock_type = std::chrono::steady_clock;
namespace wb = core::workbook;

constexpr const char* headings[25] = {"*器具名称", "*型号规格",  "测量范围", "准确度等级",    "*出厂编号",
                                      "自编号",    "*生产厂家",  "生产地",   "*安装使用地点", "购买日期",
                                      "器具状态",  "*器具用途",  "器具类型", "*检定方式",     "*所在地",
                                      "*种别",     "*类别",      "检定机构", "器具编码",      "型式证书号",
                                      "备案状态",  "检定证书号", "有效期至", "自定义标签",    "备注"};

// As Excel keeps it (texts shared), or as programs write it (texts in their cells).
void generate(const std::filesystem::path& file, int rows, bool inline_texts) {
    const std::string folder = file.parent_path().string();
    lxw_workbook_options options = {};
    options.constant_memory = inline_texts ? LXW_TRUE : LXW_FALSE;
    options.tmpdir = const_cast<char*>(folder.c_str());
    lxw_workbook* book = workbook_new_opt(file.c_str(), &options);
    lxw_worksheet* sheet = workbook_add_worksheet(book, "器具");
    lxw_format* day = workbook_add_format(book);
    format_set_num_format(day, "yyyy-mm-dd");
    const auto text = [&](int row, int column, const std::string& t) {
        worksheet_write_string(sheet, static_cast<lxw_row_t>(row), static_cast<lxw_col_t>(column), t.c_str(),
                               nullptr);
    };
    for (int c = 0; c < 25; ++c)
        text(0, c, headings[c]);
    for (int r = 1; r <= rows; ++r) {
        const std::string n = std::to_string(r);
        const std::string values[25] = {"压力表",
                                        "Y-" + std::to_string(100 + r % 7),
                                        "(0~1.6)MPa",
                                        "1.6级",
                                        "B" + n + "-2024",
                                        "Z" + n,
                                        "示例仪表有限公司" + std::to_string(r % 40),
                                        "国产",
                                        "一号车间 " + n + " 号位",
                                        "",
                                        "在用",
                                        "安全防护",
                                        "工作计量器具",
                                        "送检",
                                        "广东省/佛山市/南海区",
                                        "压力仪表",
                                        "压力表（指示类、显示类）",
                                        "",
                                        "",
                                        "2014F211-44",
                                        "",
                                        "",
                                        "",
                                        "锅炉 一车间",
                                        "第 " + n + " 台"};
        for (int c = 0; c < 25; ++c) {
            if (c == 9)
                worksheet_write_number(sheet, static_cast<lxw_row_t>(r), 9, 45000 + r % 400, day);
            else if (!values[c].empty())
                text(r, c, values[c]);
        }
    }
    workbook_close(book);
}

std::string bytes_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

double read_all(const std::string& bytes) {
    const auto begun = clock_type::now();
    std::size_t cells = 0;
    const auto book = wb::open_book({.file_name = "a.xlsx", .bytes = bytes}, {}).value();
    const auto rows = book->open(0).value();
    for (wb::row r; rows->next(r).value();)
        cells += r.cells.size();
    const double took = std::chrono::duration<double>(clock_type::now() - begun).count();
    return cells > 0 ? took : -1;
}

long peak_memory_mib() {
    rusage u{};
    getrusage(RUSAGE_SELF, &u);
    return u.ru_maxrss / 1024;
}

} // namespace

int main(int argc, char** argv) {
    const std::filesystem::path folder = argc > 1 ? argv[1] : ".";
    for (const bool inline_texts : {true, false})
        for (const int rows : {10'000, 50'000}) {
            const auto file = folder / "import.xlsx";
            generate(file, rows, inline_texts);
            const std::string bytes = bytes_of(file);
            double best = 1e9;
            for (int i = 0; i < 3; ++i)
                best = std::min(best, read_all(bytes));
            std::printf("%6d rows, %-14s %5.1f MB: read in %.3f s, peak memory so far %ld MiB\n", rows,
                        inline_texts ? "texts in cells" : "texts shared",
                        static_cast<double>(bytes.size()) / 1e6, best, peak_memory_mib());
        }
}
