// Random walks over all verbs of orders, beside a small model that predicts what is allowed. A walk is given
// by its seed, which is printed when something does not agree.
#include "core/appointment/appointment.hpp"
#include "core/appointment/calendar.hpp"
#include "tests/support/world_orders.hpp"

#include <doctest/doctest.h>

#include <map>
#include <random>

using namespace core;
using appointment::line_status;
using appointment::order_status;
using db::read_view;
using db::write_tx;
using tests::order_world;
using s = order_status;

namespace {

constexpr int capacity = 6; // 台件 a period, and three orders

struct model_order {
    std::int64_t id = 0;
    bool of_first_company = true;
    s status = s::pending;
    int day = 0, period = 0; // places in the lists below
    std::map<std::int64_t, line_status> lines;
    instant received_at;
};

class walk {
  public:
    explicit walk(unsigned seed) : dice_(seed) {
        w_.do_now([&](write_tx& tx) -> result<> {
            std::vector<appointment::period> offered;
            for (const int starts : periods)
                offered.push_back({starts, starts + 60, capacity, 3});
            for (int day = 1; day <= 5; ++day)
                appointment::set_pattern(tx, w_.scheduler, w_.institution, "deliver", day, offered).value();
            return {};
        });
        for (int i = 0; i < 12; ++i)
            free_.push_back({w_.filed(company(i % 2 == 0)), i % 2 == 0});
    }

    void step() {
        const auto n = roll(14);
        if (n <= 2 || orders_.empty())
            book();
        else if (n == 11)
            pass_time();
        else
            change(orders_[roll(orders_.size())], n);
        const auto broken = w_.broken_invariant();
        REQUIRE_MESSAGE(broken.empty(), broken);
    }
    int done() const { return done_; }
    int refused() const { return refused_; }

  private:
    static constexpr std::array<int, 2> periods = {510, 600};
    const actor& company(bool first) const { return first ? w_.company : w_.other_company; }
    std::size_t roll(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(dice_); }
    date day(int n) const {
        return add_days(local_date(tests::tuesday_morning), 1 + n);
    } // Wednesday to Friday

    static bool holds(s status) {
        return status != s::rejected && status != s::cancelled && status != s::expired;
    }
    bool has_room(int at_day, int at_period, int pieces) const {
        int taken = 0;
        int orders = 0;
        for (const auto& o : orders_)
            if (holds(o.status) && o.day == at_day && o.period == at_period) {
                taken += static_cast<int>(o.lines.size());
                ++orders;
            }
        return orders < 3 && taken + pieces <= capacity;
    }
    bool is_bookable(int at_day, int at_period) const { // the lead time is one working day
        const auto today = local_date(w_.time.now());
        (void)at_period;
        return day(at_day) > today;
    }

    // The answer must be the predicted one; gives whether it went through.
    bool expect(bool allowed, std::string_view what, const tests::attempt& verb) {
        const auto why = w_.refusal(verb);
        CAPTURE(what);
        CAPTURE(why);
        REQUIRE(why.empty() == allowed);
        ++(allowed ? done_ : refused_);
        return allowed;
    }

    void book() {
        const bool first = roll(2) == 0;
        std::vector<std::size_t> mine;
        for (std::size_t i = 0; i < free_.size(); ++i)
            if (free_[i].second == first) mine.push_back(i);
        const auto want = 1 + roll(3);
        if (mine.size() < want) {
            free_.push_back({w_.filed(company(first)), first});
            return;
        }
        std::vector<std::int64_t> ids;
        for (std::size_t i = 0; i < want; ++i)
            ids.push_back(free_[mine[i]].first);
        const int at_day = static_cast<int>(roll(3));
        const int at_period = static_cast<int>(roll(2));
        const auto wish = w_.wish(ids, day(at_day), periods[static_cast<std::size_t>(at_period)]);
        std::int64_t made = 0;
        const bool allowed =
            is_bookable(at_day, at_period) && has_room(at_day, at_period, static_cast<int>(want));
        if (!expect(allowed, "book", [&](write_tx& tx) -> result<> {
                const auto id = appointment::book_order(tx, company(first), wish);
                if (!id) return id.error();
                made = *id;
                return {};
            }))
            return;
        model_order o;
        o.id = made;
        o.of_first_company = first;
        o.day = at_day;
        o.period = at_period;
        for (const auto& l : w_.order(made).lines)
            o.lines[l.id] = line_status::booked;
        orders_.push_back(std::move(o));
        std::erase_if(free_,
                      [&](const auto& f) { return std::find(ids.begin(), ids.end(), f.first) != ids.end(); });
    }

    // Instruments of an order that ended, or of lines that did, can be booked again.
    void release(const model_order& o) {
        for (const auto& l : w_.order(o.id).lines) {
            const auto i = w_.read([&](read_view& v) {
                return instrument::get(v, order_world::system(), l.instrument_id).value();
            });
            const bool listed = std::any_of(free_.begin(), free_.end(),
                                            [&](const auto& f) { return f.first == l.instrument_id; });
            if (i.line_status.empty() && i.filing_status == "filed" && !listed)
                free_.push_back({l.instrument_id, o.of_first_company});
        }
    }

    void change(model_order& o, std::size_t n) {
        const bool pending = o.status == s::pending;
        const bool confirmed = o.status == s::confirmed;
        const bool received = o.status == s::received;
        const bool before =
            w_.time.now() < local_instant(day(o.day), periods[static_cast<std::size_t>(o.period)]);
        switch (n) {
        case 3:
            if (expect(pending, "confirm",
                       [&](write_tx& tx) { return appointment::confirm_order(tx, w_.scheduler, o.id); }))
                o.status = s::confirmed;
            break;
        case 4:
            if (expect(pending, "reject", [&](write_tx& tx) {
                    return appointment::reject_order(tx, w_.scheduler, o.id, "已满");
                }))
                end(o, s::rejected);
            break;
        case 5: {
            const bool by_company = roll(2) == 0;
            const bool allowed = by_company ? pending || (confirmed && before) : confirmed;
            if (expect(allowed, "cancel", [&](write_tx& tx) {
                    return appointment::cancel_order(
                        tx, by_company ? company(o.of_first_company) : w_.scheduler, o.id, "有变");
                }))
                end(o, s::cancelled);
            break;
        }
        case 6:
            move(o, before);
            break;
        case 7:
            receive(o);
            break;
        case 8:
            record(o);
            break;
        case 9: {
            const bool all = std::none_of(o.lines.begin(), o.lines.end(),
                                          [](const auto& l) { return appointment::is_open(l.second); });
            if (expect(received && all, "complete",
                       [&](write_tx& tx) { return appointment::complete_order(tx, w_.verifier, o.id); }))
                end(o, s::completed);
            break;
        }
        case 12: // A7 of the whole order
            if (expect(confirmed, "return", [&](write_tx& tx) {
                    return appointment::return_order(tx, w_.desk, o.id, "铭牌不符");
                })) {
                o.status = s::order_returned;
                for (auto& [id, status] : o.lines)
                    if (status == line_status::booked) status = line_status::returned;
            }
            break;
        case 13: { // A12 by the desk: nobody came
            const auto over = local_instant(day(o.day), periods[static_cast<std::size_t>(o.period)] + 60);
            if (expect(confirmed && w_.time.now() >= over, "expire",
                       [&](write_tx& tx) { return appointment::expire_order(tx, w_.desk, o.id); }))
                end(o, s::expired);
            break;
        }
        default: {
            const bool same_day = local_date(o.received_at) == local_date(w_.time.now());
            const bool untouched = std::none_of(o.lines.begin(), o.lines.end(), [](const auto& l) {
                return appointment::has_result(l.second);
            });
            if (expect(received && same_day && untouched, "unreceive", [&](write_tx& tx) {
                    return appointment::unreceive_order(tx, w_.desk, o.id, "点错了");
                })) {
                o.status = s::confirmed;
                for (auto& [id, status] : o.lines)
                    if (status == line_status::checked_in) status = line_status::booked;
            }
        }
        }
    }

    void end(model_order& o, s status) {
        o.status = status;
        for (auto& [id, line] : o.lines)
            if (line == line_status::booked) line = line_status::dropped;
        release(o);
    }

    void move(model_order& o, bool before) {
        const bool by_company = roll(2) == 0;
        const int to_day = static_cast<int>(roll(3));
        const int to_period = static_cast<int>(roll(2));
        const bool same = to_day == o.day && to_period == o.period;
        const auto today = local_date(w_.time.now());
        const auto ends = local_instant(day(to_day), periods[static_cast<std::size_t>(to_period)] + 60);
        const bool open = by_company ? day(to_day) > today : w_.time.now() < ends;
        const bool state = o.status == s::pending || (o.status == s::confirmed && (before || !by_company));
        // The old place is still held while the new one is taken.
        const bool allowed =
            state && !same && open && has_room(to_day, to_period, static_cast<int>(o.lines.size()));
        if (!expect(allowed, "move", [&](write_tx& tx) {
                return appointment::move_order(tx, by_company ? company(o.of_first_company) : w_.scheduler,
                                               o.id,
                                               {day(to_day), periods[static_cast<std::size_t>(to_period)]});
            }))
            return;
        o.day = to_day;
        o.period = to_period;
        if (by_company) o.status = s::pending;
    }

    void receive(model_order& o) {
        appointment::reception r;
        std::vector<std::int64_t> bad;
        std::size_t booked = 0;
        for (const auto& [id, status] : o.lines) {
            booked += status == line_status::booked;
            if (status == line_status::booked && roll(4) == 0) bad.push_back(id);
        }
        for (const auto id : bad)
            r.problems.push_back({id, "", "plate"});
        if (!expect(o.status == s::confirmed, "receive",
                    [&](write_tx& tx) { return appointment::receive_order(tx, w_.desk, o.id, r); }))
            return;
        for (auto& [id, status] : o.lines)
            if (status == line_status::booked) status = line_status::checked_in;
        for (const auto id : bad)
            o.lines[id] = line_status::returned;
        o.received_at = w_.time.now();
        o.status = bad.size() == booked ? s::order_returned : s::received;
    }

    void record(model_order& o) {
        std::vector<appointment::line_result> given;
        for (const auto& [id, status] : o.lines) {
            const bool takes = status == line_status::checked_in || appointment::has_result(status);
            if (!takes || roll(3) == 0) continue;
            appointment::line_result r;
            r.line_id = id;
            const auto n = roll(3);
            r.result = n == 0 ? "passed" : n == 1 ? "failed" : "not_tested";
            r.failed_items = n == 0 ? "" : "示值误差";
            r.certificate_no = n == 2 ? "" : "C-" + std::to_string(++certificate_);
            r.verified_on = local_date(w_.time.now());
            r.verifier = "叶建华";
            given.push_back(std::move(r));
        }
        const bool state = o.status == s::received || o.status == s::completed;
        if (!expect(state && !given.empty(), "record",
                    [&](write_tx& tx) { return appointment::record_results(tx, w_.verifier, o.id, given); }))
            return;
        for (const auto& r : given)
            o.lines[r.line_id] = r.result == "passed"   ? line_status::passed
                                 : r.result == "failed" ? line_status::failed
                                                        : line_status::not_tested;
        release(o);
    }

    // Rarely: the walk starts over with the week when it comes to its end.
    void pass_time() {
        if (roll(6) != 0) return;
        w_.time.advance(std::chrono::hours(3));
        int expired = 0;
        w_.do_now([&](write_tx& tx) -> result<> {
            expired = appointment::expire_orders(tx, 1000);
            return {};
        });
        const auto today = local_date(w_.time.now());
        int predicted = 0;
        for (auto& o : orders_) {
            const auto ends = local_instant(day(o.day), periods[static_cast<std::size_t>(o.period)] + 60);
            const bool unanswered = o.status == s::pending && ends <= w_.time.now();
            const bool missed = o.status == s::confirmed && day(o.day) < today;
            if (!unanswered && !missed) continue;
            ++predicted;
            end(o, s::expired);
        }
        CHECK(expired == predicted);
        for (const auto& o : orders_)
            REQUIRE(w_.order(o.id).status == o.status);
    }

    order_world w_;
    std::mt19937 dice_;
    std::vector<std::pair<std::int64_t, bool>> free_; // instrument, of the first company
    std::vector<model_order> orders_;
    int certificate_ = 0, done_ = 0, refused_ = 0;
};

} // namespace

TEST_CASE("S16 random walks over all verbs agree with a model, and the invariants hold after every step") {
    int done = 0;
    int refused = 0;
    for (const unsigned seed : {1u, 20261124u, 777u, 31337u, 4242u, 99u}) {
        CAPTURE(seed);
        walk w(seed);
        for (int i = 0; i < 400; ++i) {
            CAPTURE(i);
            w.step();
        }
        done += w.done();
        refused += w.refused();
    }
    CHECK(done > 400);
    CHECK(refused > 400);
    MESSAGE(done << " verbs went through, " << refused << " were refused, as predicted");
}
