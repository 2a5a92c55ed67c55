#include "core/instrument/timeline.hpp"

#include "core/instrument/instrument_store.hpp"
#include "core/instrument/timeline_store.hpp"

#include <algorithm>
#include <limits>

namespace core::instrument {
namespace {

std::string shown(const field& f, const std::string& text) {
    const auto word = text_of(f.choices, text);
    return word.empty() ? text : std::string(word);
}

std::vector<field_change> changes_of(const store::happened& h) {
    std::vector<field_change> all;
    for (const auto& f : fields) {
        const auto* now = h.after.find(f.name);
        if (h.before.find(f.name) == nullptr || now == nullptr) continue;
        all.push_back(
            {std::string(f.label), shown(f, h.before.text(f.name)), shown(f, h.after.text(f.name))});
    }
    return all;
}

timeline_entry entry_of(const actor& who, const store::happened& h) {
    timeline_entry e;
    e.id = h.id;
    e.at = h.at;
    e.what = h.what;
    e.verb = h.verb;
    e.reason = h.note;
    e.institution = h.institution;
    e.order_number = h.order_number;
    e.certificate_no = h.certificate_no;
    e.changes = changes_of(h);
    const bool staff_row = h.actor_kind == "staff";
    if (!staff_row || who.is_platform() || who.is_staff_of(h.institution_id)) e.who = h.actor_name;
    return e;
}

} // namespace

result<timeline> list_timeline(db::read_view& view, const actor& who, std::int64_t id, std::int64_t before,
                               int limit) {
    if (!store::may_see_history(view, who, id)) return error(errc::not_found);
    const std::int64_t from = before == 0 ? std::numeric_limits<std::int64_t>::max() : before;
    // Institutions are told apart by their own id; all others see the whole.
    const bool one_institution = who.kind == actor_kind::staff && !who.is_platform() && !who.is_regulator();
    const std::int64_t whose = one_institution ? who.institution_id : 0;
    std::vector<store::happened> all;
    for (auto* list :
         {&store::list_changes, &store::list_orders, &store::list_results, &store::list_messages}) {
        auto some = list(view, id, whose, from, limit + 1);
        std::move(some.begin(), some.end(), std::back_inserter(all));
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.id > b.id; });
    timeline t;
    t.goes_on = all.size() > static_cast<std::size_t>(limit);
    if (t.goes_on) all.resize(static_cast<std::size_t>(limit));
    for (const auto& one : all)
        t.entries.push_back(entry_of(who, one));
    return t;
}

} // namespace core::instrument
