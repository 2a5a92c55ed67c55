#include "tests/support/world_instruments.hpp"

#include "core/instrument/listing.hpp"

#include <atomic>

namespace tests {

using core::instrument::field_id;
namespace catalogue = core::catalogue;

core::instrument::draft gauge_draft(account_world& w, changes with) {
    static std::atomic<int> n{0};
    core::instrument::draft d;
    d.set(field_id::name, "压力表");
    d.set(field_id::model, "Y-100");
    d.set(field_id::measuring_range, "(0~1.6)MPa");
    d.set(field_id::accuracy_class, "1.6级");
    d.set(field_id::serial_no, "SN" + std::to_string(10000 + ++n));
    d.set(field_id::own_no, "J-1");
    d.set(field_id::manufacturer, "示例仪表厂");
    d.set(field_id::origin, "domestic");
    d.set(field_id::location_text, "一号车间锅炉房");
    d.set(field_id::purchased_on, "2025-03-01");
    d.set(field_id::instrument_status, "in_use");
    d.set(field_id::purpose, "safety");
    d.set(field_id::instrument_type, "working");
    d.set(field_id::method, "deliver");
    d.set(field_id::region_code, "440606");
    const auto all = w.read([](core::db::read_view& v) { return catalogue::list_entries(v); });
    for (const auto& e : all)
        if (e.l1 == "压力仪表" && e.supervision == "V") d.set(field_id::catalogue_id, std::to_string(e.id));
    for (const auto& [id, text] : with)
        d.set(id, text);
    return d;
}

std::int64_t add_gauge(account_world& w, const core::actor& who, changes with) {
    const auto d = gauge_draft(w, with);
    return w.write([&](core::db::write_tx& tx) { return core::instrument::add(tx, who, d); }).value();
}

core::instrument::instrument read_instrument(account_world& w, std::int64_t id) {
    return w.read([&](core::db::read_view& v) {
        return core::instrument::get(v, account_world::system(), id).value();
    });
}

void put_filing_status(account_world& w, std::int64_t id, std::string_view status) {
    const bool filed = status == "filed";
    w.write([&](core::db::write_tx& tx) -> core::result<> {
         const auto place = tx.query_number("SELECT id FROM institution WHERE region_code = '440600'");
         const auto institution = filed ? std::optional(place) : std::nullopt;
         const bool waits = status == "submitted" || status == "dispatched";
         const auto was_listed = core::instrument::read_listed(tx, id).value();
         tx.exec(
             "UPDATE instrument SET filing_status = $1, handler_id = $2, institution_id = $3, due_at = $4 "
             "WHERE id = $5",
             status, place, institution, waits ? std::optional(tx.now()) : std::nullopt, id);
         core::instrument::relist(tx, was_listed);
         return {};
     }).value();
}

} // namespace tests
