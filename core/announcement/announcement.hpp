// Announcements of the platform to companies (M6): written by its administrators, told to an audience through
// the outbox. The in-site inbox always has them; WeChat only as far as it allows: people who are bound and
// follow, service notices and no marketing (wechat-platform.md 15).
#pragma once
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/base/value.hpp"
#include "core/catalogue/labels.hpp"
#include "core/db/transaction.hpp"
#include "core/journal/transition.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace core::announcement {

enum class announcement_status { none, draft, sending, sent, recalled, removed };
std::string_view code_of(announcement_status s);
status_tag announcement_tag(announcement_status s);
using announcement_row = transition<announcement_status>;
std::span<const announcement_row> transitions();

enum class audience { all, region, institution }; // of active companies
std::string_view code_of(audience a);
std::optional<audience> parse_audience(std::string_view code);

inline constexpr std::size_t longest_title = 20; // what WeChat shows of it, whole
inline constexpr std::size_t longest_text = 5000;

struct draft {
    std::string title, text;
    announcement::audience audience = audience::all;
    std::string region_code;         // region: everybody in it
    std::int64_t institution_id = 0; // institution: who has filed or booked with it
    bool by_wechat = false;          // a service notice: WeChat messages too, not only the inbox
};

struct announcement : draft {
    std::int64_t id = 0, created_by = 0, version = 0;
    announcement_status status = announcement_status::none;
    std::string author, region_name, institution_name;
    instant changed_at;
    std::optional<instant> sent_at, finished_at, recalled_at;
    std::int64_t told = 0, cursor = 0; // companies told; which one last, newest first
};

// ---- verbs of the platform's administrators; all refuse not_allowed, not_found, stale_state
// announcement.state ----

// N1, N2. Refuses invalid, all wrong fields at once: announcement.title, announcement.text,
// announcement.audience, announcement.region, announcement.institution; of a draft changed meanwhile
// stale_state (version).
result<std::int64_t> save_announcement(db::write_tx& tx, const actor& who, std::int64_t id,
                                       std::int64_t version,
                                       const draft& d); // id 0: a new one
// N3. From then on companies are told by tell_some. `is_service` is the sender's word that it is a notice of
// service and no marketing; without it WeChat messages are refused (announcement.service).
result<> send_announcement(db::write_tx& tx, const actor& who, std::int64_t id, bool is_service);
// To oneself, by every way one has: refuses announcement.not_bound without a bound WeChat.
result<> try_announcement(db::write_tx& tx, const actor& who, std::int64_t id);
// N5. What has not left yet does not leave; inboxes keep it, marked as taken back.
result<> recall_announcement(db::write_tx& tx, const actor& who, std::int64_t id);
// N6, of a draft.
result<> remove_announcement(db::write_tx& tx, const actor& who, std::int64_t id);

// Tells at most `most` companies of the oldest one being sent. True: there is more to do. By the schedule.
bool tell_some(db::write_tx& tx, int most);

// ---- reading ----

struct audience_size {
    std::int64_t companies = 0, people = 0; // people: bound, and not known to have left the account
    bool has_more = false;                  // companies: of an institution, at least so many
    bool is_estimated = false;              // people: as among the newest most_asked companies
};
inline constexpr int most_asked = 2'000, most_counted = 5'000; // companies: it costs no more, however many
result<audience_size> count_audience(db::read_view& view, const actor& who, const draft& d);
result<announcement> get_announcement(db::read_view& view, const actor& who, std::int64_t id);
// Newest first, at most `limit` with an id below `before` (0: from the newest).
std::vector<announcement> list_announcements(db::read_view& view, const actor& who, std::int64_t before,
                                             int limit);
std::vector<std::string_view> paragraphs_of(const draft& d);
// What the message says: facts of its outbox rows.
value facts_of(const announcement& a, instant now);
// For a company of the audience, once it has been sent. Refuses not_found.
result<announcement> get_published(db::read_view& view, const actor& who, std::int64_t id);
// Asked right before a message leaves: not taken back? True for events that are no announcements.
bool is_still_true(db::read_view& view, std::int64_t outbox_id);

} // namespace core::announcement
