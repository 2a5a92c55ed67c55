#include "core/appointment/demo.hpp"

#include "core/account/applicant.hpp"
#include "core/account/demo.hpp"
#include "core/account/member.hpp"
#include "core/account/password.hpp"
#include "core/appointment/calendar.hpp"
#include "core/appointment/queries.hpp"
#include "core/filing/filing.hpp"
#include "core/instrument/attachment.hpp"

#include <array>
#include <map>
#include <stdexcept>

namespace core::demo {
namespace {

using db::write_tx;

struct sample {
    std::string_view name, model, range, accuracy, maker, l2, purpose, method;
};
constexpr std::array<sample, 10> samples = {{
    {"压力表", "Y-100", "(0~1.6) MPa", "1.6级", "上海自动化仪表四厂", "压力表（指示类、显示类）", "safety",
     "deliver"},
    {"压力表", "Y-150", "(0~2.5) MPa", "1.6级", "西安仪表厂", "压力表（指示类、显示类）", "safety",
     "deliver"},
    {"电流互感器", "LZZBJ9-10", "(5~400) A", "0.2S级", "大连第一互感器有限公司", "电流互感器、电压互感器",
     "trade", "deliver"},
    {"糖量计", "WYT-4", "(0~80) %", "0.5级", "泉州光学仪器厂", "糖量计", "trade", "deliver"},
    {"大气采样器", "QC-2B", "(0.1~1.5) L/min", "5级", "北京市劳动保护研究所", "大气采样器", "environment",
     "deliver"},
    {"交流充电桩", "AC-7KW", "220 V 32 A", "2级", "深圳市示例充电设备有限公司", "交流充电桩", "trade",
     "onsite"},
    {"非车载充电机", "DC-60KW", "(200~750) V", "2级", "深圳市示例充电设备有限公司",
     "非车载充电机（直流充电桩）", "trade", "onsite"},
    {"压力表", "YTN-60", "(0~25) MPa", "2.5级", "红旗仪表有限公司", "压力表（指示类、显示类）", "safety",
     "deliver"},
    {"医用诊断X射线机", "DR-3000", "(40~150) kV", "", "东软医疗系统股份有限公司",
     "医用诊断X射线设备（含CR/DR、CT、乳腺、牙科等）", "medical", "onsite"},
    {"电压互感器", "JDZ10-10", "10 kV", "0.2级", "大连第一互感器有限公司", "电流互感器、电压互感器", "trade",
     "deliver"},
}};

struct company {
    std::string_view username, region, phone;
};
constexpr std::array<company, 4> companies = {{{"chenzhiming", "440606", "13800001234"},
                                               {"liangminyi", "440605", "18800000912"},
                                               {"zhouwei", "440604", "13600007755"},
                                               {"wuhai", "440608", "15900003307"}}};

template<class T>
T must(result<T> r, const char* what) {
    if (!r) throw std::runtime_error(std::string("demo data: ") + what + ": " + r.error().detail);
    if constexpr (!std::is_void_v<T>) return std::move(*r);
}

class loader {
  public:
    explicit loader(write_tx& tx) : tx_(&tx) {}

    result<> run(std::string_view hash) {
        catalogue::load_reference_data(*tx_);
        catalogue::load_demo_institutions(*tx_);
        catalogue::load_demo_capabilities(*tx_);
        const auto made = account::add_demo_accounts(*tx_, hash);
        if (!made) return made.error();
        for (const auto& i : catalogue::list_institutions(*tx_))
            open_slots(i.id);
        for (const auto& e : catalogue::list_entries(*tx_))
            entries_[e.l2] = e.id;
        for (std::size_t c = 0; c < companies.size(); ++c)
            people_.push_back(account::acting_as(*tx_, companies[c].username));
        for (std::size_t c = 0; c < companies.size(); ++c)
            fill_company(c, c == 0 ? 64 : 26);
        return {};
    }

  private:
    void open_slots(std::int64_t institution) {
        using appointment::period;
        static constexpr std::array<period, 4> deliver = {
            {{510, 600, 40, 12}, {600, 690, 40, 12}, {870, 960, 40, 12}, {960, 1020, 30, 10}}};
        static constexpr std::array<period, 2> onsite = {{{510, 690, 60, 2}, {870, 1020, 60, 2}}};
        const actor who = staff_of(institution);
        for (const int weekday : appointment::working_week) {
            must(appointment::set_pattern(*tx_, who, institution, "deliver", weekday, deliver), "pattern");
            must(appointment::set_pattern(*tx_, who, institution, "onsite", weekday, onsite), "pattern");
        }
    }

    actor staff_of(std::int64_t institution) const {
        actor a;
        a.kind = actor_kind::staff;
        a.institution_id = institution;
        a.roles = {role::filing_reviewer, role::scheduler, role::front_desk, role::verifier};
        a.name = "林晓敏";
        a.source = "command";
        return a;
    }

    std::int64_t add_instrument(std::size_t c, int n) {
        const auto& s = samples[static_cast<std::size_t>(n) % samples.size()];
        const std::map<std::string, std::string, std::less<>> form = {
            {"name", std::string(s.name)},
            {"model", std::string(s.model)},
            {"measuring_range", std::string(s.range)},
            {"accuracy_class", std::string(s.accuracy)},
            {"serial_no", "A2" + std::to_string(c) + "-" + std::to_string(1000 + n)},
            {"own_no", n % 3 == 0 ? "J-" + std::to_string(n) : ""},
            {"manufacturer", std::string(s.maker)},
            {"origin", "domestic"},
            {"purchased_on", "2024-0" + std::to_string(1 + n % 9) + "-15"},
            {"instrument_status", n % 4 == 0 ? "new" : "in_use"},
            {"purpose", std::string(s.purpose)},
            {"instrument_type", "working"},
            {"catalogue_id", std::to_string(entries_.at(std::string(s.l2)))},
            {"method", std::string(s.method)},
            {"type_approval_no", ""},
            {"location_text", n % 2 == 0 ? "一号车间" : "锅炉房"},
            {"region_code", std::string(companies[c].region)},
            {"tags", n % 5 == 0 ? "重点 锅炉" : ""},
            {"remark", ""}};
        return must(instrument::add(*tx_, people_[c],
                                    [&](std::string_view f) {
                                        const auto at = form.find(f);
                                        return at == form.end() ? std::string() : at->second;
                                    }),
                    "instrument");
    }

    // The last digit decides how far each instrument has come.
    void fill_company(std::size_t c, int count) {
        const actor& who = people_[c];
        std::vector<std::int64_t> deliver;
        std::vector<std::int64_t> onsite;
        const auto targets = catalogue::list_direct(*tx_, companies[c].region);
        const auto place = targets.front();
        for (int n = 0; n < count; ++n) {
            const auto id = add_instrument(c, n);
            if (n % 13 == 3) continue; // unfiled
            const std::array<std::int64_t, 1> one = {id};
            filing::submit(*tx_, who, one, {.institution = place.id, .knowingly = true});
            if (n % 13 == 5) continue; // submitted
            if (n % 13 == 7 && c == 0) {
                const auto counties = catalogue::list_counties_of(*tx_, place);
                if (!counties.empty())
                    must(filing::dispatch(*tx_, staff_of(place.id), id, counties.front().id), "dispatch");
                continue;
            }
            if (n % 13 == 9) {
                filing::given_reasons why;
                why.codes = {n % 2 == 0 ? "photo_unclear" : "other_use"};
                why.kind = n % 2 == 0 ? filing::return_kind::incomplete : filing::return_kind::not_mandatory;
                must(filing::give_back(*tx_, staff_of(place.id), id, why), "give_back");
                continue;
            }
            must(filing::accept(*tx_, staff_of(place.id), id), "accept");
            (instrument::get(*tx_, who, id)->method == "onsite" ? onsite : deliver).push_back(id);
        }
        book_some(c, place, deliver);
        if (onsite.size() > 2) book_one(c, place, {onsite[0], onsite[1]}, 3);
    }

    std::int64_t book_one(std::size_t c, const catalogue::institution& place, std::vector<std::int64_t> ids,
                          int slot_number) {
        const auto what = appointment::plan_orders(*tx_, people_[c], ids).plans.at(0);
        date monday = add_days(tx_->today(), 1 - iso_weekday(tx_->today()));
        for (int week = 0; week < 4; ++week, monday = add_days(monday, 7))
            for (const auto& d : appointment::list_week(*tx_, place.id, what.method, monday, what.brings()))
                for (const auto& s : d.slots)
                    if (s.may_be_chosen() && slot_number-- <= 0)
                        return must(appointment::book_order(*tx_, people_[c],
                                                            {ids, d.day, s.starts, people_[c].name,
                                                             std::string(companies[c].phone), ""}),
                                    "book");
        throw std::runtime_error("demo data: no free slot");
    }

    enum class time_of_day { first, last };

    // By the counter for the company, since companies must book days ahead; confirmed at once. 0: a rest day,
    // or no period of today is still to come.
    std::int64_t book_today(std::size_t c, const catalogue::institution& place,
                            const std::vector<std::int64_t>& ids, time_of_day when) {
        const date today = tx_->today();
        const auto pieces = static_cast<int>(ids.size());
        const auto week = appointment::list_week(
            *tx_, place.id, "deliver", add_days(today, 1 - iso_weekday(today)), appointment::load(pieces));
        int starts = -1;
        for (const auto& d : week)
            for (const auto& s : d.slots) {
                const bool open =
                    d.state == appointment::day_state::open || d.state == appointment::day_state::too_early;
                const bool free =
                    d.day == today && open && s.left() >= pieces && local_minute_of_day(tx_->now()) < s.ends;
                if (free && (starts < 0 || when == time_of_day::last)) starts = s.starts;
            }
        if (starts < 0) return 0;
        return must(appointment::book_order(
                        *tx_, staff_of(place.id),
                        {ids, today, starts, people_[c].name, std::string(companies[c].phone), "电话预约"}),
                    "book today");
    }

    // A confirmed order of today when there can be one, else of the next free day.
    std::int64_t book_confirmed(std::size_t c, const catalogue::institution& place,
                                const std::vector<std::int64_t>& ids, time_of_day when) {
        if (const auto id = book_today(c, place, ids, when); id != 0) return id;
        const auto id = book_one(c, place, ids, 0);
        must(appointment::confirm_order(*tx_, staff_of(place.id), id), "confirm");
        return id;
    }

    void book_some(std::size_t c, const catalogue::institution& place, const std::vector<std::int64_t>& ids) {
        const actor staff = staff_of(place.id);
        std::size_t next = 0;
        const auto take = [&](std::size_t n) {
            std::vector<std::int64_t> part;
            while (part.size() < n && next < ids.size())
                part.push_back(ids[next++]);
            return part;
        };
        if (ids.size() < 10) return;
        book_one(c, place, take(2), 1); // pending
        must(appointment::confirm_order(*tx_, staff, book_one(c, place, take(2), 2)), "confirm");
        must(appointment::reject_order(*tx_, staff, book_one(c, place, take(1), 4),
                                       "该时段已约满，请改约其他时段"),
             "reject");
        must(appointment::cancel_order(*tx_, people_[c], book_one(c, place, take(1), 5), "生产安排有变"),
             "cancel");
        const auto received = book_confirmed(c, place, take(2), time_of_day::first);
        must(appointment::receive_order(*tx_, staff, received, {}), "receive");
        complete(c, place, staff, take(3));
        if (c == 0) complete(c, place, staff, take(2));
        for (int n = c == 0 ? 2 : 1; n > 0; --n) // 今日到检
            if (auto some = take(2); !some.empty()) book_confirmed(c, place, some, time_of_day::last);
    }

    void complete(std::size_t c, const catalogue::institution& place, const actor& staff,
                  const std::vector<std::int64_t>& ids) {
        if (ids.empty()) return;
        const auto id = book_confirmed(c, place, ids, time_of_day::first);
        must(appointment::receive_order(*tx_, staff, id, {}), "receive");
        const auto o = must(appointment::get_order(*tx_, staff, id), "get");
        std::vector<appointment::line_result> results;
        for (std::size_t i = 0; i < o.lines.size(); ++i) {
            appointment::line_result r;
            r.line_id = o.lines[i].id;
            const bool failed = i == 2;
            r.result = failed ? "failed" : "passed";
            r.certificate_no = (failed ? "TZ" : "JD") + std::to_string(202600 + ++certificates_);
            r.verified_on = tx_->today();
            if (!failed)
                r.valid_until = i == 1 ? add_days(tx_->today(), 40)
                                       : appointment::propose_valid_until(
                                             tx_->today(), o.lines[i].period_months.value_or(12), true);
            if (failed) r.failed_items = "示值误差超出最大允许误差";
            r.verifier = "梁敏仪";
            r.checker = "林晓敏";
            results.push_back(std::move(r));
        }
        must(appointment::record_results(*tx_, staff, id, results), "results");
        must(appointment::complete_order(*tx_, staff, id), "complete");
    }

    write_tx* tx_;
    std::map<std::string, std::int64_t, std::less<>> entries_;
    std::vector<actor> people_;
    int certificates_ = 0;
};

} // namespace

result<> load(db::database& db) {
    const std::string hash = account::hash_password(account::demo_password); // slow: before the transaction
    return db.write([&](write_tx& tx) { return loader(tx).run(hash); });
}

std::string accounts_text(db::database& db) {
    std::string out = "Demo accounts, all with the password " + std::string(account::demo_password) + ":\n";
    db.read([&](db::read_view& view) {
        for (const auto& c : companies) {
            const auto who = account::acting_as(view, c.username);
            const auto company = account::find_applicant(view, who.applicant_id);
            out += "  company  " + std::string(c.username) + "  " + company->name + "\n";
        }
        for (const std::string_view name : {"huanglihua", "hejiaxin"}) {
            const auto who = account::acting_as(view, name);
            const auto company = account::find_applicant(view, who.applicant_id);
            out += "  company  " + std::string(name) + "  " + company->name +
                   (company->status == "active" ? ", not the owner\n" : ", not yet reviewed\n");
        }
        for (const std::string_view name : {"linxiaomin", "guopeng", "hemin", "luoxiaoyan", "yejianhua",
                                            "oujianwen", "fengjianguo", "admin"}) {
            const auto who = account::acting_as(view, name);
            const auto place = catalogue::find_institution(view, who.institution_id);
            out += "  staff    " + std::string(name) + "  " + account::role_names(who.roles) + ", " +
                   (place               ? place->name
                    : who.is_platform() ? "the platform"
                                        : "its region") +
                   "\n";
        }
        return 0;
    });
    return out;
}

} // namespace core::demo
