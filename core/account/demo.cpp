#include "core/account/demo.hpp"

#include "core/account/applicant.hpp"
#include "core/account/applicant_store.hpp"
#include "core/account/login.hpp"
#include "core/account/member.hpp"
#include "core/base/embedded.hpp"
#include "core/base/text.hpp"
#include "core/catalogue/catalogue.hpp"
#include "core/catalogue/csv.hpp"
#include "core/journal/outbox.hpp"

#include <algorithm>
#include <stdexcept>

namespace core::account {
namespace {

role_set parse_roles(std::string_view words) {
    role_set all;
    while (!words.empty()) {
        const auto word = words.substr(0, words.find(';'));
        words.remove_prefix(std::min(words.size(), word.size() + 1));
        const auto found = find_role(word);
        if (!found) throw std::runtime_error("demo: no role " + std::string(word));
        all.add(*found);
    }
    return all;
}

csv::table shipped(std::string_view name) {
    for (const auto& f : embedded_files())
        if (f.name == name) return csv::table(f.bytes);
    throw std::runtime_error("not built in: " + std::string(name));
}

actor by_command() {
    actor who;
    who.kind = actor_kind::system;
    who.source = "command";
    return who;
}

// People appear once a company in the file; the login is made at the first.
std::int64_t login_for(db::write_tx& tx, demo_accounts& made, std::string_view kind,
                       const std::string& username, const std::string& name, std::string_view password_hash) {
    if (const auto known = find_login(tx, username)) return known->id;
    made.usernames.push_back(username);
    return add_login(tx, by_command(),
                     {.username = username,
                      .kind = std::string(kind),
                      .display_name = name,
                      .password_hash = std::string(password_hash)})
        .value();
}

void add_companies(db::write_tx& tx, demo_accounts& made, const csv::table& rows) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const registration r{.uscc = rows.at(i, "uscc"),
                             .name = rows.at(i, "name"),
                             .region_code = rows.at(i, "region_code"),
                             .address = rows.at(i, "address"),
                             .contact_name = rows.at(i, "contact_name"),
                             .contact_phone = rows.at(i, "contact_phone")};
        const auto id = store::register_applicant(tx, by_command(), r).value();
        if (rows.at(i, "status") == "active") store::approve_without_papers(tx, by_command(), id).value();
        made.applicants.push_back(id);
    }
    for (const auto& e : outbox::list_pending(tx, 100)) // nobody is bound yet, and later it is old news
        outbox::claim(tx, e.id);
}

void add_people(db::write_tx& tx, demo_accounts& made, std::string_view hash) {
    const auto rows = shipped("schema/demo/people.csv");
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto id =
            login_for(tx, made, "applicant", rows.at(i, "username"), rows.at(i, "display_name"), hash);
        const auto company = find_applicant_by_uscc(tx, rows.at(i, "uscc"));
        add_member(tx, by_command(), id, company.value().id, parse_roles(rows.at(i, "roles"))).value();
    }
}

void add_all_staff(db::write_tx& tx, demo_accounts& made, std::string_view hash) {
    const auto rows = shipped("schema/demo/staff.csv");
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto id =
            login_for(tx, made, "staff", rows.at(i, "username"), rows.at(i, "display_name"), hash);
        const auto& place = rows.at(i, "institution");
        const auto where = place.empty() ? 0 : catalogue::find_institution_by_name(tx, place).value().id;
        add_staff(tx, by_command(), id, where, parse_roles(rows.at(i, "roles")), rows.at(i, "region_code"))
            .value();
        if (where == 0) continue;
        auto& slot = made.city_institution == 0 || made.city_institution == where ? made.city_institution
                                                                                  : made.county_institution;
        slot = where;
    }
}

} // namespace

result<demo_accounts> add_demo_accounts(db::write_tx& tx, std::string_view password_hash) {
    const auto companies = shipped("schema/demo/applicants.csv");
    const auto is_of_demo = [&](const std::string& uscc) {
        for (std::size_t i = 0; i < companies.size(); ++i)
            if (companies.at(i, "uscc") == uscc) return true;
        return false;
    };
    // More rows than the file has can't all be of the demonstration.
    const auto there = list_applicants(tx, by_command(), {}, {}, static_cast<int>(companies.size()) + 1);
    for (const auto& a : there)
        if (!is_of_demo(a.uscc)) return error(errc::conflict, "demo.real_data");
    if (!there.empty()) return error(errc::conflict, "demo.loaded");
    demo_accounts made;
    add_companies(tx, made, companies);
    add_people(tx, made, password_hash);
    add_all_staff(tx, made, password_hash);
    return made;
}

actor acting_as(db::read_view& view, std::string_view username, std::int64_t applicant_id) {
    const auto person = find_login(view, username);
    if (!person) throw std::runtime_error("no person " + std::string(username));
    actor who;
    who.login_id = person->id;
    who.name = person->display_name;
    who.source = "command";
    if (const auto staff = find_staff(view, person->id)) {
        who.kind = actor_kind::staff;
        who.institution_id = staff->institution_id;
        who.region_code = staff->region_code;
        who.roles = staff->roles;
        return who;
    }
    for (const auto& m : list_companies(view, person->id)) {
        if (applicant_id != 0 && m.applicant_id != applicant_id) continue;
        who.kind = actor_kind::applicant;
        who.applicant_id = m.applicant_id;
        who.roles = m.roles;
        return who;
    }
    throw std::runtime_error("no such company of " + std::string(username));
}

} // namespace core::account
