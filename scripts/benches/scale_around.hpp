// What stands around the instruments and orders of a base for the bench `scale`, in real proportions: people
// of the companies with their sessions and WeChat users, requests, imports, trips, announcements, the
// journal, messages and who could not be told.
#pragma once
#include "core/base/text.hpp"
#include "scripts/benches/scale_rows.hpp"

#include <tuple>

namespace bench {

// What was made so far.
struct made_rows {
    std::vector<std::int64_t> companies;
    std::vector<std::pair<std::int64_t, std::int64_t>> filed;  // instrument, company
    std::vector<std::pair<std::int64_t, std::int64_t>> onsite; // order, company
    std::vector<std::int64_t> logins;                          // of the companies
    std::int64_t orders = 0;
    std::int64_t institution = 0; // with which all are
};

class surroundings {
  public:
    surroundings(core::db::database& db, made_rows& made) : db_(&db), made_(&made) {}

    void run() {
        make_people();
        make_requests();
        make_imports();
        make_trips();
        make_announcements();
        tell_all();
        make_journal();
        make_messages();
    }

  private:
    std::int64_t company_count() const { return static_cast<std::int64_t>(made_->companies.size()); }
    std::int64_t company(std::int64_t i) const {
        return made_->companies[static_cast<std::size_t>(i * 7919 % company_count())];
    }

    // An owner each; every fourth is signed in, every second follows the account and is bound.
    void make_people() {
        const auto [login, original] = db_->read([](read_view& v) {
            return std::pair(row_copier(v, "login", {"id", "username", "display_name"}),
                             v.query_number("SELECT min(login_id) FROM applicant_member"));
        });
        in_chunks(*db_, "people", company_count(), [&](write_tx& tx, std::int64_t i) {
            const auto id = tx.new_id();
            const auto of = made_->companies[static_cast<std::size_t>(i)];
            const std::string n = std::to_string(i);
            login.copy(tx, id, "gen" + n, "经办" + n, original);
            made_->logins.push_back(id);
            tx.exec("INSERT INTO applicant_member (login_id, applicant_id, roles) VALUES ($1, $2, $3)", id,
                    of, static_cast<std::int64_t>(core::role_set{core::role::owner}.bits()));
            if (i % 4 == 0)
                tx.exec(
                    "INSERT INTO session (token_hash, login_id, applicant_id, csrf, via, source, created_at,"
                    " seen_at, expires_at) VALUES ($1, $2, $3, 'c', 'password', '203.0.113.5', $4, $4, $5)",
                    "gen-" + n, id, of, tx.now(), tx.now() + std::chrono::hours(12));
            if (i % 2 == 0) follow(tx, "gen-" + n, id, of, i % 40 != 0);
        });
    }
    static void follow(write_tx& tx, const std::string& openid, std::int64_t login, std::int64_t of,
                       bool following) {
        tx.exec("INSERT INTO follower (openid, is_following, changed_at, said_at, scene, seen_in)"
                " VALUES ($1, $2, $3, $3, '', 0)",
                openid, following, tx.now());
        tx.exec(
            "INSERT INTO binding (id, openid, login_id, applicant_id, bound_at, unbound_at, union_asked_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, 0)",
            tx.new_id(), openid, login, of, tx.now(), following ? std::nullopt : std::optional(tx.now()));
    }

    // Of every two hundredth filing; one in ten still open.
    void make_requests() {
        const auto n = static_cast<std::int64_t>(made_->filed.size()) / 200;
        in_chunks(*db_, "requests", n, [&](write_tx& tx, std::int64_t i) {
            const auto& [instrument, of] = made_->filed[static_cast<std::size_t>(i) * 200];
            const bool open = i % 10 == 0;
            tx.exec("INSERT INTO filing_request (id, instrument_id, applicant_id, institution_id, kind, "
                    "status, why,"
                    " note, before, after, asked_by, asked_at, due_at, answer, decided_by, decided_at) "
                    "VALUES ($1, $2,"
                    " $3, $4, 'change', $5, '', '', $6, $7, 1, $8, $9, '', 1, $10)",
                    tx.new_id(), instrument, of, made_->institution, open ? "open" : "agreed",
                    R"({"location_text":"一车间"})", R"({"location_text":"二车间"})", tx.now(),
                    tx.now() + std::chrono::hours(i % 500), open ? std::nullopt : std::optional(tx.now()));
        });
    }

    void make_imports() {
        in_chunks(*db_, "imports", company_count(), [&](write_tx& tx, std::int64_t i) {
            tx.exec("INSERT INTO import_job (id, applicant_id, login_id, file_name, file_hash, by_rows, "
                    "mode, is_done,"
                    " rows, imported, wrong, repeated, last_row, created_at, updated_at) VALUES ($1, $2, 1,"
                    " '器具清单.xlsx', $3, 0, 'valid', 1, 30, 25, 3, 2, 31, $4, $4)",
                    tx.new_id(), made_->companies[static_cast<std::size_t>(i * i % company_count())],
                    "hash-" + std::to_string(i), tx.now());
        });
    }

    // Five stops each, twenty a day, those of today and the days to come still planned.
    void make_trips() {
        const auto [day, person] = db_->read([&](read_view& v) {
            return std::pair(v.today(),
                             v.query_number("SELECT login_id FROM staff_member WHERE institution_id = $1",
                                            made_->institution));
        });
        constexpr std::int64_t stops = 5, a_day = 20;
        const auto n = static_cast<std::int64_t>(made_->onsite.size()) / stops;
        in_chunks(*db_, "trips", n, [&](write_tx& tx, std::int64_t i) {
            const auto id = tx.new_id();
            const int ahead = 20 - static_cast<int>(i / a_day); // the last of them long ago
            tx.exec(
                "INSERT INTO trip (id, institution_id, day, status, vehicle, standards, reason, created_by,"
                " created_at, status_at, version) VALUES ($1, $2, $3, $4, '粤E00000', '', '', $5, $6, $6, 1)",
                id, made_->institution, core::add_days(day, ahead), ahead < 0 ? "done" : "planned", person,
                tx.now());
            if (i % a_day < 2)
                tx.exec("INSERT INTO trip_member (trip_id, login_id) VALUES ($1, $2)", id, person);
            for (std::int64_t k = 0; k < stops; ++k)
                tx.exec("INSERT INTO trip_stop (trip_id, order_id, seq, half_day, place, access_note, told, "
                        "is_open)"
                        " VALUES ($1, $2, $3, 'morning', '', '', '', $4)",
                        id, made_->onsite[static_cast<std::size_t>(i * stops + k)].first, k + 1, ahead >= 0);
        });
    }

    void make_announcements() {
        const auto writer =
            db_->read([](read_view& v) { return v.query_number("SELECT min(id) FROM login"); });
        in_chunks(*db_, "announcements", 100 + company_count() / 1000, [&](write_tx& tx, std::int64_t) {
            tx.exec(
                "INSERT INTO announcement (id, title, text, audience, by_wechat, status, version, created_by,"
                " created_at, changed_at, sent_at, finished_at, told, cursor) VALUES ($1, '系统维护通知', "
                "'今晚维护。',"
                " 'all', 0, 'sent', 1, $2, $3, $3, $3, $3, 10, 0)",
                tx.new_id(), writer, tx.now());
        });
    }

    // A message of an event, settled. The demonstration has none to copy.
    static std::int64_t put_message(write_tx& tx, std::int64_t event, std::int64_t of,
                                    std::int64_t institution, const std::string& openid,
                                    std::string_view kind, std::string_view status) {
        const auto id = tx.new_id();
        tx.exec("INSERT INTO delivery (id, outbox_id, applicant_id, institution_id, channel, address, kind, "
                "urgency,"
                " title, client_msg_id, body, status, lane, attempts, next_at, may_repeat, follow_up, errmsg,"
                " created_at, status_at) VALUES ($1, $2, $3, $4, 'wechat', $5, $6, 1, '预约已确认', $7, "
                "'{}', $8, 0, 1,"
                " $9, 0, 0, '', $9, $9)",
                id, event, of, institution, openid, kind, std::to_string(id), status, tx.now());
        return id;
    }

    // The newest announcement told to everybody; half of them by a message too.
    void tell_all() {
        const auto [event, original, about] = db_->read([](read_view& v) {
            return std::tuple(
                row_copier(v, "outbox", {"id", "kind", "subject_kind", "subject_id", "applicant_id"}),
                v.query_number("SELECT max(id) FROM outbox WHERE kind = 'order_confirmed'"),
                v.query_number("SELECT max(id) FROM announcement"));
        });
        in_chunks(*db_, "told", company_count(), [&](write_tx& tx, std::int64_t i) {
            const auto id = tx.new_id();
            event.copy(tx, id, "announcement", "announcement", about, company(i), original);
            if (i % 2 == 0)
                put_message(tx, id, company(i), 0, "gen-" + std::to_string(i), "announcement", "delivered");
        });
    }

    // An audit row of each order. They are copies: no chain.
    void make_journal() {
        const auto [audit, original] = db_->read([](read_view& v) {
            return std::pair(
                row_copier(v, "audit", {"id", "applicant_id"}),
                v.query_number("SELECT max(id) FROM audit WHERE applicant_id <> 0 AND institution_id <> 0"));
        });
        in_chunks(*db_, "journal", made_->orders,
                  [&](write_tx& tx, std::int64_t i) { audit.copy(tx, tx.new_id(), company(i), original); });
    }

    void put_unreached(write_tx& tx, std::int64_t event, std::int64_t of, std::int64_t message, bool told) {
        tx.exec("INSERT INTO unreached (id, outbox_id, login_id, applicant_id, institution_id, kind, title,"
                " delivery_id, at, closed_at, closed_by, note) VALUES ($1, $2, 0, $3, $4, 'order_confirmed',"
                " '预约已确认', $5, $6, $7, 1, '')",
                tx.new_id(), event, of, made_->institution, message, tx.now(),
                told ? std::optional(tx.now()) : std::nullopt);
    }

    // An event and a message of each order; every tenth tells the institution's schedulers too. Of a hundred
    // messages one failed and one is blocked; of two thousand one is to be told by phone, as many as failed
    // were.
    void make_messages() {
        const auto [event, of_company, of_both] = db_->read([](read_view& v) {
            return std::tuple(row_copier(v, "outbox", {"id", "applicant_id", "institution_id"}),
                              v.query_number("SELECT max(id) FROM outbox WHERE kind = 'order_confirmed'"),
                              v.query_number("SELECT max(id) FROM outbox WHERE kind = 'order_submitted'"));
        });
        const auto status_of = [](std::int64_t i) {
            return i % 100 == 7 ? "failed" : i % 100 == 8 ? "blocked" : i % 1000 == 9 ? "dead" : "delivered";
        };
        in_chunks(*db_, "messages", made_->orders, [&](write_tx& tx, std::int64_t i) {
            const auto id = tx.new_id(), of = company(i);
            event.copy(tx, id, of, made_->institution, i % 10 == 0 ? of_both : of_company);
            const auto message =
                put_message(tx, id, of, made_->institution, "gen-" + std::to_string(i % company_count()),
                            "order_confirmed", status_of(i));
            if (i % 100 == 7) put_unreached(tx, id, of, message, i % 2000 != 7);
        });
    }

    core::db::database* db_;
    made_rows* made_;
};

} // namespace bench
