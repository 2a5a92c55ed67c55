#include "wechat/relay/smtp_client.hpp"

#include "core/base/text.hpp"
#include "wechat/mp/transfer_loop.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <vector>

namespace wechat::relay {
namespace {

struct dialogue {
    smtp_mail mail;
    curl_slist* to = nullptr;
    std::size_t given = 0; // bytes of the content handed to libcurl
    smtp_stage stage = smtp_stage::connecting;
    int code = 0;
    std::string said;
    bool leaving = false; // what is said to the goodbye is no word about the message

    dialogue() = default;
    dialogue(const dialogue&) = delete;
    dialogue& operator=(const dialogue&) = delete;
    ~dialogue() { curl_slist_free_all(to); }
    void begin() {
        curl_slist_free_all(to);
        to = curl_slist_append(nullptr, ("<" + mail.to + ">").c_str());
        given = 0;
        stage = smtp_stage::connecting;
        code = 0;
        said.clear();
        leaving = false;
    }
};

std::size_t give_bytes(char* into, std::size_t size, std::size_t n, void* from) {
    auto& d = *static_cast<dialogue*>(from);
    const std::size_t some = std::min(size * n, d.mail.content.size() - d.given);
    std::copy_n(d.mail.content.data() + d.given, some, into);
    d.given += some;
    // From here on libcurl ends the message by itself: the server may have it all.
    if (d.given == d.mail.content.size()) d.stage = smtp_stage::ended;
    return some;
}

std::size_t drop_bytes(char*, std::size_t size, std::size_t n, void*) {
    return size * n;
}

void note_command(dialogue& d, std::string_view line) {
    static constexpr std::array<std::pair<std::string_view, smtp_stage>, 6> stages = {
        {{"EHLO", smtp_stage::greeting},
         {"HELO", smtp_stage::greeting},
         {"AUTH", smtp_stage::sign_in},
         {"MAIL", smtp_stage::sender},
         {"RCPT", smtp_stage::recipient},
         {"DATA", smtp_stage::content}}};
    if (line.starts_with("QUIT")) d.leaving = true;
    for (const auto& [word, stage] : stages)
        if (line.starts_with(word)) d.stage = stage;
}

void note_reply(dialogue& d, std::string_view line) {
    const bool is_reply = line.size() >= 3 && std::all_of(line.begin(), line.begin() + 3,
                                                          [](char c) { return c >= '0' && c <= '9'; });
    if (!is_reply || d.leaving) return;
    d.code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    d.said = core::tidy_line(line.substr(0, 200));
}

// libcurl tells what goes out and comes in; only the verbs and the replies are looked at, never kept: a
// command may hold the password.
int listen(CURL*, curl_infotype what, char* data, std::size_t size, void* to) {
    auto& d = *static_cast<dialogue*>(to);
    if (what == CURLINFO_HEADER_OUT) note_command(d, {data, size});
    if (what == CURLINFO_HEADER_IN) note_reply(d, {data, size});
    return 0;
}

bool is_misconfigured(CURLcode code) {
    return code == CURLE_USE_SSL_FAILED || code == CURLE_PEER_FAILED_VERIFICATION ||
           code == CURLE_SSL_CACERT_BADFILE || code == CURLE_SSL_CONNECT_ERROR;
}

std::string without(std::string text, const std::string& addressee) {
    for (auto at = text.find(addressee); !addressee.empty() && at != std::string::npos;
         at = text.find(addressee))
        text.replace(at, addressee.size(), "…");
    return text;
}

smtp_answer judge(const dialogue& d, CURLcode code) {
    smtp_answer a;
    a.stage = d.stage;
    a.code = d.code;
    a.accepted = code == CURLE_OK;
    a.misconfigured =
        is_misconfigured(code) || (code == CURLE_LOGIN_DENIED && (d.code == 0 || d.code >= 500));
    // 354 asks for the message: it is no word about it.
    if (d.stage == smtp_stage::ended && d.code < 400) a.code = 0;
    a.said = without(
        a.code != 0 && code != CURLE_PEER_FAILED_VERIFICATION ? d.said : curl_easy_strerror(code), d.mail.to);
    return a;
}

} // namespace

std::string_view name_of(smtp_stage s) {
    static constexpr std::array<std::string_view, 7> names = {
        "connecting", "greeting", "sign-in", "sender", "recipient", "content", "end of message"};
    return names[static_cast<std::size_t>(s)];
}

struct smtp_client::state {
    explicit state(smtp_settings s)
        : config(std::move(s)), slots(config.connections), loop(config.connections) {}

    smtp_settings config;
    std::vector<dialogue> slots; // outlive the loop, which says goodbye over them
    mp::transfer_loop loop;

    void prepare(CURL* easy, dialogue& d) const {
        const bool tls_at_once = config.tls == smtp_tls::required;
        const std::string url =
            (tls_at_once ? "smtps://" : "smtp://") + config.host + ":" + std::to_string(config.port);
        curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
        curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, tls_at_once ? "smtps" : "smtp");
        curl_easy_setopt(easy, CURLOPT_USE_SSL,
                         static_cast<long>(config.tls == smtp_tls::none ? CURLUSESSL_NONE : CURLUSESSL_ALL));
        curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
        if (!config.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, config.ca_file.c_str());
        if (!config.user.empty()) {
            curl_easy_setopt(easy, CURLOPT_USERNAME, config.user.c_str());
            curl_easy_setopt(easy, CURLOPT_PASSWORD, config.password.c_str());
        }
        const std::string from = "<" + config.from + ">";
        curl_easy_setopt(easy, CURLOPT_MAIL_FROM, from.c_str());
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(config.connect_timeout_ms));
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(config.total_timeout_ms));
        curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_bytes);
        curl_easy_setopt(easy, CURLOPT_READDATA, &d);
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop_bytes);
        curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
        curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, listen);
        curl_easy_setopt(easy, CURLOPT_DEBUGDATA, &d);
    }

    static void aim(CURL* easy, dialogue& d) {
        d.begin();
        curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, d.to);
        curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(d.mail.content.size()));
    }
};

smtp_client::smtp_client(smtp_settings s) : state_(std::make_unique<state>(std::move(s))) {}

smtp_client::~smtp_client() = default;

const smtp_settings& smtp_client::config() const {
    return state_->config;
}

smtp_answer smtp_client::call(const smtp_mail& m) {
    CURL* easy = curl_easy_init();
    if (easy == nullptr) throw std::runtime_error("libcurl gave no handle");
    dialogue d;
    d.mail = m;
    state_->prepare(easy, d);
    state::aim(easy, d);
    const auto code = curl_easy_perform(easy);
    curl_easy_cleanup(easy);
    return judge(d, code);
}

void smtp_client::wake() {
    state_->loop.wake();
}

void smtp_client::give_up() {
    state_->loop.give_up();
}

void smtp_client::stream(const std::function<bool(std::size_t, smtp_mail&)>& next,
                         const std::function<void(std::size_t, smtp_answer)>& done) {
    auto& s = *state_;
    s.loop.run(
        [&](std::size_t slot, void* easy, bool is_new) {
            auto& d = s.slots[slot];
            if (!next(slot, d.mail)) return false;
            if (is_new) s.prepare(easy, d);
            state::aim(easy, d);
            return true;
        },
        [&](std::size_t slot, int code, void*) {
            done(slot, judge(s.slots[slot], static_cast<CURLcode>(code)));
        });
}

} // namespace wechat::relay
