// Filed instruments and orders in every state, made by the verbs of core: two companies of schema/demo, their
// city's institution with a week of periods, its people, and the same people of another institution.
#pragma once
#include "core/appointment/queries.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/world_accounts.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tests {

inline constexpr std::string_view gauge = "压力表（指示类、显示类）"; // of 压力仪表
inline constexpr std::string_view transformer = "电流互感器、电压互感器";
inline constexpr std::string_view charger = "交流充电桩";

class order_world : public account_world {
  public:
    // Deliver: Monday to Friday 08:30, 10:00 and 14:30, 10 台件 and 5 orders each; on site 08:30, 20 and 2.
    explicit order_world(core::instant start = tuesday_morning);

    void widen(); // the same periods with room for 10,000 台件 and 1,000 orders

    std::int64_t institution = 0; // 佛山
    std::int64_t elsewhere = 0;   // its county
    core::actor company, colleague, other_company;
    core::actor scheduler, desk, verifier, reviewer, admin; // one role each
    core::actor platform, regulator;
    // The same person with this role alone, at the other institution.
    core::actor abroad(core::role r) const;
    core::date wednesday; // the first bookable day

    // New instruments of this company, filed with `institution`.
    std::int64_t filed(const core::actor& who, std::string_view method = "deliver",
                       std::string_view kind = gauge);
    std::vector<std::int64_t> filed(const core::actor& who, int n, std::string_view method = "deliver",
                                    std::string_view kind = gauge);
    // A booking of these as the company would make it.
    core::appointment::booking wish(std::vector<std::int64_t> ids, core::date day, int starts = 510) const;
    std::int64_t book(const core::actor& who, std::vector<std::int64_t> ids, core::date day,
                      int starts = 510);
    std::int64_t book(int pieces = 1) { return book(company, filed(company, pieces), wednesday); }
    // An order of `company` that came to this state by verbs. The clock stands where it stood.
    std::int64_t in_state(core::appointment::order_status s, int pieces = 1,
                          std::string_view method = "deliver");

    core::appointment::order order(std::int64_t id);
    // Results that pass for every line without one; certificate numbers never used before.
    std::vector<core::appointment::line_result> passing(const core::appointment::order& o);
    void do_now(const attempt& verb) { write(verb).value(); } // throws when refused
    std::string refusal(const attempt& verb);                 // the text key, "" when it went through

    // What must hold at any time: taken capacity is the sum over the orders that hold it, an instrument is in
    // one open order at most, lines fit their orders. Names the first fault; "" when all is well.
    std::string broken_invariant();

  private:
    void offer(int deliver, int deliver_orders, int onsite, int onsite_orders);
    std::map<std::string, std::int64_t> entries_; // of the catalogue, by 种别
    int serial_ = 0, certificate_ = 0;
};

} // namespace tests
