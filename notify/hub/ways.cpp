#include "notify/hub/ways.hpp"

#include "core/base/text.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/outbox.hpp"
#include "notify/hub/order.hpp"
#include "notify/hub/wishes.hpp"
#include "notify/hub/wishes_store.hpp"

#include <algorithm>
#include <set>

namespace notify {
namespace {

std::string joined(const way_names& names) {
    std::string all;
    for (const auto& n : names)
        all += (all.empty() ? "" : " ") + n;
    return all;
}

} // namespace

std::optional<way_names> find_ways(core::db::read_view& view, std::int64_t login, std::string_view kind) {
    const auto found = store::find_ways(view, login, kind);
    return found ? std::optional(core::split_words(*found)) : std::nullopt;
}

std::map<std::string, way_names, std::less<>> list_ways_of(core::db::read_view& view,
                                                           const core::actor& who) {
    std::map<std::string, way_names, std::less<>> all;
    for (const auto& [kind, ways] : store::list_ways(view, who.login_id))
        all[kind] = core::split_words(ways);
    return all;
}

core::result<> set_ways(core::db::write_tx& tx, const core::actor& who, std::string_view kind,
                        const std::optional<way_names>& ways) {
    if (who.login_id == 0) return core::error(core::errc::not_allowed);
    const auto* known = core::outbox::find_kind(kind);
    if (!kind.empty() && (known == nullptr || !concerns(*known, who)))
        return core::error(core::errc::invalid, "wish.kind", "kind");
    if (ways) {
        const bool fine = std::all_of(ways->begin(), ways->end(), is_way) &&
                          std::set<std::string>(ways->begin(), ways->end()).size() == ways->size();
        if (!fine) return core::error(core::errc::invalid, "wish.ways", "ways");
        if (ways->empty() && known != nullptr && known->always)
            return core::error(core::errc::invalid, "wish.always", "kind");
    }
    const auto text = ways ? std::optional(joined(*ways)) : std::nullopt;
    const auto all = store::list_ways(tx, who.login_id);
    const auto before = std::find_if(all.begin(), all.end(), [&](const auto& a) { return a.first == kind; });
    if (before == all.end() ? !text : text == before->second) return {};
    store::put_ways(tx, who.login_id, kind, text);
    core::audit::append(tx, who,
                        {.verb = "set_ways",
                         .subject_kind = "login",
                         .subject_id = who.login_id,
                         .after = core::value::object()
                                      .set("kind", kind)
                                      .set("own", text.has_value())
                                      .set("ways", text.value_or("")),
                         .applicant_id = who.applicant_id,
                         .institution_id = who.institution_id});
    return {};
}

} // namespace notify
