#include "core/catalogue/capability.hpp"

#include "core/catalogue/capability_store.hpp"
#include "core/catalogue/catalogue_store.hpp"
#include "core/catalogue/labels.hpp"
#include "core/journal/audit.hpp"

#include <algorithm>

namespace core::catalogue {
namespace {

// One need by every name its row has had: the matrix was stated in the words of one version, the instrument
// filed in those of another.
using names = std::vector<need>;
names names_of(db::read_view& view, const need& n) {
    names all = {n};
    for (auto& [l1, l2] : store::list_names(view, n.l1, n.l2)) {
        need other{std::move(l1), std::move(l2), n.method};
        if (other != n) all.push_back(std::move(other));
    }
    return all;
}

bool can_do(db::read_view& view, std::int64_t institution, const names& known_as, reach r) {
    return std::any_of(known_as.begin(), known_as.end(), [&](const need& n) {
        return store::is_able(view, institution, n, r == reach::direct);
    });
}

void keep_able(db::read_view& view, std::vector<institution>& all, std::span<const need> needs, reach r) {
    std::vector<names> each;
    for (const auto& n : needs)
        each.push_back(names_of(view, n));
    std::erase_if(all, [&](const institution& i) {
        const bool able = std::all_of(each.begin(), each.end(),
                                      [&](const names& known_as) { return can_do(view, i.id, known_as, r); });
        return !able && store::has_capabilities(view, i.id);
    });
}

bool may_change(const actor& who, std::int64_t institution) {
    return who.is_platform() || (who.is_staff_of(institution) && who.roles.has(role::institution_admin));
}

value facts_of(const capability& c) {
    return value::object().set("l1", c.l1).set("l2", c.l2).set("method", c.method).set("direct", c.direct);
}

void record(db::write_tx& tx, const actor& who, std::string_view verb, const capability& c,
            std::optional<bool> was_direct = {}) {
    audit::append(tx, who,
                  {.verb = verb,
                   .subject_kind = "institution",
                   .subject_id = c.institution_id,
                   .before = was_direct ? value::object().set("direct", *was_direct) : value::object(),
                   .after = facts_of(c),
                   .institution_id = c.institution_id});
}

} // namespace

bool can_verify(db::read_view& view, std::int64_t institution, const need& n, reach r) {
    return can_do(view, institution, names_of(view, n), r) || !store::has_capabilities(view, institution);
}

std::vector<institution> list_direct(db::read_view& view, std::string_view region_code,
                                     std::span<const need> needs) {
    const std::string city = city_of(region_code);
    auto found = store::list_active(view, city, true);
    if (region_code != city) {
        auto county = store::list_active(view, region_code, true);
        found.insert(found.begin(), std::make_move_iterator(county.begin()),
                     std::make_move_iterator(county.end()));
    }
    keep_able(view, found, needs, reach::direct);
    if (!found.empty()) return found;
    found = store::list_active(view, province_of(region_code), false);
    keep_able(view, found, needs, reach::any);
    return found;
}

std::vector<institution> list_able_counties(db::read_view& view, const institution& city, const need& n,
                                            std::string_view region_code) {
    auto all = list_counties_of(view, city);
    keep_able(view, all, std::span(&n, 1), reach::any);
    std::stable_partition(all.begin(), all.end(),
                          [&](const institution& i) { return i.region_code == region_code; });
    return all;
}

result<std::int64_t> put_capability(db::write_tx& tx, const actor& who, const capability& c) {
    if (!find_institution(tx, c.institution_id)) return error(errc::not_found);
    if (!may_change(who, c.institution_id)) return error(errc::not_allowed);
    if (!is_code_of(methods, c.method)) return error(errc::invalid, "capability.method", "method");
    if (!store::is_in_force(tx, c.l1, c.l2)) return error(errc::invalid, "capability.row", "l2");
    capability next = c;
    const auto known = store::find_capability(tx, c);
    next.id = known ? known->id : tx.new_id();
    if (known && known->direct == c.direct) return next.id;
    store::put_capability(tx, next);
    record(tx, who, "put_capability", next, known ? std::optional(known->direct) : std::nullopt);
    return next.id;
}

result<> remove_capability(db::write_tx& tx, const actor& who, std::int64_t id) {
    const auto known = store::find_capability(tx, id);
    if (!known) return error(errc::not_found);
    if (!may_change(who, known->institution_id)) return error(errc::not_allowed);
    store::remove_capability(tx, id);
    record(tx, who, "remove_capability", *known);
    return {};
}

} // namespace core::catalogue
