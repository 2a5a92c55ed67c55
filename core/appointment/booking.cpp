// Booking (A1): what may go into one order, the company's limits, and the order itself.
#include "core/account/applicant.hpp"
#include "core/account/uscc.hpp"
#include "core/appointment/appointment_facts.hpp"
#include "core/appointment/order_step.hpp"
#include "core/appointment/rule.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <stdexcept>

namespace core::appointment {
namespace {

// A0, A0c: why this one can't be booked. One that is not used (停用, 报废) need not be verified (实施细则
// art. 22).
std::optional<error> why_not(const result<instrument::instrument>& i, bool is_asked) {
    if (!i) return i.error();
    if (i->filing_status != "filed")
        return error(errc::invalid, "order.not_filed", "instruments").with("name", i->name);
    if (!instrument::is_in_service(*i))
        return error(errc::invalid, "order.out_of_service", "instruments").with("name", i->name);
    if (!i->line_status.empty())
        return error(errc::conflict, "order.busy", "instruments").with("name", i->name);
    if (is_asked) // F12, F14: what it is, or whether it is filed at all, is being decided
        return error(errc::conflict, "order.asked", "instruments").with("name", i->name);
    return std::nullopt;
}

bool may_book(const actor& who) {
    if (who.is_applicant()) return true;
    return who.kind == actor_kind::staff && who.institution_id != 0 && who.roles.any(row_of("A1b").who.staff);
}

result<order_plan> check_selection(db::read_view& view, const actor& who, const booking& b) {
    if (b.instruments.empty()) return error(errc::invalid, "order.none", "instruments");
    if (b.instruments.size() > most_pieces)
        return error(errc::too_many, "order.too_many", "instruments")
            .with("most", std::to_string(most_pieces));
    auto chosen = plan_orders(view, who, b.instruments);
    if (!chosen.others.empty()) return chosen.others.front().why;
    if (chosen.plans.size() > 1)
        return error(errc::invalid, "order.mixed", "instruments") // A0b, M27
            .with("n", std::to_string(chosen.plans.size()))
            .with("institution", chosen.plans.front().institution_name)
            .with("kept", std::to_string(chosen.plans.front().items.size()));
    if (!who.is_applicant() && chosen.plans.front().institution_id != who.institution_id)
        return error(errc::not_found); // filed with it once, with another now
    return std::move(chosen.plans.front());
}

struct contact {
    std::string name, phone, note;
};
result<contact> check_contact(const booking& b) {
    contact c{tidy_line(b.contact_name), "", tidy_line(b.note)};
    std::vector<error> wrong;
    if (c.name.empty() || !is_utf8(c.name) || count_characters(c.name) > 30)
        wrong.push_back(error(errc::invalid, "contact.required", "contact_name"));
    if (auto phone = account::check_phone(b.contact_phone, "contact_phone"))
        c.phone = *phone;
    else
        wrong.push_back(phone.error());
    if (!is_utf8(c.note) || count_characters(c.note) > 100)
        wrong.push_back(error(errc::invalid, "field.long", "note").with("label", "备注").with("most", "100"));
    if (!wrong.empty()) return all_of(std::move(wrong));
    return c;
}

struct checked_booking {
    order_plan what;
    contact person;
    slot when;
};
// Everything but capacity.
result<checked_booking> check(db::read_view& view, const actor& who, const booking& b) {
    if (!may_book(who)) return error(errc::not_allowed);
    if (who.is_applicant()) // R2, before anything is looked at
        if (const auto fine = account::check_standing(view, who.applicant_id); !fine) return fine.error();
    auto chosen = check_selection(view, who, b);
    if (!chosen) return chosen.error();
    if (const auto fine = account::check_standing(view, chosen->applicant_id); !fine) return fine.error();
    auto person = check_contact(b);
    if (!person) return person.error();
    if (who.is_applicant()) // staff book past the limits (A1b)
        if (auto fine = check_limits(view, chosen->applicant_id, chosen->institution_id, b.day); !fine)
            return fine.error();
    const auto fits = check_slot(view, chosen->institution_id, chosen->method, b.day, b.starts,
                                 chooser_of(who, b.knowingly));
    if (!fits) return fits.error();
    return checked_booking{std::move(*chosen), std::move(*person), *fits};
}

const order_row& row_for(db::read_view& view, const actor& who, const order_plan& p) {
    if (!who.is_applicant()) return row_of("A1b");
    return row_of(rule_at(view, p.institution_id, "orders.auto_confirm") != 0 ? "A1a" : "A1");
}

} // namespace

load order_plan::brings() const {
    load all;
    for (const auto& i : items)
        all.add(i.l1, i.l2);
    return all;
}

result<> check_limits(db::read_view& view, std::int64_t applicant, std::int64_t institution, date day,
                      int planned, int that_day) {
    const int most = rule_at(view, institution, "orders.most_open");
    if (store::count_open(view, applicant, institution) + planned >= most)
        return error(errc::too_many, "order.most_open").with("most", std::to_string(most));
    if (auto fine = check_day_limit(view, applicant, institution, day, that_day); !fine) return fine.error();
    const int allowed = rule_at(view, institution, "orders.no_shows");
    const int days = rule_at(view, institution, "orders.no_show_days");
    const auto missed = store::count_no_shows(view, applicant, institution, add_days(view.today(), -days));
    if (allowed > 0 && missed >= allowed)
        return error(errc::not_allowed, "order.no_shows")
            .with("n", std::to_string(missed))
            .with("days", std::to_string(days));
    return {};
}

selection plan_orders(db::read_view& view, const actor& who, std::span<const std::int64_t> ids) {
    std::vector<std::int64_t> each(ids.begin(), ids.end());
    std::sort(each.begin(), each.end());
    each.erase(std::unique(each.begin(), each.end()), each.end());
    selection all;
    auto found = instrument::get_all(view, who, each);
    const auto asked = store::asked_of(view, each);
    for (std::size_t n = 0; n < each.size(); ++n) {
        auto& i = found[n];
        const bool is_asked = std::find(asked.begin(), asked.end(), each[n]) != asked.end();
        if (auto why = why_not(i, is_asked)) {
            all.others.push_back({each[n], std::move(*why)});
            continue;
        }
        const auto same = std::find_if(all.plans.begin(), all.plans.end(), [&](const order_plan& p) {
            return p.applicant_id == i->applicant_id && p.institution_id == i->institution_id &&
                   p.method == i->method;
        });
        if (same != all.plans.end())
            same->items.push_back(std::move(*i));
        else {
            order_plan p{i->applicant_id, i->institution_id, i->institution_name, i->method, {}};
            p.items.push_back(std::move(*i));
            all.plans.push_back(std::move(p));
        }
    }
    std::stable_sort(all.plans.begin(), all.plans.end(),
                     [](const auto& a, const auto& b) { return a.items.size() > b.items.size(); });
    return all;
}

std::vector<preview> preview_orders(db::read_view& view, const selection& s, std::size_t times) {
    std::vector<preview> all;
    for (const auto& p : s.plans)
        all.push_back({p, list_free(view, p.institution_id, p.method, p.brings(), view.today(), times)});
    return all;
}

std::string free_order_number(db::read_view& view, const std::function<std::string(instant)>& make) {
    for (int tries = 0; tries < 100; ++tries) {
        auto number = make(view.now());
        if (store::id_of(view, number) == 0) return number;
    }
    throw std::runtime_error("a hundred order numbers in a row are taken");
}

result<> check_booking(db::read_view& view, const actor& who, const booking& b) {
    const auto checked = check(view, who, b);
    if (!checked) return checked.error();
    if (b.knowingly && !who.is_applicant()) return {};
    const auto& p = checked->what;
    return check_room(view, p.institution_id, p.method, b.day, checked->when, p.brings());
}

result<std::int64_t> book_order(db::write_tx& tx, const actor& who, const booking& b) {
    const auto checked = check(tx, who, b);
    if (!checked) return checked.error();
    const auto& chosen = checked->what;
    const auto& row = row_for(tx, who, chosen);
    const bool knowingly = b.knowingly && !who.is_applicant();
    const auto taken =
        take_slot(tx, chosen.institution_id, chosen.method, b.day, b.starts, chosen.brings(), knowingly);
    if (!taken) return taken.error();
    order o;
    o.id = tx.new_id();
    o.number = free_order_number(tx);
    o.applicant_id = chosen.applicant_id;
    o.institution_id = chosen.institution_id;
    o.method = chosen.method;
    o.day = b.day;
    o.starts = b.starts;
    o.ends = taken->when.ends;
    o.status = row.to;
    o.pieces = static_cast<int>(chosen.items.size());
    o.overbooked = taken->over;
    o.contact_name = checked->person.name;
    o.contact_phone = checked->person.phone;
    o.note = checked->person.note;
    o.created_at = tx.now();
    o.due_at = answer_due(tx, o.institution_id, o.day, o.starts);
    store::insert_order(tx, o, who.login_id);
    for (const auto& i : chosen.items)
        store::insert_line(tx, o.id, i);
    tell(tx, who, o.id, row, "");
    return o.id;
}

std::vector<booked> book_orders(db::write_tx& tx, const actor& who, std::span<const booking> all) {
    std::vector<booked> answers;
    for (const auto& b : all) {
        if (answers.size() >= most_orders) {
            answers.push_back(
                {0,
                 error(errc::too_many, "order.too_many_orders").with("most", std::to_string(most_orders))});
            continue;
        }
        const auto made = book_order(tx, who, b);
        answers.push_back(made ? booked{*made, std::nullopt} : booked{0, made.error()});
    }
    return answers;
}

} // namespace core::appointment
