// S1: the functions of core that look at or change somebody's data and take no actor. Each is named here with
// what stands in for the actor; a new one fails until it takes an actor or is named too.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <string_view>

namespace {

// Reference data are everybody's (core/catalogue), the engine is nobody's (core/db).
const std::set<std::string> outside = {"catalogue", "db"};

// What stands in for the actor, and who may rely on it.
const std::map<std::string_view, std::set<std::string>> exceptions = {
    {"a secret of the caller's own: password, code, token, cookie, shown number",
     {"account::begin_attempt",
      "account::settle",
      "account::answer_second_factor",
      "account::begin_session",
      "account::find_session",
      "account::drop_session",
      "account::begin_oauth",
      "account::use_oauth",
      "account::reopen_oauth",
      "account::keep_openid",
      "account::find_proven_openid",
      "account::forget_proven_openid",
      "account::find_invitation",
      "account::find_reset",
      "account::may_try",
      "account::count_failure",
      "account::forget_failures",
      "account::turn_page",
      "account::take_scan",
      "account::use_scan",
      "account::find_scanned",
      "account::find_shown_scan",
      "account::set_scan_address",
      "appointment::find_by_number"}},
    {"a piece of a verb: the caller has checked the actor and holds the row",
     {"account::check_new_login",
      "account::check_person",
      "account::check_registration",
      "account::check_standing",
      "account::end_sessions_of",
      "account::end_wechat_sessions",
      "account::was_unbound",

      "account::has_required_documents",
      "account::is_document_content",
      "account::rules_for_new",
      "account::rules_of",
      "account::find_applicant",
      "account::find_nearest_institution",
      "account::find_applicant_by_uscc",
      "account::find_login",
      "account::get_login",
      "account::find_staff",
      "account::find_contact",
      "account::find_named",
      "account::find_named_word",
      "account::list_possibly_named",
      "account::has_second_factor",
      "account::needs_second_factor",
      "account::letter_of",
      "account::acting_as",
      "account::list_acting",
      "account::list_companies",
      "account::list_by_applicant",
      "account::list_by_login",
      "account::find_binding",
      "account::has_staff_binding",
      "account::list_staff_bindings",
      "account::find_staff_wechat",
      "appointment::answer_due",
      "appointment::apply_step",
      "appointment::check_day_limit",
      "appointment::check_limits",
      "appointment::check_room",
      "appointment::check_slot",
      "appointment::facts_of",
      "appointment::free_order_number",
      "appointment::free_slot",
      "appointment::free_slot_of",

      "appointment::preview_orders",
      "appointment::put_suggestion",
      "appointment::read_orders",
      "appointment::take_slot",
      "appointment::is_certificate_file",
      "audit::list_for",
      "due::lead_days",
      "filing::check_duplicates",
      "filing::check_papers",
      "filing::deadline_from",
      "filing::doubt_of",
      "filing::flush",
      "filing::walk_many",
      "filing::walk_one",
      "instrument::checker",
      "instrument::find_at_desk",
      "instrument::fits_at_desk",
      "instrument::keep_client",
      "instrument::list_possible",
      "instrument::has_open_same",
      "instrument::is_elsewhere",
      "instrument::lead_days",
      "instrument::forget_outcomes",
      "instrument::has_type_evaluation",
      "instrument::list_listed",
      "instrument::put_listed",
      "instrument::read_changes",
      "instrument::read_listed",
      "instrument::record_outcome",
      "instrument::relist",
      "instrument::relist_booked",
      "instrument::take_back_status",
      "outbox::append",
      "trip::call_off"}},
    {"times and rules that an institution shows to everybody",
     {"appointment::find_slot", "appointment::first_open_monday", "appointment::is_less_one_day",
      "appointment::list_day_slots", "appointment::list_exceptions", "appointment::list_free",
      "appointment::list_group_limits", "appointment::list_overbooked", "appointment::list_pattern",
      "appointment::list_special", "appointment::list_week", "appointment::pattern_weekday",
      "appointment::rule_at", "setting::find", "setting::find_number", "setting::number", "setting::text",
      "workbook::region_names", "workbook::write_template"}},
    {"WeChat's own word: an openid that it has proven or listed",
     {"account::list_by_openid",
      "account::list_acting_by_unionid",
      "account::find_staff_openid",
      "account::is_muted",
      "account::may_follow",
      "account::record_follow",
      "account::record_presence",
      "account::last_wrote",
      "account::record_unfollow",
      "account::record_unionid",
      "account::forget_wechat_user",
      "account::take_followers",
      "account::take_details",
      "account::mark_gone",
      "account::begin_sync",
      "account::end_sync",
      "account::hold_sync",
      "account::end_list",
      "account::is_open",
      "account::is_sync_due",
      "account::find_last_sync",
      "account::find_open_sync",
      "account::list_openids",
      "account::list_undetailed",
      "account::list_without_unionid",
      "account::count_followers",
      "account::count_unionids",
      "account::count_stuck_tags",
      "account::list_tag_changes",
      "account::settle_tag_change",
      "account::delay_tag_change",
      "appointment::find_for_chat",
      "appointment::list_for_chat",
      "appointment::list_latest"}},
    {"the program: the schedule, the hub, a command on the machine itself",
     {"account::add_demo_accounts",
      "account::find_drift",
      "account::rebuild_derived",
      "account::find_reachable",
      "account::list_reachable",
      "account::list_reachable_staff",
      "account::purge_oauth",
      "account::purge_resets",
      "account::purge_scans",
      "account::purge_sessions",
      "announcement::is_still_true",
      "announcement::tell_some",
      "appointment::expire_orders",
      "appointment::find_drift",
      "appointment::follow_names",
      "appointment::forget_contacts",
      "appointment::rebuild_derived",
      "audit::find_broken",
      "audit::find_head",
      "audit::is_cut",
      "instrument::find_drift",
      "instrument::rebuild_derived",
      "outbox::claim",
      "outbox::count_pending",
      "outbox::find",
      "outbox::find_latest",
      "outbox::list_pending",
      "privacy::forget_some",
      "reminder::forget_told",
      "reminder::is_still_true",
      "reminder::last_due",
      "reminder::milestones",
      "reminder::next_due",
      "reminder::run_some",
      "reminder::tell_certificates",
      "reminder::tell_regions",
      "reminder::tell_staff",
      "reminder::tell_staff_tomorrow",
      "reminder::tell_tomorrow"}},
};

// "slice::function" of every declaration in a header of core that takes a view or a transaction and no actor.
std::set<std::string> declared_without_actor() {
    std::set<std::string> found;
    const std::filesystem::path root = std::filesystem::path(SOURCE_DIR) / "core";
    const std::regex comment("//[^\n]*"), space("\\s+"), name_space("namespace core::(\\w+)"),
        function("(\\w+)\\s?\\(([^;{}()]*(\\([^;{}()]*\\)[^;{}()]*)*)");
    for (const auto& file : std::filesystem::recursive_directory_iterator(root)) {
        const auto name = file.path().filename().string();
        if (file.path().extension() != ".hpp" || name.ends_with("_store.hpp")) continue;
        std::ifstream in(file.path());
        std::string text{std::istreambuf_iterator<char>(in), {}};
        text = std::regex_replace(std::regex_replace(text, comment, ""), space, " ");
        std::smatch slice;
        if (!std::regex_search(text, slice, name_space) || outside.contains(slice[1].str())) continue;
        for (std::sregex_iterator m(text.begin(), text.end(), function), end; m != end; ++m) {
            const std::string takes = (*m)[2].str();
            const bool reads = takes.find("read_view& ") != std::string::npos ||
                               takes.find("write_tx& ") != std::string::npos;
            if (reads && takes.find("const actor&") == std::string::npos)
                found.insert(slice[1].str() + "::" + (*m)[1].str());
        }
    }
    return found;
}

} // namespace

TEST_CASE("S1 what takes no actor is named, with what stands in for it") {
    std::set<std::string> named;
    for (const auto& [because, functions] : exceptions)
        for (const auto& f : functions)
            CHECK_MESSAGE(named.insert(f).second, f << " is named twice");
    const auto declared = declared_without_actor();
    CHECK(declared.size() > 100);
    for (const auto& f : declared)
        CHECK_MESSAGE(named.contains(f), f << " reads or changes data, takes no actor and is not named here");
    for (const auto& f : named)
        CHECK_MESSAGE(declared.contains(f), f << " is named here and takes an actor, or is gone");
}
