// The self-check (接入自检): everything between this program and the official account, one finding a line,
// each fine or with what is wrong and where to mend it. Asks the network; never inside a transaction. The
// texts are in templates/text/problems.txt as doctor.<check> (its name) and doctor.<check>.<code>.
#pragma once
#include "core/base/value.hpp"
#include "notify/message/message.hpp"
#include "wechat/mp/api.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace core {
class template_set;
}

namespace wechat::mp {

enum class state { good, warning, bad, skipped }; // skipped: could not be looked at, see an earlier line
std::string_view code_of(state s);                // "good" …

struct finding {
    std::string_view check; // "token"
    mp::state state = mp::state::good;
    std::string code; // "ok", "ip_whitelist"
    std::vector<std::pair<std::string, std::string>> args;

    core::error text_key() const; // for problem_texts
};

// What is looked at besides the account.
struct doctor_setup {
    std::string callback_url;                         // https://www.example.com/wx/callback
    std::filesystem::path certificate, data_folder;   // certificate empty: no HTTPS here (a proxy has it)
    std::vector<std::string> verification_files = {}; // names at the root of the site, as configured
};

class doctor {
  public:
    doctor(api& a, core::db::database& db, const core::template_set& templates,
           const notify::message_book& book, doctor_setup setup);

    // Every check in the order in which one mends: configuration, certificate, disk, database, API host,
    // clock, token, IP whitelist, breakers, callback, what WeChat sees of our network, domain files, JS-SDK,
    // the website's sign-in, staff tag, menu, one line per event kind's template.
    std::vector<finding> examine();

  private:
    void check_configuration(std::vector<finding>& out) const;
    void check_certificate(std::vector<finding>& out) const;
    void check_disk(std::vector<finding>& out) const;
    void check_database(std::vector<finding>& out);
    bool check_host(std::vector<finding>& out);
    bool check_token(std::vector<finding>& out);
    void check_breakers(std::vector<finding>& out) const;
    void check_callback(std::vector<finding>& out);
    void check_network(std::vector<finding>& out);
    void check_domain(std::vector<finding>& out);
    void check_js(std::vector<finding>& out);
    void check_website(std::vector<finding>& out);
    void check_tag(std::vector<finding>& out);
    void check_menu(std::vector<finding>& out);
    void check_templates(std::vector<finding>& out);
    void check_followers(std::vector<finding>& out) const;

    api* api_;
    core::db::database* db_;
    const core::template_set* templates_;
    const notify::message_book* book_;
    doctor_setup setup_;
};

mp::state worst_of(const std::vector<finding>& all);

} // namespace wechat::mp
