// The kept findings of template_check.hpp.
#include "core/base/text.hpp"
#include "wechat/mp/template_check.hpp"

namespace wechat::mp {
namespace {

template_check::state state_of(std::string_view code) {
    for (const auto s :
         {template_check::state::no_id, template_check::state::not_granted, template_check::state::fields})
        if (code == code_of(s)) return s;
    return template_check::state::ok;
}

} // namespace

void keep_checks(core::db::write_tx& tx, const std::vector<template_check>& all) {
    for (const auto& c : all)
        tx.exec(
            R"sql(INSERT INTO template_check (kind, at, state, title, unknown_fields, empty_fields)
                  VALUES ($1, $2, $3, $4, $5, $6)
                  ON CONFLICT (kind) DO UPDATE SET at = excluded.at, state = excluded.state, title = excluded.title,
                    unknown_fields = excluded.unknown_fields, empty_fields = excluded.empty_fields)sql",
            c.kind, tx.now(), code_of(c.found), c.granted_title, joined(c.unknown, " "),
            joined(c.empty, " "));
}

std::optional<template_check> find_check(core::db::read_view& view, std::string_view kind) {
    return view.query_one(
        [](core::db::row r) {
            template_check c;
            c.kind = r.text(0);
            c.at = r.time(1);
            c.found = state_of(r.view(2));
            c.granted_title = r.text(3);
            c.unknown = core::split_words(r.view(4));
            c.empty = core::split_words(r.view(5));
            return c;
        },
        R"sql(SELECT kind, at, state, title, unknown_fields, empty_fields FROM template_check WHERE kind = $1)sql",
        kind);
}

} // namespace wechat::mp
