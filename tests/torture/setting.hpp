// What every part of the torture test knows: its configuration, whose phones there are, whose clock.
#pragma once
#include "core/base/clock.hpp"
#include "core/db/database.hpp"
#include "wechat/config.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace torture {

// The machine's clock, set forward when half an hour of silence is to be over.
class moved_clock final : public core::clock {
  public:
    core::instant now() const override { return real_.now() + std::chrono::milliseconds(ahead_ms_); }
    std::chrono::steady_clock::time_point steady() const override { return real_.steady(); }
    void move(std::chrono::milliseconds d) { ahead_ms_ += d.count(); }

  private:
    core::machine_clock real_;
    std::atomic<std::int64_t> ahead_ms_ = 0;
};

// FOLDER as made by scripts/dev-config, with subscription notifications for every kind, and with a webhook
// once the receiver's port is known.
wechat::config load(const std::filesystem::path& folder);
void keep_receiver_port(const std::filesystem::path& folder, std::uint16_t port);
std::string subscription_of(std::string_view kind); // template id
core::db::database::options options_of(const wechat::config& c);

std::string openid_of(std::string_view username);
// Everybody who has a phone: people of the companies that change things, and staff.
struct member {
    std::string username;
    std::int64_t applicant_id = 0; // 0: staff
};
std::vector<member> list_members(core::db::read_view& view);
std::vector<std::int64_t> list_companies(core::db::read_view& view);

// A new database with the demonstration's companies, three people more each, all bound.
void prepare(const wechat::config& c);

} // namespace torture
