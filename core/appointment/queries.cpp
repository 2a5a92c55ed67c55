#include "core/appointment/queries.hpp"

#include "core/account/uscc.hpp"
#include "core/appointment/appointment_store.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

namespace core::appointment {
namespace {

// Periods of the days a list meets, each day asked for once.
class slot_cache {
  public:
    slot_cache(db::read_view& view, std::int64_t institution) : view_(&view), institution_(institution) {}
    std::optional<slot> find(const order& o) {
        const auto [at, fresh] = days_.try_emplace({o.method, to_text(o.day)});
        if (fresh) at->second = list_day_slots(*view_, institution_, o.method, o.day);
        for (const auto& s : at->second)
            if (s.starts == o.starts) return s;
        return std::nullopt;
    }

  private:
    db::read_view* view_;
    std::int64_t institution_;
    std::map<std::pair<std::string, std::string>, std::vector<slot>> days_;
};

std::vector<std::int64_t> bound_among(db::read_view& view, const std::vector<order>& found) {
    std::vector<std::int64_t> companies;
    for (const auto& o : found)
        companies.push_back(o.applicant_id);
    std::sort(companies.begin(), companies.end());
    companies.erase(std::unique(companies.begin(), companies.end()), companies.end());
    return store::list_bound(view, companies);
}

std::vector<work_order> as_work(db::read_view& view, std::int64_t institution, std::vector<order> found) {
    store::put_lines(view, found);
    const auto bound = bound_among(view, found);
    slot_cache slots(view, institution);
    std::vector<work_order> all;
    for (auto& o : found) {
        work_order w;
        w.items = summarise(o.lines);
        if (const auto s = slots.find(o)) {
            w.taken = s->taken;
            w.capacity = s->capacity;
            w.orders_taken = s->orders_taken;
            w.orders = s->orders;
        }
        w.bound = std::find(bound.begin(), bound.end(), o.applicant_id) != bound.end();
        w.what = std::move(o);
        all.push_back(std::move(w));
    }
    return all;
}

// The company whose credit code or whole name was typed; 0: no company.
std::int64_t company_of(db::read_view& view, const std::string& text) {
    if (count_characters(text) < 4) return 0;
    const auto code = account::check_uscc(text);
    return store::find_company(view, code ? *code : "", text);
}

std::vector<order> find_one(db::read_view& view, std::int64_t institution, std::string_view number) {
    auto found = store::find(view, store::id_of(view, number));
    if (!found || found->institution_id != institution) return {};
    found->lines.clear();
    std::vector<order> one;
    one.push_back(std::move(*found));
    return one;
}

bool works_for_an_institution(const actor& who) {
    return who.kind == actor_kind::staff && who.institution_id != 0;
}

desk_hit hit_of(db::read_view& view, order o) {
    desk_hit h;
    const bool waits = o.status == order_status::confirmed || o.status == order_status::received;
    if (!waits)
        h.kind = desk_find::wrong_state;
    else if (o.status == order_status::confirmed && o.day != view.today())
        h.kind = desk_find::wrong_day;
    else
        h.kind = desk_find::found;
    h.orders.push_back(std::move(o));
    return h;
}

desk_hit find_number_at_desk(db::read_view& view, const actor& who, std::string_view number) {
    auto found = store::find(view, store::id_of(view, number));
    if (!found) return {};
    if (who.is_staff_of(found->institution_id)) return hit_of(view, std::move(*found));
    desk_hit h;
    h.kind = desk_find::wrong_institution; // who holds the number may be sent where it belongs
    h.institution = found->institution_name;
    return h;
}

} // namespace

result<order> get_order(db::read_view& view, const actor& who, std::int64_t id) {
    auto found = store::find(view, id);
    if (!found) return error(errc::not_found);
    const bool own = who.is_applicant() && found->applicant_id == who.applicant_id;
    const bool supervised =
        who.reads_region(found->applicant_region) || who.reads_region(found->institution_region);
    if (own || who.is_platform() || who.is_staff_of(found->institution_id) || supervised)
        return std::move(*found);
    return error(errc::not_found);
}

std::vector<order> read_orders(db::read_view& view, std::span<const std::int64_t> ids) {
    return store::find_all(view, ids);
}

result<std::int64_t> find_own_by_number(db::read_view& view, const actor& who, std::string_view number) {
    const auto id = store::id_of(view, number);
    if (id == 0) return error(errc::not_found);
    if (const auto seen = get_order(view, who, id); !seen) return seen.error();
    return id;
}

std::string public_order::time_words(date today) const {
    return date_words(day, today) + range_text(starts, ends);
}

std::optional<public_order> find_by_number(db::read_view& view, std::string_view number) {
    if (!is_order_number(number)) return std::nullopt; // a mistyped digit costs no look-up
    return store::find_public(view, number);
}

std::optional<chat_order> find_for_chat(db::read_view& view, std::span<const std::int64_t> applicants,
                                        std::string_view number) {
    if (!is_order_number(number)) return std::nullopt;
    auto found = store::find_without_lines(view, number);
    if (!found) return std::nullopt;
    if (std::find(applicants.begin(), applicants.end(), found->applicant_id) != applicants.end())
        return chat_order{std::move(*found), true};
    chat_order c; // what public_order has, field by field: a new field of order stays hidden
    c.what.number = std::move(found->number);
    c.what.method = std::move(found->method);
    c.what.status = found->status;
    c.what.day = found->day;
    c.what.starts = found->starts;
    c.what.ends = found->ends;
    c.what.institution_name = std::move(found->institution_name);
    c.what.institution_address = std::move(found->institution_address);
    c.what.institution_phone = std::move(found->institution_phone);
    c.what.institution_hours = std::move(found->institution_hours);
    c.what.bring_note = std::move(found->bring_note);
    return c;
}

std::vector<order> list_latest(db::read_view& view, std::span<const std::int64_t> applicants, int limit) {
    std::vector<order> all; // one person acts for a few companies at most
    for (const auto id : applicants)
        for (auto& o : store::list_latest(view, id, limit))
            all.push_back(std::move(o));
    std::sort(all.begin(), all.end(), [](const order& a, const order& b) { return a.id > b.id; });
    if (all.size() > static_cast<std::size_t>(limit)) all.resize(static_cast<std::size_t>(limit));
    return all;
}

std::vector<order> list_orders(db::read_view& view, const actor& who, const order_filter& f,
                               std::int64_t after, int limit) {
    if (!who.is_applicant()) return {};
    auto all = store::list_own(view, who.applicant_id, f, after, limit);
    store::put_lines(view, all);
    return all;
}

work_key key_of(const work_order& w, const order_filter& f) {
    return f.status == "pending" ? work_key{to_ms(w.what.due_at), w.what.id} : work_key{0, w.what.id};
}

std::vector<work_order> list_work(db::read_view& view, const actor& who, const order_filter& f,
                                  work_key after, int limit) {
    const auto where = catalogue::readable_institution(view, who, f.institution);
    if (where == 0) return {};
    if (const auto number = find_order_number(f.text))
        return after.id != 0 ? std::vector<work_order>{}
                             : as_work(view, where, find_one(view, where, *number));
    if (f.status == "pending")
        return as_work(view, where, store::list_pending_work(view, where, f, after, limit));
    if (const auto company = company_of(view, f.text))
        return as_work(view, where, store::list_company_work(view, company, where, f, after.id, limit));
    return as_work(view, where, store::list_other_work(view, where, f, after.id, limit));
}

std::vector<work_order> list_day(db::read_view& view, const actor& who, date day, std::string_view method) {
    if (!works_for_an_institution(who)) return {};
    return as_work(view, who.institution_id, store::list_day(view, who.institution_id, day, method));
}

int& status_counts::of(order_status s) {
    switch (s) {
    case order_status::pending:
        return pending;
    case order_status::confirmed:
        return confirmed;
    case order_status::rejected:
        return rejected;
    case order_status::received:
        return received;
    case order_status::completed:
        return completed;
    case order_status::order_returned:
        return order_returned;
    case order_status::cancelled:
        return cancelled;
    case order_status::expired:
        return expired;
    case order_status::none:
        break;
    }
    throw std::logic_error("no order is counted without a status");
}

int status_counts::of(order_status s) const {
    return status_counts(*this).of(s);
}

int status_counts::total() const {
    int all = 0;
    for (const auto s : order_states)
        all += of(s);
    return all;
}

status_counts count_by_status(db::read_view& view, const actor& who, std::int64_t institution) {
    if (who.is_applicant()) return store::count_of_applicant(view, who.applicant_id);
    const auto where = catalogue::readable_institution(view, who, institution);
    return where == 0 ? status_counts{} : store::count_of_institution(view, where);
}

desk_hit find_at_desk(db::read_view& view, const actor& who, std::string_view text) {
    if (!works_for_an_institution(who)) return {};
    if (const auto number = find_order_number(text)) return find_number_at_desk(view, who, *number);
    const std::string words = tidy_line(text);
    if (count_characters(words) < 2 || !is_utf8(words)) return {};
    const auto code = account::check_uscc(words);
    desk_hit h;
    h.orders = store::list_of_company(view, who.institution_id, view.today(), code ? *code : words);
    store::put_lines(view, h.orders);
    if (!h.orders.empty()) h.kind = h.orders.size() == 1 ? desk_find::found : desk_find::several;
    return h;
}

} // namespace core::appointment
