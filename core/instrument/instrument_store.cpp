#include "core/instrument/instrument_store.hpp"

#include "core/base/text.hpp"
#include "core/instrument/listing.hpp"

#include <algorithm>
#include <array>

namespace core::instrument {
namespace {

attachment attachment_of(db::row r) {
    attachment a;
    a.id = r.number(0);
    a.instrument_id = r.number(1);
    a.kind = r.text(2);
    a.file_name = r.text(3);
    a.media_type = r.text(4);
    a.size = r.number(5);
    a.content_hash = r.text(6);
    a.uploaded_by = r.number(7);
    a.uploaded_at = r.time(8);
    return a;
}

// Before the first result: what the company had typed, should that result turn out to be a mistake.
void keep_typed(db::write_tx& tx, std::int64_t id) {
    tx.exec(
        R"sql(INSERT INTO typed_certificate (instrument_id, certificate_no, valid_until)
                  SELECT id, certificate_no, valid_until FROM instrument WHERE id = $1 AND verified_on IS NULL
                  ON CONFLICT (instrument_id)
                  DO UPDATE SET certificate_no = excluded.certificate_no, valid_until = excluded.valid_until)sql",
        id);
}

} // namespace

void record_outcome(db::write_tx& tx, std::int64_t id, const outcome& o) {
    if (!o.passed && !o.failed) return; // not tested: nothing changes
    keep_typed(tx, id);
    const auto was_listed = read_listed(tx, id);
    tx.exec(
        R"sql(UPDATE instrument SET certificate_no = $1, verified_on = $2, valid_until = $3, barred = $4,
                    instrument_status = CASE WHEN $5 = 1 AND instrument_status IN ('new', 'repair') THEN 'in_use'
                      ELSE instrument_status END,
                    updated_at = $6, version = version + 1
                  WHERE id = $7)sql",
        o.certificate_no, o.verified_on, o.passed ? o.valid_until : std::nullopt, o.failed, o.passed,
        tx.now(), id);
    if (was_listed) relist(tx, *was_listed);
}

void take_back_status(db::write_tx& tx, std::int64_t id, std::string_view before) {
    if (before != "new" && before != "repair") return;
    const auto was_listed = read_listed(tx, id);
    tx.exec(
        R"sql(UPDATE instrument SET instrument_status = $1 WHERE id = $2 AND instrument_status = 'in_use')sql",
        before, id);
    if (was_listed) relist(tx, *was_listed);
}

void forget_outcomes(db::write_tx& tx, std::int64_t id) {
    const auto was_listed = read_listed(tx, id);
    tx.exec(R"sql(UPDATE instrument SET
                    certificate_no = coalesce((SELECT t.certificate_no FROM typed_certificate t WHERE t.instrument_id = $1), ''),
                    valid_until = (SELECT t.valid_until FROM typed_certificate t WHERE t.instrument_id = $2),
                    verified_on = NULL, barred = 0, updated_at = $3, version = version + 1
                  WHERE id = $4)sql",
            id, id, tx.now(), id);
    if (was_listed) relist(tx, *was_listed);
}

result<attachment> get_attachment(db::read_view& view, const actor& who, std::int64_t id) {
    auto found = view.query_one(
        attachment_of,
        R"sql(SELECT id, instrument_id, kind, file_name, media_type, size, content_hash, uploaded_by,
                                        uploaded_at
                                      FROM attachment WHERE id = $1 AND removed_at IS NULL)sql",
        id);
    if (!found) return error(errc::not_found);
    if (auto seen = get(view, who, found->instrument_id); !seen) return seen.error();
    return std::move(*found);
}

bool has_type_evaluation(db::read_view& view, std::int64_t instrument) {
    return view.query_number(R"sql(SELECT count(*) FROM attachment
                                   WHERE instrument_id = $1 AND kind = 'type_evaluation' AND removed_at IS NULL)sql",
                             instrument) > 0;
}

namespace store {

instrument instrument_of(db::row r) {
    instrument i;
    i.id = r.number(0);
    i.applicant_id = r.number(1);
    i.catalogue_id = r.number(2);
    i.version = r.number(3);
    i.name = r.text(4);
    i.model = r.text(5);
    i.measuring_range = r.text(6);
    i.accuracy_class = r.text(7);
    i.serial_no = r.text(8);
    i.own_no = r.text(9);
    i.manufacturer = r.text(10);
    i.origin = r.text(11);
    i.location_text = r.text(12);
    i.instrument_status = r.text(13);
    i.purpose = r.text(14);
    i.instrument_type = r.text(15);
    i.method = r.text(16);
    i.region_code = r.text(17);
    i.type_approval_no = r.text(18);
    i.tags = r.text(19);
    i.remark = r.text(20);
    i.purchased_on = r.maybe_date(21);
    i.verified_on = r.maybe_date(22);
    i.valid_until = r.maybe_date(23);
    i.instrument_code = r.text(24);
    i.filing_status = r.text(25);
    i.return_kind = r.text(26);
    i.return_reason = r.text(27);
    i.certificate_no = r.text(28);
    i.handler_id = r.number(29);
    i.institution_id = r.number(30);
    if (!r.is_null(31)) i.period_months = r.small(31);
    i.submitted_at = r.maybe_time(32);
    i.barred = r.flag(33);
    i.filing_at = r.time(34);
    i.created_at = r.time(35);
    i.line_status = r.text(36);
    i.institution_name = r.text(37);
    i.l1 = r.text(38);
    i.l2 = r.text(39);
    i.supervision = r.text(40);
    i.applicant_name = r.text(41);
    i.used_by = r.text(42);
    i.standing = r.text(43);
    i.due_kind = r.text(46);
    i.search_name = r.text(47);
    i.origin_handler_id = r.number(48);
    i.declared_use = r.text(49);
    return i;
}

std::optional<instrument> find(db::read_view& view, std::int64_t id) {
    return view.query_one(instrument_of, R"sql(SELECT * FROM instrument_with_names WHERE id = $1)sql", id);
}

std::vector<instrument> find_all(db::read_view& view, std::span<const std::int64_t> ids) {
    constexpr std::size_t batch = 20; // asked for at once, the last ones padded with 0
    std::vector<instrument> all;
    for (std::size_t at = 0; at < ids.size(); at += batch) {
        std::array<std::int64_t, batch> k{};
        std::copy_n(ids.begin() + static_cast<std::ptrdiff_t>(at), std::min(batch, ids.size() - at),
                    k.begin());
        for (const auto r : view.query(
                 R"sql(SELECT * FROM instrument_with_names
                       WHERE id IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20))sql",
                 k[0], k[1], k[2], k[3], k[4], k[5], k[6], k[7], k[8], k[9], k[10], k[11], k[12], k[13],
                 k[14], k[15], k[16], k[17], k[18], k[19]))
            all.push_back(instrument_of(r));
    }
    return all;
}

bool was_at_institution(db::read_view& view, std::int64_t id, std::int64_t institution) {
    return view.query_number(R"sql(SELECT (SELECT count(*) FROM instrument
                                           WHERE id = $1 AND (institution_id = $2 OR handler_id = $3 OR origin_handler_id = $4))
                                        + (SELECT count(*) FROM appointment_line l JOIN appointment_order o ON o.id = l.order_id
                                           WHERE l.instrument_id = $5 AND o.institution_id = $6)
                                        + (SELECT count(*) FROM audit WHERE subject_kind = 'instrument' AND subject_id = $7
                                           AND institution_id = $8))sql",
                             id, institution, institution, institution, id, institution, id, institution) > 0;
}

void insert(db::write_tx& tx, const instrument& i, std::string_view serial_key) {
    tx.exec(
        R"sql(INSERT INTO instrument (id, applicant_id, name, model, measuring_range, accuracy_class, serial_no, own_no,
                    manufacturer, origin, location_text, purchased_on, instrument_status, purpose, instrument_type, method,
                    region_code, catalogue_id, type_approval_no, tags, remark, used_by, certificate_no, valid_until,
                    serial_key, filing_status, filing_at, return_reason, barred, created_at, updated_at, version)
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
                    $23, $24, $25, 'unfiled', $26, '', 0, $27, $28, 1))sql",
        i.id, i.applicant_id, i.name, i.model, i.measuring_range, i.accuracy_class, i.serial_no, i.own_no,
        i.manufacturer, i.origin, i.location_text, i.purchased_on, i.instrument_status, i.purpose,
        i.instrument_type, i.method, i.region_code, i.catalogue_id, i.type_approval_no, i.tags, i.remark,
        i.used_by, i.certificate_no, i.valid_until, serial_key, i.created_at, i.created_at, i.created_at);
}

bool update(db::write_tx& tx, const instrument& i, std::string_view serial_key) {
    return tx.exec(
               R"sql(UPDATE instrument SET name = $1, model = $2, measuring_range = $3, accuracy_class = $4, serial_no = $5,
                           own_no = $6, manufacturer = $7, origin = $8, location_text = $9, purchased_on = $10,
                           instrument_status = $11, purpose = $12, instrument_type = $13, method = $14, region_code = $15,
                           catalogue_id = $16, type_approval_no = $17, tags = $18, remark = $19, used_by = $20,
                           certificate_no = $21, valid_until = $22, serial_key = $23, declared_use = $24,
                           updated_at = $25, version = version + 1
                         WHERE id = $26 AND version = $27 AND filing_status = $28)sql",
               i.name, i.model, i.measuring_range, i.accuracy_class, i.serial_no, i.own_no, i.manufacturer,
               i.origin, i.location_text, i.purchased_on, i.instrument_status, i.purpose, i.instrument_type,
               i.method, i.region_code, i.catalogue_id, i.type_approval_no, i.tags, i.remark, i.used_by,
               i.certificate_no, i.valid_until, serial_key, i.declared_use, tx.now(), i.id, i.version,
               i.filing_status) == 1;
}

bool has_open_serial_key(db::read_view& view, std::string_view key, std::int64_t except) {
    return view
        .query_one([](db::row r) { return r.number(0); },
                   R"sql(SELECT id FROM instrument
                         WHERE serial_key = $1 AND id <> $2 AND filing_status IN ('submitted', 'dispatched', 'filed')
                         LIMIT 1)sql",
                   key, except)
        .has_value();
}

bool is_elsewhere(db::read_view& view, std::string_view serial_key, std::int64_t applicant) {
    return view
        .query_one([](db::row r) { return r.number(0); },
                   R"sql(SELECT id FROM instrument
                         WHERE serial_key = $1 AND applicant_id <> $2 AND filing_status <> 'deleted' LIMIT 1)sql",
                   serial_key, applicant)
        .has_value();
}

std::vector<numbered> list_own_by_number_key(db::read_view& view, std::string_view key,
                                             std::int64_t applicant) {
    const std::string from(key);
    std::string to = from;
    to.back() = '\x20'; // follows the separator 0x1F
    std::vector<numbered> all;
    for (const auto r : view.query(R"sql(SELECT id, applicant_id, name, serial_key FROM instrument
                                         WHERE applicant_id = $1 AND serial_key >= $2 AND serial_key < $3
                                           AND filing_status <> 'deleted'
                                         ORDER BY serial_key LIMIT 200)sql",
                                   applicant, from, to))
        all.push_back({r.number(0), r.number(1), r.text(2), r.text(3)});
    return all;
}

std::vector<attachment> list_attachments(db::read_view& view, std::int64_t instrument) {
    std::vector<attachment> all;
    for (const auto r : view.query(
             R"sql(SELECT id, instrument_id, kind, file_name, media_type, size, content_hash, uploaded_by,
                                           uploaded_at
                                         FROM attachment WHERE instrument_id = $1 AND removed_at IS NULL ORDER BY id)sql",
             instrument))
        all.push_back(attachment_of(r));
    return all;
}

std::int64_t count_attached_ever(db::read_view& view, std::int64_t instrument) {
    return view.query_number(R"sql(SELECT count(*) FROM attachment WHERE instrument_id = $1)sql", instrument);
}

bool remove_attachment(db::write_tx& tx, std::int64_t id) {
    return tx.exec(R"sql(UPDATE attachment SET removed_at = $1 WHERE id = $2 AND removed_at IS NULL)sql",
                   tx.now(), id) == 1;
}

void insert_attachment(db::write_tx& tx, const attachment& a) {
    tx.exec(
        R"sql(INSERT INTO attachment (id, instrument_id, kind, file_name, media_type, size, content_hash, uploaded_by,
                    uploaded_at)
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9))sql",
        a.id, a.instrument_id, a.kind, a.file_name, a.media_type, a.size, a.content_hash, a.uploaded_by,
        a.uploaded_at);
}

std::int64_t attached_bytes(db::read_view& view, std::int64_t instrument, std::string_view kind) {
    return view.query_number(R"sql(SELECT coalesce(sum(size), 0) FROM attachment
                                   WHERE instrument_id = $1 AND kind = $2 AND removed_at IS NULL)sql",
                             instrument, kind);
}

} // namespace store
} // namespace core::instrument
