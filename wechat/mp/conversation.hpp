// What the account answers in the chat (ux.md 3.4): a table from kinds of messages to plain functions, and
// one from words to answers. Texts are in templates/text/chat/, one file per reply.
#pragma once
#include "core/account/binding.hpp"
#include "core/appointment/queries.hpp"
#include "core/base/template.hpp"
#include "core/base/value.hpp"
#include "core/db/transaction.hpp"
#include "wechat/mp/message.hpp"
#include "wechat/mp/settings.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace wechat::mp {

// What a person may ask for, by words or by a menu button.
enum class topic { latest, ask_number, due, bind, unbind, book, change, filing, contact, help };
// Of a text without an order number: the first row whose word stands in it; nullopt: not understood.
std::optional<topic> topic_of(std::string_view text);
// Of a click button's key; nullopt: no button of ours.
std::optional<topic> topic_of_key(std::string_view event_key);

class conversation {
  public:
    conversation(const core::template_set& templates, const settings& s)
        : templates_(&templates), settings_(&s) {}

    // The text of the reply, "" when nothing is said. Effects (follow state, receipts, counted tries) go into
    // the transaction.
    std::string reply_to(core::db::write_tx& tx, const message& m) const;

  private:
    struct person { // who writes
        std::string openid;
        std::vector<core::account::binding> bindings;
        std::vector<std::int64_t> companies;
        bool bound() const { return !bindings.empty(); }
        bool several() const { return bindings.size() > 1; }
        std::string_view name_of(std::int64_t company) const;
    };
    person person_of(core::db::read_view& view, std::string_view openid) const;

    std::string on_text(core::db::write_tx& tx, const message& m) const;
    std::string on_other(core::db::write_tx& tx, const message& m) const; // pictures, voice, places, links
    std::string on_follow(core::db::write_tx& tx, const message& m) const;
    std::string on_unfollow(core::db::write_tx& tx, const message& m) const;
    std::string on_scan(core::db::write_tx& tx, const message& m) const; // a QR code of ours, by a follower
    std::string welcome(core::db::read_view& view, std::string_view openid) const; // M6
    std::string scanned(core::db::write_tx& tx, std::string_view openid, std::string_view scene) const;
    std::string on_menu(core::db::write_tx& tx, const message& m) const;
    std::string on_code(core::db::write_tx& tx, const message& m) const; // a menu button's scanner
    std::string on_receipt(core::db::write_tx& tx, const message& m) const;
    std::string on_subscription(core::db::write_tx& tx, const message& m) const;
    std::string on_withdrawal(core::db::write_tx& tx, const message& m) const;

    std::string answer(core::db::write_tx& tx, topic t, std::string_view openid) const;
    std::string latest_orders(core::db::read_view& view, std::string_view openid) const; // M32
    std::string one_order(core::db::write_tx& tx, std::string_view openid,
                          std::string_view number) const; // M30
    std::string due_instruments(core::db::read_view& view, std::string_view openid) const;
    std::string contact(core::db::read_view& view, std::string_view openid) const;
    std::string say(std::string_view name, core::value model = core::value::object()) const;

    const core::template_set* templates_;
    const settings* settings_;
};

} // namespace wechat::mp
