#include "wechat/mp/http_client.hpp"

#include "wechat/mp/transfer_loop.hpp"

#include <curl/curl.h>

#include <mutex>
#include <stdexcept>
#include <utility>
#include <vector>

namespace wechat::mp {
namespace {

constexpr std::size_t most_answer_bytes = 1024 * 1024; // guarantees W3

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

// libcurl sends a request again by itself when a kept connection closes before any byte of an answer. The
// work may be done by then, and not every receiver knows an id again: a second request of one transfer is
// refused, so that it is in doubt and the hub decides (guarantees N6).
int allow_one_request(void* begun, char*, char*, int, int) {
    auto& requests = *static_cast<int*>(begun);
    return requests++ == 0 ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

struct header_list {
    curl_slist* all = nullptr;
    header_list() = default;
    header_list(const header_list&) = delete;
    header_list& operator=(const header_list&) = delete;
    ~header_list() { curl_slist_free_all(all); }
    void clear() {
        curl_slist_free_all(all);
        all = nullptr;
    }
    void add(const char* line) { all = curl_slist_append(all, line); }
};

void add_json_headers(header_list& to) {
    for (const char* line :
         {"Content-Type: application/json; charset=utf-8", "Accept: application/json", "Expect:"})
        to.add(line);
}

struct transfer {
    http_request ask;
    std::string url; // as the handle has it
    std::string body_in;
    header_list own;  // when `ask` has headers of its own
    int requests = 0; // begun; one is allowed
};

} // namespace

struct http_client::state {
    explicit state(options o) : opts(std::move(o)), slots(opts.connections), loop(opts.connections) {
        add_json_headers(headers);
    }
    ~state() {
        for (CURL* easy : spare)
            curl_easy_cleanup(easy);
    }

    options opts;
    header_list headers;
    std::vector<transfer> slots; // of stream
    transfer_loop loop;
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
        curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, allow_one_request);
        curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
        if (!opts.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, opts.ca_file.c_str());
    }

    void aim(CURL* easy, const std::string& url, const std::string& body_out, std::string& body_in,
             int& requests) const {
        body_in.clear();
        curl_easy_setopt(easy, CURLOPT_PREREQDATA, &requests);
        curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, &body_in);
        if (body_out.empty()) {
            curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
            curl_easy_setopt(easy, CURLOPT_HTTPHEADER, nullptr);
        } else {
            curl_easy_setopt(easy, CURLOPT_POST, 1L);
            curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.all);
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
            a.why = code == CURLE_ABORTED_BY_CALLBACK ? "the connection was closed before any answer"
                                                      : curl_easy_strerror(code);
        }
        return a;
    }

    void begin(transfer& t, CURL* easy, bool is_new) const; // what its `ask` says

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

http_client::http_client(options o) : state_(std::make_unique<state>(std::move(o))) {}

http_client::~http_client() = default;

http_answer http_client::call(const http_request& r) {
    CURL* easy = state_->borrow();
    std::string answer;
    int requests = 0;
    state_->aim(easy, r.url, r.body, answer, requests);
    const CURLcode code = curl_easy_perform(easy);
    http_answer a = state::judge(code, easy, std::move(answer));
    state_->give_back(easy);
    return a;
}

std::size_t http_client::connections() const {
    return state_->opts.connections;
}

void http_client::wake() {
    state_->loop.wake();
}

void http_client::give_up() {
    state_->loop.give_up();
}

// Parsing an address and setting a header again costs more than sending: only what changed is set.
void http_client::state::begin(transfer& t, CURL* easy, bool is_new) const {
    if (is_new) {
        prepare(easy);
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, &t.body_in);
        curl_easy_setopt(easy, CURLOPT_PREREQDATA, &t.requests);
        t.url.clear();
    }
    if (t.url != t.ask.url) {
        t.url = t.ask.url;
        curl_easy_setopt(easy, CURLOPT_URL, t.url.c_str());
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.all);
    }
    if (!t.ask.headers.empty()) {
        t.own.clear();
        add_json_headers(t.own);
        for (const auto& line : t.ask.headers)
            t.own.add(line.c_str());
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, t.own.all);
    }
    t.body_in.clear();
    t.requests = 0;
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, t.ask.body.data());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(t.ask.body.size()));
}

void http_client::stream(const std::function<bool(std::size_t, http_request&)>& next,
                         const std::function<void(std::size_t, http_answer)>& done) {
    auto& s = *state_;
    s.loop.run(
        [&](std::size_t slot, void* easy, bool is_new) {
            auto& t = s.slots[slot];
            if (!next(slot, t.ask)) return false;
            s.begin(t, easy, is_new);
            return true;
        },
        [&](std::size_t slot, int code, void* easy) {
            if (easy != nullptr) {
                done(slot, state::judge(static_cast<CURLcode>(code), easy, std::move(s.slots[slot].body_in)));
                return;
            }
            http_answer unknown;
            unknown.why = "the program stopped before the answer came";
            done(slot, std::move(unknown));
        });
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
