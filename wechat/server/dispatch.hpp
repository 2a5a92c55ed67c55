// From a request to its answer: routing, session, guards, the right kind of handler on the right thread,
// refusals and faults turned into pages, headers every answer has, one log line. No sockets.
#pragma once
#include "wechat/server/server.hpp"
#include "wechat/server/work_pool.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace wechat {

class dispatcher {
  public:
    struct job; // a request on its way
    using ticket = std::shared_ptr<job>;

    dispatcher(const server_options& o, std::span<const route> routes, services& s, core::db::database* db,
               const core::clock& time);
    ~dispatcher();

    // What the reader must know after the header: how much body the route takes.
    std::size_t body_limit(method m, std::string_view path) const;
    // Answers later or at once; `answer` is called at most once, from any thread.
    ticket handle(request r, answer_fn answer);
    // How long the reader waits, and what goes out then; what the handler says later is dropped. nullopt: the
    // answer is being handed over already.
    std::chrono::milliseconds patience_of(const ticket& t) const;
    std::optional<response> give_up(const ticket& t);
    // The answer to bytes that never became a request: plain, with every header, one log line.
    response refuse_unread(int status, bool secure);
    // Handlers that run are waited for; those that wait for a thread still run (`finish`) or are refused.
    void stop(bool finish = true);

  private:
    void start(const ticket& j);
    work_pool& pool_of(const route* r); // nullptr: no such page
    void work(const ticket& j);
    void run_page(const ticket& j);
    void run_action(const ticket& j);
    void run_task(const ticket& j);
    void run_async(const ticket& j);
    bool may_pass(const ticket& j, core::db::read_view& view);
    void refuse(const ticket& j, const core::error& e);
    void refuse_unrouted(const ticket& j);
    void refuse_busy(const ticket& j);
    void fail(const ticket& j, const std::exception_ptr& why);
    void finish(const ticket& j, response answer);
    void give_held();
    void dress(response& answer, const std::string& request_id, bool secure) const;
    struct who_asked {
        core::actor_kind kind = core::actor_kind::visitor;
        std::int64_t login = 0;
    };
    void log_answer(const job& j, const response& answer, who_asked by) const;
    response problem_page(const request& r, int status, const std::string& text) const;
    std::string text_of(const core::error& e) const;
    bool is_served(std::string_view host) const;

    server_options options_;
    router router_;
    services* services_;
    core::db::database* db_;
    const core::clock* time_;
    std::string busy_page_; // made once: being busy must cost nothing
    std::atomic<bool> hurry_ = false;
    work_pool pages_;
    work_pool tasks_;
    work_pool outside_;
    struct held_answer {
        ticket to;
        response answer;
    };
    std::vector<held_answer> held_; // of the group being answered; touched by the writer only
    std::atomic<std::thread::id> writer_id_;
    std::jthread writer_; // leads the group commits of actions
};

} // namespace wechat
