#include "core/account/registering.hpp"

#include "core/account/applicant_store.hpp"
#include "core/account/document_store.hpp"
#include "core/account/login_store.hpp"
#include "core/account/uscc.hpp"
#include "core/base/text.hpp"
#include "core/journal/audit.hpp"

#include <algorithm>

namespace core::account {
namespace {

template<std::size_t N>
bool is_one_of(const std::array<choice, N>& all, std::string_view code) {
    return std::any_of(all.begin(), all.end(), [&](const choice& c) { return c.code == code; });
}

error together(std::vector<error> all) {
    std::vector<error> flat;
    for (auto& e : all) {
        auto more = std::exchange(e.also, {});
        flat.push_back(std::move(e));
        std::move(more.begin(), more.end(), std::back_inserter(flat));
    }
    error first = std::move(flat.front());
    first.also.assign(std::make_move_iterator(flat.begin() + 1), std::make_move_iterator(flat.end()));
    return first;
}

std::string address_key(const actor& who) {
    return "register:" + who.source;
}

} // namespace

result<> check_user_type(std::string_view user_type, std::string_view identity) {
    if (!is_one_of(user_types, user_type)) return error(errc::invalid, "register.user_type", "user_type");
    if (!is_one_of(identities, identity)) return error(errc::invalid, "register.identity", "identity");
    return {};
}

result<new_person> check_person(db::read_view& view, const new_person& given) {
    new_person p = given;
    std::vector<error> wrong;
    p.username = to_lower_ascii(trim(p.username));
    p.display_name = tidy_line(p.display_name);
    const new_login l{.username = p.username, .kind = "applicant", .display_name = p.display_name};
    if (auto fine = check_new_login(view, l); !fine) wrong.push_back(fine.error());
    if (auto phone = check_phone(p.phone, "person_phone"))
        p.phone = *phone;
    else
        wrong.push_back(phone.error());
    if (!wrong.empty()) return together(std::move(wrong));
    return p;
}

result<registered> register_company(db::write_tx& tx, const actor& who, const application& a,
                                    const accepted_password& password) {
    if (auto fine = check_user_type(a.user_type, a.identity); !fine) return fine.error();
    if (!may_try(tx, address_key(who))) return error(errc::too_many, "register.too_many");
    std::vector<error> wrong;
    if (auto fine = check_registration(tx, a.company); !fine) wrong.push_back(fine.error());
    const auto person = check_person(tx, a.person);
    if (!person) wrong.push_back(person.error());
    if (auto fine = check_documents(a.documents); !fine) wrong.push_back(fine.error());
    if (!wrong.empty()) return together(std::move(wrong));
    const auto company = store::register_applicant(tx, who, a.company);
    if (!company) return company.error();
    registered made{*company, 0};
    made.login_id = store::add_person(tx, who,
                                      {.username = person->username,
                                       .kind = "applicant",
                                       .display_name = person->display_name,
                                       .password_hash = password.hash(),
                                       .phone = person->phone})
                        .value();
    store::put_member(tx, made.login_id, made.applicant_id, {role::owner, role::operator_});
    for (const auto& d : a.documents)
        store::insert_document(tx, {tx.new_id(), made.applicant_id, made.login_id, d.kind, d.file, tx.now()});
    count_failure(tx, address_key(who), registrations_a_day, std::chrono::hours(24));
    return made;
}

letter letter_of(db::read_view& view, const registration& company, const new_person& person) {
    return {tidy_line(company.name),         to_upper_ascii(tidy_line(company.uscc)),
            tidy_line(company.legal_person), tidy_line(person.display_name),
            tidy_line(person.phone),         view.today()};
}

result<letter> get_letter(db::read_view& view, const actor& who, std::int64_t applicant_id) {
    if (!who.is_applicant()) return error(errc::not_found);
    const auto company = get_applicant(view, who, applicant_id);
    if (!company) return company.error();
    return letter{company->name, company->uscc,          company->legal_person,
                  who.name,      company->contact_phone, view.today()};
}

} // namespace core::account
