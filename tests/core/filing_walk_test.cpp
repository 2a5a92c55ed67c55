// Random walks over all verbs of filings and their requests, beside a small model that predicts what is
// allowed (domain.md 6.2). A walk is given by its seed, which is printed when something does not agree.
#include "core/filing/filing.hpp"
#include "core/filing/request.hpp"
#include "core/instrument/derived.hpp"
#include "core/journal/audit.hpp"
#include "tests/support/world_filings.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using namespace core;
using db::read_view;
using db::write_tx;
using tests::filing_world;

namespace {

enum class place { none, county, city, province, abroad };
constexpr std::array<place, 4> reviewing = {place::county, place::city, place::province, place::abroad};

struct model_filing {
    std::int64_t id = 0;
    bool of_first = true; // whose
    std::string serial;   // two instruments share each at first
    std::string status = "unfiled";
    place handler = place::none, origin = place::none, filed_with = place::none;
    std::int64_t request = 0; // open
    bool asks_cancel = false;
    std::string new_serial; // asked for
};

class walk {
  public:
    explicit walk(unsigned seed) : dice_(seed) {
        for (int i = 0; i < 8; ++i) {
            model_filing m;
            m.of_first = i % 2 == 0;
            m.serial = "W-" + std::to_string(i / 2);
            m.id = w_.add_instrument(company(m.of_first), {{"serial_no", m.serial}});
            all_.push_back(std::move(m));
        }
        desk_ = w_.acting("guopeng");
        audits_ = audit_rows();
    }

    void step() {
        using act = void (walk::*)(model_filing&);
        constexpr std::array<act, 15> acts = {
            &walk::submit,         &walk::submit,           &walk::accept,        &walk::accept,
            &walk::give_back,      &walk::hand_on,          &walk::hand_on,       &walk::hand_back,
            &walk::hand_back,      &walk::withdraw,         &walk::unfile,        &walk::ask,
            &walk::answer_request, &walk::withdraw_request, &walk::edit_or_remove};
        auto& m = all_[roll(all_.size())];
        (this->*acts[roll(acts.size())])(m);
        if (m.status == "deleted") { // the same serial may be entered again
            const auto id = w_.add_instrument(company(m.of_first), {{"serial_no", m.serial}});
            ++audits_;
            model_filing fresh;
            fresh.id = id;
            fresh.of_first = m.of_first;
            fresh.serial = m.serial;
            m = std::move(fresh);
        }
        check(m);
    }
    void check_all() {
        for (const auto& m : all_)
            check(m);
        CHECK_FALSE(w_.read([](read_view& v) { return audit::find_broken(v); }));
        CHECK(w_.read([](read_view& v) { return instrument::find_drift(v); }).empty());
    }
    int done() const { return done_; }
    int refused() const { return refused_; }

  private:
    std::size_t roll(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(dice_); }
    const actor& company(bool first) const { return first ? w_.company : w_.other_company; }
    // Mostly the owner: who is not sees nothing, which tenancy_test walks.
    const actor& somebody(const model_filing& m) { return company(roll(8) == 0 ? !m.of_first : m.of_first); }
    bool owns(const model_filing& m, const actor& who) const {
        return who.applicant_id == company(m.of_first).applicant_id;
    }
    const actor& reviewer(place p) const {
        return p == place::county     ? w_.county
               : p == place::city     ? w_.city
               : p == place::province ? w_.province
                                      : w_.elsewhere;
    }
    // As often as not who must act: guesses alone would hardly get anywhere.
    place any_place(const model_filing& m) {
        const place right = m.status == "filed" ? m.filed_with : m.handler;
        if (right != place::none && roll(2) == 0) return right;
        return reviewing[roll(8) == 0 ? 3 : roll(3)];
    }
    std::int64_t audit_rows() { return w_.count("SELECT count(*) FROM audit"); }
    bool has_open_twin(const model_filing& m, const std::string& serial) const {
        return std::any_of(all_.begin(), all_.end(), [&](const model_filing& o) {
            return o.id != m.id && o.serial == serial &&
                   (o.status == "submitted" || o.status == "dispatched" || o.status == "filed");
        });
    }

    // The answer must be the predicted one, and leave that many rows of the journal or none.
    bool expect(bool allowed, std::string_view what, const std::function<result<>(write_tx&)>& verb,
                int rows = 1) {
        const auto why = w_.refusal(verb);
        CAPTURE(what);
        CAPTURE(why);
        REQUIRE(why.empty() == allowed);
        audits_ += allowed ? rows : 0;
        REQUIRE(audit_rows() == audits_);
        ++(allowed ? done_ : refused_);
        return allowed;
    }

    void submit(model_filing& m) {
        const actor& who = somebody(m);
        const bool to_city = roll(6) != 0;
        const auto target = to_city ? w_.demo.city_institution : w_.demo.county_institution;
        const bool allowed = owns(m, who) && (m.status == "unfiled" || m.status == "returned") && to_city &&
                             !has_open_twin(m, m.serial);
        if (!expect(allowed, "submit", [&](write_tx& tx) -> result<> {
                const auto all = filing::submit(tx, who, std::vector{m.id}, {.institution = target});
                if (all[0].refused) return *all[0].refused;
                return {};
            }))
            return;
        m.status = "submitted";
        m.handler = place::city;
        m.origin = m.filed_with = place::none;
    }
    bool in_review(const model_filing& m) const {
        return m.status == "submitted" || m.status == "dispatched";
    }

    void accept(model_filing& m) {
        const place p = any_place(m);
        if (!expect(in_review(m) && m.handler == p, "accept",
                    [&](write_tx& tx) { return filing::accept(tx, reviewer(p), m.id); }))
            return;
        m.status = "filed";
        m.filed_with = p;
    }
    void give_back(model_filing& m) {
        const place p = any_place(m);
        filing::given_reasons why;
        why.note = "铭牌不清";
        if (expect(m.status == "submitted" && m.handler == p, "give_back",
                   [&](write_tx& tx) { return filing::give_back(tx, reviewer(p), m.id, why); }))
            m.status = "returned";
    }
    void hand_on(model_filing& m) {
        const place p = any_place(m);
        const bool down = roll(2) == 0;
        const bool allowed = m.status == "submitted" && m.handler == p && p == place::city;
        if (!expect(allowed, down ? "dispatch" : "pass_up", [&](write_tx& tx) {
                return down ? filing::dispatch(tx, reviewer(p), m.id, w_.demo.county_institution)
                            : filing::pass_up(tx, reviewer(p), m.id, w_.province.institution_id, "没有装置");
            }))
            return;
        m.status = down ? "dispatched" : "submitted";
        m.handler = down ? place::county : place::province;
        m.origin = place::city;
    }
    void hand_back(model_filing& m) {
        const place p = any_place(m);
        const bool declines = roll(2) == 0;
        const bool elsewhere = in_review(m) && m.origin != place::none && m.origin != m.handler;
        const bool allowed = elsewhere && p == (declines ? m.handler : m.origin);
        if (!expect(allowed, declines ? "decline" : "take_back", [&](write_tx& tx) {
                return declines ? filing::decline(tx, reviewer(p), m.id, "没有装置")
                                : filing::take_back(tx, reviewer(p), m.id, "自行办理");
            }))
            return;
        m.status = "submitted";
        m.handler = m.origin;
    }
    void withdraw(model_filing& m) {
        const actor& who = somebody(m);
        if (expect(owns(m, who) && m.status == "submitted" && m.origin == place::none, "withdraw",
                   [&](write_tx& tx) { return filing::withdraw(tx, who, m.id); }))
            m.status = "unfiled";
    }
    void unfile(model_filing& m) {
        const bool allowed = m.status == "filed" && m.filed_with == place::city;
        if (!expect(
                allowed, "unfile_at_desk",
                [&](write_tx& tx) { return filing::unfile_at_desk(tx, desk_, m.id, "编号不符"); },
                m.request != 0 ? 2 : 1)) // an open request lapses with it
            return;
        m.status = "returned";
        m.request = 0;
    }
    void ask(model_filing& m) {
        const actor& who = somebody(m);
        const bool cancel = roll(2) == 0;
        const std::string serial =
            roll(2) == 0 ? "W-" + std::to_string(roll(4)) : "N-" + std::to_string(++news_);
        const bool allowed = owns(m, who) && m.status == "filed" && m.request == 0 &&
                             (cancel || (serial != m.serial && !has_open_twin(m, serial)));
        std::int64_t made = 0;
        if (!expect(allowed, cancel ? "ask_cancel" : "ask_change", [&](write_tx& tx) -> result<> {
                const std::vector<filing::new_value> values = {{"serial_no", serial}};
                const auto id = cancel ? filing::ask_cancel(tx, who, m.id, "sold", "")
                                       : filing::ask_change(tx, who, m.id, values, "");
                if (!id) return id.error();
                made = *id;
                return {};
            }))
            return;
        m.request = made;
        m.asks_cancel = cancel;
        m.new_serial = serial;
    }
    void answer_request(model_filing& m) {
        const place p = any_place(m);
        const bool agrees = roll(3) != 0;
        const bool still_fits = m.asks_cancel || !has_open_twin(m, m.new_serial);
        const bool allowed = m.request != 0 && m.filed_with == p && (!agrees || still_fits);
        if (!expect(allowed, agrees ? "agree_request" : "refuse_request", [&](write_tx& tx) {
                return agrees ? filing::agree_request(tx, reviewer(p), m.request)
                              : filing::refuse_request(tx, reviewer(p), m.request, "资料不足");
            }))
            return;
        m.request = 0;
        if (!agrees) return;
        if (m.asks_cancel)
            m.status = "unfiled";
        else
            m.serial = m.new_serial;
    }
    void withdraw_request(model_filing& m) {
        const actor& who = somebody(m);
        if (expect(owns(m, who) && m.request != 0, "withdraw_request",
                   [&](write_tx& tx) { return filing::withdraw_request(tx, who, m.request); }))
            m.request = 0;
    }
    void edit_or_remove(model_filing& m) {
        const actor& who = somebody(m);
        const bool open = m.status == "unfiled" || m.status == "returned";
        if (roll(3) == 0) {
            if (expect(owns(m, who) && open, "remove",
                       [&](write_tx& tx) { return filing::remove(tx, who, m.id); }))
                m.status = "deleted";
            return;
        }
        const auto now = w_.get(m.id);
        const std::string remark = "备注 " + std::to_string(++news_);
        expect(owns(m, who) && !in_review(m), "edit", [&](write_tx& tx) {
            return instrument::edit(tx, who, m.id, now.version, [&](std::string_view f) {
                return f == "remark" ? remark : now.text_of(f);
            });
        });
    }

    std::int64_t id_of(place p) const {
        switch (p) {
        case place::county:
            return w_.demo.county_institution;
        case place::city:
            return w_.demo.city_institution;
        case place::province:
            return w_.province.institution_id;
        default:
            return 0;
        }
    }
    void check(const model_filing& m) {
        const auto i = w_.get(m.id);
        CAPTURE(m.id);
        REQUIRE(i.filing_status == m.status);
        REQUIRE(i.serial_no == m.serial);
        if (in_review(m)) REQUIRE(i.handler_id == id_of(m.handler));
        REQUIRE(i.institution_id == (m.status == "filed" ? id_of(m.filed_with) : 0));
        REQUIRE(i.return_kind.empty() == (m.status != "returned"));
        const auto asked =
            w_.read([&](read_view& v) { return filing::find_open_request(v, company(m.of_first), m.id); });
        REQUIRE(asked.has_value() == (m.request != 0));
        if (m.status == "filed") REQUIRE_FALSE(i.instrument_code.empty());
    }

    filing_world w_;
    std::mt19937 dice_;
    actor desk_;
    std::vector<model_filing> all_;
    std::int64_t audits_ = 0;
    int news_ = 0, done_ = 0, refused_ = 0;
};

} // namespace

TEST_CASE("U5 S16 random walks over all verbs of filings agree with a model, the journal with every step") {
    int done = 0;
    int refused = 0;
    for (const unsigned seed : {3u, 20261124u, 555u, 90210u, 77u, 8u}) {
        CAPTURE(seed);
        walk w(seed);
        for (int i = 0; i < 400; ++i) {
            CAPTURE(i);
            w.step();
        }
        w.check_all();
        done += w.done();
        refused += w.refused();
    }
    CHECK(done > 300);
    CHECK(refused > 600);
    MESSAGE(done << " verbs went through, " << refused << " were refused, as predicted");
}
