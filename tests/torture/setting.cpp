#include "tests/torture/setting.hpp"

#include "core/account/binding.hpp"
#include "core/account/demo.hpp"
#include "core/account/login.hpp"
#include "core/appointment/demo.hpp"
#include "core/db/migrate.hpp"
#include "core/journal/outbox.hpp"

#include <fstream>

namespace torture {

using core::db::read_view;
using core::db::write_tx;

wechat::config load(const std::filesystem::path& folder) {
    auto c = wechat::load_config(folder / "qiangjian.toml", {}).values;
    for (const auto& [kind, id] : c.wechat.template_ids)
        c.wechat.subscription_ids[kind] = subscription_of(kind);
    std::ifstream in(folder / "receiver.port");
    if (int port = 0; in >> port) {
        c.webhook.url = "https://127.0.0.1:" + std::to_string(port) + "/notices";
        c.webhook.secret = "torture-torture-torture";
        c.webhook.to = "people";
        c.webhook.ca_file = folder / "ca.pem";
    }
    c.hub.per_second = c.hub.per_day = 0;
    c.hub.by_channel = {{"webhook", {0, 0}}};
    return c;
}

void keep_receiver_port(const std::filesystem::path& folder, std::uint16_t port) {
    std::ofstream(folder / "receiver.port") << port << '\n';
}

std::string subscription_of(std::string_view kind) {
    return "subscription-" + std::string(kind);
}

core::db::database::options options_of(const wechat::config& c) {
    core::db::database::options o;
    o.file = c.database_file();
    o.readers = 6;
    o.key = core::vault::read_key_file(c.key_file);
    return o;
}

std::string openid_of(std::string_view username) {
    return "oTorture_" + std::string(username);
}

std::vector<member> list_members(read_view& view) {
    std::vector<member> all;
    for (const auto r :
         view.query("SELECT l.username, m.applicant_id FROM applicant_member m JOIN login l ON "
                    "l.id = m.login_id JOIN applicant a ON a.id = m.applicant_id WHERE "
                    "a.status <> 'pending' ORDER BY m.login_id, m.applicant_id"))
        all.push_back({r.text(0), r.number(1)});
    for (const auto r : view.query("SELECT l.username FROM staff_member s JOIN login l ON l.id = s.login_id "
                                   "WHERE s.institution_id IS NOT NULL ORDER BY s.login_id"))
        all.push_back({r.text(0), 0});
    return all;
}

std::vector<std::int64_t> list_companies(read_view& view) {
    std::vector<std::int64_t> all;
    for (const auto r : view.query("SELECT DISTINCT applicant_id FROM instrument ORDER BY applicant_id"))
        all.push_back(r.number(0));
    return all;
}

void prepare(const wechat::config& c) {
    std::filesystem::create_directories(c.data_dir);
    core::vault::write_key_file(c.key_file, core::vault::new_key());
    const core::machine_clock time;
    core::db::migrate(c.database_file(), time);
    core::db::database db(options_of(c), time);
    core::demo::load(db).value();
    db.write([](write_tx& tx) -> core::result<> {
          core::actor command;
          command.kind = core::actor_kind::system;
          int number = 0;
          for (const auto company : list_companies(tx))
              for (int n = 0; n < 3; ++n) {
                  core::account::new_login who;
                  who.username = "torture" + std::to_string(++number);
                  who.kind = "applicant";
                  who.display_name = "试验员";
                  who.password_hash = "none";
                  const auto id = core::account::add_login(tx, command, who).value();
                  core::account::add_member(tx, command, id, company, {core::role::operator_}).value();
              }
          for (const auto& m : list_members(tx)) {
              const auto who = core::account::acting_as(tx, m.username, m.applicant_id);
              if (m.applicant_id == 0)
                  core::account::bind_staff_wechat(tx, who, openid_of(m.username)).value();
              else
                  core::account::bind_wechat(tx, who, openid_of(m.username), "").value();
          }
          tx.exec("DELETE FROM outbox_pending"); // what came before is not counted here
          return {};
      }).value();
}

} // namespace torture
