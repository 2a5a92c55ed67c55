// The chat against the demonstration's companies: people say things, the account answers.
#pragma once
#include "core/account/binding.hpp"
#include "core/appointment/demo.hpp"
#include "core/appointment/queries.hpp"
#include "core/db/backup.hpp"
#include "tests/wechat/mp_support.hpp"

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace tests {

// The demonstration's companies with instruments and orders in every state.
class chat_world : public account_world {
  public:
    chat_world() {
        replace_with(filled());
        desk = std::make_unique<callback_desk>(*this);
    }
    void bind(std::string_view username, std::string_view openid, std::int64_t company = 0) {
        const auto who = acting(username, company);
        write([&](core::db::write_tx& tx) {
            return core::account::bind_wechat(tx, who, openid, "");
        }).value();
    }
    std::vector<core::appointment::order> orders(std::string_view username, std::int64_t company = 0) {
        const auto who = acting(username, company);
        return read(
            [&](core::db::read_view& v) { return core::appointment::list_orders(v, who, {}, 0, 100); });
    }
    core::appointment::order in_state(std::string_view username, core::appointment::order_status s) {
        for (auto& o : orders(username))
            if (o.status == s) return o;
        throw std::runtime_error("no order in that state");
    }
    std::string say(std::string_view text, std::string_view from = some_openid) {
        return desk->say(text, from);
    }
    std::unique_ptr<callback_desk> desk;

  private:
    // Filled once per test program, copied per world.
    static const std::filesystem::path& filled() {
        static const temp_folder folder;
        static const std::filesystem::path file = [] {
            world w;
            core::demo::load(w.db()).value();
            auto made = folder.path() / "demo.db";
            core::db::backup_to(w.file(), made);
            return made;
        }();
        return file;
    }
};

inline bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

} // namespace tests
