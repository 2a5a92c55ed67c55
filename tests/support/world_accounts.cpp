#include "tests/support/world_accounts.hpp"

#include "core/account/applicant.hpp"
#include "core/account/document.hpp"
#include "core/account/login.hpp"
#include "core/catalogue/catalogue.hpp"
#include "core/db/backup.hpp"

#include <memory>
#include <stdexcept>

namespace tests {
namespace {

using namespace core;

struct prepared {
    temp_folder folder;
    account::demo_accounts demo;
    std::filesystem::path file() const { return folder.path() / "accounts.db"; }
};

std::unique_ptr<prepared> prepare() {
    auto made = std::make_unique<prepared>();
    world w;
    made->demo = w.write([](db::write_tx& tx) {
                      catalogue::load_reference_data(tx);
                      catalogue::load_demo_institutions(tx);
                      return account::add_demo_accounts(
                          tx, account::hash_password(account::demo_password, account::test_cost));
                  }).value();
    db::backup_to(w.file(), made->file());
    return made;
}

// Reference data and accounts are loaded once per test program and copied per world.
const prepared& template_world() {
    static const std::unique_ptr<prepared> made = prepare();
    return *made;
}

} // namespace

account_world::account_world(instant start) : world(start) {
    demo = template_world().demo;
    replace_with(template_world().file());
}

actor account_world::acting(std::string_view username, std::int64_t applicant_id) {
    return read([&](db::read_view& v) { return account::acting_as(v, username, applicant_id); });
}

std::int64_t account_world::company(std::string_view name) {
    const auto all =
        read([](db::read_view& v) { return account::list_applicants(v, system(), {}, {}, 100); });
    for (const auto& a : all)
        if (a.name == name) return a.id;
    throw std::runtime_error("no company " + std::string(name));
}

std::int64_t account_world::person(std::string_view username) {
    return read([&](db::read_view& v) { return account::find_login(v, username).value().id; });
}

std::string account_world::sign_in(std::string_view username, std::string_view address) {
    const actor who = acting(username);
    return write([&](db::write_tx& tx) -> result<std::string> {
               return account::begin_session(tx, {.login_id = who.login_id,
                                                  .applicant_id = who.applicant_id,
                                                  .via = "password",
                                                  .openid = "",
                                                  .source = std::string(address)})
                   .token;
           })
        .value();
}

actor account_world::system() {
    actor who;
    who.kind = actor_kind::system;
    who.source = "command";
    return who;
}

actor account_world::visitor() {
    actor who;
    who.source = "203.0.113.5";
    return who;
}

void give_papers(account_world& w, std::int64_t applicant) {
    for (const char* kind : {"uscc_certificate", "letter_of_authority"})
        w.write([&](core::db::write_tx& tx) {
             return core::account::add_document(
                 tx, account_world::system(), applicant,
                 {kind, {"证.pdf", "application/pdf", std::string(64, 'a'), 9}});
         }).value();
}

} // namespace tests
