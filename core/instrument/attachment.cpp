#include "core/instrument/attachment.hpp"

#include "core/instrument/instrument_store.hpp"
#include "core/journal/audit.hpp"

namespace core::instrument {
namespace {

constexpr std::int64_t most_files_ever = 60; // of one instrument, removed ones too: their bytes stay

// M13, domain.md 6.2: may this actor change the files of this kind now.
result<> check_open(const actor& who, const instrument& i, std::string_view kind) {
    const bool open = i.filing_status == "unfiled" || i.filing_status == "returned" ||
                      (i.filing_status == "filed" && kind == "material");
    if (!who.is_applicant() || !open) return error(errc::not_allowed, "instrument.under_review");
    return {};
}

void record(db::write_tx& tx, const actor& who, std::string_view verb, const instrument& i,
            const attachment& a) {
    audit::append(
        tx, who,
        {.verb = verb,
         .subject_kind = "instrument",
         .subject_id = i.id,
         .after = value::object().set("kind", a.kind).set("file", a.file_name).set("hash", a.content_hash),
         .applicant_id = i.applicant_id});
}

} // namespace

result<std::int64_t> attach(db::write_tx& tx, const actor& who, std::int64_t instrument,
                            std::string_view kind, const files::stored_file& file) {
    const auto i = get(tx, who, instrument);
    if (!i) return i.error();
    if (kind != "material" && kind != "type_evaluation") return error(errc::invalid, "file.kind", "kind");
    if (auto open = check_open(who, *i, kind); !open) return open.error();
    if (store::count_attached_ever(tx, instrument) >= most_files_ever)
        return error(errc::invalid, "file.many");
    attachment a;
    a.size = file.size;
    const auto total = store::attached_bytes(tx, instrument, kind) + a.size;
    if (auto fine = files::check_total(total); !fine) return fine.error();
    a.id = tx.new_id();
    a.instrument_id = instrument;
    a.kind = std::string(kind);
    a.file_name = file.file_name;
    a.media_type = file.media_type;
    a.content_hash = file.hash;
    a.uploaded_by = who.login_id;
    a.uploaded_at = tx.now();
    store::insert_attachment(tx, a);
    record(tx, who, "attach", *i, a);
    return a.id;
}

result<> remove_attachment(db::write_tx& tx, const actor& who, std::int64_t id) {
    const auto a = get_attachment(tx, who, id);
    if (!a) return a.error();
    const auto i = get(tx, who, a->instrument_id);
    if (!i) return i.error();
    if (auto open = check_open(who, *i, a->kind); !open) return open.error();
    if (!store::remove_attachment(tx, id)) return error(errc::not_found);
    record(tx, who, "remove_attachment", *i, *a);
    return {};
}

std::vector<attachment> list_attachments(db::read_view& view, const actor& who, std::int64_t instrument) {
    if (!get(view, who, instrument)) return {};
    return store::list_attachments(view, instrument);
}

} // namespace core::instrument
