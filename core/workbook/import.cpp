#include "core/workbook/import.hpp"

#include "core/base/text.hpp"
#include "core/instrument/checker.hpp"
#include "core/instrument/instrument.hpp"
#include "core/journal/audit.hpp"
#include "core/workbook/import_store.hpp"

#include <algorithm>
#include <charconv>

namespace core::workbook {
namespace {

bool is_hash(std::string_view s) {
    return s.size() == 64 && s.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string_view word_of(import_mode m) {
    return m == import_mode::all ? "all" : "valid";
}

import_job new_job(db::write_tx& tx, const actor& who, std::string_view file_name, std::string_view hash,
                   std::string_view mode) {
    import_job j;
    j.id = tx.new_id();
    j.applicant_id = who.applicant_id;
    j.file_name = file_name;
    j.file_hash = hash;
    j.mode = mode;
    j.created_at = j.updated_at = tx.now();
    return j;
}

// One for the import beside those of its instruments: when it begins row by row, when it ends otherwise.
void append_audit(db::write_tx& tx, const actor& who, const import_job& j) {
    audit::append(tx, who,
                  {.verb = "import",
                   .subject_kind = "import",
                   .subject_id = j.id,
                   .after = value::object()
                                .set("file_name", j.file_name)
                                .set("file_hash", j.file_hash)
                                .set("mode", j.mode)
                                .set("rows", j.rows)
                                .set("imported", j.imported)
                                .set("wrong", j.wrong)
                                .set("repeated", j.repeated),
                   .applicant_id = j.applicant_id});
}

// Puts one row in unless it has become wrong, or repeats an instrument.
class row_writer {
  public:
    row_writer(db::write_tx& tx, const actor& who) : tx_(&tx), who_(&who), checker_(tx) {}

    result<std::int64_t> put(const instrument::draft& d) {
        instrument::instrument one;
        one.applicant_id = who_->applicant_id;
        if (auto r = checker_.read(one, d, instrument::typed_fields()); !r) return r.error();
        if (const auto entered = instrument::find_entered(*tx_, *who_, one))
            return error(errc::conflict, "import.repeats_record", "serial_no")
                .with("value", one.serial_no)
                .with("other", std::to_string(*entered));
        return instrument::add_checked(*tx_, *who_, std::move(one));
    }

    bool is_new(const instrument::draft& d) {
        instrument::instrument one;
        one.applicant_id = who_->applicant_id;
        return checker_.read(one, d, instrument::typed_fields()) &&
               !instrument::find_entered(*tx_, *who_, one);
    }

  private:
    db::write_tx* tx_;
    const actor* who_;
    instrument::checker checker_;
};

bool is_whole(const import_job& j) {
    return j.wrong + j.repeated == 0;
}

// Whether every row is an instrument of the company already.
bool is_there(const read_file& file, const report& told) {
    const auto from_base = [](const problem& p) { return p.key == "import.repeats_record"; };
    return static_cast<std::size_t>(told.repeated) == file.rows.size() &&
           std::all_of(told.problems.begin(), told.problems.end(), from_base);
}

// Whether a file that was imported before has something to import once more: a row deleted since, or one that
// was wrong for a cause outside the file. The check may be older than the import's end.
bool has_new_row(row_writer& writer, const read_file& file, const report& checked) {
    for (std::size_t i = 0; i < file.rows.size(); ++i)
        if (checked.of_row[i] == verdict::good && writer.is_new(file.rows.at(i))) return true;
    return false;
}

cell cell_of(const sent_cell& s, std::uint32_t column) {
    cell c;
    c.column = column;
    c.kind = s.text.empty() ? cell_kind::empty : s.kind;
    c.is_date = s.is_date;
    c.text = s.text;
    if (c.kind != cell_kind::number) return c;
    const auto end = std::from_chars(s.text.data(), s.text.data() + s.text.size(), c.number);
    if (end.ec != std::errc() || end.ptr != s.text.data() + s.text.size()) c.kind = cell_kind::text;
    return c;
}

result<typed_row> type_sent(const sent_row& r) {
    if (r.cells.size() > limits().columns) return error(errc::invalid, "workbook.columns");
    row labels{.number = r.number};
    row values{.number = r.number};
    for (const auto& s : r.cells) {
        const auto column = static_cast<std::uint32_t>(labels.cells.size());
        cell label;
        label.column = column;
        label.kind = cell_kind::text;
        label.text = s.label;
        labels.cells.push_back(label);
        values.cells.push_back(cell_of(s, column));
    }
    const headings h = match_headings(labels);
    if (!h.twice.empty())
        return error(errc::invalid, "import.columns_twice").with("columns", h.twice.front());
    if (is_example(h, values)) return error(errc::invalid, "import.example", "name");
    return type_row(h, values, false);
}

// As one refusal of a form: the first field in front, the others in `also`.
error refusal_of(const std::vector<problem>& wrong) {
    error first = wrong.front().why();
    for (std::size_t i = 1; i < wrong.size(); ++i)
        first.also.push_back(wrong[i].why());
    return first;
}

} // namespace

result<import_job> import_all(db::write_tx& tx, const actor& who, const read_file& file, report& told) {
    if (!who.is_applicant()) return error(errc::not_allowed);
    auto before = store::find_job(tx, who.applicant_id, file.hash, false);
    if (before && !before->is_done) return error(errc::stale_state, "import.running");
    const auto put = [&](instrument::instrument&& one) { // after the first problem it is all for nothing
        if (told.wrong + told.repeated == 0) instrument::add_checked(tx, who, std::move(one)).value();
    };
    if (auto r = check_rows(tx, who, file, told, put); !r) return r.error();
    if (before && is_whole(*before) && is_there(file, told)) {
        before->is_again = true;
        return std::move(*before);
    }
    if (!told.is_right()) return error(errc::invalid, "import.has_problems");
    import_job job = new_job(tx, who, file.file_name, file.hash, word_of(import_mode::all));
    if (before) job.id = before->id;
    job.rows = job.imported = told.rows;
    job.last_row = file.rows.number(file.rows.size() - 1);
    job.is_done = true;
    if (before)
        store::update_job(tx, job);
    else
        store::insert_job(tx, job, who.login_id);
    append_audit(tx, who, job);
    return job;
}

result<import_job> import_some(db::write_tx& tx, const actor& who, const read_file& file,
                               const report& checked, int most) {
    if (!who.is_applicant()) return error(errc::not_allowed);
    auto found = store::find_job(tx, who.applicant_id, file.hash, false);
    row_writer writer(tx, who);
    const bool ended = found && found->is_done;
    if (ended && !has_new_row(writer, file, checked)) {
        found->is_again = true;
        return std::move(*found);
    }
    const bool goes_on = found && !ended;
    import_job job =
        goes_on ? *found : new_job(tx, who, file.file_name, file.hash, word_of(import_mode::valid));
    if (!goes_on) job.rows = checked.rows;
    if (ended) job.id = found->id;
    if (!found) store::insert_job(tx, job, who.login_id);
    std::size_t i = 0;
    while (i < file.rows.size() && file.rows.number(i) <= job.last_row)
        ++i;
    for (int done = 0; i < file.rows.size() && done < most; ++i) {
        job.last_row = file.rows.number(i);
        verdict v = checked.of_row[i];
        if (v == verdict::good) {
            ++done;
            const auto put = writer.put(file.rows.at(i));
            if (!put) v = put.error().code == errc::conflict ? verdict::repeated : verdict::wrong;
        }
        ++(v == verdict::good ? job.imported : v == verdict::wrong ? job.wrong : job.repeated);
    }
    job.is_done = i == file.rows.size();
    store::update_job(tx, job);
    if (job.is_done) append_audit(tx, who, job);
    return job;
}

result<row_receipt> import_row(db::write_tx& tx, const actor& who, const sent_row& r) {
    if (!who.is_applicant()) return error(errc::not_allowed);
    if (!is_hash(r.file_hash) || r.number == 0) return error(errc::invalid, "import.hash");
    auto job = store::find_job(tx, who.applicant_id, r.file_hash, true);
    row_receipt receipt;
    if (job) {
        receipt.job_id = job->id;
        const auto before = store::find_row(tx, job->id, r.number);
        if (before &&
            instrument::get(tx, who, *before)) { // else deleted since (F5), and may be entered again
            receipt.instrument_id = *before;
            receipt.is_again = true;
            return receipt;
        }
    }
    auto typed = type_sent(r);
    if (!typed) return typed.error();
    if (!typed->wrong.empty()) return refusal_of(typed->wrong);
    const auto put = row_writer(tx, who).put(typed->draft);
    if (!put) return put.error();
    if (!job) {
        job = new_job(tx, who, shorten(tidy_line(cut_bytes(r.file_name, 1000)), 200), r.file_hash, "rows");
        store::insert_job(tx, *job, who.login_id);
        append_audit(tx, who, *job);
    }
    store::insert_row(tx, job->id, r.number, *put);
    ++job->rows;
    ++job->imported;
    job->last_row = std::max(job->last_row, r.number);
    store::update_job(tx, *job);
    receipt.job_id = job->id;
    receipt.instrument_id = *put;
    receipt.doubts = std::move(typed->doubts);
    return receipt;
}

std::vector<std::uint32_t> list_imported_rows(db::read_view& view, const actor& who,
                                              std::string_view file_hash) {
    if (!who.is_applicant()) return {};
    const auto job = store::find_job(view, who.applicant_id, file_hash, true);
    return job ? store::list_rows(view, job->id) : std::vector<std::uint32_t>();
}

std::optional<import_job> find_import(db::read_view& view, const actor& who, std::string_view file_hash) {
    return who.is_applicant() ? store::find_job(view, who.applicant_id, file_hash, false) : std::nullopt;
}

result<import_job> get_import(db::read_view& view, const actor& who, std::int64_t id) {
    auto job = store::find_job(view, id);
    if (!job || !who.is_applicant() || job->applicant_id != who.applicant_id) return error(errc::not_found);
    return std::move(*job);
}

result<import_outcome> import_upload(db::database& db, const actor& who, const upload& u, import_mode mode,
                                     const deadline& until) {
    if (!who.is_applicant()) return error(errc::not_allowed);
    auto file = read_upload(u, until);
    if (!file) return file.error();
    const bool at_once = mode == import_mode::all && file->wrong.empty();
    report checked;
    if (!at_once) {
        auto made = db.read([&](db::read_view& view) { return check_rows(view, who, *file); });
        if (!made) return made.error();
        checked = std::move(*made);
    }
    const auto store = [&](db::write_tx& tx) {
        return mode == import_mode::all ? import_all(tx, who, *file, checked)
                                        : import_some(tx, who, *file, checked);
    };
    result<import_job> stored = error(errc::invalid, "import.has_problems");
    if (at_once || mode == import_mode::valid) stored = db.write(store);
    while (stored && !stored->is_done)
        stored = db.write(store);
    return import_outcome{std::move(*file), std::move(checked), std::move(stored)};
}

result<import_outcome> import_upload(db::database& db, const actor& who, const upload& u, import_mode mode) {
    return import_upload(db, who, u, mode, deadline(db.time(), most_import_time));
}

} // namespace core::workbook
