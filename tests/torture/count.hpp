// Afterwards: what was answered as done, what the database says was told, and what the other sides executed,
// held against each other change by change and person by person.
#pragma once
#include "wechat/config.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace core {
class value;
}

namespace torture {

struct executed {                        // by the other sides, in order
    const core::value* wechat = nullptr; // as the sandbox lists it
    std::vector<std::string> gateway;    // ids
};
struct baseline { // what was there before the first change
    std::int64_t event = 0, audit = 0;
};
struct sums {
    int changes = 0, events = 0, told = 0;
    std::map<std::string, int> by_verb, by_channel;
    int marked_doubles = 0;   // a person may have seen two: marked so
    int refused_for_good = 0; // no way was left: on the list of people to phone, or staff; with the reason
    int silent_failures = 0;  // WeChat's word of a failure never reached us: nobody can know
};

class tally {
  public:
    int wrong() const { return wrong_; }
    void expect(bool good, const std::string& what); // prints the first twenty
    baseline now(const wechat::config& c) const;
    sums count(const wechat::config& c, const baseline& before, const executed& there,
               const std::filesystem::path& acknowledged);

  private:
    int wrong_ = 0;
};

} // namespace torture
