#include "wechat/mp/http_client.hpp"

#include <curl/curl.h>

#include <atomic>
#include <mutex>
#include <stdexcept>
#include <utility>
#include <vector>

namespace wechat::mp {
namespace {

constexpr std::size_t most_answer_bytes = 1024 * 1024; // guarantees W3

struct global_curl {
    global_curl() {
        if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
            throw std::runtime_error("libcurl could not be initialised");
    }
};

std::size_t take_bytes(char* data, std::size_t, std::size_t size, void* into) {
    auto& body = *static_cast<std::string*>(into);
    if (body.size() + size > most_answer_bytes) return 0; // ends the transfer: in doubt
    body.append(data, size);
    return size;
}

// What certainly never reached the other side. All else is in doubt (guarantees 0, rule 3).
bool never_sent(CURLcode code, CURL* easy) {
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
        return true;
    case CURLE_OPERATION_TIMEDOUT: {
        curl_off_t before_request = 0; // 0: the connection was never ready
        curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &before_request);
        return before_request == 0;
    }
    default:
        return false;
    }
}

struct transfer {
    CURL* easy = nullptr;
    http_request ask;
    std::string url; // as the handle has it
    std::string body_in;
    std::size_t slot = 0;
    bool busy = false;
};

} // namespace

struct http_client::state {
    options opts;
    CURLM* multi = nullptr;
    curl_slist* headers = nullptr;
    std::vector<transfer> slots; // of stream
    std::vector<std::size_t> free_slots;
    std::atomic<bool> giving_up = false;
    std::mutex guard;
    std::vector<CURL*> spare; // of call, guarded

    void prepare(CURL* easy) const {
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, opts.allow_plain_http ? "http,https" : "https");
        curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
        curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(opts.connect_timeout_ms));
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(opts.total_timeout_ms));
        curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_bytes);
        curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
        if (!opts.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, opts.ca_file.c_str());
    }

    void aim(CURL* easy, const std::string& url, const std::string& body_out, std::string& body_in) const {
        body_in.clear();
        curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, &body_in);
        if (body_out.empty()) {
            curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
            curl_easy_setopt(easy, CURLOPT_HTTPHEADER, nullptr);
        } else {
            curl_easy_setopt(easy, CURLOPT_POST, 1L);
            curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
            curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body_out.data());
            curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_out.size()));
        }
    }

    static http_answer judge(CURLcode code, CURL* easy, std::string body) {
        http_answer a;
        long status = 0;
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        a.status = static_cast<int>(status);
        a.body = std::move(body);
        curl_header* said = nullptr;
        if (curl_easy_header(easy, "Date", 0, CURLH_HEADER, -1, &said) == CURLHE_OK)
            if (const auto seconds = curl_getdate(said->value, nullptr); seconds > 0)
                a.date = core::from_ms(static_cast<std::int64_t>(seconds) * 1000);
        if (code == CURLE_OK) {
            a.fate = http_answer::fate::answered;
        } else {
            a.fate = never_sent(code, easy) ? http_answer::fate::not_sent : http_answer::fate::in_doubt;
            a.why = curl_easy_strerror(code);
        }
        return a;
    }

    void begin(std::size_t slot); // what its `ask` says
    void end(std::size_t slot);   // without an answer

    CURL* borrow() {
        const std::lock_guard<std::mutex> hold(guard);
        if (!spare.empty()) {
            CURL* easy = spare.back();
            spare.pop_back();
            return easy;
        }
        CURL* easy = curl_easy_init();
        if (easy == nullptr) throw std::runtime_error("libcurl gave no handle");
        prepare(easy);
        return easy;
    }

    void give_back(CURL* easy) {
        const std::lock_guard<std::mutex> hold(guard);
        spare.push_back(easy);
    }
};

http_client::http_client(options o) : state_(std::make_unique<state>()) {
    static const global_curl once;
    state_->opts = std::move(o);
    state_->multi = curl_multi_init();
    const long most = static_cast<long>(state_->opts.connections);
    curl_multi_setopt(state_->multi, CURLMOPT_MAX_HOST_CONNECTIONS, most);
    curl_multi_setopt(state_->multi, CURLMOPT_MAXCONNECTS, most + 4);
    for (const char* line :
         {"Content-Type: application/json; charset=utf-8", "Accept: application/json", "Expect:"})
        state_->headers = curl_slist_append(state_->headers, line);
}

http_client::~http_client() {
    for (auto& t : state_->slots) {
        if (t.easy == nullptr) continue;
        curl_multi_remove_handle(state_->multi, t.easy);
        curl_easy_cleanup(t.easy);
    }
    for (CURL* easy : state_->spare)
        curl_easy_cleanup(easy);
    curl_multi_cleanup(state_->multi);
    curl_slist_free_all(state_->headers);
}

http_answer http_client::call(const http_request& r) {
    CURL* easy = state_->borrow();
    std::string answer;
    state_->aim(easy, r.url, r.body, answer);
    const CURLcode code = curl_easy_perform(easy);
    http_answer a = state::judge(code, easy, std::move(answer));
    state_->give_back(easy);
    return a;
}

std::size_t http_client::connections() const {
    return state_->opts.connections;
}

void http_client::wake() {
    curl_multi_wakeup(state_->multi);
}

void http_client::give_up() {
    state_->giving_up = true;
    curl_multi_wakeup(state_->multi);
}

// A handle that is cleaned up takes its connection with it: the other side sees that nobody waits any more.
void http_client::state::end(std::size_t slot) {
    auto& t = slots[slot];
    curl_multi_remove_handle(multi, t.easy);
    curl_easy_cleanup(t.easy);
    t.easy = nullptr;
    t.url.clear();
    t.busy = false;
    free_slots.push_back(slot);
}

void http_client::state::begin(std::size_t slot) {
    auto& t = slots[slot];
    if (t.easy == nullptr) {
        t.easy = curl_easy_init();
        if (t.easy == nullptr) throw std::runtime_error("libcurl gave no handle");
        prepare(t.easy);
        curl_easy_setopt(t.easy, CURLOPT_PRIVATE, &t);
        curl_easy_setopt(t.easy, CURLOPT_WRITEDATA, &t.body_in);
        t.slot = slot;
    }
    // Parsing an address and setting a header again costs more than sending: only what changed is set.
    if (t.url != t.ask.url) {
        t.url = t.ask.url;
        curl_easy_setopt(t.easy, CURLOPT_URL, t.url.c_str());
        curl_easy_setopt(t.easy, CURLOPT_HTTPHEADER, headers);
    }
    t.body_in.clear();
    curl_easy_setopt(t.easy, CURLOPT_POSTFIELDS, t.ask.body.data());
    curl_easy_setopt(t.easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(t.ask.body.size()));
    curl_multi_add_handle(multi, t.easy);
    t.busy = true;
}

void http_client::stream(const std::function<bool(std::size_t, http_request&)>& next,
                         const std::function<void(std::size_t, http_answer)>& done) {
    auto& s = *state_;
    if (s.slots.empty()) {
        s.slots = std::vector<transfer>(s.opts.connections);
        for (std::size_t i = s.slots.size(); i > 0; --i)
            s.free_slots.push_back(i - 1);
    }
    for (;;) {
        while (!s.free_slots.empty()) {
            const std::size_t slot = s.free_slots.back();
            if (!next(slot, s.slots[slot].ask)) break;
            s.free_slots.pop_back();
            s.begin(slot);
        }
        if (s.free_slots.size() == s.slots.size()) return;
        int running = 0;
        curl_multi_perform(s.multi, &running);
        bool any = false;
        int left = 0;
        while (const CURLMsg* m = curl_multi_info_read(s.multi, &left)) {
            if (m->msg != CURLMSG_DONE) continue;
            const CURLcode code = m->data.result;
            CURL* easy = m->easy_handle;
            transfer* t = nullptr;
            curl_easy_getinfo(easy, CURLINFO_PRIVATE, &t);
            http_answer a = state::judge(code, easy, std::move(t->body_in));
            curl_multi_remove_handle(s.multi, easy);
            s.free_slots.push_back(t->slot);
            t->busy = false;
            any = true;
            done(t->slot, std::move(a));
        }
        if (s.giving_up.exchange(false)) {
            for (std::size_t slot = 0; slot < s.slots.size(); ++slot) {
                if (!s.slots[slot].busy) continue;
                s.end(slot);
                http_answer unknown;
                unknown.why = "the program stopped before the answer came";
                done(slot, std::move(unknown));
            }
            return;
        }
        if (!any) curl_multi_poll(s.multi, nullptr, 0, 1000, nullptr);
    }
}

std::string percent_encode(std::string_view s) {
    static constexpr std::string_view hex = "0123456789ABCDEF";
    std::string out;
    for (const char c : s) {
        const auto b = static_cast<unsigned char>(c);
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           c == '-' || c == '_' || c == '.' || c == '~';
        if (plain)
            out += c;
        else
            out.append({'%', hex[b >> 4], hex[b & 15]});
    }
    return out;
}

} // namespace wechat::mp
