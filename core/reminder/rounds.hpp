// What each round tells; for the .cpp files of this folder only.
#pragma once
#include "core/reminder/reminder_store.hpp"

namespace core::reminder {

struct step {
    std::int64_t cursor = 0; // subjects up to this id are done
    bool more = false;
};
step tell_certificates(db::write_tx& tx, const store::round& r, int most);
step tell_tomorrow(db::write_tx& tx, const store::round& r, int most);
step tell_staff_tomorrow(db::write_tx& tx, const store::round& r, int most);
step tell_staff(db::write_tx& tx, const store::round& r, int most);
step tell_regions(db::write_tx& tx, const store::round& r, int most);

} // namespace core::reminder
