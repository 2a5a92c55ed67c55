// Reads drafts (a form, a row of a file) into instruments by the rules of field.hpp and domain.md 8: the one
// validation of form, import and API. Keeps what it looked up, so that many rows are checked at the cost of a
// few queries; for one transaction or snapshot.
#pragma once
#include "core/base/result.hpp"
#include "core/catalogue/catalogue.hpp"
#include "core/instrument/field.hpp"

#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace core::instrument {

struct instrument;

class checker {
  public:
    explicit checker(db::read_view& view);
    // Reads the fields `which` of the draft into `i`, which holds what is stored (new: nothing). Refuses
    // invalid with every wrong field at once, the first one in front and the others in `also`; then `i` is
    // half read.
    result<> read(instrument& i, const draft& d, std::span<const field_id> which);

  private:
    void read_field(instrument& i, const field& f, const std::string& text);
    void read_choice(instrument& i, const field& f, const std::string& text);
    void read_serial(instrument& i, const field& f, const std::string& text);
    void read_date(instrument& i, const field& f, const std::string& text);
    void read_region(instrument& i, const field& f, const std::string& text);
    void read_catalogue(instrument& i, const draft& d);
    void check_status(const instrument& before, const instrument& i);
    void refuse(const field& f, std::string why);
    std::string find_place(const std::string& path);
    const catalogue::entry* find_row(std::string_view l1, std::string_view l2);
    const catalogue::entry* find_row(std::int64_t id);
    void load_catalogue();

    db::read_view* view_;
    date today_;
    std::vector<error> wrong_;
    std::vector<catalogue::entry> rows_; // of the version in force, once needed
    std::map<std::int64_t, const catalogue::entry*> row_by_id_;
    std::unordered_map<std::string, const catalogue::entry*> row_by_names_;
    // Of the row before: a file mostly repeats them, and making a key of a text is dear.
    std::pair<std::string, std::string> recent_names_;
    const catalogue::entry* recent_row_ = nullptr;
    std::string recent_path_, recent_place_;
    std::unordered_map<std::string, bool> is_place_;
    std::unordered_map<std::string, std::string> place_by_path_;
};

} // namespace core::instrument
