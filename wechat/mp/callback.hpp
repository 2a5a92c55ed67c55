// The callback address: takes what the gate proved, answers it once, repeats the same answer to a repeated
// message, and never loses one: under overload it is stored first and worked on later.
#pragma once
#include "core/base/template.hpp"
#include "core/db/database.hpp"
#include "wechat/mp/conversation.hpp"
#include "wechat/mp/gate.hpp"
#include "wechat/server/response.hpp"
#include "wechat/server/router.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace wechat::mp {

class callback {
  public:
    callback(const settings& s, const core::template_set& templates);

    std::optional<std::string> check_address(const request& r) const { return gate_.check_address(r); }
    std::variant<accepted, rejection> accept(const request& r, core::instant now) const {
        return gate_.accept(r, now);
    }
    // Inside one transaction: the reply in plain ("success" or XML), stored with the message. A message seen
    // before gets its stored reply, and `inserted` is false: the caller must undo what was done for it.
    struct outcome {
        std::string reply;
        bool inserted = false;
        bool signature_reused = false; // plaintext mode: another message came with this signature; refuse it
    };
    outcome reply_once(core::db::write_tx& tx, const accepted& a) const;
    response seal(const accepted& a, std::string_view reply, core::instant now) const;

    // A POST to the address. Answers after the commit: 200 with the reply; 200 "success" when more than
    // settings.queue_defer wait (stored, worked on by catch_up) or when handling the message failed (stored
    // as failed); 403 when it is not genuine; 503 with nothing stored when settings.queue_most wait or the
    // database cannot write. The order of commits is the order of effects.
    void receive(request r, core::db::database& db, answer_fn respond);
    // Works on everything that waits, one transaction action each, until nothing does. At start, once a
    // minute, and after each deferred message; one chain at a time.
    void catch_up(core::db::database& db);
    // Genuine messages with a NUL or more fields than are read, since the start: answered, for /metrics.
    std::uint64_t mended() const { return mended_; }
    void on_refused(std::function<void()> f) { conversation_.on_refused(std::move(f)); }

  private:
    struct turn;
    void count(const accepted& a, std::string_view request_id);
    std::string reply_to(core::db::write_tx& tx, const message& m) const;
    void finish(core::db::database& db, const std::shared_ptr<turn>& t, const std::exception_ptr& failed);
    void store_only(core::db::database& db, const std::shared_ptr<turn>& t, std::string_view state);
    void take_next(core::db::database& db);
    void set_aside(core::db::database& db, const std::string& key);

    const settings* settings_;
    gate gate_;
    conversation conversation_;
    std::atomic<bool> catching_up_ = false;
    std::atomic<std::uint64_t> mended_ = 0;
};

// Handlers of the route table.
response callback_check(const request& r, core::db::read_view& view, services& s); // GET
void callback_post(request r, services& s, answer_fn respond);                     // POST
response callback_late();                                                          // after 4.5 s

} // namespace wechat::mp
