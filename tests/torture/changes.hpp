// People who change things for one company, its own and the institution's, at random: filings, orders through
// their whole life, and the company itself. Each change answered as done is noted in a file, so that none can
// be lost silently.
#pragma once
#include "core/base/actor.hpp"
#include "core/db/database.hpp"
#include "notify/hub/hub.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <random>
#include <string_view>

namespace torture {

// Every verb that is walked, and the kind of event that each time must come of it.
struct told_verb {
    std::string_view verb, subject_kind, event;
};
inline constexpr auto told_verbs = std::to_array<told_verb>({{"suspend", "applicant", "applicant_suspended"},
                                                             {"resume", "applicant", "applicant_resumed"},
                                                             {"submit", "instrument", "filing_submitted"},
                                                             {"give_back", "instrument", "filing_returned"},
                                                             {"book", "order", "order_submitted"},
                                                             {"confirm", "order", "order_confirmed"},
                                                             {"reject", "order", "order_rejected"},
                                                             {"cancel", "order", "order_cancelled"},
                                                             {"receive", "order", "order_received"},
                                                             {"unreceive", "order", "order_unreceived"},
                                                             {"complete", "order", "order_completed"}});

class note_book { // appended to by every thread of the process, and by the next process
  public:
    explicit note_book(const std::filesystem::path& file);
    void note(std::string_view verb, std::int64_t company);

  private:
    int file_;
};

class changer {
  public:
    changer(core::db::database& db, notify::hub& hub, note_book& notes, std::int64_t company,
            std::uint64_t seed);
    void step(); // one change, or none when its rule refuses

  private:
    using verb = std::function<core::result<>(core::db::write_tx&)>;
    void walk(std::string_view name, const verb& f);
    int below(int bound) { return static_cast<int>(dice_() % static_cast<unsigned>(bound)); }
    void change_company();
    void change_filing();
    void change_order();
    void book();
    void decide(std::int64_t order);
    void change_confirmed(std::int64_t order);
    void change_received(std::int64_t order);

    core::db::database* db_;
    notify::hub* hub_;
    note_book* notes_;
    std::int64_t company_;
    std::mt19937_64 dice_;
    core::actor admin_, owner_, staff_;
};

} // namespace torture
