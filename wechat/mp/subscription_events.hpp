// What WeChat says about a person's subscriptions (wechat-platform.md 7, 16): who was believed to have none
// is tried again at once, who ended one in WeChat's settings is not tried.
#pragma once
#include "core/db/transaction.hpp"
#include "wechat/mp/message.hpp"
#include "wechat/mp/settings.hpp"

namespace wechat::mp {

// Of subscribe_msg_popup_event, subscribe_msg_change_event and subscribe_msg_sent_event; what is not about a
// template of ours, or says nothing known, changes nothing.
void record_subscription_event(core::db::write_tx& tx, const settings& s, const message& m);

} // namespace wechat::mp
