// A province's worth of data for the benches: companies, instruments, orders in real proportions, made from
// the demo data by copying its rows with other keys. Only the tables that lists read are filled.
#pragma once
#include "core/appointment/demo.hpp"
#include "core/appointment/search_store.hpp"
#include "core/base/ids.hpp"
#include "core/db/database.hpp"
#include "core/db/migrate.hpp"
#include "core/instrument/listing.hpp"

#include <array>
#include <cstdio>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace bench {

using core::db::read_view;
using core::db::write_tx;

inline core::db::database::options options_of(const std::filesystem::path& file) {
    core::db::database::options o;
    o.file = file;
    o.key = core::vault::key{7};
    return o;
}

// Copies one row of a table with some columns replaced: stays right when the table gets columns.
class row_copier {
  public:
    row_copier(read_view& view, std::string table, const std::vector<std::string>& replaced) {
        std::string columns, values;
        int n = 0;
        for (const auto r : view.query("SELECT name FROM pragma_table_info($1) ORDER BY cid", table)) {
            const std::string name = r.text(0);
            bool other = false;
            for (const auto& c : replaced)
                other = other || c == name;
            columns += (columns.empty() ? "" : ", ") + name;
            values += (values.empty() ? "" : ", ") + (other ? "$" + std::to_string(++n) : name);
        }
        sql_ = "INSERT INTO " + table + " (" + columns + ") SELECT " + values + " FROM " + table +
               " WHERE id = $" + std::to_string(n + 1);
    }
    // Values in the order of the table's columns, the id of the copied row last.
    template<class... A>
    void copy(write_tx& tx, const A&... values) const {
        tx.exec(sql_, values...);
    }

  private:
    std::string sql_;
};

struct scale {
    std::int64_t instruments = 0;
    std::int64_t companies() const { return instruments / 25; }
    std::int64_t orders() const { return instruments * 2 / 5; }
};

// Eight digits in no order, each once among the first hundred million.
inline std::string serial_of(std::int64_t i) {
    std::string digits = std::to_string((i * 73'244'477 + 12'345'678) % 100'000'000);
    digits.insert(0, 8 - digits.size(), '0');
    return "G" + digits;
}

class generator {
  public:
    generator(core::db::database& db, scale s) : db_(&db), size_(s) {}

    void run() {
        drop_indexes();
        set_search(most_pending);
        make_companies();
        make_instruments();
        make_orders();
        make_journal();
        set_search(usual_pending);
        make_indexes();
    }

  private:
    // Bytes of grams held before they are written: in bulk, merging them again and again costs most.
    static constexpr std::int64_t most_pending = 256 << 20, usual_pending = 1 << 20;

    void set_search(std::int64_t pending) {
        for (const char* table : {"instrument_search", "order_search"})
            db_->write([&](write_tx& tx) -> core::result<> {
                   tx.exec("INSERT INTO " + std::string(table) + " (" + table +
                               ", rank) VALUES ('hashsize', $1)",
                           pending);
                   return {};
               })
                .value();
    }

    template<class F>
    void in_chunks(const char* what, std::int64_t count, F one) {
        constexpr std::int64_t chunk = 100'000;
        for (std::int64_t from = 0; from < count; from += chunk) {
            db_->write([&](write_tx& tx) -> core::result<> {
                   for (std::int64_t i = from; i < std::min(count, from + chunk); ++i)
                       one(tx, i);
                   return {};
               })
                .value();
            if (from % 1'000'000 == 0)
                std::fprintf(stderr, "  %s %lld of %lld\n", what, static_cast<long long>(from),
                             static_cast<long long>(count));
        }
    }

    void drop_indexes() {
        db_->read([&](read_view& v) {
            for (const auto r :
                 v.query("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL "
                         "AND sql NOT LIKE 'CREATE UNIQUE%' AND tbl_name IN ('instrument', "
                         "'appointment_order', 'appointment_line', 'applicant', 'audit', 'outbox', "
                         "'delivery')"))
                indexes_.emplace_back(r.text(0), r.text(1));
            return 0;
        });
        for (const auto& [name, sql] : indexes_)
            db_->write([&, drop = "DROP INDEX " + name](write_tx& tx) -> core::result<> {
                   tx.exec(drop);
                   return {};
               })
                .value();
    }
    void make_indexes() {
        for (const auto& [name, sql] : indexes_)
            db_->write([&](write_tx& tx) -> core::result<> {
                   tx.exec(sql);
                   return {};
               })
                .value();
        db_->write([&](write_tx& tx) -> core::result<> {
               tx.exec("ANALYZE");
               return {};
           })
            .value();
    }

    // Big companies have most: the square of a uniform number.
    std::size_t company_of(std::int64_t i) const {
        const auto u =
            static_cast<double>((static_cast<std::uint64_t>(i) * 2654435761u) % 1'000'003u) / 1'000'003.0;
        return static_cast<std::size_t>(u * u * static_cast<double>(companies_.size()));
    }

    static std::string company_name(const std::string& n) {
        static constexpr std::array<std::string_view, 10> kinds = {"仪表", "食品", "制药", "纺织", "物流",
                                                                   "机械", "电子", "化工", "酒店", "医院"};
        return "规模" + n + std::string(kinds[static_cast<std::size_t>(n.back() - '0')]) + "有限公司";
    }

    void make_companies() {
        const auto [copier, original] = db_->read([](read_view& v) {
            return std::pair(row_copier(v, "applicant", {"id", "uscc", "name", "search_name"}),
                             v.query_number("SELECT min(id) FROM applicant WHERE status = 'active'"));
        });
        in_chunks("companies", size_.companies(), [&](write_tx& tx, std::int64_t i) {
            const auto id = tx.new_id();
            std::string n = std::to_string(i);
            n.insert(0, 12 - n.size(), '0');
            const std::string name = company_name(n);
            copier.copy(tx, id, "914406" + n, name, name, original);
            companies_.push_back(id);
            names_.push_back(name);
        });
    }

    void make_instruments() {
        static constexpr std::array<std::string_view, 8> names = {
            "压力表", "电子天平", "燃油加油机", "电子血压计", "水表", "电能表", "交流充电桩", "心电图机"};
        static constexpr std::array<std::string_view, 20> mix = {
            "filed",   "filed",   "filed",    "filed",     "filed",     "filed",     "filed",
            "filed",   "filed",   "filed",    "filed",     "filed",     "filed",     "filed",
            "unfiled", "unfiled", "returned", "submitted", "submitted", "dispatched"};
        std::map<std::string_view, std::vector<core::instrument::instrument>> originals;
        const auto copier = db_->read([&](read_view& v) {
            core::actor admin;
            admin.kind = core::actor_kind::staff;
            admin.roles.add(core::role::platform_admin);
            for (const auto status : mix)
                if (originals[status].empty())
                    for (const auto r :
                         v.query("SELECT id FROM instrument WHERE filing_status = $1 LIMIT 20", status)) {
                        const auto id = r.number(0);
                        if (auto found = core::instrument::get(v, admin, id))
                            originals[status].push_back(*found);
                    }
            return row_copier(v, "instrument",
                              {"id", "applicant_id", "name", "serial_no", "instrument_code", "serial_key"});
        });
        in_chunks("instruments", size_.instruments, [&](write_tx& tx, std::int64_t i) {
            const auto& some = originals[mix[static_cast<std::size_t>(i) % mix.size()]];
            if (some.empty()) return;
            auto made = some[static_cast<std::size_t>(i / 20) % some.size()];
            const auto original = made.id;
            made.id = tx.new_id();
            const auto company = company_of(i);
            made.applicant_id = companies_[company];
            made.name = std::string(names[static_cast<std::size_t>(i / 7) % names.size()]);
            made.serial_no = serial_of(i);
            made.search_name = names_.at(company);
            made.line_status.clear(); // its original may be booked, it is not
            const bool filed = made.filing_status == "filed";
            const std::optional<std::string> code =
                filed ? std::optional("GEN" + std::to_string(i)) : std::nullopt;
            copier.copy(tx, made.id, made.applicant_id, made.name, made.serial_no, code,
                        "GEN " + made.serial_no, original);
            core::instrument::put_listed(tx, core::instrument::listed_of(made));
            if (filed) filed_.emplace_back(made.id, made.applicant_id);
        });
    }

    void make_orders() {
        static constexpr std::array<std::string_view, 10> mix = {
            "completed", "completed", "completed", "completed", "completed",
            "completed", "rejected",  "cancelled", "completed", "confirmed"};
        std::map<std::string, std::int64_t, std::less<>> orders, lines;
        const auto [order, line] = db_->read([&](read_view& v) {
            for (const auto r : v.query("SELECT status, min(id) FROM appointment_order GROUP BY status"))
                orders[r.text(0)] = r.number(1);
            for (const auto r :
                 v.query("SELECT o.status, min(l.id) FROM appointment_line l JOIN appointment_order o ON "
                         "o.id = l.order_id GROUP BY o.status"))
                lines[r.text(0)] = r.number(1);
            return std::pair(row_copier(v, "appointment_order", {"id", "number", "applicant_id"}),
                             row_copier(v, "appointment_line", {"id", "order_id", "instrument_id"}));
        });
        std::size_t next = 0;
        in_chunks("orders", size_.orders(), [&](write_tx& tx, std::int64_t i) {
            const std::string status(mix[static_cast<std::size_t>(i) % mix.size()]);
            if (!orders.contains(status) || !lines.contains(status)) return;
            const auto& [instrument, company] = filed_[next++ % filed_.size()];
            const auto id = tx.new_id();
            std::string number = std::to_string(i);
            number.insert(0, 12 - number.size(), '0');
            order.copy(tx, id, number, company, orders[status]);
            line.copy(tx, tx.new_id(), id, instrument, lines[status]);
            core::appointment::store::put_searched(tx, id);
            if (status == "confirmed") core::instrument::relist_booked(tx, instrument, true);
        });
    }

    // An audit row, an event and a message sent of each order. The audit rows are copies: no chain.
    void make_journal() {
        const auto [audit, outbox, delivery, of_audit, of_outbox, of_delivery] = db_->read([](read_view& v) {
            return std::tuple(
                row_copier(v, "audit", {"id", "applicant_id"}),
                row_copier(v, "outbox", {"id", "applicant_id"}),
                row_copier(v, "delivery", {"id", "outbox_id", "applicant_id"}),
                v.query_number("SELECT max(id) FROM audit WHERE applicant_id <> 0 AND institution_id <> 0"),
                v.query_number("SELECT max(id) FROM outbox WHERE applicant_id <> 0 AND institution_id <> 0"),
                v.query_number("SELECT max(id) FROM delivery WHERE applicant_id <> 0 AND lane = 0"));
        });
        in_chunks("journal", size_.orders(), [&](write_tx& tx, std::int64_t i) {
            const auto company = companies_[company_of(i)];
            audit.copy(tx, tx.new_id(), company, of_audit);
            const auto event = tx.new_id();
            outbox.copy(tx, event, company, of_outbox);
            delivery.copy(tx, tx.new_id(), event, company, of_delivery);
        });
    }

    core::db::database* db_;
    scale size_;
    std::vector<std::pair<std::string, std::string>> indexes_;
    std::vector<std::int64_t> companies_;
    std::vector<std::string> names_;                           // of them
    std::vector<std::pair<std::int64_t, std::int64_t>> filed_; // instrument, company
};

// The file with so many instruments, made when it is not there yet: it takes minutes for millions.
inline std::filesystem::path scaled_database(const std::filesystem::path& folder, std::int64_t instruments) {
    std::filesystem::create_directories(folder);
    const auto file = folder / ("scale-" + std::to_string(instruments) + ".db");
    if (std::filesystem::exists(file)) return file;
    const auto part = folder / "scale.part";
    for (const char* tail : {"", "-wal", "-shm", ".lock"})
        std::filesystem::remove(part.string() + tail);
    const core::machine_clock time;
    core::db::migrate(part, time);
    {
        core::db::database db(options_of(part), time);
        core::demo::load(db).value();
        generator(db, {instruments}).run();
        db.checkpoint();
    }
    std::filesystem::rename(part, file);
    for (const char* tail : {"-wal", "-shm", ".lock"})
        std::filesystem::remove(part.string() + tail);
    return file;
}

} // namespace bench
