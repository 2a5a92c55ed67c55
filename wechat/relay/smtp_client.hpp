// Mail to one SMTP server, by libcurl: TLS with certificate and name checked unless the settings say
// otherwise, connections kept, deadlines. Tells what the server said and how far it came; what follows is
// email_channel's.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace wechat::relay {

enum class smtp_tls {
    required,
    starttls,
    none
}; // required: from the first byte (465); starttls: required too (587)

struct smtp_settings {
    std::string host; // "": no e-mail
    std::int64_t port = 465;
    smtp_tls tls = smtp_tls::required;
    std::string user, password; // user "": no sign-in
    std::string from, from_name;
    std::filesystem::path ca_file; // instead of the system's
    int connect_timeout_ms = 5000, total_timeout_ms = 30000;
    std::size_t connections = 2;
};

struct smtp_mail {
    std::string to;      // checked by whoever made it
    std::string content; // a whole message (mail.hpp)
};

enum class smtp_stage { connecting, greeting, sign_in, sender, recipient, content, ended };
std::string_view name_of(smtp_stage s); // for errmsg

struct smtp_answer {
    bool accepted = false;
    smtp_stage stage = smtp_stage::connecting; // how far it came; ended: the whole message was handed over
    int code = 0;                              // the last reply's, 0: none
    bool misconfigured = false;                // TLS or sign-in: only the operator can mend it
    std::string said;                          // the last reply or libcurl's words; without the addressee
};

class smtp_client {
  public:
    explicit smtp_client(smtp_settings s);
    ~smtp_client();
    smtp_client(const smtp_client&) = delete;
    smtp_client& operator=(const smtp_client&) = delete;

    smtp_answer call(const smtp_mail& m); // any thread; a connection of its own
    // As http_client::stream.
    void stream(const std::function<bool(std::size_t slot, smtp_mail&)>& next,
                const std::function<void(std::size_t slot, smtp_answer)>& done);
    void wake();
    void give_up();
    const smtp_settings& config() const;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace wechat::relay
