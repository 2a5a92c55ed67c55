#include "core/appointment/certificate.hpp"

#include "core/appointment/certificate_store.hpp"
#include "core/appointment/queries.hpp"
#include "core/base/text.hpp"
#include "core/journal/audit.hpp"

#include <algorithm>

namespace core::appointment {

result<std::vector<recorded_result>> list_results(db::read_view& view, const actor& who, std::int64_t order) {
    if (const auto seen = get_order(view, who, order); !seen) return seen.error();
    return store::list_versions(view, order);
}

result<> attach_certificate(db::write_tx& tx, const actor& who, std::int64_t result_id,
                            const files::stored_file& file) {
    const auto of = store::owner_of_result(tx, result_id);
    if (!of) return error(errc::not_found);
    if (const auto seen = get_order(tx, who, of->order); !seen) return seen.error();
    if (!who.is_staff_of(of->institution) || !who.roles.has(role::verifier)) return error(errc::not_allowed);
    if (file.media_type != "application/pdf")
        return error(errc::invalid, "certificate.pdf", "file").with("name", file.file_name);
    if (of->certificate_kind == "none") return error(errc::invalid, "certificate.none", "file");
    if (store::find_certificate(tx, result_id)) return error(errc::conflict, "certificate.taken", "file");
    store::insert_certificate(tx, result_id, file, who.login_id);
    audit::append(tx, who,
                  {.verb = "attach_certificate",
                   .subject_kind = "order",
                   .subject_id = of->order,
                   .after = value::object().set("result", std::to_string(result_id)).set("hash", file.hash),
                   .applicant_id = of->applicant,
                   .institution_id = of->institution});
    return {};
}

result<files::stored_file> get_certificate(db::read_view& view, const actor& who, std::int64_t result_id) {
    const auto of = store::owner_of_result(view, result_id);
    if (!of || !get_order(view, who, of->order)) return error(errc::not_found);
    auto found = store::find_certificate(view, result_id);
    if (!found) return error(errc::not_found);
    return std::move(*found);
}

bool is_certificate_file(db::read_view& view, std::string_view content_hash) {
    return store::has_certificate_with(view, content_hash);
}

result<std::vector<line_result>> fill_numbers(const order& o, std::string_view column,
                                              const line_result& all) {
    std::vector<std::string> numbers;
    while (!column.empty()) {
        const auto end = std::min(column.find('\n'), column.size());
        numbers.push_back(tidy_line(column.substr(0, end)));
        column.remove_prefix(std::min(column.size(), end + 1));
    }
    while (!numbers.empty() && numbers.back().empty())
        numbers.pop_back();
    std::vector<line_result> filled;
    for (const auto& l : o.lines) {
        if (l.status != line_status::checked_in) continue;
        line_result r = all;
        r.line_id = l.id;
        if (filled.size() < numbers.size()) r.certificate_no = numbers[filled.size()];
        filled.push_back(std::move(r));
    }
    if (filled.size() != numbers.size())
        return error(errc::invalid, "certificate.column", "column")
            .with("given", std::to_string(numbers.size()))
            .with("n", std::to_string(filled.size()));
    return filled;
}

} // namespace core::appointment
