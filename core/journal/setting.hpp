// Business settings of the platform that staff may change while the server runs: one table of all of them
// with usual value, range and meaning, which readers, the command and its help go by. Who changed what when
// is in the audit journal. Not here: rules of appointments, which institutions set for themselves
// (appointment/rule.hpp), and the configuration of the program.
#pragma once
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/db/transaction.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace core::setting {

enum class takes {
    number,  // from least to most
    numbers, // such numbers parted by blanks, most_numbers at most
    word,    // one of `choices`
    words    // any line of `most` characters at most
};
struct known {
    std::string_view name, usual;
    takes what;
    int least, most;
    std::string_view choices, meaning;
};
inline constexpr std::array<known, 19> all = {{
    {"filings.decide_days", "5", takes::number, 0, 60, "",
     "working days an institution has to decide on a filing"},
    {"due.lead_days", "60", takes::number, 0, 366, "",
     "days before the end from which an instrument is due soon"},
    {"labels.catalogue_l1", "种别", takes::words, 1, 10, "",
     "what pages call the upper level of the catalogue"},
    {"labels.catalogue_l2", "类别", takes::words, 1, 10, "",
     "what pages call the lower level of the catalogue"},
    {"reminders.days", "60 30 15 7 1", takes::numbers, 0, 366, "",
     "days before the end at which companies are reminded"},
    {"reminders.certificates_at", "540", takes::number, 0, 1439, "", "minute of the day of these reminders"},
    {"reminders.tomorrow_at", "1080", takes::number, 0, 1439, "",
     "minute of the day of tomorrow's appointments"},
    {"reminders.staff_tomorrow_at", "1020", takes::number, 0, 1439, "", "the same for staff"},
    {"reminders.staff_at", "510", takes::number, 0, 1439, "", "minute of the day of the staff's day"},
    {"reminders.regions_at", "510", takes::number, 0, 1439, "", "minute of the day of the regulators' week"},
    {"notify.quiet_from", "1320", takes::number, 0, 1439, "", "minute of the day from which reminders wait"},
    {"notify.quiet_until", "480", takes::number, 0, 1439, "", "minute of the day until which they wait"},
    {"followers.sync_at", "210", takes::number, 0, 1439, "",
     "minute of the day of the nightly list of followers"},
    {"password.companies", "asvs", takes::word, 0, 0, "asvs dengbao",
     "what passwords of companies are measured by"},
    {"password.staff", "dengbao", takes::word, 0, 0, "asvs dengbao",
     "what passwords of staff are measured by"},
    {"password.dengbao_days", "90", takes::number, 1, 3650, "",
     "days after which a password of dengbao is to be changed"},
    {"second_factor.required", "none", takes::word, 0, 0, "none higher all",
     "which staff must have a second factor"},
    {"privacy.unbound_days", "30", takes::number, 1, 3660, "",
     "days after which WeChat ids of undone bindings are forgotten"},
    {"privacy.contact_days", "730", takes::number, 30, 3660, "",
     "days after which contacts of orders that are over are erased"},
}};
inline constexpr std::size_t most_numbers = 5;
const known* find_known(std::string_view name); // nullptr for a name that does not exist
bool fits(const known& k, std::string_view value);

// The value that counts: what is set, the usual one when nothing is or when it does not fit (any more).
// Throws for a name that does not exist, `number` for one that is no number.
std::string text(db::read_view& view, std::string_view name);
int number(db::read_view& view, std::string_view name);

// What is stored under a name, as it is.
std::optional<std::string> find(db::read_view& view, std::string_view name);
// The same as a number in [least, most]; `usual` when it is absent or makes no sense. For tables of other
// slices.
int find_number(db::read_view& view, std::string_view name, int usual, int least, int most);

// By the platform. Refuses not_allowed, invalid setting.name, setting.value (arg usual).
result<> change_setting(db::write_tx& tx, const actor& who, std::string_view name, std::string_view value);

} // namespace core::setting
