#include "core/announcement/announcement.hpp"

#include "core/announcement/announcement_store.hpp"
#include "core/base/codes.hpp"
#include "core/base/text.hpp"
#include "core/catalogue/catalogue.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/outbox.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace core::announcement {
namespace {

using namespace std::chrono_literals;
using s = announcement_status;
constexpr auto worth_telling = 24h * 7; // a WeChat message that could not leave for a week is old news
constexpr std::size_t summary = 20;     // characters, of the text's beginning

constexpr who_may platform{.staff = {role::platform_admin}};
constexpr who_may schedule{.system = true};
constexpr std::array<announcement_row, 7> table = {{
    {"N1", s::none, "create", s::draft, platform, ""},
    {"N2", s::draft, "change", s::draft, platform, ""},
    {"N3", s::draft, "send", s::sending, platform, "announcement"}, // told by tell_some, company by company
    {"N4", s::sending, "finish", s::sent, schedule, ""},
    {"N5", s::sending, "recall", s::recalled, platform, ""},
    {"N5", s::sent, "recall", s::recalled, platform, ""},
    {"N6", s::draft, "remove", s::removed, platform, ""},
}};

constexpr code_table audiences{coded{audience::all, "all"}, coded{audience::region, "region"},
                               coded{audience::institution, "institution"}};

actor by_schedule() {
    actor who;
    who.kind = actor_kind::system;
    who.name = "schedule";
    who.source = "schedule";
    return who;
}

void record(db::write_tx& tx, const actor& who, std::string_view verb, std::int64_t id,
            announcement_status from, announcement_status to, value after = value::object()) {
    if (from != to) after.set("status", code_of(to));
    audit::append(tx, who,
                  {.verb = verb,
                   .subject_kind = "announcement",
                   .subject_id = id,
                   .before = value::object().set("status", code_of(from)),
                   .after = std::move(after)});
}

error stale(announcement_status status) {
    return error(errc::stale_state, "announcement.state")
        .with("status", std::string(announcement_tag(status).text));
}

// Load, table row, who may.
result<announcement> begin(db::write_tx& tx, const actor& who, std::int64_t id, std::string_view verb) {
    auto found = get_announcement(tx, who, id);
    if (!found) return found.error();
    const auto* row = find_transition<announcement_status>(table, found->status, verb);
    if (row == nullptr) return stale(found->status);
    if (!row->who.allows(who)) return error(errc::not_allowed);
    return found;
}

result<> walk(db::write_tx& tx, const actor& who, const announcement& a, std::string_view verb) {
    const auto* row = find_transition<announcement_status>(table, a.status, verb);
    const bool done = row->to == s::removed ? store::remove(tx, a.id, row->from)
                                            : store::move(tx, a.id, row->from, row->to);
    if (!done) return stale(a.status);
    record(tx, who, verb, a.id, row->from, row->to);
    return {};
}

void collect(std::optional<error>& wrong, std::string_view key, std::string_view field) {
    error e(errc::invalid, std::string(key), std::string(field));
    if (wrong)
        wrong->also.push_back(std::move(e));
    else
        wrong = std::move(e);
}

result<draft> check(db::read_view& view, draft d) {
    std::optional<error> wrong;
    d.title = tidy_line(d.title);
    d.text = tidy_text(d.text);
    if (d.title.empty() || count_characters(d.title) > longest_title)
        collect(wrong, "announcement.title", "title");
    if (d.text.empty() || count_characters(d.text) > longest_text)
        collect(wrong, "announcement.text", "text");
    if (d.audience == audience::region && !catalogue::find_region(view, d.region_code))
        collect(wrong, "announcement.region", "region_code");
    if (d.audience == audience::institution && !catalogue::find_institution(view, d.institution_id))
        collect(wrong, "announcement.institution", "institution_id");
    if (wrong) return *wrong;
    return d;
}

outbox::event event_of(const announcement& a, std::string_view kind, instant now) {
    outbox::event e;
    e.kind = kind;
    e.subject_kind = "announcement";
    e.subject_id = a.id;
    e.expires_at = now + worth_telling;
    e.facts = facts_of(a, now);
    return e;
}

} // namespace

std::span<const announcement_row> transitions() {
    return table;
}

status_tag announcement_tag(announcement_status status) {
    switch (status) {
    case s::draft:
        return {"mute", "草稿"};
    case s::sending:
        return {"info", "正在发送"};
    case s::sent:
        return {"ok", "已发送"};
    case s::recalled:
        return {"warn", "已撤回"};
    case s::none:
    case s::removed:
        break;
    }
    return {"mute", "已删除"};
}

std::string_view code_of(audience a) {
    return audiences.code_of(a);
}

std::optional<audience> parse_audience(std::string_view code) {
    return audiences.find(code);
}

value facts_of(const announcement& a, instant now) {
    value facts = value::object();
    facts.set("announcement_id", std::to_string(a.id)).set("title", a.title);
    facts.set("summary", shorten(tidy_line(a.text), summary));
    return facts.set("at", moment_text(a.sent_at.value_or(now)));
}

std::vector<std::string_view> paragraphs_of(const draft& d) {
    std::vector<std::string_view> all;
    const std::string_view text = d.text;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size());
        if (end > at) all.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return all;
}

result<std::int64_t> save_announcement(db::write_tx& tx, const actor& who, std::int64_t id,
                                       std::int64_t version, const draft& d) {
    if (!platform.allows(who)) return error(errc::not_allowed);
    if (id != 0)
        if (auto found = begin(tx, who, id, "change"); !found) return found.error();
    const auto checked = check(tx, d);
    if (!checked) return checked.error();
    if (id == 0) {
        const auto made = store::insert(tx, *checked, who.login_id);
        record(tx, who, "create", made, s::none, s::draft, value::object().set("title", checked->title));
        return made;
    }
    if (!store::rewrite(tx, id, version, *checked)) return stale(s::draft);
    record(tx, who, "change", id, s::draft, s::draft, value::object().set("title", checked->title));
    return id;
}

result<> send_announcement(db::write_tx& tx, const actor& who, std::int64_t id, bool is_service) {
    const auto found = begin(tx, who, id, "send");
    if (!found) return found.error();
    if (found->by_wechat && !is_service) return error(errc::invalid, "announcement.service", "is_service");
    return walk(tx, who, *found, "send");
}

result<> try_announcement(db::write_tx& tx, const actor& who, std::int64_t id) {
    const auto found = get_announcement(tx, who, id);
    if (!found) return found.error();
    if (!platform.allows(who)) return error(errc::not_allowed);
    if (found->status != s::draft) return stale(found->status);
    if (!store::has_staff_binding(tx, who.login_id)) return error(errc::conflict, "announcement.not_bound");
    auto e = event_of(*found, "announcement_trial", tx.now());
    e.login_id = who.login_id;
    outbox::append(tx, e);
    record(tx, who, "try", id, s::draft, s::draft);
    return {};
}

result<> recall_announcement(db::write_tx& tx, const actor& who, std::int64_t id) {
    const auto found = begin(tx, who, id, "recall");
    if (!found) return found.error();
    return walk(tx, who, *found, "recall");
}

result<> remove_announcement(db::write_tx& tx, const actor& who, std::int64_t id) {
    const auto found = begin(tx, who, id, "remove");
    if (!found) return found.error();
    return walk(tx, who, *found, "remove");
}

bool tell_some(db::write_tx& tx, int most) {
    const auto a = store::find_sending(tx);
    if (!a) return false;
    const auto companies = store::list_audience(tx, *a, a->cursor, most);
    for (const auto company : companies) {
        auto e = event_of(*a, "announcement", tx.now());
        e.applicant_id = company;
        const auto event = outbox::append(tx, e);
        if (!a->by_wechat) outbox::claim(tx, event); // the inbox has it; nothing is sent
    }
    if (!companies.empty())
        store::advance(tx, a->id, companies.back(), a->told + static_cast<std::int64_t>(companies.size()));
    if (static_cast<int>(companies.size()) == most) return true;
    walk(tx, by_schedule(), *a, "finish").value();
    return store::find_sending(tx).has_value();
}

result<audience_size> count_audience(db::read_view& view, const actor& who, const draft& d) {
    if (!who.is_platform()) return error(errc::not_allowed);
    return store::count_audience(view, d);
}

result<announcement> get_announcement(db::read_view& view, const actor& who, std::int64_t id) {
    auto found = who.is_platform() ? store::find(view, id) : std::nullopt;
    if (!found) return error(errc::not_found);
    return std::move(*found);
}

std::vector<announcement> list_announcements(db::read_view& view, const actor& who, std::int64_t before,
                                             int limit) {
    if (!who.is_platform()) return {};
    return store::list(view, before, limit);
}

result<announcement> get_published(db::read_view& view, const actor& who, std::int64_t id) {
    auto found = who.is_applicant() ? store::find(view, id) : std::nullopt;
    if (!found || found->status == s::draft || !store::is_in_audience(view, *found, who.applicant_id))
        return error(errc::not_found);
    return std::move(*found);
}

bool is_still_true(db::read_view& view, std::int64_t outbox_id) {
    return store::status_behind(view, outbox_id) != s::recalled;
}

} // namespace core::announcement
