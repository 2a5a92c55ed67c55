// Tells the platform's administrators by mail that WeChat refuses what only they can mend: alarms about
// WeChat do not travel through WeChat. What they read meanwhile is on their pages (staff/frame.cpp).
#pragma once
#include "core/db/database.hpp"
#include "wechat/mp/breaker.hpp"
#include "wechat/server/problem.hpp"

#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>

namespace wechat {

class breaker_alarm {
  public:
    // One mail: address, subject, text. Refuses when it could not be handed over.
    using mail = std::function<core::result<>(const std::string& address, const std::string& subject,
                                              const std::string& text)>;
    breaker_alarm(const problem_texts& texts, std::string site, mail send);

    // What is stopped now, once a minute: one mail to every administrator with an address for a cause that
    // was not open in the last hour. Handed over to nobody, it is tried again at the next look. A minute's
    // quota mends itself and is no alarm. Gives how many were mailed.
    int look(core::db::database& db, std::span<const mp::block> open);

  private:
    int tell(core::db::database& db, const mp::block& b, bool& lost) const;

    const problem_texts* texts_;
    std::string site_;
    mail send_;
    std::map<std::pair<std::string, mp::cause>, core::instant> seen_; // path and cause, when last
};

} // namespace wechat
