// The other end of the webhook channel: remembers Idempotency-Key as a receiver must, notes what it executed,
// and misbehaves: 500 before and after the work, cut connections, slow answers, people it cannot reach.
#pragma once
#include "wechat/mp/services.hpp"
#include "wechat/server/server.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace torture {

class receiver {
  public:
    receiver(wechat::listen_options where, const core::clock& time);
    ~receiver();
    std::uint16_t port() const { return web_->port(); }
    void set_chaos(int percent, int most, std::uint64_t seed);
    std::vector<std::string> executed() const; // ids, in order
    int second_tries() const;
    std::map<std::string, int> struck() const;
    core::result<wechat::response> take(const wechat::request& r);

  private:
    enum class fate { fine, not_executed, executed_unanswered, unreachable, too_fast };
    fate decide(const std::string& id, bool& cut);

    mutable std::mutex guard_;
    std::mt19937_64 dice_;
    int percent_ = 0, most_ = 0, second_tries_ = 0;
    std::map<std::string, int> met_, struck_;
    std::map<std::string, bool> known_;
    std::vector<std::string> executed_;
    wechat::services services_;
    std::unique_ptr<wechat::server> web_;
};

} // namespace torture
