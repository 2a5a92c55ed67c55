#include "wechat/routes.hpp"

#include "wechat/company/pages.hpp"
#include "wechat/mp/callback.hpp"
#include "wechat/mp/services.hpp"
#include "wechat/staff/pages.hpp"

#include <array>

namespace wechat {
namespace {

using core::role;
constexpr who reviewers = staff_with({role::filing_reviewer});
constexpr who schedulers = staff_with({role::scheduler});
constexpr who desk = staff_with({role::front_desk});
constexpr who verifiers = staff_with({role::verifier});
constexpr who institution = staff_with(
    {role::filing_reviewer, role::scheduler, role::front_desk, role::verifier, role::institution_admin});
constexpr who tellers = // who look after what is told to companies
    staff_with({role::filing_reviewer, role::scheduler, role::front_desk, role::verifier,
                role::institution_admin, role::platform_admin});
constexpr who administrators = staff_with({role::institution_admin, role::platform_admin});
constexpr who platform = staff_with({role::platform_admin});
constexpr who any_staff =
    staff_with({role::filing_reviewer, role::scheduler, role::front_desk, role::verifier,
                role::institution_admin, role::regulator, role::platform_admin});

response healthy(const request&, core::db::read_view& view, services&) {
    (void)view.today();
    return text("ok\n");
}

// WeChat waits five seconds; ours goes out after 4.5 at the latest (wechat-platform.md 6).
constexpr route callback_route() {
    route r{.method = method::post,
            .pattern = "/wx/callback",
            .who = wechat_callback,
            .async = mp::callback_post};
    r.body_limit = 64 * 1024;
    r.answer_within_ms = 4500;
    r.late_answer = mp::callback_late;
    return r;
}

constexpr route upload(std::string_view pattern, task_fn f) {
    route r = post_task(pattern, any_applicant, f);
    r.body_limit = 22 * 1024 * 1024; // two kinds of attachments, 10 MiB each (M13)
    return r;
}

constexpr auto table = std::to_array<route>({
    get("/healthz", anyone, healthy),
    get("/wx/callback", wechat_callback, mp::callback_check),
    callback_route(),

    get("/", anyone, company::front),
    get("/login", anyone, company::login_form),
    post_task("/login", anyone, company::login),
    post("/logout", anyone, company::logout),
    get("/register", anyone, company::register_info),
    get("/help", anyone, company::help),
    get_task("/query", anyone, company::query),
    get("/catalogue", anyone, company::catalogue),
    get("/catalogue/{}", anyone, company::catalogue_entry),
    get("/institutions", anyone, company::institutions),
    get_task("/wx/enter", anyone, company::enter),
    waiting_outside(get_task("/wx/oauth", anyone, company::oauth_return)),
    waiting_outside(get_task("/wx/js-config", anyone, company::js_config)),
    get("/bind", anyone, company::bind_form),
    post_task("/bind", anyone, company::bind),
    post("/bind/here", any_applicant, company::bind_here),
    post("/bind/{}/unbind", any_applicant, company::unbind),

    waiting_outside(post_task("/login/scan", anyone, company::start_sign_in_scan)),
    get_task("/login/website", anyone, company::start_website_sign_in),
    waiting_outside(get_task("/wx/website", anyone, company::website_return)),
    waiting_outside(post_task("/staff/login/scan", anyone, company::start_staff_sign_in_scan)),
    waiting_outside(post_task("/bind/scan", any_applicant, company::start_bind_scan)),
    waiting_outside(post_task("/staff/wechat/scan", any_staff, company::start_bind_scan)),
    get("/scan", anyone, company::show_scan),
    get("/scan/state", anyone, company::scan_state),
    get("/scan/qr.svg", anyone, company::scan_qr),
    post("/scan/use", anyone, company::use_scan),
    get("/scan/{}", anyone, company::scanned),
    post("/scan/{}/confirm", anyone, company::confirm_scan),
    post("/scan/{}/refuse", anyone, company::refuse_scan),

    get("/account/password", any_applicant, company::password_form),
    post_task("/account/password", any_applicant, company::change_password),
    get("/staff/password", any_staff, company::password_form),
    post_task("/staff/password", any_staff, company::change_password),
    get("/account/email", any_applicant, company::email_form),
    post_task("/account/email", any_applicant, company::begin_email),
    post_task("/account/email/verify", any_applicant, company::verify_email),
    post("/account/email/remove", any_applicant, company::remove_email),
    get("/staff/email", any_staff, company::email_form),
    post_task("/staff/email", any_staff, company::begin_email),
    post_task("/staff/email/verify", any_staff, company::verify_email),
    post("/staff/email/remove", any_staff, company::remove_email),
    post("/switch/{}", any_applicant, company::switch_company),

    get("/me", any_applicant, company::home),
    get("/instruments", any_applicant, company::instruments),
    get("/instruments/new", any_applicant, company::new_instrument),
    upload("/instruments/new", company::save_instrument),
    get("/instruments/{}", any_applicant, company::show_instrument),
    upload("/instruments/{}", company::save_instrument),
    post("/instruments/{}/remove", any_applicant, company::remove_instrument),
    post("/instruments/{}/withdraw", any_applicant, company::withdraw_filing),
    get_task("/attachments/{}", any_applicant, company::download_attachment),
    post("/attachments/{}/remove", any_applicant, company::remove_attachment),
    get_task("/staff/attachments/{}", institution, company::download_attachment),
    get("/filings", any_applicant, company::filings),
    get("/filings/submit", any_applicant, company::choose_institution),
    post("/filings/submit", any_applicant, company::submit_filings),
    get("/book", any_applicant, company::book),
    get("/book/time", any_applicant, company::book_time),
    post_task("/book/time", any_applicant, company::keep_booking),
    post_task("/book/check", any_applicant, company::book_check),
    post_task("/book", any_applicant, company::book_order),
    get("/orders", any_applicant, company::orders),
    get("/orders/{}", any_applicant, company::show_order),
    get("/orders/{}/qr.svg", any_applicant, company::order_qr),
    post("/orders/{}/cancel", any_applicant, company::cancel_order),

    get("/due", any_applicant, company::due_list),
    get("/due/book", any_applicant, company::due_plan),
    post_task("/due/book", any_applicant, company::book_due),
    get("/messages", any_applicant, company::messages),
    post("/messages/read", any_applicant, company::read_messages),
    get("/messages/settings", any_applicant, company::message_settings),
    post_task("/messages/settings", any_applicant, company::save_message_settings),
    post("/messages/refusals/forget", any_applicant, company::forget_refusals),
    get_task("/messages/{}", any_applicant, company::show_message),
    post("/messages/{}/unread", any_applicant, company::unread_message),

    get("/announcements/{}", any_applicant, company::show_announcement),

    get("/staff/login", anyone, staff::login_form),
    post_task("/staff/login", anyone, staff::login),
    get("/staff/factor", anyone, staff::factor_form), // who may be here, the handlers ask the session
    post_task("/staff/factor", anyone, staff::answer_factor),
    get("/staff/factor/new", anyone, staff::factor_setup),
    post("/staff/factor/new", anyone, staff::begin_factor),
    get("/staff/factor/qr.svg", anyone, staff::factor_qr),
    post_task("/staff/factor/confirm", anyone, staff::confirm_factor),
    post_task("/staff/factor/remove", any_staff, staff::remove_factor),
    get("/staff", any_staff, staff::home),
    get("/staff/wechat", any_staff, staff::wechat_binding),
    get("/staff/wechat/colleagues", administrators, staff::colleagues_wechat),
    get("/staff/wechat/{}/unbind", administrators, staff::ask_unbind_wechat),
    post("/staff/wechat/{}/unbind", any_staff, staff::unbind_wechat),
    get("/staff/find", institution, staff::find),
    get("/staff/filings", reviewers, staff::filings),
    post("/staff/filings/accept", reviewers, staff::accept_filings),
    get("/staff/filings/{}", reviewers, staff::show_filing),
    post("/staff/filings/{}/accept", reviewers, staff::accept_filing),
    post("/staff/filings/{}/return", reviewers, staff::return_filing),
    post("/staff/filings/{}/dispatch", reviewers, staff::dispatch_filing),
    post("/staff/filings/{}/decline", reviewers, staff::decline_filing),
    get("/staff/orders", schedulers, staff::orders),
    post("/staff/orders/confirm", schedulers, staff::confirm_orders),
    post("/staff/orders/reject", schedulers, staff::reject_orders),
    get("/staff/orders/{}", institution, staff::show_order),
    get("/staff/desk", desk, staff::desk),
    get("/staff/desk/{}", desk, staff::desk_order),
    post("/staff/desk/{}/receive", desk, staff::receive_order),
    get("/staff/results", verifiers, staff::results),
    get("/staff/results/{}", verifiers, staff::result_form),
    post_task("/staff/results/{}", verifiers, staff::record_results),
    waiting_outside(get_task("/staff/menu", platform, staff::menu)),
    waiting_outside(post_task("/staff/menu/publish", platform, staff::publish_menu)),
    get("/staff/templates", platform, staff::templates),
    waiting_outside(post_task("/staff/templates/check", platform, staff::check_templates)),
    get("/staff/templates/{}", platform, staff::show_template),
    waiting_outside(post_task("/staff/templates/{}", platform, staff::save_template)),
    post_task("/staff/templates/{}/restore", platform, staff::restore_template),
    post("/staff/templates/{}/order", platform, staff::set_template_order),
    get("/staff/announcements", platform, staff::announcements),
    get("/staff/announcements/new", platform, staff::new_announcement),
    post_task("/staff/announcements/new", platform, staff::save_announcement),
    get("/staff/announcements/{}", platform, staff::show_announcement),
    post_task("/staff/announcements/{}", platform, staff::save_announcement),
    get("/staff/announcements/{}/edit", platform, staff::edit_announcement),
    post("/staff/announcements/{}/try", platform, staff::try_announcement),
    post("/staff/announcements/{}/send", platform, staff::send_announcement),
    post("/staff/announcements/{}/recall", platform, staff::recall_announcement),
    post("/staff/announcements/{}/remove", platform, staff::remove_announcement),
    get("/staff/followers", platform, staff::followers),
    post("/staff/followers/sync", platform, staff::sync_followers),
    waiting_outside(get_task("/staff/doctor", platform, staff::doctor)),
    get("/staff/messages", any_staff, staff::messages),
    post("/staff/messages/read", any_staff, staff::read_messages),
    get("/staff/messages/settings", any_staff, staff::message_settings),
    post_task("/staff/messages/settings", any_staff, staff::save_message_settings),
    post("/staff/messages/refusals/forget", any_staff, staff::forget_refusals),
    get_task("/staff/messages/{}", any_staff, staff::show_message),
    post("/staff/messages/{}/unread", any_staff, staff::unread_message),
    get("/staff/deliveries", tellers, staff::deliveries),
    get_task("/staff/deliveries/unreached", tellers, staff::unreached),
    get("/staff/deliveries/{}", tellers, staff::show_delivery),
    post("/staff/deliveries/{}/resend", tellers, staff::resend_delivery),
    post("/staff/unreached/close", tellers, staff::close_many_unreached),
    post("/staff/unreached/{}/close", tellers, staff::close_unreached),
});

} // namespace

std::span<const route> routes() {
    return table;
}

} // namespace wechat
