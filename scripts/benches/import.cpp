// A workbook of 25 columns read, checked and stored: on an empty base, or on the one given as an argument
// (scripts/bench import -- BASE, or - for none; a number of rows may follow), which it is copied from; peak
// memory of each run in a process of its own.
#include "core/workbook/import.hpp"
#include "core/account/demo.hpp"
#include "core/account/password.hpp"
#include "core/catalogue/catalogue.hpp"
#include "core/db/migrate.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

using clock_type = std::chrono::steady_clock;
namespace wb = core::workbook;
namespace db = core::db;

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

// In a process of its own, so that its peak memory is its own.
template<class F>
void in_child(F run) {
    std::fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        run();
        std::fflush(stdout);
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (status != 0) std::printf("   a run failed with status %d\n", status);
}

long peak_memory_mib() {
    rusage u{};
    getrusage(RUSAGE_SELF, &u);
    return u.ru_maxrss / 1024;
}

double since(clock_type::time_point begun) {
    return std::chrono::duration<double>(clock_type::now() - begun).count();
}

// Of this process: what a loaded machine takes from it does not count.
double processor_time() {
    rusage u{};
    getrusage(RUSAGE_SELF, &u);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(u.ru_utime) + seconds(u.ru_stime);
}

void make_base(const std::filesystem::path& file, const core::clock& time) {
    db::migrate(file, time);
    db::database base({.file = file, .key = core::vault::key{}}, time);
    base.write([](db::write_tx& tx) {
            core::catalogue::load_reference_data(tx);
            return core::account::add_demo_accounts(tx, "no password opens this");
        })
        .value();
}

core::actor any_company(db::database& base) {
    core::actor who;
    who.kind = core::actor_kind::applicant;
    who.login_id = 1;
    who.name = "bench";
    who.source = "command";
    who.applicant_id = base.read([](db::read_view& v) {
        return v.query_number(R"sql(SELECT id FROM applicant ORDER BY id LIMIT 1)sql");
    });
    return who;
}

void run_once(const std::filesystem::path& base_file, const std::filesystem::path& workbook) {
    const core::machine_clock time;
    db::database base({.file = base_file, .readers = 1, .exclusive = false}, time);
    const core::actor who = any_company(base);
    const std::string bytes = bytes_of(workbook);
    const auto begun = clock_type::now();
    const double cpu_begun = processor_time();
    const auto file = wb::read_upload({.file_name = "a.xlsx", .bytes = bytes}, {}).value();
    const double read = processor_time() - cpu_begun;
    wb::report checked;
    const auto job = base.write([&](db::write_tx& tx) { return wb::import_all(tx, who, file, checked); });
    const double all = since(begun);
    const double cpu = processor_time() - cpu_begun;
    if (!job) {
        std::printf("   refused: %s\n", job.error().detail.c_str());
        for (std::size_t i = 0; i < checked.problems.size() && i < 3; ++i)
            std::printf("   row %u %s %s\n", checked.problems[i].row, checked.problems[i].key.c_str(),
                        checked.problems[i].value.c_str());
        return;
    }
    std::printf(
        "   %6d rows in %.3f s; processor %.3f s: read %.3f, check and store %.3f; peak memory %ld MiB\n",
        job->imported, all, cpu, read, cpu - read, peak_memory_mib());
}

void remove_base(const std::filesystem::path& file) {
    for (const char* tail : {"", "-wal", "-shm", ".lock"})
        std::filesystem::remove(file.string() + tail);
}

} // namespace

int main(int argc, char** argv) {
    const std::filesystem::path folder = argc > 1 ? argv[1] : ".";
    const auto base = folder / "import.db";
    const core::machine_clock time;
    for (const int rows : argc > 3 ? std::vector{std::atoi(argv[3])} : std::vector{10'000, 50'000})
        for (const bool inline_texts : {true, false}) {
            const auto workbook = folder / "import.xlsx";
            in_child([&] { generate(workbook, rows, inline_texts); });
            std::printf("%d rows by 25 columns, %s\n", rows,
                        inline_texts ? "texts in their cells" : "texts shared");
            for (int i = 0; i < (argc > 3 ? 1 : 3); ++i) {
                remove_base(base);
                if (argc > 2 && *argv[2] != '-')
                    std::filesystem::copy_file(argv[2], base);
                else
                    in_child([&] { make_base(base, time); });
                in_child([&] { run_once(base, workbook); });
            }
        }
    remove_base(base);
}
