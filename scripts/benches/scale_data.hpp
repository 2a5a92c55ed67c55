// A province's worth of data for the benches: companies, instruments, orders in real proportions, made from
// the demo data by copying its rows with other keys. Only the tables that lists read are filled.
#pragma once
#include "core/account/demo.hpp"
#include "core/account/search_store.hpp"
#include "core/appointment/demo.hpp"
#include "core/appointment/search_store.hpp"
#include "core/catalogue/catalogue.hpp"
#include "core/db/migrate.hpp"
#include "core/instrument/listing.hpp"
#include "scripts/benches/scale_around.hpp"

#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace bench {

inline core::db::database::options options_of(const std::filesystem::path& file) {
    core::db::database::options o;
    o.file = file;
    o.key = core::vault::key{7};
    return o;
}

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
        look_around();
        drop_indexes();
        set_search(most_pending);
        make_companies();
        make_instruments();
        make_orders();
        surroundings(*db_, made_).run();
        set_search(usual_pending);
        make_indexes();
    }

  private:
    // Bytes of grams held before they are written: in bulk, merging them again and again costs most.
    static constexpr std::int64_t most_pending = 256 << 20, usual_pending = 1 << 20;

    void look_around() {
        db_->read([&](read_view& v) {
            today_ = v.today();
            made_.institution = core::account::acting_as(v, "linxiaomin").institution_id;
            for (const auto& e : core::catalogue::list_entries(v))
                if (e.verification.find("轮换") != std::string::npos) replaced_ = e;
            return 0;
        });
        if (replaced_.id == 0) throw std::logic_error("no catalogue row is replaced at its end");
    }

    void set_search(std::int64_t pending) {
        for (const char* table : {"applicant_search", "instrument_search", "order_search"})
            db_->write([&](write_tx& tx) -> core::result<> {
                   tx.exec("INSERT INTO " + std::string(table) + " (" + table +
                               ", rank) VALUES ('hashsize', $1)",
                           pending);
                   return {};
               })
                .value();
    }

    void drop_indexes() {
        db_->read([&](read_view& v) {
            for (const auto r :
                 v.query("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL "
                         "AND sql NOT LIKE 'CREATE UNIQUE%' AND tbl_name IN ('instrument', "
                         "'appointment_order', 'appointment_line', 'applicant', 'audit', 'outbox', "
                         "'delivery', 'login', 'applicant_member', 'session', 'follower', 'binding')"))
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
        return static_cast<std::size_t>(u * u * static_cast<double>(made_.companies.size()));
    }

    // Twelve differ by the last of five characters, 144 by the last two; pairs of characters are common.
    static std::string company_name(std::int64_t i) {
        static constexpr std::array<std::string_view, 10> kinds = {"仪表", "食品", "制药", "纺织", "物流",
                                                                   "机械", "电子", "化工", "酒店", "医院"};
        static constexpr std::array<std::string_view, 12> signs = {"金", "鑫", "宏", "达", "恒", "泰",
                                                                   "华", "盛", "瑞", "丰", "永", "昌"};
        std::string own;
        for (std::int64_t rest = i, n = 0; n < 5; ++n, rest /= 12)
            own.insert(0, signs[static_cast<std::size_t>(rest % 12)]);
        return "规模" + own + std::string(kinds[static_cast<std::size_t>(i % 10)]) + "有限公司";
    }

    // A unified social credit code with the right check character (GB 32100-2015).
    static std::string code_of(const std::string& n) {
        static constexpr std::string_view alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
        const std::string code = "91440" + n;
        std::size_t sum = 0, weight = 1;
        for (const char c : code) {
            sum += alphabet.find(c) * weight;
            weight = weight * 3 % 31;
        }
        return code + alphabet[(31 - sum % 31) % 31];
    }

    void make_companies() {
        static constexpr std::array<std::string_view, 5> counties = {"440604", "440605", "440606", "440607",
                                                                     "440608"};
        const auto [copier, original] = db_->read([](read_view& v) {
            return std::pair(
                row_copier(v, "applicant", {"id", "uscc", "name", "search_name", "status", "region_code"}),
                v.query_number("SELECT min(id) FROM applicant WHERE status = 'active'"));
        });
        in_chunks(*db_, "companies", size_.companies(), [&](write_tx& tx, std::int64_t i) {
            const auto id = tx.new_id();
            std::string n = std::to_string(i);
            n.insert(0, 12 - n.size(), '0');
            const std::string name = company_name(i);
            copier.copy(tx, id, code_of(n), name, name, i % 100 == 99 ? "pending" : "active",
                        counties[static_cast<std::size_t>(i) % counties.size()], original);
            core::account::store::put_searched(tx, id);
            made_.companies.push_back(id);
            names_.push_back(name);
        });
    }

    // Of a hundred filed ones 80 are verified again some day (of them 4 overdue, 12 within sixty days), 5 are
    // replaced then, 1 has failed, 14 were never verified.
    void end_validity(core::instrument::instrument& made, std::int64_t n) const {
        made.institution_id = made_.institution;
        made.verified_on = core::add_days(today_, -100);
        made.valid_until = core::add_days(today_, static_cast<int>(n * 7'919 % 400) - 20);
        made.period_months = 12;
        made.barred = n % 100 == 80;
        made.due_kind = n % 100 < 80 ? "book" : n % 100 == 80 ? "barred" : n % 100 < 86 ? "replace" : "never";
        if (made.due_kind == "replace") {
            made.catalogue_id = replaced_.id;
            made.l1 = replaced_.l1;
            made.l2 = replaced_.l2;
        }
        if (made.due_kind == "barred" || made.due_kind == "never") made.valid_until.reset();
        if (made.due_kind == "never") made.verified_on.reset();
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
                    for (const auto r : v.query("SELECT id FROM instrument WHERE filing_status = $1 AND "
                                                "instrument_status NOT IN "
                                                "('stopped', 'scrapped') LIMIT 20",
                                                status)) {
                        const auto id = r.number(0);
                        if (auto found = core::instrument::get(v, admin, id))
                            originals[status].push_back(*found);
                    }
            return row_copier(v, "instrument",
                              {"id", "applicant_id", "name", "serial_no", "catalogue_id", "instrument_code",
                               "serial_key", "institution_id", "period_months", "verified_on", "valid_until",
                               "barred", "due_kind"});
        });
        in_chunks(*db_, "instruments", size_.instruments, [&](write_tx& tx, std::int64_t i) {
            const auto& some = originals[mix[static_cast<std::size_t>(i) % mix.size()]];
            if (some.empty()) return;
            auto made = some[static_cast<std::size_t>(i / 20) % some.size()];
            const auto original = made.id;
            made.id = tx.new_id();
            const auto company = company_of(i);
            made.applicant_id = made_.companies[company];
            made.name = std::string(names[static_cast<std::size_t>(i / 7) % names.size()]);
            made.serial_no = serial_of(i);
            made.search_name = names_.at(company);
            made.line_status.clear(); // its original may be booked, it is not
            const bool filed = made.filing_status == "filed";
            if (filed) end_validity(made, i / 20);
            const std::optional<std::string> code =
                filed ? std::optional("GEN" + std::to_string(i)) : std::nullopt;
            copier.copy(tx, made.id, made.applicant_id, made.name, made.serial_no, made.catalogue_id, code,
                        "GEN " + made.serial_no, filed ? std::optional(made.institution_id) : std::nullopt,
                        made.period_months, made.verified_on, made.valid_until, made.barred,
                        made.due_kind.empty() ? std::nullopt : std::optional(made.due_kind), original);
            core::instrument::put_listed(tx, core::instrument::listed_of(made));
            if (filed) made_.filed.emplace_back(made.id, made.applicant_id);
        });
    }

    // Of a hundred orders.
    static std::string_view order_status_of(std::int64_t n) {
        return n == 0    ? "pending"
               : n < 5   ? "confirmed"
               : n == 5  ? "received"
               : n < 12  ? "cancelled"
               : n < 15  ? "rejected"
               : n == 15 ? "order_returned"
               : n < 18  ? "expired"
                         : "completed";
    }
    static constexpr std::size_t most_stops = 100'000;

    void make_orders() {
        std::map<std::string, std::int64_t, std::less<>> orders, lines;
        const auto [order, line] = db_->read([&](read_view& v) {
            for (const auto r : v.query("SELECT status, min(id) FROM appointment_order GROUP BY status"))
                orders[r.text(0)] = r.number(1);
            for (const auto r :
                 v.query("SELECT o.status, min(l.id) FROM appointment_line l JOIN appointment_order o ON "
                         "o.id = l.order_id GROUP BY o.status"))
                lines[r.text(0)] = r.number(1);
            return std::pair(row_copier(v, "appointment_order",
                                        {"id", "number", "applicant_id", "institution_id", "method", "day",
                                         "due_at", "status_at"}),
                             row_copier(v, "appointment_line", {"id", "order_id", "instrument_id"}));
        });
        std::size_t next = 0;
        in_chunks(*db_, "orders", size_.orders(), [&](write_tx& tx, std::int64_t i) {
            const std::string status(order_status_of(i % 100));
            if (!orders.contains(status) || !lines.contains(status)) return;
            const auto& [instrument, company] = made_.filed[next++ % made_.filed.size()];
            const auto id = tx.new_id();
            std::string number = std::to_string(i);
            number.insert(0, 12 - number.size(), '0');
            const bool waits = status == "pending" || status == "confirmed";
            const bool onsite = i % 3 == 0;
            order.copy(
                tx, id, number, company, made_.institution, onsite ? "onsite" : "deliver",
                core::add_days(today_, waits ? static_cast<int>(i / 100 % 20) : -static_cast<int>(i % 1000)),
                tx.now() + std::chrono::hours(i / 100 % 200 - 20), tx.now(), orders[status]);
            if (onsite && made_.onsite.size() < most_stops) made_.onsite.emplace_back(id, company);
            ++made_.orders;
            line.copy(tx, tx.new_id(), id, instrument, lines[status]);
            core::appointment::store::put_searched(tx, id);
            if (waits || status == "received") core::instrument::relist_booked(tx, instrument, true);
        });
    }

    core::db::database* db_;
    scale size_;
    std::vector<std::pair<std::string, std::string>> indexes_;
    std::vector<std::string> names_; // of the companies
    core::date today_{};
    core::catalogue::entry replaced_; // a row of 到期轮换
    made_rows made_;
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
