// The shape of a transition table row. Each slice with states keeps its table constexpr and looks rows up
// here; nothing changes a status without such a row (guarantees S16, architecture idea 4).
#pragma once
#include "core/base/actor.hpp"

#include <span>
#include <string_view>

namespace core {

// Who may walk a transition; which company or institution it must be is checked by the verb.
struct who_may {
    bool applicant = false;
    bool system = false;
    role_set staff; // any of these roles

    constexpr bool allows(const actor& a) const {
        switch (a.kind) {
        case actor_kind::applicant:
            return applicant;
        case actor_kind::staff:
            return a.roles.any(staff);
        case actor_kind::system:
            return system;
        case actor_kind::visitor:
            return false;
        }
        return false;
    }
};

template<class State>
struct transition {
    std::string_view id; // "A2", "F8": domain.md section 6
    State from;
    std::string_view verb; // "confirm": function, route, audit row and event share it
    State to;
    who_may who;
    std::string_view event; // outbox kind, or empty when nobody is told
};

template<class State>
constexpr const transition<State>* find_transition(std::span<const transition<State>> table, State from,
                                                   std::string_view verb) {
    for (const auto& row : table)
        if (row.from == from && row.verb == verb) return &row;
    return nullptr;
}

} // namespace core
