#include "core/filing/queries.hpp"

#include "core/filing/filing_store.hpp"
#include "core/filing/queries_store.hpp"
#include "core/journal/audit.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace core::filing {
namespace {

struct tab_name {
    tab of;
    std::string_view code;
};
constexpr std::array<tab_name, 5> tab_names = {{{tab::submitted, "submitted"},
                                                {tab::dispatched, "dispatched"},
                                                {tab::outgoing, "outgoing"},
                                                {tab::returned, "returned"},
                                                {tab::filed, "filed"}}};

constexpr std::array<label, 18> verb_texts = {{{"add", "登记器具"},
                                               {"submit", "提交备案"},
                                               {"accept", "备案成功"},
                                               {"give_back", "退回企业"},
                                               {"dispatch", "分派县级机构"},
                                               {"decline", "退回上一机构"},
                                               {"take_back", "收回分派"},
                                               {"pass_up", "转上一级机构"},
                                               {"withdraw", "企业撤回"},
                                               {"unfile_at_desk", "退单，撤销备案"},
                                               {"remove", "删除"},
                                               {"cancel", "注销备案"},
                                               {"change", "变更备案信息"},
                                               {"ask_cancel", "申请注销备案"},
                                               {"ask_change", "申请变更备案信息"},
                                               {"refuse_request", "未同意申请"},
                                               {"withdraw_request", "企业撤回申请"},
                                               {"lapse_request", "申请随退单失效"}}};

// Working days between two dates; each day of the calendar is looked up once per list.
class working_calendar {
  public:
    explicit working_calendar(db::read_view& view) : view_(&view) {}

    // From the day after `from` to `to`; negative when `to` is earlier. Counts at most a year.
    int between(date from, date to) {
        if (to < from) return -between(to, from);
        int n = 0;
        for (int guard = 0; from < to && guard < 366; ++guard) {
            from = add_days(from, 1);
            n += is_working(from) ? 1 : 0;
        }
        return n;
    }

  private:
    bool is_working(date d) {
        const auto at = known_.find(d);
        if (at != known_.end()) return at->second;
        return known_[d] = catalogue::is_working_day(*view_, d);
    }
    db::read_view* view_;
    std::map<date, bool> known_;
};

template<class T>
void most_frequent(std::vector<T>& all) {
    std::stable_sort(all.begin(), all.end(), [](const T& a, const T& b) { return a.times > b.times; });
    if (all.size() > 5) all.resize(5);
}

} // namespace

std::string_view code_of(tab t) {
    return tab_names[static_cast<std::size_t>(t)].code;
}

std::optional<tab> parse_tab(std::string_view code) {
    for (const auto& n : tab_names)
        if (n.code == code) return n.of;
    return std::nullopt;
}

int work_counts::of(tab t) const {
    const std::array<int, 5> all = {submitted, dispatched, outgoing, returned, filed};
    return all[static_cast<std::size_t>(t)];
}

work_key key_of(const work_item& w) {
    return {w.due_at ? to_ms(*w.due_at) : 0, w.id};
}

std::vector<work_item> list_work(db::read_view& view, const actor& who, const work_filter& f, work_key after,
                                 int limit) {
    const auto where = catalogue::readable_institution(view, who, f.institution);
    if (where == 0) return {};
    auto all = store::list_work(view, where, f, after, limit);
    working_calendar calendar(view);
    const date today = view.today();
    for (auto& w : all) {
        w.waited_days = calendar.between(local_date(w.since), today);
        if (!w.due_at) continue;
        w.due_days = calendar.between(today, local_date(*w.due_at));
        if (*w.due_at < view.now()) w.due_days = std::min(w.due_days, -1); // late since this evening too
    }
    return all;
}

work_counts count_work(db::read_view& view, const actor& who, std::int64_t institution) {
    const auto where = catalogue::readable_institution(view, who, institution);
    return where == 0 ? work_counts{} : store::count_work(view, where);
}

std::string_view verb_text(std::string_view verb) {
    return text_of(verb_texts, verb);
}

result<std::vector<history_step>> list_steps(db::read_view& view, const actor& who, std::int64_t id) {
    if (const auto seen = instrument::get(view, who, id); !seen) return seen.error();
    std::vector<history_step> all;
    for (auto& e : audit::list_for(view, "instrument", id)) {
        const auto text = verb_text(e.verb);
        if (text.empty()) continue;
        all.push_back({e.at, e.verb, text, e.after.text("institution"),
                       who.kind == actor_kind::staff ? e.actor_name : "", e.note});
    }
    return all;
}

result<std::vector<return_reason>> list_reasons(db::read_view& view, const actor& who, std::int64_t id) {
    if (const auto seen = instrument::get(view, who, id); !seen) return seen.error();
    return store::list_filing_reasons(view, id);
}

result<proposal> propose(db::read_view& view, const actor& who, std::int64_t id) {
    const auto i = instrument::get(view, who, id);
    if (!i) return i.error();
    const std::string city = catalogue::city_of(i->region_code);
    proposal all;
    std::map<std::int64_t, int> places;
    for (const auto& seen : store::list_learned(view, store::model_key(*i))) {
        all.times += seen.times;
        if (seen.city_code == city) places[seen.institution_id] += seen.times;
        const auto at = std::find_if(all.rows.begin(), all.rows.end(), [&](const auto& r) {
            return r.entry.id == seen.catalogue_id && r.period_months == seen.period_months;
        });
        if (at != all.rows.end())
            at->times += seen.times;
        else if (auto e = catalogue::find_entry(view, seen.catalogue_id))
            all.rows.push_back({std::move(*e), seen.period_months, seen.times});
    }
    for (const auto& [institution, times] : places)
        if (auto place = catalogue::find_institution(view, institution))
            all.places.push_back({std::move(*place), times});
    most_frequent(all.rows);
    most_frequent(all.places);
    return all;
}

result<std::vector<dispatch_target>> list_counties(db::read_view& view, const actor& who, std::int64_t id) {
    const auto i = instrument::get(view, who, id);
    if (!i) return i.error();
    const auto here = catalogue::find_institution(view, who.institution_id);
    std::vector<dispatch_target> all;
    if (!here || here->level != "city") return all;
    const auto learned = propose(view, who, id);
    for (auto& place : catalogue::list_able_counties(view, *here, instrument::need_of(*i), i->region_code)) {
        dispatch_target t;
        t.same_county = place.region_code == i->region_code;
        for (const auto& p : learned->places)
            if (p.place.id == place.id) t.times = p.times;
        t.place = std::move(place);
        all.push_back(std::move(t));
    }
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return a.same_county != b.same_county ? a.same_county : a.times > b.times;
    });
    // Where its model went before says more than the map: a county may not be able to verify it.
    const auto most = std::max_element(all.begin(), all.end(),
                                       [](const auto& a, const auto& b) { return a.times < b.times; });
    if (most != all.end() && (all.front().same_county || most->times > 0))
        (most->times > all.front().times ? *most : all.front()).proposed = true;
    return all;
}

} // namespace core::filing
