// Lines of tenancy_test: core/account.
#include "core/account/binding.hpp"
#include "core/account/contact.hpp"
#include "core/account/document.hpp"
#include "core/account/follower.hpp"
#include "core/account/invitation.hpp"
#include "core/account/member.hpp"
#include "core/account/reset.hpp"
#include "core/account/scan.hpp"
#include "core/account/second_factor.hpp"
#include "core/account/staff_wechat.hpp"
#include "core/announcement/announcement.hpp"
#include "tests/core/tenancy.hpp"

#include <algorithm>
#include <span>

namespace tests::tenancy {
namespace {

using namespace core;
using namespace core::account;
using db::write_tx;

const accepted_password& password() {
    static const auto made =
        accept_password({password_policy::asvs, "someone", {}}, "correct horse", test_cost).value();
    return made;
}

registration data(write_tx& tx, std::int64_t id) {
    const auto a = find_applicant(tx, id).value_or(applicant{});
    return {a.uscc, a.name, a.region_code, "新地址 1 号", a.contact_name, a.contact_phone, a.legal_person};
}

const new_document paper{"other", {"证.pdf", "application/pdf", std::string(64, 'c'), 9}};
const registration newcomers{"914401000000000090", "新来的公司", "440607", "", "新来的", "13900002222", ""};
const new_person newcomer{"newcomer", "新来的", "13900002222"};

} // namespace

std::vector<line> account_lines() {
    using t = const things&;
    using a = const actor&;
    return {
        {"account::find_own_email", what::anybody, "company",
         [](write_tx& tx, a who, t) { return find_own_email(tx, who), result<>(); }},
        {"account::begin_email", what::anybody, "company",
         [](write_tx& tx, a who, t) { return outcome_of(begin_email(tx, who, "a@example.com")); }},
        {"account::verify_email", what::anybody, "company",
         [](write_tx& tx, a who, t) { return verify_email(tx, who, "000000"), result<>(); }},
        {"account::remove_email", what::anybody, "company",
         [](write_tx& tx, a who, t) { return remove_email(tx, who); }},
        {"account::get_applicant", what::reading, "company",
         [](write_tx& tx, a who, t x) { return outcome_of(get_applicant(tx, who, x.applicant)); }},
        {"account::list_applicants", what::reading, "reviewer",
         [](write_tx& tx, a who, t x) {
             const auto all = list_applicants(tx, who, {}, {}, 100);
             return seen(
                 std::any_of(all.begin(), all.end(), [&](const auto& c) { return c.id == x.applicant; }));
         }},
        {"account::list_applicant_history", what::reading, "company",
         [](write_tx& tx, a who, t x) { return outcome_of(list_applicant_history(tx, who, x.applicant)); }},
        {"account::count_pending_applicants", what::anybody, "reviewer",
         [](write_tx& tx, a who, t) { return count_pending_applicants(tx, who), result<>(); }},
        {"account::register_company", what::anybody, "visitor",
         [](write_tx& tx, a who, t) {
             application given{"applicant", "organisation", newcomers, newcomer, {paper}};
             return outcome_of(register_company(tx, who, given, password()));
         }},
        {"account::approve_applicant", what::verb, "reviewer",
         [](write_tx& tx, a who, t x) { return approve_applicant(tx, who, x.applicant); }},
        {"account::reject_applicant", what::verb, "reviewer",
         [](write_tx& tx, a who, t x) { return reject_applicant(tx, who, x.applicant, "原因"); }},
        {"account::resubmit_applicant", what::verb, "company",
         [](write_tx& tx, a who, t x) {
             return resubmit_applicant(tx, who, x.applicant, data(tx, x.applicant));
         }},
        {"account::suspend_applicant", what::verb, "platform",
         [](write_tx& tx, a who, t x) { return suspend_applicant(tx, who, x.applicant, "原因"); }},
        {"account::resume_applicant", what::verb, "platform",
         [](write_tx& tx, a who, t x) { return resume_applicant(tx, who, x.applicant); }},
        {"account::edit_applicant", what::verb, "company",
         [](write_tx& tx, a who, t x) {
             return edit_applicant(tx, who, x.applicant, 1, data(tx, x.applicant), "原因");
         }},
        {"account::add_document", what::verb, "company",
         [](write_tx& tx, a who, t x) { return outcome_of(add_document(tx, who, x.applicant, paper)); }},
        {"account::remove_document", what::verb, "company",
         [](write_tx& tx, a who, t x) { return remove_document(tx, who, x.document); }},
        {"account::list_documents", what::reading, "company",
         [](write_tx& tx, a who, t x) { return seen(!list_documents(tx, who, x.applicant).empty()); }},
        {"account::get_document", what::reading, "reviewer",
         [](write_tx& tx, a who, t x) { return outcome_of(get_document(tx, who, x.document)); }},
        {"account::get_letter", what::own_desk, "company",
         [](write_tx& tx, a who, t x) { return outcome_of(get_letter(tx, who, x.applicant)); }},
        {"account::list_members", what::own_desk, "worker",
         [](write_tx& tx, a who, t x) { return seen(!list_members(tx, who, x.applicant).empty()); }},
        {"account::change_roles", what::verb, "company",
         [](write_tx& tx, a who, t x) {
             return change_roles(tx, who, x.applicant, x.colleague, {role::owner});
         }},
        {"account::remove_member", what::verb, "company",
         [](write_tx& tx, a who, t x) { return remove_member(tx, who, x.applicant, x.colleague); }},
        {"account::add_member", what::verb, "platform",
         [](write_tx& tx, a who, t x) {
             return add_member(tx, who, x.colleague, x.applicant, {role::owner});
         }},
        {"account::invite_member", what::anybody, "company", // to one's own company only
         [](write_tx& tx, a who, t x) -> result<> {
             const auto made = invite_member(tx, who, {role::operator_}, "");
             if (!made) return made.error();
             const auto found = find_invitation(tx, made->code); // none of a company that was suspended
             return seen(!found || found->applicant_id == x.applicant);
         }},
        {"account::revoke_invitation", what::verb, "company",
         [](write_tx& tx, a who, t x) { return revoke_invitation(tx, who, x.invitation); }},
        {"account::list_invitations", what::own_desk, "company",
         [](write_tx& tx, a who, t x) {
             const auto all = list_invitations(tx, who);
             return seen(
                 std::any_of(all.begin(), all.end(), [&](const auto& i) { return i.id == x.invitation; }));
         }},
        {"account::accept_invitation", what::anybody, "company", // who has the code was given it
         [](write_tx& tx, a who, t) { return outcome_of(accept_invitation(tx, who, "no code")); }},
        {"account::join_by_invitation", what::anybody, "visitor",
         [](write_tx& tx, a who, t) {
             return outcome_of(join_by_invitation(tx, who, "no code", newcomer, password()));
         }},
        {"account::add_login", what::anybody, "platform", // people of nobody yet
         [](write_tx& tx, a who, t) {
             return outcome_of(
                 add_login(tx, who, {.username = "chenzhiming", .kind = "applicant", .display_name = "x"}));
         }},
        {"account::hire_staff", what::verb, "admin",
         [](write_tx& tx, a who, t x) {
             const new_login l{
                 .username = "newcomer", .kind = "staff", .display_name = "新人", .password_hash = "!"};
             return outcome_of(hire_staff(tx, who, l, x.institution, {role::front_desk}));
         }},
        {"account::add_staff", what::verb, "admin",
         [](write_tx& tx, a who, t x) {
             const auto desk = find_login(tx, "guopeng").value();
             return add_staff(tx, who, desk.id, x.institution, {role::front_desk, role::verifier});
         }},
        {"account::list_staff", what::own_desk, "desk",
         [](write_tx& tx, a who, t x) { return seen(!list_staff(tx, who, x.institution).empty()); }},
        {"account::may_administer", what::own_desk, "company",
         [](write_tx& tx, a who, t x) {
             const auto person = get_login(tx, x.colleague);
             return seen(person && may_administer(tx, who, *person));
         }},
        {"account::set_password", what::verb, "company",
         [](write_tx& tx, a who, t x) { return set_password(tx, who, x.colleague, "!", true); }},
        {"account::change_password", what::anybody, "company", // one's own
         [](write_tx& tx, a who, t) { return change_password(tx, who, password()); }},
        {"account::disable_login", what::verb, "company",
         [](write_tx& tx, a who, t x) { return disable_login(tx, who, x.colleague, "离职"); }},
        {"account::enable_login", what::verb, "company",
         [](write_tx& tx, a who, t x) { return enable_login(tx, who, x.colleague); }},
        {"account::mute_notifications", what::anybody, "company", // one's own
         [](write_tx& tx, a who, t) { return mute_notifications(tx, who, true); }},
        {"account::bind_wechat", what::anybody,
         "company", // to oneself; somebody's openid is never taken over
         [](write_tx& tx, a who, t) { return outcome_of(bind_wechat(tx, who, "openid-of-colleague", "")); }},
        {"account::bind_companies", what::anybody, "company", // to all of one's own
         [](write_tx& tx, a who, t) { return bind_companies(tx, who, "openid-of-nobody", ""); }},
        {"account::bind_another", what::anybody, "company", // binding_test walks whose openid
         [](write_tx& tx, a who, t) { return outcome_of(bind_another(tx, who, "openid-of-colleague")); }},
        {"account::bind_staff_wechat", what::anybody, "scheduler", // to oneself
         [](write_tx& tx, a who, t) {
             return outcome_of(bind_staff_wechat(tx, who, "openid-of-colleague"));
         }},
        {"account::begin_second_factor", what::anybody, "scheduler", // one's own
         [](write_tx& tx, a who, t) { return outcome_of(begin_second_factor(tx, who)); }},
        {"account::find_enrolment", what::anybody, "scheduler",
         [](write_tx& tx, a who, t) { return outcome_of(find_enrolment(tx, who)); }},
        {"account::confirm_second_factor", what::anybody, "scheduler",
         [](write_tx& tx, a who, t) { return outcome_of(confirm_second_factor(tx, who, "000000", "kept")); }},
        {"account::remove_second_factor", what::anybody, "scheduler", // second_factor_test walks who may
         [](write_tx& tx, a who, t x) { return remove_second_factor(tx, who, x.login, "000000", "原因"); }},
        {"account::unbind_wechat", what::verb, "company",
         [](write_tx& tx, a who, t x) { return unbind_wechat(tx, who, x.binding); }},
        {"account::unbind_staff_wechat", what::verb, "admin",
         [](write_tx& tx, a who, t x) { return unbind_staff_wechat(tx, who, x.staff_binding); }},
        {"account::list_staff_wechat", what::anybody, "desk", // one's own
         [](write_tx& tx, a who, t) { return seen(!list_staff_wechat(tx, who).empty()); }},
        {"account::list_colleagues_wechat", what::own_desk, "admin",
         [](write_tx& tx, a who, t) { return seen(!list_colleagues_wechat(tx, who, 0, 10).empty()); }},
        {"account::get_staff_wechat", what::own_desk, "admin",
         [](write_tx& tx, a who, t x) { return outcome_of(get_staff_wechat(tx, who, x.staff_binding)); }},
        {"account::list_bindings", what::own_desk, "company",
         [](write_tx& tx, a who, t x) { return seen(!list_bindings(tx, who, x.applicant).empty()); }},
        {"account::request_sync", what::verb, "platform",
         [](write_tx& tx, a who, t) { return request_sync(tx, who); }, true},
        {"account::move_openids", what::verb, "platform",
         [](write_tx& tx, a who, t) {
             const openid_move move{"openid-of-nobody", "openid-of-somebody"};
             return outcome_of(move_openids(tx, who, std::span(&move, 1)));
         },
         true},
        {"announcement::save_announcement", what::verb, "platform",
         [](write_tx& tx, a who, t) {
             return outcome_of(
                 announcement::save_announcement(tx, who, 0, 0, {.title = "通知", .text = "正文"}));
         },
         true},
        {"announcement::send_announcement", what::verb, "platform",
         [](write_tx& tx, a who, t x) {
             return announcement::send_announcement(tx, who, x.announcement, true);
         }},
        {"announcement::try_announcement", what::verb, "platform",
         [](write_tx& tx, a who, t x) { return announcement::try_announcement(tx, who, x.announcement); }},
        {"announcement::recall_announcement", what::verb, "platform",
         [](write_tx& tx, a who, t x) { return announcement::recall_announcement(tx, who, x.sent); }},
        {"announcement::remove_announcement", what::verb, "platform",
         [](write_tx& tx, a who, t x) { return announcement::remove_announcement(tx, who, x.announcement); }},
        {"announcement::get_announcement", what::own_desk, "platform",
         [](write_tx& tx, a who, t x) {
             return outcome_of(announcement::get_announcement(tx, who, x.announcement));
         }},
        {"announcement::list_announcements", what::own_desk, "platform",
         [](write_tx& tx, a who, t) {
             return seen(!announcement::list_announcements(tx, who, 0, 9).empty());
         }},
        {"announcement::count_audience", what::own_desk, "platform",
         [](write_tx& tx, a who, t) { return outcome_of(announcement::count_audience(tx, who, {})); }, true},
        {"announcement::get_published", what::own_desk, "company",
         [](write_tx& tx, a who, t x) { return outcome_of(announcement::get_published(tx, who, x.sent)); }},
        {"account::begin_reset", what::anybody, "visitor", // of the openid's own person
         [](write_tx& tx, a who, t) { return outcome_of(begin_reset(tx, who, "openid-of-nobody")); }},
        {"account::reset_password", what::anybody, "visitor",
         [](write_tx& tx, a who, t) { return reset_password(tx, who, "no code", password()); }},
        {"account::begin_scan", what::anybody, "visitor",
         [](write_tx& tx, a who, t) {
             return outcome_of(begin_scan(tx, who, scan_purpose::sign_in, {"browser", "203.0.113.5", "x"}));
         }},
        {"account::confirm_scan", what::anybody, "visitor",
         [](write_tx& tx, a who, t) { return confirm_scan(tx, who, "no scene", "openid-of-nobody"); }},
        {"account::refuse_scan", what::anybody, "visitor",
         [](write_tx& tx, a who, t) { return refuse_scan(tx, who, "no scene", "openid-of-nobody"); }},
        {"account::end_session", what::anybody, "company", // who holds the token is signed in with it
         [](write_tx& tx, a who, t) { return end_session(tx, who, "no token"), result<>(); }},
        {"account::switch_company", what::verb, "worker",
         [](write_tx& tx, a who, t x) {
             return outcome_of(switch_company(tx, who, x.session_hash, x.applicant));
         }},
        {"account::list_sessions", what::own_desk, "company",
         [](write_tx& tx, a who, t x) { return seen(!list_sessions(tx, who, x.colleague).empty()); }},
        {"account::end_other_session", what::verb, "worker",
         [](write_tx& tx, a who, t x) { return end_other_session(tx, who, x.session_hash); }},
        {"account::end_other_sessions", what::own_desk,
         "worker", // one's own; here: did it end the colleague's
         [](write_tx& tx, a who, t x) {
             const bool was_there = find_session(tx, x.session_hash).has_value();
             end_other_sessions(tx, who, "kept");
             return seen(was_there && !find_session(tx, x.session_hash));
         }},
    };
}

} // namespace tests::tenancy
