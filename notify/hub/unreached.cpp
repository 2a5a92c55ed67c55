#include "notify/hub/unreached.hpp"

#include "core/base/text.hpp"
#include "core/journal/audit.hpp"
#include "notify/hub/unreached_store.hpp"

#include <limits>

namespace notify {
namespace {

constexpr std::size_t note_most = 200; // characters

// Whose list: nullopt: everybody's. Only for may_read.
std::optional<std::int64_t> scope_of(const core::actor& who) {
    if (who.is_platform()) return std::nullopt;
    return who.institution_id;
}

bool may_read(const core::actor& who) {
    return who.is_platform() || (who.kind == core::actor_kind::staff && who.institution_id != 0);
}

} // namespace

std::vector<unreached> list_unreached(core::db::read_view& view, const core::actor& who, std::int64_t before,
                                      int limit) {
    if (!may_read(who)) return {};
    const auto below = before == 0 ? std::numeric_limits<std::int64_t>::max() : before;
    return store::list_unreached(view, scope_of(who), below, limit);
}

closed_key key_of(const unreached& u) {
    return {u.closed_at ? core::to_ms(*u.closed_at) : 0, u.id};
}

std::vector<unreached> list_closed_unreached(core::db::read_view& view, const core::actor& who,
                                             closed_key after, int limit) {
    if (!may_read(who)) return {};
    constexpr auto newest = std::numeric_limits<std::int64_t>::max();
    return store::list_closed(view, scope_of(who), after.id == 0 ? closed_key{newest, newest} : after, limit);
}

std::int64_t count_unreached(core::db::read_view& view, const core::actor& who) {
    return may_read(who) ? store::count_unreached(view, scope_of(who), unreached_counted) : 0;
}

core::result<> close_unreached(core::db::write_tx& tx, const core::actor& who, std::int64_t id,
                               std::string_view note) {
    const auto found = store::find_unreached(tx, id);
    const bool theirs =
        found && may_read(who) && (who.is_platform() || who.is_staff_of(found->institution_id));
    if (!theirs) return core::error(core::errc::not_found);
    const std::string said = core::tidy_line(note);
    if (core::count_characters(said) > note_most)
        return core::error(core::errc::invalid, "unreached.note", "note");
    if (!store::close(tx, id, who.login_id, said))
        return core::error(core::errc::stale_state, "unreached.closed");
    core::audit::append(tx, who,
                        {.verb = "close_unreached",
                         .subject_kind = "unreached",
                         .subject_id = id,
                         .note = said,
                         .applicant_id = found->applicant_id,
                         .institution_id = found->institution_id});
    return {};
}

std::vector<closing> close_many_unreached(core::db::write_tx& tx, const core::actor& who,
                                          std::span<const std::int64_t> ids, std::string_view note) {
    std::vector<closing> all;
    for (const auto id : ids) {
        auto done = close_unreached(tx, who, id, note); // writes nothing when it refuses
        if (done)
            all.push_back({id, "", std::nullopt});
        else
            all.push_back({id, done.error().code == core::errc::not_found ? "" : store::company_of(tx, id),
                           done.error()});
    }
    return all;
}

} // namespace notify
