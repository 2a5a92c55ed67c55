#include "wechat/mp/transfer_loop.hpp"

#include <curl/curl.h>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace wechat::mp {
namespace {

struct global_curl {
    global_curl() {
        if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
            throw std::runtime_error("libcurl could not be initialised");
    }
};

struct transfer {
    CURL* easy = nullptr;
    std::size_t slot = 0;
    bool is_new = true, busy = false;
};

} // namespace

struct transfer_loop::state {
    CURLM* multi = nullptr;
    std::vector<transfer> all;
    std::vector<std::size_t> free;
    std::atomic<bool> giving_up = false;

    CURL* handle_of(std::size_t slot);
    void begin_some(const filler& next);
    bool end_some(const ender& done);
    void end_all(const ender& done);
};

transfer_loop::transfer_loop(std::size_t slots) : state_(std::make_unique<state>()) {
    static const global_curl once;
    auto& s = *state_;
    s.multi = curl_multi_init();
    curl_multi_setopt(s.multi, CURLMOPT_MAX_HOST_CONNECTIONS, static_cast<long>(slots));
    curl_multi_setopt(s.multi, CURLMOPT_MAXCONNECTS, static_cast<long>(slots) + 4);
    s.all.resize(slots);
    for (std::size_t i = slots; i > 0; --i)
        s.free.push_back(i - 1);
}

transfer_loop::~transfer_loop() {
    for (auto& t : state_->all) {
        if (t.easy == nullptr) continue;
        curl_multi_remove_handle(state_->multi, t.easy);
        curl_easy_cleanup(t.easy);
    }
    curl_multi_cleanup(state_->multi);
}

std::size_t transfer_loop::slots() const {
    return state_->all.size();
}

void transfer_loop::wake() {
    curl_multi_wakeup(state_->multi);
}

void transfer_loop::give_up() {
    state_->giving_up = true;
    curl_multi_wakeup(state_->multi);
}

CURL* transfer_loop::state::handle_of(std::size_t slot) {
    auto& t = all[slot];
    if (t.easy != nullptr) return t.easy;
    t.easy = curl_easy_init();
    if (t.easy == nullptr) throw std::runtime_error("libcurl gave no handle");
    curl_easy_setopt(t.easy, CURLOPT_PRIVATE, &t);
    t.slot = slot;
    t.is_new = true;
    return t.easy;
}

void transfer_loop::state::begin_some(const filler& next) {
    while (!free.empty()) {
        const std::size_t slot = free.back();
        CURL* easy = handle_of(slot);
        auto& t = all[slot];
        if (!next(slot, easy, t.is_new)) return;
        t.is_new = false;
        t.busy = true;
        free.pop_back();
        curl_multi_add_handle(multi, easy);
    }
}

bool transfer_loop::state::end_some(const ender& done) {
    bool any = false;
    int left = 0;
    while (const CURLMsg* m = curl_multi_info_read(multi, &left)) {
        if (m->msg != CURLMSG_DONE) continue;
        const CURLcode code = m->data.result;
        CURL* easy = m->easy_handle;
        transfer* t = nullptr;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &t);
        curl_multi_remove_handle(multi, easy);
        free.push_back(t->slot);
        t->busy = false;
        any = true;
        done(t->slot, static_cast<int>(code), easy);
    }
    return any;
}

// A handle that is cleaned up takes its connection with it: the other side sees that nobody waits any more.
void transfer_loop::state::end_all(const ender& done) {
    for (auto& t : all) {
        if (!t.busy) continue;
        curl_multi_remove_handle(multi, t.easy);
        curl_easy_cleanup(t.easy);
        t.easy = nullptr;
        t.busy = false;
        free.push_back(t.slot);
        done(t.slot, static_cast<int>(CURLE_ABORTED_BY_CALLBACK), nullptr);
    }
}

void transfer_loop::run(const filler& next, const ender& done) {
    auto& s = *state_;
    for (;;) {
        s.begin_some(next);
        if (s.free.size() == s.all.size()) return;
        int running = 0;
        curl_multi_perform(s.multi, &running);
        const bool any = s.end_some(done);
        if (s.giving_up.exchange(false)) return s.end_all(done);
        if (!any) curl_multi_poll(s.multi, nullptr, 0, 1000, nullptr);
    }
}

} // namespace wechat::mp
