// SQL of instruments and attachments.
#pragma once
#include "core/instrument/attachment.hpp"
#include "core/instrument/instrument.hpp"

namespace core::instrument::store {

instrument instrument_of(db::row r); // a row of instrument_with_names
std::optional<instrument> find(db::read_view& view, std::int64_t id);
std::vector<instrument> find_all(db::read_view& view, std::span<const std::int64_t> ids); // in any order
bool was_at_institution(db::read_view& view, std::int64_t id, std::int64_t institution);
void insert(db::write_tx& tx, const instrument& i, std::string_view serial_key);
bool update(db::write_tx& tx, const instrument& i, std::string_view serial_key); // guarded by version
bool has_open_serial_key(db::read_view& view, std::string_view key, std::int64_t except);
// As get() answers, but a deleted one keeps its history (F5).
bool may_see_history(db::read_view& view, const actor& who, std::int64_t id);
struct numbered {
    std::int64_t id = 0, applicant_id = 0;
    std::string name, serial_key;
};
// Another company has one with this key.
bool is_elsewhere(db::read_view& view, std::string_view serial_key, std::int64_t applicant);
// A company's own whose serial_key begins with this, at most 200.
std::vector<numbered> list_own_by_number_key(db::read_view& view, std::string_view key,
                                             std::int64_t applicant);
std::vector<attachment> list_attachments(db::read_view& view, std::int64_t instrument);
std::int64_t count_attached_ever(db::read_view& view, std::int64_t instrument);
bool remove_attachment(db::write_tx& tx, std::int64_t id); // false: gone already
void insert_attachment(db::write_tx& tx, const attachment& a);
std::int64_t attached_bytes(db::read_view& view, std::int64_t instrument, std::string_view kind);

} // namespace core::instrument::store
