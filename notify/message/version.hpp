// The words of messages as the platform changes them: versions kept in the base over the shipped files, who
// and when, and back again. Number 0 is the shipped file. The book in memory follows after the commit.
#pragma once
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/db/transaction.hpp"
#include "notify/message/message.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace notify {

struct message_version {
    int number = 0;
    message_kind words;
    std::string note, by; // why; the name of who changed it
    core::instant at;
    bool in_force = false;
};

inline constexpr std::size_t most_fields = 8; // more than any template of WeChat has

// What would be wrong with these words, each error at its field: title, url, staff_title, staff_url,
// template_id, name_N, label_N, text_N with N from 1.
core::result<> check_words(const message_kind& words);
// The words as a file of templates/messages.
std::string source_of(const message_kind& words);

// A new version, in force at once. By the platform; refuses not_allowed, not_found (no such kind), what
// check_words says, conflict message.same (nothing was changed), invalid message.note (over 200 characters).
core::result<int> change_message(core::db::write_tx& tx, const core::actor& who, message_book& book,
                                 message_kind words, std::string_view note);
// An older one in force again; 0: the shipped file. Refuses not_allowed, not_found, conflict message.same.
core::result<> restore_message(core::db::write_tx& tx, const core::actor& who, message_book& book,
                               std::string_view kind, int number);
// Newest first; the shipped one is the last. Empty for everybody but the platform.
std::vector<message_version> list_versions(core::db::read_view& view, const core::actor& who,
                                           const message_book& book, std::string_view kind);
// At the start: what is in force comes into the book. One that no longer fits its kind is left out, and
// logged.
void load_versions(core::db::read_view& view, message_book& book);

} // namespace notify
