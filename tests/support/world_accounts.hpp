// The named companies and people of schema/demo in a world, made by the verbs of core, with cheap password
// hashes. `acting("chenzhiming")` is such a person as after signing in.
#pragma once
#include "core/account/demo.hpp"
#include "core/base/actor.hpp"
#include "tests/support/world.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace tests {

class account_world : public world {
  public:
    explicit account_world(core::instant start = tuesday_morning);

    core::actor acting(std::string_view username, std::int64_t applicant_id = 0);
    std::int64_t company(std::string_view name); // by full name; throws when there is none
    std::int64_t person(std::string_view username);
    // A signed-in browser of this person: the cookie's token.
    std::string sign_in(std::string_view username, std::string_view address = "203.0.113.5");

    static core::actor system();
    static core::actor visitor();
    core::account::demo_accounts demo; // the company of chenzhiming is demo.applicants[0]
};

// Both papers that an approval asks for (R1).
void give_papers(account_world& w, std::int64_t applicant);

} // namespace tests
