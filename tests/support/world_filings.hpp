// Filings in a world: reviewers of a city, its county, the province and elsewhere, and instruments brought by
// verbs into a wanted state.
#pragma once
#include "core/filing/filing.hpp"
#include "tests/support/world_accounts.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tests {

class filing_world : public account_world {
  public:
    explicit filing_world(core::instant start = tuesday_morning);

    core::actor company, other_company; // of 佛山 (440606), of 佛山 too (440605)
    core::actor city, county;           // reviewers of 佛山 and 顺德 (440606)
    core::actor province, elsewhere;    // reviewers of the province's institution and of 深圳

    std::int64_t institution(std::string_view name);
    std::int64_t catalogue_row(std::string_view l2);
    core::actor staff_of(std::int64_t institution, core::role_set roles);

    using fields = std::map<std::string, std::string, std::less<>>;
    // A pressure gauge (V, safety, 送检) of 440606 with a serial number of its own, but for `changed`.
    std::int64_t add_instrument(const core::actor& who, const fields& changed = {});
    std::int64_t add_instrument() { return add_instrument(company); }
    void give_type_paper(std::int64_t id);

    std::int64_t submitted(const fields& changed = {}); // to the city
    std::int64_t dispatched();                          // by the city to the county
    std::int64_t passed_up();                           // by the city to the province
    std::int64_t filed(const fields& changed = {});     // with the city
    std::int64_t returned();                            // by the city, photo_unclear

    std::string status(std::int64_t id);
    core::instrument::instrument get(std::int64_t id); // as the platform sees it
    // "" when done, else the refusal's text key, or the name of its code when it has none.
    template<class F>
    std::string refusal(F verb) {
        const auto done = write(verb);
        if (done) return {};
        return done.error().detail.empty() ? std::string(core::name_of(done.error().code))
                                           : done.error().detail;
    }
    std::vector<core::filing::outcome> submit(const core::actor& who, const std::vector<std::int64_t>& ids,
                                              const core::filing::submission& s);
    std::vector<std::string> audited(std::int64_t instrument); // verbs, oldest first
    std::int64_t events(std::string_view kind);                // outbox rows

  private:
    int serial_ = 0;
};

} // namespace tests
