// user export, user erase, company export, company erase: what is held about somebody, handed out or erased
// (PIPL; guarantees S15).
#include "core/privacy/privacy.hpp"
#include "core/account/applicant.hpp"
#include "core/account/login.hpp"
#include "core/base/ids.hpp"
#include "core/base/json.hpp"
#include "wechat/commands/command.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

namespace wechat::commands {
namespace {

namespace fs = std::filesystem;

// Beside the target and private until it is whole: an export is personal data.
class private_file {
  public:
    explicit private_file(fs::path target) : target_(std::move(target)), part_(target_.string() + ".part") {
        if (fs::exists(target_)) throw config_error("--to " + target_.string() + ": the file exists already");
        out_.open(part_, std::ios::binary);
        if (!out_) throw config_error("--to " + target_.string() + ": cannot be written");
        fs::permissions(part_, fs::perms::owner_read | fs::perms::owner_write);
    }
    ~private_file() {
        std::error_code ignored;
        fs::remove(part_, ignored);
    }
    private_file(const private_file&) = delete;
    private_file& operator=(const private_file&) = delete;
    std::ostream& out() { return out_; }
    void finish() {
        out_.close();
        if (!out_) throw std::runtime_error(target_.string() + ": could not be written whole");
        fs::rename(part_, target_);
    }

  private:
    fs::path target_, part_;
    std::ofstream out_;
};

int refuse(const char* command, const core::error& e, const char* remedy) {
    std::fprintf(stderr, "%s: refused (%s). %s\n", command,
                 e.detail.empty() ? std::string(core::name_of(e.code)).c_str() : e.detail.c_str(), remedy);
    return 1;
}

std::int64_t person_named(core::db::read_view& view, const std::string& username) {
    const auto found = core::account::find_login(view, username);
    return found ? found->id : 0;
}

std::int64_t company_with(core::db::read_view& view, const std::string& uscc) {
    const auto found = core::account::find_applicant_by_uscc(view, uscc);
    return found ? found->id : 0;
}

void note_export(core::db::database& db, std::string_view kind, std::int64_t id) {
    db.write([&](core::db::write_tx& tx) -> core::result<> {
          core::privacy::record_export(tx, by_command(), kind, id);
          return {};
      }).value();
}

int export_user(const arguments& a) {
    opened_base base(a);
    private_file file(a.text("to"));
    std::int64_t id = 0;
    const auto found = base.db.read([&](core::db::read_view& view) {
        id = person_named(view, a.text("username"));
        return core::privacy::export_person(view, by_command(), id);
    });
    if (!found) return refuse("user export", found.error(), "There is no user of this name.");
    note_export(base.db, "login", id);
    file.out() << core::to_json(*found) << "\n";
    file.finish();
    std::printf("wrote %s: give it to the person and nobody else\n", a.text("to").c_str());
    return 0;
}

int erase_user(const arguments& a) {
    opened_base base(a);
    const auto done = base.db.write([&](core::db::write_tx& tx) {
        return core::privacy::erase_person(tx, by_command(), person_named(tx, a.text("username")),
                                           a.text("reason"));
    });
    if (!done)
        return refuse("user erase", done.error(),
                      "The user exists; a company that works has another owner, the platform another "
                      "administrator; the reason has 1 to 100 characters.");
    std::printf("erased. Records with their acts stay in the journal, as the law asks; backups made before "
                "hold the old data until they are removed\n");
    return 0;
}

int export_company(const arguments& a) {
    opened_base base(a);
    private_file file(a.text("to"));
    std::int64_t id = 0;
    const auto found = base.db.read([&](core::db::read_view& view) {
        id = company_with(view, a.text("uscc"));
        return core::privacy::export_company(view, by_command(), id, file.out());
    });
    if (!found) return refuse("company export", found.error(), "There is no company with this code.");
    note_export(base.db, "applicant", id);
    file.finish();
    std::printf("wrote %s: give it to the company and nobody else\n", a.text("to").c_str());
    return 0;
}

int erase_company(const arguments& a) {
    opened_base base(a);
    const auto done = base.db.write([&](core::db::write_tx& tx) {
        return core::privacy::erase_company(tx, by_command(), company_with(tx, a.text("uscc")),
                                            a.text("reason"));
    });
    if (!done)
        return refuse("company erase", done.error(),
                      "The company exists, is suspended or was rejected, and has no open order; the reason "
                      "has 1 to 100 characters.");
    std::printf("erased. Instruments, filings, results and the journal stay, as the law asks; run "
                "`qiangjian collect-files` to remove the papers' files\n");
    return 0;
}

} // namespace

std::vector<command> privacy_commands() {
    const option username{"username", takes::position, "name to sign in with", true};
    const option uscc{"uscc", takes::position, "unified social credit code", true};
    const option reason{"reason", takes::text, "why, for the journal", true};
    const option to{"to", takes::text, "file to write; must not exist", true};
    return {
        {"user export", "write everything held about a person", {username, to}, export_user},
        {"user erase",
         "erase a person's data as far as the law lets, for good",
         {username, reason},
         erase_user},
        {"company export", "write everything held about a company", {uscc, to}, export_company},
        {"company erase",
         "erase the personal data of a company that has left",
         {uscc, reason},
         erase_company},
    };
}

} // namespace wechat::commands
