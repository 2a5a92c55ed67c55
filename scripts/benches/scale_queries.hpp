// The people who ask in the bench `scale`, and how its queries are made.
#pragma once
#include "core/appointment/queries.hpp"
#include "core/base/template.hpp"
#include "core/due/due.hpp"
#include "core/filing/queries.hpp"
#include "notify/hub/inbox.hpp"
#include "scripts/benches/scale_data.hpp"

#include <functional>

namespace bench {

using core::actor;

struct people {
    std::vector<actor> companies;          // some, picked by chance
    std::vector<std::string> names, codes; // of them
    actor reviewer, scheduler, platform, regulator;
    actor head; // of the institution: its administrator
};

using query = std::function<std::size_t(read_view&, const people&, std::size_t)>;
struct listed_query {
    const char* name;
    query run;
};

inline std::size_t instruments(read_view& v, const actor& who, const core::instrument::filter& f,
                               bool second = false) {
    auto page = core::instrument::list_page(v, who, f, {}, 50);
    if (page && second && page->next) page = core::instrument::list_page(v, who, f, *page->next, 50);
    return page ? page->rows.size() : 0;
}

inline std::size_t texts(read_view& v, const actor& who, std::string text) {
    core::instrument::filter f;
    f.text = std::move(text);
    return instruments(v, who, f);
}

// A list that `set` makes out of the empty filter.
template<class Set>
query instruments_of(actor people::*who, Set set) {
    return [who, set](read_view& v, const people& p, std::size_t) {
        core::instrument::filter f;
        set(f);
        return instruments(v, p.*who, f);
    };
}
template<class Set>
query own_instruments(Set set) {
    return [set](read_view& v, const people& p, std::size_t i) {
        core::instrument::filter f;
        set(f);
        return instruments(v, p.companies[i], f);
    };
}
template<class Set>
query filings(Set set) {
    return [set](read_view& v, const people& p, std::size_t) {
        core::filing::work_filter f;
        set(f);
        return core::filing::list_work(v, p.reviewer, f, {}, 50).size();
    };
}
template<class Set>
query orders(Set set) {
    return [set](read_view& v, const people& p, std::size_t) {
        core::appointment::order_filter f;
        set(f);
        return core::appointment::list_work(v, p.scheduler, f, {}, 50).size();
    };
}
template<class Set>
query own_orders(Set set) {
    return [set](read_view& v, const people& p, std::size_t i) {
        core::appointment::order_filter f;
        set(f);
        return core::appointment::list_orders(v, p.companies[i], f, 0, 20).size();
    };
}
template<class Set>
query due_of(bool company, Set set) {
    return [company, set](read_view& v, const people& p, std::size_t i) {
        core::due::filter f;
        set(f);
        return core::due::list_due(v, company ? p.companies[i] : p.reviewer, f, {}, 50).size();
    };
}
// A part of a serial number that exists, another each time.
inline query serial_part(actor people::*who, std::size_t from, std::size_t length) {
    return [=](read_view& v, const people& p, std::size_t i) {
        return texts(v, p.*who, serial_of(static_cast<std::int64_t>(i * 97)).substr(from, length));
    };
}

// What is due of the companies that a name's beginning of so many bytes names.
inline query due_of_part(core::due::tab of, std::size_t bytes) {
    return [of, bytes](read_view& v, const people& p, std::size_t i) {
        core::due::filter f;
        f.of = of;
        f.text = p.names[i].substr(0, bytes);
        return core::due::list_due(v, p.reviewer, f, {}, 50).size();
    };
}

inline query due_of_named(core::due::tab of) {
    return due_of_part(of, std::string::npos);
}

// Whose: one of the companies, or a person of the institution.
using whose = const actor& (*)(const people& p, std::size_t i);
inline const actor& own(const people& p, std::size_t i) {
    return p.companies[i];
}
inline const actor& staff(const people& p, std::size_t) {
    return p.scheduler;
}
inline query inbox(whose who, notify::inbox_filter f) {
    return [who, f](read_view& v, const people& p, std::size_t i) {
        static const core::template_set templates({});
        static const notify::message_book book(templates);
        return notify::list_inbox(v, book, who(p, i), f, 0, 20).items.size();
    };
}

using named_queries = std::vector<listed_query>;

} // namespace bench
