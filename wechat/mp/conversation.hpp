// What comes in from the chat and what is done about it (ux.md 3.4): a table from kinds of messages to plain
// functions. What words and buttons mean is in topic.hpp, the answers that look things up are in answers.hpp.
#pragma once
#include "core/base/template.hpp"
#include "core/db/transaction.hpp"
#include "wechat/mp/answers.hpp"
#include "wechat/mp/message.hpp"
#include "wechat/mp/settings.hpp"
#include "wechat/mp/topic.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace wechat::mp {

class conversation {
  public:
    conversation(const core::template_set& templates, const settings& s)
        : settings_(&s), answers_(templates, s) {}

    // Called after the commit of a receipt from which something follows. Set before the first message.
    void on_refused(std::function<void()> f) { refused_ = std::move(f); }
    // The text of the reply, "" when nothing is said. Effects (follow state, receipts, counted tries) go into
    // the transaction.
    std::string reply_to(core::db::write_tx& tx, const message& m) const;

  private:
    static void note_presence(core::db::write_tx& tx, const message& m, std::string_view kind);
    std::string on_text(core::db::write_tx& tx, const message& m) const;
    std::string on_other(core::db::write_tx& tx, const message& m) const; // pictures, voice, places, links
    std::string on_follow(core::db::write_tx& tx, const message& m) const;
    std::string on_unfollow(core::db::write_tx& tx, const message& m) const;
    std::string on_scan(core::db::write_tx& tx, const message& m) const; // a QR code of ours, by a follower
    std::string scanned(core::db::write_tx& tx, std::string_view openid, std::string_view scene) const;
    std::string on_menu(core::db::write_tx& tx, const message& m) const;
    std::string on_code(core::db::write_tx& tx, const message& m) const; // a menu button's scanner
    std::string on_receipt(core::db::write_tx& tx, const message& m) const;
    std::string on_subscription(core::db::write_tx& tx, const message& m) const;
    std::string on_withdrawal(core::db::write_tx& tx, const message& m) const;

    std::string answer(core::db::read_view& view, topic t, std::string_view openid) const;

    const settings* settings_;
    answers answers_;
    std::function<void()> refused_;
};

} // namespace wechat::mp
