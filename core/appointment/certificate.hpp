// Results as they stand on paper: every version of a line, its PDF, and certificate numbers pasted as a
// column. Results are recorded by record_results in appointment.hpp. The PDF's bytes are kept by core/files.
#pragma once
#include "core/appointment/appointment.hpp"
#include "core/files/file_store.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace core::appointment {

struct recorded_result {
    std::int64_t id = 0, line_id = 0, recorded_by = 0;
    int version = 0;
    std::string result, certificate_kind, certificate_no, failed_items, verifier, checker, approver;
    std::optional<date> verified_on, valid_until;
    instant recorded_at;
    std::string file_name; // of its PDF; "" without one
};
// Every version of every line of the order, newest first within a line. Who may see the order; else
// not_found.
result<std::vector<recorded_result>> list_results(db::read_view& view, const actor& who, std::int64_t order);

// The PDF of one result, by verifiers of its institution; `file` was received by core/files before. One file
// a result: a correction makes a new version, which gets its own. Refuses not_found, not_allowed,
// certificate.pdf (arg name), certificate.none (nothing was tested), certificate.taken.
result<> attach_certificate(db::write_tx& tx, const actor& who, std::int64_t result_id,
                            const files::stored_file& file);
// Served to the company and the institution of the order only; to all others it does not exist.
result<files::stored_file> get_certificate(db::read_view& view, const actor& who, std::int64_t result_id);
// Is a stored file a certificate? For whoever collects what nobody needs.
bool is_certificate_file(db::read_view& view, std::string_view content_hash);

// A column copied from a spreadsheet: one certificate number a row, for the lines of the order that have no
// result yet, in the order's order; each gets `all` with its number. Blank rows at the end don't count.
// Refuses certificate.column (args given, n) when there are not as many as lines.
result<std::vector<line_result>> fill_numbers(const order& o, std::string_view column,
                                              const line_result& all);

} // namespace core::appointment
