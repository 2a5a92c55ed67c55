#include "core/workbook/import_file.hpp"

#include "core/base/ids.hpp"
#include "core/base/text.hpp"
#include "core/instrument/checker.hpp"
#include "core/instrument/instrument.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <unordered_map>

namespace core::workbook {
namespace {

using instrument::field_id;

constexpr std::size_t most_problems = 50'000; // of a report
constexpr int rows_before_headings = 20;      // titles and notes above them

std::string joined(const std::vector<std::string>& words) {
    std::string all;
    for (const auto& w : words)
        all.append(all.empty() ? "" : "、").append(w);
    return all;
}

// Goes on to the row of headings; nullopt: there is none among the first rows.
result<std::optional<headings>> find_headings(rows& of) {
    row r;
    for (int seen = 0; seen < rows_before_headings;) {
        const auto more = of.next(r);
        if (!more) return more.error();
        if (!*more) break;
        if (r.is_blank()) continue;
        ++seen;
        headings h = match_headings(r);
        if (h.is_heading_row()) return std::optional(std::move(h));
    }
    return std::optional<headings>();
}

result<> check_headings(const headings& h) {
    if (!h.twice.empty())
        return error(errc::invalid, "import.columns_twice").with("columns", joined(h.twice));
    if (!h.missing.empty())
        return error(errc::invalid, "import.columns_missing").with("columns", joined(h.missing));
    return {};
}

// Whether a sheet has all our headings and a row below them. One that cannot be read is none of ours.
bool has_instruments(book& b, std::size_t sheet) {
    const auto of = b.open(sheet);
    if (!of) return false;
    const auto found = find_headings(**of);
    if (!found || !*found || !check_headings(**found)) return false;
    row r;
    for (auto more = (*of)->next(r); more && *more; more = (*of)->next(r))
        if (!r.is_blank() && !is_example(**found, r)) return true;
    return false;
}

result<> read_rows(rows& of, bool from_1904, const limits& most, read_file& to) {
    for (row r;;) {
        const auto more = of.next(r);
        if (!more) return more.error();
        if (!*more) return {};
        if (r.is_blank()) {
            ++to.blank;
            continue;
        }
        if (is_example(to.columns, r)) {
            ++to.examples;
            continue;
        }
        to.hidden += r.is_hidden ? 1 : 0;
        typed_row typed = type_row(to.columns, r, from_1904);
        to.rows.push(r.number, typed.draft, typed.wrong.empty());
        if (to.rows.bytes() > most.packed) return error(errc::invalid, "workbook.too_large");
        const auto take = [&](std::vector<problem>& all, std::vector<problem>& some) {
            if (all.size() < most.problems) std::move(some.begin(), some.end(), std::back_inserter(all));
        };
        take(to.wrong, typed.wrong);
        take(to.doubts, typed.doubts);
    }
}

// What tells one instrument of a company from another.
std::string identity_of(const instrument::instrument& i) {
    return comparison_key(i.name) + "\x1f" + comparison_key(i.model) + "\x1f" + comparison_key(i.serial_no) +
           "\x1f" + (i.is_numberless() ? comparison_key(i.own_no) : "");
}

class row_check {
  public:
    row_check(db::read_view& view, const actor& who, const read_file& file, report& to, const take_good& take)
        : view_(&view), who_(&who), file_(&file), report_(&to), take_(&take), checker_(view) {}

    result<> run() {
        report_->doubts = file_->doubts;
        report_->of_row.reserve(file_->rows.size());
        for (std::size_t i = 0; i < file_->rows.size(); ++i) {
            if (i % 256 == 0 && file_->until.is_over()) return error(errc::invalid, "workbook.slow");
            report_->of_row.push_back(check(i));
        }
        report_->rows = report_->good + report_->wrong + report_->repeated;
        // Those of reading came row by row between the others.
        const auto by_row = [](const problem& a, const problem& b) { return a.row < b.row; };
        std::stable_sort(report_->doubts.begin(), report_->doubts.end(), by_row);
        return {};
    }

  private:
    verdict check(std::size_t i) {
        const std::uint32_t number = file_->rows.number(i);
        const auto draft = file_->rows.at(i);
        instrument::instrument one;
        one.applicant_id = who_->applicant_id;
        const auto begun = next_wrong_;
        for (; next_wrong_ < file_->wrong.size() && file_->wrong[next_wrong_].row <= number; ++next_wrong_)
            add(file_->wrong[next_wrong_]);
        const auto checked = checker_.read(one, draft, instrument::typed_fields());
        if (!checked) add_all(checked.error(), draft, number, begun);
        if (!checked || !file_->rows.was_read(i)) return ++report_->wrong, verdict::wrong;
        if (repeats(one, i)) return ++report_->repeated, verdict::repeated;
        if (instrument::is_elsewhere(*view_, one) && report_->doubts.size() < most_problems)
            report_->doubts.push_back({number, field_id::serial_no, "doubt.repeats_other", one.serial_no});
        if (*take_) (*take_)(std::move(one));
        return ++report_->good, verdict::good;
    }

    bool repeats(const instrument::instrument& one, std::size_t i) {
        const std::uint32_t number = file_->rows.number(i);
        const std::string identity = identity_of(one);
        const auto [at, is_new] =
            rows_.emplace(std::hash<std::string>{}(identity), static_cast<std::uint32_t>(i));
        if (!is_new && identity_at(at->second) == identity) {
            add({number, field_id::serial_no, "import.repeats_row", one.serial_no,
                 file_->rows.number(at->second)});
            return true;
        }
        const auto entered = instrument::find_entered(*view_, *who_, one);
        if (entered) add({number, field_id::serial_no, "import.repeats_record", one.serial_no, *entered});
        return entered.has_value();
    }

    std::string identity_at(std::size_t i) {
        instrument::instrument one;
        one.applicant_id = who_->applicant_id;
        (void)checker_.read(one, file_->rows.at(i), instrument::typed_fields()); // it was right before
        return identity_of(one);
    }

    void add(problem p) {
        if (report_->problems.size() < most_problems) report_->problems.push_back(std::move(p));
    }
    void add_all(const error& e, const instrument::draft& draft, std::uint32_t number, std::size_t begun) {
        add_one(e, draft, number, begun);
        for (const auto& other : e.also)
            add_one(other, draft, number, begun);
    }
    // A value that could not even be read is told once, not also as missing.
    void add_one(const error& e, const instrument::draft& draft, std::uint32_t number, std::size_t begun) {
        const auto* f = instrument::find_field(e.field);
        if (f == nullptr) return;
        for (std::size_t k = begun; k < next_wrong_; ++k)
            if (file_->wrong[k].field == f->id) return;
        add({number, f->id, e.detail, shorten(cut_bytes(tidy_line(draft.text(f->id)), 480), 60)});
    }

    db::read_view* view_;
    const actor* who_;
    const read_file* file_;
    report* report_;
    const take_good* take_;
    instrument::checker checker_;
    // By the hash of its identity, the first row with it: the identities of 200,000 rows would take 60 MB.
    std::unordered_map<std::size_t, std::uint32_t> rows_;
    std::size_t next_wrong_ = 0;
};

} // namespace

void packed_rows::push(std::uint32_t row, const instrument::draft& d, bool was_read) {
    std::string all, texts;
    for (const auto id : instrument::typed_fields()) {
        const std::string& text = d.text(id); // 8,000 bytes at most (columns.cpp)
        all += static_cast<char>(text.size() & 0xFF);
        all += static_cast<char>(text.size() >> 8);
        texts += text;
    }
    texts_.push(all + texts);
    numbers_.push_back(row);
    was_read_.push_back(was_read);
}

instrument::draft packed_rows::at(std::size_t i) const {
    instrument::draft d;
    const auto& ids = instrument::typed_fields();
    const std::string_view all = texts_.at(i);
    const auto byte = [&](std::size_t n) -> std::size_t { return static_cast<unsigned char>(all[n]); };
    std::size_t begin = ids.size() * 2;
    for (std::size_t n = 0; n < ids.size(); ++n) {
        const std::size_t length = byte(2 * n) | byte(2 * n + 1) << 8;
        d.set(ids[n], std::string(all.substr(begin, length)));
        begin += length;
    }
    return d;
}

result<read_file> read_upload(const upload& u, const deadline& until, const limits& most) {
    auto opened = open_book(u, until, most);
    if (!opened) return opened.error();
    book& b = **opened;
    const bool all_hidden =
        std::all_of(b.sheets().begin(), b.sheets().end(), [](const sheet& s) { return s.is_hidden; });
    std::optional<error> first; // what keeps the first sheet from being read
    for (std::size_t i = 0; i < b.sheets().size(); ++i) {
        if (b.sheets()[i].is_hidden && !all_hidden) continue;
        auto of = b.open(i);
        if (!of) return of.error();
        auto found = find_headings(**of);
        if (!found) return found.error();
        if (!*found) continue;
        read_file file;
        file.sheet = b.sheets()[i].name;
        file.columns = std::move(**found);
        file.until = until;
        if (const auto r = check_headings(file.columns); !r) {
            if (!first) first = r.error();
            continue;
        }
        if (const auto r = read_rows(**of, b.counts_from_1904(), most, file); !r) return r.error();
        if (file.rows.size() == 0) return error(errc::invalid, "import.nothing");
        for (std::size_t k = i + 1; k < b.sheets().size(); ++k)
            if ((all_hidden || !b.sheets()[k].is_hidden) && has_instruments(b, k))
                return error(errc::invalid, "import.two_sheets")
                    .with("one", shorten(tidy_line(file.sheet), 60))
                    .with("other", shorten(tidy_line(b.sheets()[k].name), 60));
        file.file_name = shorten(tidy_line(cut_bytes(u.file_name, 1000)), 200);
        file.hash = sha256_hex(u.bytes);
        return file;
    }
    return first ? *first : error(errc::invalid, "import.no_headings");
}

result<report> check_rows(db::read_view& view, const actor& who, const read_file& file) {
    report made;
    if (auto r = check_rows(view, who, file, made, {}); !r) return r.error();
    return made;
}

result<> check_rows(db::read_view& view, const actor& who, const read_file& file, report& to,
                    const take_good& take) {
    if (!who.is_applicant()) return error(errc::not_allowed);
    to = {};
    return row_check(view, who, file, to, take).run();
}

} // namespace core::workbook
