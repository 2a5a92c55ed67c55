// A world with bound phones, a hub, and a channel that answers as the test says. Everything on a clock that
// stands still, on the thread of the test.
#pragma once
#include "core/account/binding.hpp"
#include "core/journal/outbox.hpp"
#include "notify/hub/delivery_store.hpp"
#include "notify/hub/hub.hpp"
#include "notify/hub/receipts.hpp"
#include "tests/support/world_accounts.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tests {

using namespace std::chrono_literals;

inline notify::send_result answer(notify::verdict v, int errcode = 0, std::int64_t msgid = 0) {
    notify::send_result r;
    r.result = v;
    r.errcode = errcode;
    r.msgid = msgid;
    if (errcode != 0) r.errmsg = "told to fail rid: 6-test";
    return r;
}

class scripted_channel final : public notify::channel {
  public:
    explicit scripted_channel(const core::clock& time, std::string its_name = "wechat")
        : time_(&time), name_(std::move(its_name)) {}
    struct call {
        core::instant at;
        notify::outgoing what;
    };
    std::string_view name() const override { return name_; }
    bool carries(std::string_view kind) const override { return kind != without; }
    notify::address_kind needs() const override { return needed; }
    bool remembers() const override { return knows_ids; }
    bool has_receipts() const override { return tells_later; }
    bool may_go(core::db::read_view&, std::string_view address) const override {
        return address != closed_to;
    }
    void release() override { ++released; }
    void send(const source& next, const sink& done) override {
        while (auto m = next()) {
            calls.push_back({time_->now(), *m});
            if (before_answer) before_answer(*m);
            auto r = script ? script(*m, calls.size()) : answer(notify::verdict::accepted);
            if (r.result == notify::verdict::accepted && r.msgid == 0 && r.errcode == 0)
                r.msgid = ++last_msgid;
            done(*m, std::move(r));
        }
    }
    std::vector<std::string> addresses() const {
        std::vector<std::string> all;
        for (const auto& c : calls)
            all.push_back(c.what.address);
        return all;
    }

    std::vector<call> calls;
    std::function<notify::send_result(const notify::outgoing&, std::size_t nth)> script; // 1 first
    std::function<void(const notify::outgoing&)> before_answer; // while WeChat has it
    std::string without;                                        // a kind it has no template for
    std::string closed_to;                                      // an address outside its window
    notify::address_kind needed = notify::address_kind::openid;
    bool knows_ids = true, tells_later = true;
    int released = 0;
    std::int64_t last_msgid = 3487542469355618313; // beyond 2^53

  private:
    const core::clock* time_;
    std::string name_;
};

class hub_world : public account_world {
  public:
    explicit hub_world(notify::hub_settings s = {}, notify::preferences p = {}, bool two_channels = false,
                       std::string second_name = "second")
        : wechat(time), second(time, std::move(second_name)), settings(std::move(s)), prefs(std::move(p)),
          both(two_channels) {
        restart();
        drain(); // what made the demo accounts is told to nobody: no phone is bound yet
        wechat.calls.clear();
    }

    // As after the end of the program, by whatever cause.
    void restart() {
        the_hub.reset();
        reopen();
        std::vector<notify::channel*> all{&wechat};
        if (both) all.push_back(&second);
        the_hub = std::make_unique<notify::hub>(db(), book(), all, settings, prefs);
        the_hub->recover();
    }
    static const notify::message_book& book() {
        static const core::template_set templates({});
        static const notify::message_book all(templates);
        return all;
    }
    std::int64_t bind(std::string_view person, std::string_view openid, std::int64_t company = 0) {
        const auto who = acting(person, company);
        return write([&](core::db::write_tx& tx) {
                   tx.exec("DELETE FROM outbox_pending");
                   auto done = core::account::bind_wechat(tx, who, openid, "");
                   tx.exec("DELETE FROM outbox_pending"); // wechat_bound is of no interest here
                   return done;
               })
            .value();
    }
    void unbind(std::int64_t binding) {
        write([&](core::db::write_tx& tx) {
            return core::account::unbind_wechat(tx, system(), binding);
        }).value();
    }
    std::int64_t event(core::outbox::event e) {
        if (e.applicant_id == 0) e.applicant_id = demo.applicants[0];
        return write([&](core::db::write_tx& tx) -> core::result<std::int64_t> {
                   return core::outbox::append(tx, e);
               })
            .value();
    }
    std::int64_t event(std::string_view kind = "order_confirmed", std::int64_t institution = 0) {
        return event({.kind = kind,
                      .subject_kind = "order",
                      .subject_id = 1,
                      .institution_id = institution,
                      .facts = core::value::object().set("number", std::to_string(++numbered))});
    }
    int drain() {
        int calls = 0;
        for (int n = 0; n < 100000; ++n) {
            const int made = the_hub->run_once();
            calls += made;
            if (made == 0) return calls;
        }
        throw std::runtime_error("the hub never comes to rest");
    }
    // Lets time pass in steps, the hub working at each.
    void live(std::chrono::milliseconds length, std::chrono::milliseconds step = 1s) {
        for (auto end = time.now() + length; time.now() < end; time.advance(step))
            drain();
        drain();
    }
    void receipt(std::string_view openid, std::int64_t msgid, std::string_view status = "success") {
        write([&](core::db::write_tx& tx) -> core::result<> {
            notify::record_receipt(tx, openid, msgid, status);
            return {};
        }).value();
    }
    std::vector<notify::delivery> deliveries() {
        core::actor admin;
        admin.kind = core::actor_kind::staff;
        admin.roles = {core::role::platform_admin};
        auto all =
            read([&](core::db::read_view& v) { return notify::list_deliveries(v, admin, {}, 0, 100000); });
        return {all.rbegin(), all.rend()}; // oldest first
    }
    notify::delivery only() {
        const auto all = deliveries();
        if (all.size() != 1) throw std::runtime_error(std::to_string(all.size()) + " deliveries");
        return all.front();
    }
    std::vector<notify::try_row> tries(const notify::delivery& d) {
        return read([&](core::db::read_view& v) { return notify::list_tries(v, d); });
    }
    bool binding_is_open(std::int64_t id) {
        return read([&](core::db::read_view& v) { return core::account::is_open(v, id); });
    }

    scripted_channel wechat, second;
    notify::hub_settings settings;
    notify::preferences prefs;
    bool both;
    std::unique_ptr<notify::hub> the_hub;
    int numbered = 0;
};

} // namespace tests
