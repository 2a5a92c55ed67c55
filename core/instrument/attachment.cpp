#include "core/instrument/attachment.hpp"

#include "core/base/text.hpp"
#include "core/instrument/instrument_store.hpp"
#include "core/journal/audit.hpp"

namespace core::instrument {

result<std::int64_t> attach(db::write_tx& tx, const actor& who, std::int64_t instrument,
                            std::string_view kind, std::string_view file_name, std::string_view bytes,
                            const std::string& hash) {
    const auto i = get(tx, who, instrument);
    if (!i) return i.error();
    const bool open = i->filing_status == "unfiled" || i->filing_status == "returned" ||
                      (i->filing_status == "filed" && kind == "material");
    if (!who.is_applicant() || !open) return error(errc::not_allowed, "instrument.under_review");
    auto type = files::check_file(file_name, bytes);
    if (!type) return type.error();
    attachment a;
    a.size = static_cast<std::int64_t>(bytes.size());
    const auto total = store::attached_bytes(tx, instrument, kind) + a.size;
    if (auto fine = files::check_total(total); !fine) return fine.error();
    a.id = tx.new_id();
    a.instrument_id = instrument;
    a.kind = std::string(kind);
    a.file_name = cut_characters(tidy_line(file_name), 120);
    a.media_type = std::move(*type);
    a.content_hash = hash;
    a.uploaded_by = who.login_id;
    a.uploaded_at = tx.now();
    store::insert_attachment(tx, a);
    audit::append(tx, who,
                  {.verb = "attach",
                   .subject_kind = "instrument",
                   .subject_id = instrument,
                   .after = value::object().set("kind", kind).set("hash", hash),
                   .applicant_id = i->applicant_id});
    return a.id;
}

} // namespace core::instrument
