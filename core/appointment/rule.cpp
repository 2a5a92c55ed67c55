#include "core/appointment/rule.hpp"

#include "core/appointment/rule_store.hpp"
#include "core/catalogue/catalogue.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/setting.hpp"

#include <algorithm>
#include <stdexcept>

namespace core::appointment {
namespace {

bool in_range(const rule& r, int n) {
    return n >= r.least && n <= r.most;
}

// Another range than the one it was set under may hold by now: then the value does not count.
std::optional<int> own_value(db::read_view& view, std::int64_t institution, const rule& r) {
    const auto own = store::find_rule_value(view, institution, r.name);
    return own && in_range(r, *own) ? own : std::nullopt;
}

int value_of(db::read_view& view, std::int64_t institution, const rule& r) {
    if (const auto own = own_value(view, institution, r)) return *own;
    return setting::find_number(view, r.name, r.usual, r.least, r.most);
}

result<> set_for_platform(db::write_tx& tx, const actor& who, const rule& r, std::optional<int> value) {
    const int before = value_of(tx, 0, r);
    store::put_platform_value(tx, r.name, value);
    audit::append(tx, who,
                  {.verb = "set_rule",
                   .subject_kind = "setting",
                   .before = value::object().set(r.name, before),
                   .after = value::object().set(r.name, value_of(tx, 0, r))});
    return {};
}

} // namespace

const rule* find_rule(std::string_view name) {
    const auto* found =
        std::find_if(rules.begin(), rules.end(), [&](const rule& r) { return r.name == name; });
    return found == rules.end() ? nullptr : found;
}

int rule_at(db::read_view& view, std::int64_t institution, std::string_view name) {
    const auto* r = find_rule(name);
    if (r == nullptr) throw std::logic_error("no such rule: " + std::string(name));
    return value_of(view, institution, *r);
}

result<std::vector<rule_value>> list_rules(db::read_view& view, const actor& who, std::int64_t institution) {
    if (!who.is_platform() && !who.is_staff_of(institution)) return error(errc::not_found);
    if (!who.is_platform() && !who.roles.any({role::institution_admin, role::scheduler}))
        return error(errc::not_allowed);
    std::vector<rule_value> all;
    for (const auto& r : rules)
        all.push_back({&r, value_of(view, institution, r), own_value(view, institution, r).has_value()});
    return all;
}

result<> set_rule(db::write_tx& tx, const actor& who, std::int64_t institution, std::string_view name,
                  std::optional<int> value) {
    if (!who.is_platform() && !who.is_staff_of(institution)) return error(errc::not_found);
    if (!who.is_platform() && !who.roles.has(role::institution_admin)) return error(errc::not_allowed);
    const auto* r = find_rule(name);
    if (r == nullptr) return error(errc::invalid, "rule.name", "name");
    if (value && !in_range(*r, *value))
        return error(errc::invalid, "rule.range", std::string(name))
            .with("least", std::to_string(r->least))
            .with("most", std::to_string(r->most));
    if (institution == 0) return set_for_platform(tx, who, *r, value);
    if (!catalogue::find_institution(tx, institution)) return error(errc::not_found);
    const int before = value_of(tx, institution, *r);
    store::put_rule_value(tx, institution, name, value);
    audit::append(tx, who,
                  {.verb = "set_rule",
                   .subject_kind = "institution",
                   .subject_id = institution,
                   .before = value::object().set(name, before),
                   .after = value::object().set(name, value_of(tx, institution, *r)),
                   .institution_id = institution});
    return {};
}

} // namespace core::appointment
