// The WeChat channel of the notification hub: template messages.
#pragma once
#include "wechat/mp/push_channel.hpp"

#include <string>
#include <string_view>

namespace wechat::mp {

class template_channel final : public push_channel {
  public:
    // `book`: where versions may have template ids of their own; the configuration's are used for the others.
    explicit template_channel(api& a, const notify::message_book* book = nullptr);
    std::string_view name() const override { return "wechat"; }
    bool carries(std::string_view kind) const override; // a template id is known
    // {"url": "https://…", "data": {"thing3": {"value": "…"}}}: the request without what is the person's.
    std::string compose(const notify::message& m) const override;
    // touser, template_id, client_msg_id before what compose() made.
    std::string request_body(const notify::outgoing& m) const override;

  private:
    const notify::message_book* book_;
};

// The one in force: of the version, else of the configuration; "" when there is none.
std::string template_id_of(const settings& s, const notify::message_book* book, std::string_view kind);
// "data" of template messages and subscription notifications: {"thing3": {"value": "…"}}.
core::value data_of(const notify::message& m);

} // namespace wechat::mp
