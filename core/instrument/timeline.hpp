// What happened to one instrument, in one list: entering, edits, files, filing, booking, reception, results,
// messages. Read from the audit journal, the results and the outbox; nothing of it is written anywhere else.
// Ids of all of them come from one source and sort by time.
#pragma once
#include "core/instrument/instrument.hpp"

namespace core::instrument {

enum class happening {
    change, // of the instrument itself: add, edit, attach, submit, accept … (verb)
    order,  // of an appointment order it is in: book, confirm, receive … (verb)
    result, // a verification result: passed, failed, not_tested (verb)
    message // something its company is told: kind of the event (verb)
};

struct field_change {
    std::string label, before, after; // as shown: 器具名称; words of choices
};
struct timeline_entry {
    std::int64_t id = 0; // key of the page
    instant at;
    happening what{};
    std::string verb, reason;
    std::string who; // the company's people by name; staff only for their own institution and the platform
    std::string institution;  // concerned, "" none
    std::string order_number; // of an order's entries and results
    std::string certificate_no;
    std::vector<field_change> changes; // of an edit
};
struct timeline {
    std::vector<timeline_entry> entries; // newest first
    bool goes_on = false;                // there are older ones than the last
};
// Before the entry `before` (0: from the newest), at most `limit`. For whoever may see the
// instrument, deleted ones too (F5); an
// institution sees its own part and the company's, not what other institutions did. Refuses not_found.
result<timeline> list_timeline(db::read_view& view, const actor& who, std::int64_t id, std::int64_t before,
                               int limit);

} // namespace core::instrument
