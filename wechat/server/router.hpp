// The route table: method, pattern, who may, what kind of handler. One table (wechat/routes.cpp) names every
// address of the program; there is no default for `who`.
#pragma once
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "wechat/server/request.hpp"
#include "wechat/server/response.hpp"

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace core::db {
class read_view;
class write_tx;
} // namespace core::db

namespace wechat {

struct services; // wechat/mp/services.hpp: what handlers may use

// Gives the answer of an asynchronous handler; may be called from any thread, once.
using answer_fn = std::function<void(response)>;

// The four kinds of handler (README: life of a request).
using page_fn = response (*)(const request&, core::db::read_view&, services&); // GET on a snapshot
using action_fn = core::result<response> (*)(const request&, core::db::write_tx&,
                                             services&);               // POST in one transaction
using task_fn = core::result<response> (*)(const request&, services&); // slow work, no transaction held
using async_fn = void (*)(request, services&, answer_fn);              // answers later by itself

enum class access : unsigned char {
    anyone,    // no sign-in; pages may still look at the session
    applicant, // a person acting for a company
    staff,     // any signed-in staff with one of `roles`
    callback   // WeChat: no cookies, no CSRF token, its own signature
};

struct who {
    wechat::access access;
    core::role_set roles; // staff: any of these

    bool allows(const core::actor& a) const;
};
inline constexpr who anyone{access::anyone, {}};
inline constexpr who any_applicant{access::applicant, {}};
inline constexpr who wechat_callback{access::callback, {}};
constexpr who staff_with(core::role_set roles) {
    return {access::staff, roles};
}

struct route {
    wechat::method method;
    std::string_view pattern; // "/staff/orders/{}/confirm": {} matches one segment
    wechat::who who;
    page_fn page = nullptr; // exactly one of the four is set
    action_fn action = nullptr;
    task_fn task = nullptr;
    async_fn async = nullptr;
    std::size_t body_limit = 1024 * 1024; // bytes
    int answer_within_ms = 0;             // 0: the server's general limit; else `late_answer` goes out then
    response (*late_answer)() = nullptr;
    // A task that waits for another's server: on threads of its own, so that its slowness holds up nothing
    // else.
    bool waits_outside = false;
};

constexpr route waiting_outside(route r) {
    r.waits_outside = true;
    return r;
}

constexpr route get(std::string_view pattern, wechat::who w, page_fn f) {
    return {.method = method::get, .pattern = pattern, .who = w, .page = f};
}
constexpr route get_task(std::string_view pattern, wechat::who w, task_fn f) {
    return {.method = method::get, .pattern = pattern, .who = w, .task = f};
}
constexpr route post(std::string_view pattern, wechat::who w, action_fn f) {
    return {.method = method::post, .pattern = pattern, .who = w, .action = f};
}
constexpr route post_task(std::string_view pattern, wechat::who w, task_fn f) {
    return {.method = method::post, .pattern = pattern, .who = w, .task = f};
}

class router {
  public:
    explicit router(std::span<const route> table); // throws for two equal rows or a row without one handler
    struct match {
        const route* found = nullptr; // nullptr: no such path
        std::vector<std::string> parameters;
        bool path_known = false; // another method exists: 405
        std::string allowed;     // for the Allow header
    };
    match find(method m, std::string_view path) const; // HEAD finds GET
    std::span<const route> table() const { return table_; }

  private:
    std::span<const route> table_;
    std::unordered_map<std::string_view, std::vector<const route*>> exact_; // patterns without {}
    std::vector<const route*> patterns_;
};

} // namespace wechat
