// The callback address: proves that a request is WeChat's, answers it once, repeats the same answer to a
// repeated message. Mode and keys come from the configuration, never from the request.
#pragma once
#include "core/base/template.hpp"
#include "core/db/database.hpp"
#include "wechat/mp/conversation.hpp"
#include "wechat/mp/crypto.hpp"
#include "wechat/mp/message.hpp"
#include "wechat/mp/settings.hpp"
#include "wechat/server/request.hpp"
#include "wechat/server/response.hpp"
#include "wechat/server/router.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace wechat::mp {

enum class rejection {
    unsigned_request, // scanners and probes: no parameters at all
    repeated_parameter,
    bad_timestamp,
    stale,
    wrong_mode, // encrypt_type does not fit the configuration
    bad_envelope,
    bad_signature,
    bad_ciphertext,
    bad_message,
    wrong_account // ToUserName is not ours
};
std::string_view text_of(rejection r);

// A message that is proved genuine.
struct accepted {
    message what;
    std::string plain;     // its XML
    std::string signature; // that covered it
    std::string timestamp, nonce;
    std::size_t key = 0; // which of our keys opened it; the reply goes out with the same
    bool encrypted = true;
};

class callback {
  public:
    callback(const settings& s, const core::template_set& templates);

    // The address check of the console (section 3): the echo, or nullopt.
    std::optional<std::string> check_address(const request& r) const;
    // Pure: no database. The order of the checks is that of wechat-platform.md 5.
    std::variant<accepted, rejection> accept(const request& r, core::instant now) const;
    // Inside one transaction: the reply in plain ("success" or XML), stored with the message. A message seen
    // before changes nothing and gets its stored reply.
    std::string answer(core::db::write_tx& tx, const accepted& a) const;
    // Encrypts when the message was encrypted; "success" never is.
    response seal(const accepted& a, std::string_view reply, core::instant now) const;

  private:
    std::variant<accepted, rejection> open_encrypted(const request& r, accepted a) const;

    const settings* settings_;
    conversation conversation_;
    std::vector<message_crypto> keys_; // current, previous
    std::vector<std::string> tokens_;  // current, previous
};

// Handlers of the route table.
response callback_check(const request& r, core::db::read_view& view, services& s); // GET
void callback_post(request r, services& s, answer_fn answer);                      // POST
response callback_late();                                                          // after 4.5 s

} // namespace wechat::mp
