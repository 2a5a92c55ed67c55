#include "notify/hub/inbox.hpp"

#include "core/journal/outbox.hpp"
#include "notify/hub/inbox_store.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace notify {
namespace {

constexpr std::array<std::string_view, 5> topic_codes = {"", "filing", "order", "reminder", "account"};

std::optional<store::reader> reader_of(const core::actor& who) {
    if (who.login_id == 0) return std::nullopt;
    if (who.is_applicant()) return store::reader{who.login_id, who.applicant_id, 0, 0};
    if (who.kind != core::actor_kind::staff) return std::nullopt;
    return store::reader{who.login_id, 0, who.institution_id, who.roles.bits()};
}

bool is_of(std::string_view kind, topic of) {
    const auto* k = core::outbox::find_kind(kind);
    return k != nullptr && topic_of(*k) == of;
}

inbox_item item_of(store::inbox_row row, const message_book& book, const store::reader& r) {
    inbox_item item{row.event.id, row.event.at, std::move(row.event.kind),
                    row.is_read,  {},           std::move(row.event.facts)};
    if (const auto* kind = book.find(item.kind))
        item.words = message_book::tell(*kind, item.facts, r.applicant_id != 0 ? side::company : side::staff);
    return item;
}

} // namespace

topic topic_of(const core::outbox::kind& k) {
    if (k.urgency == core::outbox::urgency::reminder) return topic::reminder;
    if (k.name.starts_with("filing_")) return topic::filing;
    if (k.name.starts_with("order_")) return topic::order;
    return topic::account;
}

std::string_view code_of(topic t) {
    return topic_codes[static_cast<std::size_t>(t)];
}

topic parse_topic(std::string_view code) {
    const auto at = std::find(topic_codes.begin(), topic_codes.end(), code);
    return at == topic_codes.end() ? topic::any : static_cast<topic>(at - topic_codes.begin());
}

std::vector<topic> list_topics(const core::actor& who) {
    std::vector<topic> all;
    for (const auto& k : core::outbox::kinds) {
        const bool told = who.is_applicant() ? k.to_company : who.roles.any(k.to_staff);
        if (told && std::find(all.begin(), all.end(), topic_of(k)) == all.end()) all.push_back(topic_of(k));
    }
    std::sort(all.begin(), all.end());
    return all;
}

inbox_page list_inbox(core::db::read_view& view, const message_book& book, const core::actor& who,
                      const inbox_filter& f, std::int64_t before, int limit) {
    inbox_page page;
    const auto r = reader_of(who);
    if (!r) return page;
    const auto wanted = [&](std::string_view kind, bool is_read) {
        return (f.of == topic::any || is_of(kind, f.of)) && !(f.unread_only && is_read);
    };
    auto found = store::list_inbox(view, *r, wanted, before, limit, inbox_looked_at);
    page.next = found.next;
    for (auto& row : found.rows)
        page.items.push_back(item_of(std::move(row), book, *r));
    return page;
}

core::result<inbox_item> get_inbox_item(core::db::read_view& view, const message_book& book,
                                        const core::actor& who, std::int64_t id) {
    const auto r = reader_of(who);
    auto row = r ? store::find_in_inbox(view, *r, id) : std::nullopt;
    if (!row) return core::error(core::errc::not_found);
    return item_of(*std::move(row), book, *r);
}

int count_unread(core::db::read_view& view, const core::actor& who) {
    const auto r = reader_of(who);
    return r ? store::count_unread(view, *r, inbox_most) : 0;
}

std::int64_t newest_in_inbox(core::db::read_view& view, const core::actor& who) {
    const auto r = reader_of(who);
    return r ? store::newest_in_inbox(view, *r) : 0;
}

core::result<> mark_read(core::db::write_tx& tx, const core::actor& who, std::int64_t id) {
    const auto r = reader_of(who);
    if (!r || !store::find_in_inbox(tx, *r, id)) return core::error(core::errc::not_found);
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
    if (!r || !store::find_in_inbox(tx, *r, id)) return core::error(core::errc::not_found);
    if (id <= store::read_to(tx, *r))
        store::set_exception(tx, *r, id, false);
    else
        store::drop_exception(tx, *r, id);
    return {};
}

core::result<> mark_all_read(core::db::write_tx& tx, const core::actor& who, std::int64_t up_to) {
    const auto r = reader_of(who);
    if (!r) return core::error(core::errc::not_allowed);
    const auto last = store::newest_in_inbox(tx, *r);
    const auto to = up_to == 0 ? last : std::min(up_to, last);
    store::drop_unread_exceptions(tx, *r, to);
    if (to > store::read_to(tx, *r)) store::set_read_to(tx, *r, to);
    return {};
}

} // namespace notify
