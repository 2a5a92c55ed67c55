#include "notify/hub/inbox.hpp"

#include "notify/hub/inbox_store.hpp"

#include <optional>

namespace notify {
namespace {

std::optional<store::reader> reader_of(const core::actor& who) {
    if (who.login_id == 0) return std::nullopt;
    if (who.is_applicant()) return store::reader{who.login_id, who.applicant_id, 0, 0};
    if (who.kind != core::actor_kind::staff) return std::nullopt;
    return store::reader{who.login_id, 0, who.institution_id, who.roles.bits()};
}

} // namespace

std::vector<inbox_item> list_inbox(core::db::read_view& view, const message_book& book,
                                   const core::actor& who, std::int64_t before, int limit) {
    std::vector<inbox_item> all;
    const auto r = reader_of(who);
    if (!r) return all;
    for (const auto& row : store::list_inbox(view, *r, before, limit)) {
        inbox_item item{row.event.id, row.event.at, row.event.kind, row.is_read, {}};
        if (const auto* kind = book.find(row.event.kind))
            item.words = message_book::fill(*kind, row.event.facts,
                                            r->applicant_id != 0 ? side::company : side::staff);
        all.push_back(std::move(item));
    }
    return all;
}

int count_unread(core::db::read_view& view, const core::actor& who) {
    const auto r = reader_of(who);
    return r ? store::count_unread(view, *r, inbox_most) : 0;
}

core::result<> mark_read(core::db::write_tx& tx, const core::actor& who, std::int64_t id) {
    const auto r = reader_of(who);
    if (!r || !store::is_in_inbox(tx, *r, id)) return core::error(core::errc::not_found);
    const auto mark = store::read_to(tx, *r);
    if (id <= mark) {
        store::drop_exception(tx, *r, id);
        return {};
    }
    store::set_exception(tx, *r, id, true);
    // The mark follows while nothing unread is left below it, so that counting never walks over what is read.
    const auto unread = store::first_unread(tx, *r);
    const auto reached = unread ? *unread - 1 : store::newest_in_inbox(tx, *r);
    if (reached > mark) store::set_read_to(tx, *r, reached);
    return {};
}

core::result<> mark_unread(core::db::write_tx& tx, const core::actor& who, std::int64_t id) {
    const auto r = reader_of(who);
    if (!r || !store::is_in_inbox(tx, *r, id)) return core::error(core::errc::not_found);
    if (id <= store::read_to(tx, *r))
        store::set_exception(tx, *r, id, false);
    else
        store::drop_exception(tx, *r, id);
    return {};
}

core::result<> mark_all_read(core::db::write_tx& tx, const core::actor& who, std::int64_t up_to) {
    const auto r = reader_of(who);
    if (!r) return core::error(core::errc::not_allowed);
    const auto to = up_to == 0 ? store::newest_in_inbox(tx, *r) : up_to;
    store::drop_unread_exceptions(tx, *r, to);
    if (to > store::read_to(tx, *r)) store::set_read_to(tx, *r, to);
    return {};
}

} // namespace notify
