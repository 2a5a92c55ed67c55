// Registration as the wizard does it (M2-M4): who registers, the company, its first person, its papers. Each
// step has a check of its own, the last one keeps all of it at once or nothing.
#pragma once
#include "core/account/applicant.hpp"
#include "core/account/document.hpp"
#include "core/account/login.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace core::account {

// Step 1. Other users don't register themselves: staff are made by administrators, and instruments of private
// people are not verified mandatorily.
struct choice {
    std::string_view code, label;
};
inline constexpr std::array<choice, 1> user_types = {{{"applicant", "申请方"}}};
inline constexpr std::array<choice, 1> identities = {{{"organisation", "企业/单位"}}};
// Refuses invalid: register.user_type, register.identity, with these fields.
result<> check_user_type(std::string_view user_type, std::string_view identity);

// Step 3: the person who registers becomes owner.
struct new_person {
    std::string username, display_name, phone;
};
// Refuses login.username, login.taken, login.display_name, phone.*; all fields at once.
result<new_person> check_person(db::read_view& view, const new_person& p);

struct registered {
    std::int64_t applicant_id = 0, login_id = 0;
};
struct application {
    std::string user_type, identity;
    registration company;
    new_person person;
    std::vector<new_document> documents;
};
inline constexpr int registrations_a_day = 20; // from one address
// R1. Everything the steps refuse, all fields of the company and the person at once; conflict
// applicant.taken; too_many register.too_many. Pending afterwards; the owner may sign in and bind WeChat at
// once (W1).
result<registered> register_company(db::write_tx& tx, const actor& who, const application& a,
                                    const accepted_password& password);

// What the letter of authority is prefilled with (M4): of an application under way, or of a company for its
// people. Texts that nobody has told yet are empty: a line to write on.
struct letter {
    std::string applicant_name, uscc, legal_person, person, phone;
    date on;
};
letter letter_of(db::read_view& view, const registration& company, const new_person& person);
result<letter> get_letter(db::read_view& view, const actor& who, std::int64_t applicant_id);

} // namespace core::account
