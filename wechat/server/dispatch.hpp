// From a request to its answer: routing, session, guards, the right kind of handler on the right thread,
// refusals and faults turned into pages, headers every answer has, one log line. No sockets.
#pragma once
#include "wechat/server/server.hpp"
#include "wechat/server/work_pool.hpp"

#include <atomic>
#include <memory>
#include <thread>

namespace wechat {

class dispatcher {
  public:
    dispatcher(const server_options& o, std::span<const route> routes, services& s, core::db::database* db,
               const core::clock& time);
    ~dispatcher();

    // What the reader must know after the header: how much body the route takes (0: none at all).
    std::size_t body_limit(method m, std::string_view path) const;
    // How long to wait for the handler, and what goes out then.
    struct patience {
        std::chrono::milliseconds most;
        response (*late)();
    };
    patience patience_of(method m, std::string_view path) const;
    // Answers later or at once; `answer` is called exactly once, from any thread.
    void handle(request r, answer_fn answer);
    void stop(); // finish what is queued

  private:
    struct job;
    void run_page(const std::shared_ptr<job>& j);
    void run_action(const std::shared_ptr<job>& j);
    void run_task(const std::shared_ptr<job>& j);
    void finish(const std::shared_ptr<job>& j, response answer);
    void refuse(const std::shared_ptr<job>& j, const core::error& e);
    void fail(const std::shared_ptr<job>& j, const std::exception_ptr& why);
    void log_answer(const job& j, const response& answer) const;
    bool may_pass(const std::shared_ptr<job>& j, core::db::read_view& view);
    response problem_page(const request& r, int status, const std::string& text) const;

    server_options options_;
    router router_;
    services* services_;
    core::db::database* db_;
    const core::clock* time_;
    work_pool pages_;
    work_pool tasks_;
    std::jthread writer_; // leads the group commits of actions
    std::atomic<std::uint64_t> handled_ = 0;
};

} // namespace wechat
