// What the account answers in the chat (ux.md 3.4): a table from kinds of messages to plain functions.
// Texts are in templates/text/chat/.
#pragma once
#include "core/base/template.hpp"
#include "core/base/value.hpp"
#include "core/db/transaction.hpp"
#include "wechat/mp/message.hpp"

#include <string>
#include <string_view>

namespace wechat::mp {

class conversation {
  public:
    conversation(const core::template_set& templates, std::string public_url)
        : templates_(&templates), public_url_(std::move(public_url)) {}

    // The text of the reply, "" when nothing is said. Effects (follow state, receipts) go into the
    // transaction.
    std::string reply_to(core::db::write_tx& tx, const message& m) const;

  private:
    std::string on_follow(core::db::write_tx& tx, const message& m) const;
    std::string on_unfollow(core::db::write_tx& tx, const message& m) const;
    std::string on_menu(core::db::write_tx& tx, const message& m) const;
    std::string on_scan(core::db::write_tx& tx, const message& m) const;
    std::string on_text(core::db::write_tx& tx, const message& m) const;
    std::string on_receipt(core::db::write_tx& tx, const message& m) const;
    std::string latest_orders(core::db::read_view& view, std::string_view openid) const; // M32
    std::string one_order(core::db::write_tx& tx, std::string_view openid,
                          std::string_view number) const; // M30
    std::string contact(core::db::read_view& view, std::string_view openid) const;
    std::string say(std::string_view name, core::value model = core::value::object()) const;

    const core::template_set* templates_;
    std::string public_url_;
};

} // namespace wechat::mp
