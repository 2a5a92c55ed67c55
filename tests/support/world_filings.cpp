#include "tests/support/world_filings.hpp"

#include "core/catalogue/catalogue.hpp"
#include "core/instrument/attachment.hpp"
#include "core/journal/audit.hpp"

#include <array>
#include <stdexcept>

namespace tests {

using namespace core;

filing_world::filing_world(instant start) : account_world(start) {
    company = acting("chenzhiming");
    other_company = acting("liangminyi");
    city = acting("linxiaomin");
    county = acting("oujianwen");
    province = staff_of(institution("广东省计量科学研究院"), {role::filing_reviewer});
    elsewhere = staff_of(institution("深圳市计量质量检测研究院"), {role::filing_reviewer});
}

std::int64_t filing_world::institution(std::string_view name) {
    return read([&](db::read_view& v) { return catalogue::find_institution_by_name(v, name).value().id; });
}

std::int64_t filing_world::catalogue_row(std::string_view l2) {
    const auto all = read([](db::read_view& v) { return catalogue::list_entries(v); });
    for (const auto& e : all)
        if (e.l2 == l2) return e.id;
    throw std::runtime_error("no catalogue row " + std::string(l2));
}

actor filing_world::staff_of(std::int64_t institution, role_set roles) {
    actor who;
    who.kind = actor_kind::staff;
    who.institution_id = institution;
    who.roles = roles;
    who.name = "示例人员";
    who.source = "203.0.113.9";
    return who;
}

std::int64_t filing_world::add_instrument(const actor& who, const fields& changed) {
    fields form = {{"name", "压力表"},
                   {"model", "Y-100"},
                   {"measuring_range", "(0~1.6) MPa"},
                   {"accuracy_class", "1.6级"},
                   {"serial_no", "F-" + std::to_string(++serial_)},
                   {"manufacturer", "示例仪表厂"},
                   {"origin", "domestic"},
                   {"instrument_status", "in_use"},
                   {"purpose", "safety"},
                   {"instrument_type", "working"},
                   {"method", "deliver"},
                   {"location_text", "锅炉房"},
                   {"region_code", "440606"}};
    for (const auto& [name, text] : changed)
        form[name] = text;
    if (!form.contains("catalogue_id"))
        form["catalogue_id"] = std::to_string(catalogue_row("压力表（指示类、显示类）"));
    return write([&](db::write_tx& tx) {
               return instrument::add(tx, who, [&](std::string_view f) {
                   const auto at = form.find(f);
                   return at == form.end() ? std::string() : at->second;
               });
           })
        .value();
}

void filing_world::give_type_paper(std::int64_t id) {
    write([&](db::write_tx& tx) {
        return instrument::attach(tx, company, id, "type_evaluation",
                                  {"paper.pdf", "application/pdf", "ab12", 15});
    }).value();
}

std::vector<filing::outcome> filing_world::submit(const actor& who, const std::vector<std::int64_t>& ids,
                                                  const filing::submission& s) {
    return write([&](db::write_tx& tx) -> result<std::vector<filing::outcome>> {
               return filing::submit(tx, who, ids, s);
           })
        .value();
}

std::int64_t filing_world::submitted(const fields& changed) {
    const auto id = add_instrument(company, changed);
    const auto all = submit(company, {id}, {.institution = demo.city_institution});
    if (all.at(0).refused) throw std::runtime_error("not submitted: " + all[0].refused->detail);
    return id;
}

std::int64_t filing_world::dispatched() {
    const auto id = submitted();
    write([&](db::write_tx& tx) { return filing::dispatch(tx, city, id, demo.county_institution); }).value();
    return id;
}

std::int64_t filing_world::passed_up() {
    const auto id = submitted();
    write([&](db::write_tx& tx) {
        return filing::pass_up(tx, city, id, province.institution_id, "本市没有装置");
    }).value();
    return id;
}

std::int64_t filing_world::filed(const fields& changed) {
    const auto id = submitted(changed);
    write([&](db::write_tx& tx) { return filing::accept(tx, city, id); }).value();
    return id;
}

std::int64_t filing_world::returned() {
    const auto id = submitted();
    filing::given_reasons why;
    why.codes = {"photo_unclear"};
    write([&](db::write_tx& tx) { return filing::give_back(tx, city, id, why); }).value();
    return id;
}

std::string filing_world::status(std::int64_t id) {
    return read([&](db::read_view& v) {
        return v
            .query_one([](db::row r) { return r.text(0); },
                       "SELECT filing_status FROM instrument WHERE id = $1", id)
            .value();
    });
}

instrument::instrument filing_world::get(std::int64_t id) {
    return read([&](db::read_view& v) { return instrument::get(v, system(), id); }).value();
}

std::vector<std::string> filing_world::audited(std::int64_t instrument) {
    std::vector<std::string> verbs;
    for (const auto& e : read([&](db::read_view& v) { return audit::list_for(v, "instrument", instrument); }))
        verbs.push_back(e.verb);
    return verbs;
}

std::int64_t filing_world::events(std::string_view kind) {
    return read([&](db::read_view& v) {
        return v.query_number("SELECT count(*) FROM outbox WHERE kind = $1", kind);
    });
}

} // namespace tests
