#include "core/db/export.hpp"

#include "core/db/connection.hpp"
#include "core/db/transaction.hpp"

#include <algorithm>
#include <array>
#include <ostream>
#include <string>
#include <vector>

namespace core::db {
namespace {

// Passing state of this process and its visitors: different after every restart without anything being lost.
constexpr std::array<std::string_view, 9> passing = {"schema_version", "session",     "attempt",
                                                     "done_request",   "oauth_state", "wx_token",
                                                     "wx_inbox",       "receipt",     "channel_state"};

void put_text(std::ostream& out, std::string_view s) {
    for (const char c : s) {
        if (c == '\t')
            out << "\\t";
        else if (c == '\n')
            out << "\\n";
        else if (c == '\\')
            out << "\\\\";
        else
            out << c;
    }
}

void put_hex(std::ostream& out, std::string_view bytes) {
    static constexpr std::string_view digits = "0123456789abcdef";
    out << "x'";
    for (const char c : bytes) {
        const auto b = static_cast<unsigned char>(c);
        out << digits[b >> 4] << digits[b & 15];
    }
    out << '\'';
}

struct table {
    std::string name;
    std::vector<std::string> columns;
    std::string order; // by its primary key
};

std::vector<table> list_tables(read_view& view) {
    std::vector<table> all;
    for (const row r :
         view.query("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' "
                    "AND name NOT LIKE 'sqlite_%' ORDER BY name")) {
        if (std::find(passing.begin(), passing.end(), r.view(0)) == passing.end())
            all.push_back({r.text(0), {}, {}});
    }
    for (auto& t : all) {
        for (const row r : view.query("SELECT name FROM pragma_table_info($1) ORDER BY cid", t.name))
            t.columns.push_back(r.text(0));
        for (const row r :
             view.query("SELECT name FROM pragma_table_info($1) WHERE pk > 0 ORDER BY pk", t.name))
            t.order.append(t.order.empty() ? "" : ", ").append(r.view(0));
        if (t.order.empty())
            for (const auto& c : t.columns)
                t.order.append(t.order.empty() ? "" : ", ").append(c);
    }
    return all;
}

void put_table(read_view& view, const table& t, std::ostream& out) {
    std::string kinds;
    for (const auto& c : t.columns)
        kinds.append(", typeof(").append(c).append("), ").append(c);
    const std::string sql = "SELECT " + kinds.substr(2) + " FROM " + t.name + " ORDER BY " + t.order;
    for (const row r : view.query(sql)) {
        out << t.name;
        for (std::size_t i = 0; i < t.columns.size(); ++i) {
            const int at = static_cast<int>(2 * i);
            out << '\t' << t.columns[i] << '=';
            if (r.is_null(at + 1))
                out << "\\N";
            else if (r.view(at) == "blob")
                put_hex(out, r.blob(at + 1));
            else
                put_text(out, r.view(at + 1));
        }
        out << '\n';
    }
}

} // namespace

void export_state(const std::filesystem::path& file, std::ostream& out) {
    connection c(file, access::read_only);
    const machine_clock time;
    c.run("BEGIN");
    {
        read_view view(c, time);
        for (const auto& t : list_tables(view))
            put_table(view, t, out);
    }
    c.run("ROLLBACK");
}

} // namespace core::db
