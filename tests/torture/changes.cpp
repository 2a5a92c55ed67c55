#include "tests/torture/changes.hpp"

#include "core/account/applicant.hpp"
#include "core/account/demo.hpp"
#include "core/appointment/appointment.hpp"
#include "core/appointment/queries.hpp"
#include "core/base/ids.hpp"
#include "core/filing/filing.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace torture {
namespace {

using core::db::read_view;
using core::db::write_tx;
constexpr int open_orders = 5; // of one company: then they are walked on

core::actor staff_of(std::int64_t institution) {
    core::actor a;
    a.kind = core::actor_kind::staff;
    a.institution_id = institution;
    a.roles = {core::role::filing_reviewer, core::role::scheduler, core::role::front_desk,
               core::role::verifier};
    a.name = "试验员";
    a.source = "command";
    return a;
}

core::actor owner_of(read_view& view, std::int64_t company) {
    core::actor a;
    a.kind = core::actor_kind::applicant;
    a.applicant_id = company;
    a.roles = {core::role::owner, core::role::operator_};
    a.login_id =
        view.query_number("SELECT min(login_id) FROM applicant_member WHERE applicant_id = $1", company);
    a.name = "试验员";
    a.source = "command";
    return a;
}

struct found {
    std::int64_t id = 0, institution = 0;
    std::string status;
};
std::vector<found> list(read_view& view, std::string_view sql, std::int64_t company) {
    std::vector<found> all;
    for (const auto r : view.query(sql, company))
        all.push_back({r.number(0), r.number(1), r.text(2)});
    return all;
}

} // namespace

note_book::note_book(const std::filesystem::path& file)
    : file_(open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {}

void note_book::note(std::string_view verb, std::int64_t company) {
    const std::string line = std::string(verb) + " " + std::to_string(company) + "\n";
    if (write(file_, line.data(), line.size()) < 0) std::_Exit(3);
}

changer::changer(core::db::database& db, notify::hub& hub, note_book& notes, std::int64_t company,
                 std::uint64_t seed)
    : db_(&db), hub_(&hub), notes_(&notes), company_(company), dice_(seed) {
    db.read([&](read_view& v) {
        admin_ = core::account::acting_as(v, "admin");
        owner_ = owner_of(v, company);
        const auto where = v.query_number("SELECT coalesce(max(institution_id), 0) FROM instrument WHERE "
                                          "applicant_id = $1 AND filing_status = 'filed'",
                                          company);
        staff_ = staff_of(where);
        return 0;
    });
}

void changer::walk(std::string_view name, const verb& f) {
    const auto done = db_->write([&](write_tx& tx) -> core::result<> {
        auto changed = f(tx);
        if (changed) tx.after_commit([this] { hub_->poke(); });
        return changed;
    });
    if (done) notes_->note(name, company_);
}

void changer::step() {
    const int dice = below(100);
    if (dice < 6)
        change_company();
    else if (dice < 35)
        change_filing();
    else
        change_order();
}

// Suspended for a moment only: a killed process may leave it so, and the next one resumes it.
void changer::change_company() {
    const auto status =
        db_->read([&](read_view& v) { return core::account::find_applicant(v, company_).value().status; });
    if (status == "active")
        walk("suspend",
             [&](write_tx& tx) { return core::account::suspend_applicant(tx, admin_, company_, "试验"); });
    walk("resume", [&](write_tx& tx) { return core::account::resume_applicant(tx, admin_, company_); });
}

void changer::change_filing() {
    const auto open = db_->read([&](read_view& v) {
        return list(
            v,
            "SELECT id, coalesce(institution_id, 0), filing_status FROM instrument WHERE applicant_id = $1 "
            "AND filing_status IN ('unfiled', 'submitted', 'returned') ORDER BY id LIMIT 6",
            company_);
    });
    if (open.empty()) return;
    const auto& one = open[static_cast<std::size_t>(below(static_cast<int>(open.size())))];
    const std::array<std::int64_t, 1> ids = {one.id};
    if (one.status != "submitted") {
        walk("submit", [&](write_tx& tx) -> core::result<> {
            const auto said = core::filing::submit(tx, owner_, ids,
                                                   {.institution = staff_.institution_id, .knowingly = true});
            if (said.front().refused) return *said.front().refused;
            return {};
        });
        return;
    }
    walk("give_back", [&](write_tx& tx) {
        core::filing::given_reasons why;
        why.codes = {"photo_unclear"};
        why.kind = core::filing::return_kind::incomplete;
        return core::filing::give_back(tx, staff_, one.id, why);
    });
}

void changer::change_order() {
    const auto open = db_->read([&](read_view& v) {
        return list(
            v,
            "SELECT id, institution_id, status FROM appointment_order WHERE applicant_id = $1 AND status IN "
            "('pending', 'confirmed', 'received') ORDER BY id DESC LIMIT 20",
            company_);
    });
    if (static_cast<int>(open.size()) < open_orders || below(100) < 10) {
        book();
        return;
    }
    const auto& one = open[static_cast<std::size_t>(below(static_cast<int>(open.size())))];
    if (one.institution != staff_.institution_id) return;
    if (one.status == "pending")
        decide(one.id);
    else if (one.status == "confirmed")
        change_confirmed(one.id);
    else
        change_received(one.id);
}

void changer::book() {
    const auto ways = db_->read([&](read_view& v) {
        const auto filed =
            list(v,
                 "SELECT id, coalesce(institution_id, 0), '' FROM instrument WHERE applicant_id = $1 "
                 "AND filing_status = 'filed' ORDER BY id",
                 company_);
        std::vector<std::int64_t> some;
        for (int n = 0; n < 6 && !filed.empty(); ++n)
            some.push_back(filed[static_cast<std::size_t>(below(static_cast<int>(filed.size())))].id);
        return core::appointment::preview_orders(v, core::appointment::plan_orders(v, owner_, some), 5);
    });
    if (ways.empty() || ways.front().proposed.empty()) return;
    const auto& way = ways.front();
    const auto when = way.proposed[static_cast<std::size_t>(below(static_cast<int>(way.proposed.size())))];
    walk("book", [&](write_tx& tx) -> core::result<> {
        core::appointment::booking b;
        b.instruments = {way.plan.items.front().id};
        b.day = when.day;
        b.starts = when.starts;
        b.contact_name = "试验员";
        b.contact_phone = "13800001234";
        auto id = core::appointment::book_order(tx, owner_, b);
        if (!id) return id.error();
        return {};
    });
}

void changer::decide(std::int64_t order) {
    const int dice = below(100);
    if (dice < 60)
        walk("confirm", [&](write_tx& tx) { return core::appointment::confirm_order(tx, staff_, order); });
    else if (dice < 80)
        walk("reject", [&](write_tx& tx) {
            return core::appointment::reject_order(tx, staff_, order, "该时段已约满");
        });
    else
        walk("cancel", [&](write_tx& tx) {
            return core::appointment::cancel_order(tx, owner_, order, "生产安排有变");
        });
}

void changer::change_confirmed(std::int64_t order) {
    if (below(100) < 70)
        walk("receive",
             [&](write_tx& tx) { return core::appointment::receive_order(tx, staff_, order, {}); });
    else
        walk("cancel",
             [&](write_tx& tx) { return core::appointment::cancel_order(tx, staff_, order, "设备检修"); });
}

void changer::change_received(std::int64_t order) {
    if (below(100) < 30) {
        walk("unreceive",
             [&](write_tx& tx) { return core::appointment::unreceive_order(tx, staff_, order, "收错了"); });
        return;
    }
    walk("complete", [&](write_tx& tx) -> core::result<> {
        const auto o = core::appointment::get_order(tx, staff_, order);
        if (!o) return o.error();
        std::vector<core::appointment::line_result> results;
        for (const auto& l : o->lines) {
            core::appointment::line_result r;
            r.line_id = l.id;
            r.result = "passed";
            r.certificate_no = "SY" + core::random_hex(8);
            r.verified_on = tx.today();
            r.verifier = "梁敏仪";
            r.checker = "林晓敏";
            results.push_back(std::move(r));
        }
        if (auto done = core::appointment::record_results(tx, staff_, order, results); !done)
            return done.error();
        return core::appointment::complete_order(tx, staff_, order);
    });
}

} // namespace torture
