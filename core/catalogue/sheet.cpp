#include "core/catalogue/sheet.hpp"

#include "core/base/text.hpp"
#include "core/catalogue/labels.hpp"
#include "core/journal/audit.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

namespace core::catalogue {
namespace {

constexpr std::size_t most_issues = 200;

} // namespace

int import_report::count(import_step s) const {
    return static_cast<int>(
        std::count_if(changes.begin(), changes.end(), [&](const import_change& c) { return c.step == s; }));
}

sheet::sheet(std::string_view text, std::initializer_list<std::string_view> columns, import_plan& plan)
    : plan_(&plan) {
    const auto refuse_file = [&](std::string key, std::string value) {
        plan_->report.issues.push_back({0, "", std::move(value), std::move(key)});
    };
    if (text.size() > most_import_bytes) {
        refuse_file("import.large", "");
        return;
    }
    try {
        table_.emplace(text);
    } catch (const std::runtime_error& e) {
        refuse_file("import.csv", e.what());
        return;
    }
    for (const auto column : columns)
        if (!table_->has(column)) refuse_file("import.column", std::string(column));
    if (!plan_->report.issues.empty()) table_.reset();
    plan_->report.rows = static_cast<int>(size());
}

std::string sheet::at(std::size_t row, std::string_view column) const {
    return has(column) ? tidy_line(table_->at(row, column)) : std::string();
}

std::string sheet::at_any(std::size_t row, std::initializer_list<std::string_view> columns) const {
    for (const auto column : columns)
        if (has(column)) return at(row, column);
    return {};
}

bool sheet::flag(std::size_t row, std::string_view column, bool if_blank) {
    static constexpr std::array<std::string_view, 5> yes = {"1", "是", "yes", "true", "班"};
    static constexpr std::array<std::string_view, 5> no = {"0", "否", "no", "false", "休"};
    const std::string text = to_lower_ascii(at(row, column));
    if (text.empty()) return if_blank;
    if (std::find(yes.begin(), yes.end(), text) != yes.end()) return true;
    if (std::find(no.begin(), no.end(), text) == no.end()) refuse(row, column, "import.flag");
    return false;
}

int sheet::number(std::size_t row, std::string_view column, int if_blank, int least, int most) {
    const std::string text = at(row, column);
    if (text.empty()) return if_blank;
    int n = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (failed == std::errc() && end == text.data() + text.size() && n >= least && n <= most) return n;
    refuse(row, column, "import.number");
    return if_blank;
}

std::string sheet::choice(std::size_t row, std::string_view column, std::span<const label> table) {
    const std::string text = at(row, column);
    for (const auto& one : table)
        if (one.code == text || one.text == text) return std::string(one.code);
    refuse(row, column, "import.choice");
    return {};
}

void sheet::refuse(std::size_t row, std::string_view column, std::string key) {
    if (plan_->report.issues.size() >= most_issues) return;
    plan_->report.issues.push_back(
        {line(row), std::string(column), cut_characters(at(row, column), 60), std::move(key)});
}

void sheet::change(std::size_t row, std::string what, const value& before, const value& after) {
    import_change one{before.is_null() ? import_step::added : import_step::changed,
                      line(row),
                      std::move(what),
                      {},
                      value::object(),
                      value::object()};
    if (before.is_null()) {
        one.before = value();
        one.after = after;
    } else {
        for (const auto& [name, now] : *after.as_members()) {
            const value* was = before.find(name);
            if (was != nullptr && *was == now) continue;
            one.before.set(name, was == nullptr ? value() : *was);
            one.after.set(name, now);
        }
        one.detail = names_of(one.after);
    }
    plan_->report.changes.push_back(std::move(one));
}

void sheet::remove(std::string what, value before) {
    plan_->report.changes.push_back(
        {import_step::removed, 0, std::move(what), {}, std::move(before), value()});
}

std::string names_of(const value& members) {
    std::string all;
    for (const auto& [name, text] : *members.as_members())
        all.append(all.empty() ? "" : ", ").append(name);
    return all;
}

namespace {

void record(db::write_tx& tx, const actor& who, std::string_view what, const import_change& one) {
    constexpr std::string_view verbs[] = {"import_added", "import_changed", "import_removed"};
    audit::append(tx, who,
                  {.verb = verbs[static_cast<std::size_t>(one.step)],
                   .subject_kind = "catalogue",
                   .before = one.before.is_null() ? value::object() : one.before,
                   .after = one.after.is_null() ? value::object() : one.after,
                   .note = std::string(what) + ": " + one.what});
}

} // namespace

result<import_report> carry_out(db::write_tx& tx, const actor& who, import_plan plan, std::string_view what) {
    if (!who.is_platform()) return error(errc::not_allowed);
    if (!plan.report.is_clean())
        return error(errc::invalid, "import.rows")
            .with("n", std::to_string(plan.report.issues.size()))
            .with("line", std::to_string(plan.report.issues.front().line));
    if (plan.steps.empty()) return std::move(plan.report);
    for (const auto& step : plan.steps)
        step(tx);
    audit::append(tx, who,
                  {.verb = "import_data",
                   .subject_kind = "catalogue",
                   .after = value::object()
                                .set("what", what)
                                .set("added", plan.report.count(import_step::added))
                                .set("changed", plan.report.count(import_step::changed))
                                .set("removed", plan.report.count(import_step::removed))});
    for (const auto& one : plan.report.changes)
        record(tx, who, what, one);
    return std::move(plan.report);
}

} // namespace core::catalogue
