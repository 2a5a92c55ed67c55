// Finding things by parts of their words, in Chinese too. Text is cut here into grams: Chinese into pairs of
// characters, Latin letters and digits into groups of three, beginnings of one and two beside them. The
// grams, blank-separated, go into an FTS5 table without content (detail=none) under its plainest tokenizer,
// so that any SQLite opens the file and another engine can take the same grams. Cutting beforehand is what a
// registered tokenizer would do in a callback.
#pragma once
#include "core/db/transaction.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace core::db {

// What is compared of a text: half-width, upper case, no punctuation; words separated by one blank
// (domain.md 8.3).
std::string search_key(std::string_view text);
// The grams of stored text, separated by blanks.
std::string grams_of(std::string_view text);
// A gram of its own for what is no text, e.g. ("s", "filed"): no text has it.
std::string label_gram(std::string_view kind, std::string_view value);

// What must be found together.
class search_terms {
  public:
    void need(const std::string& gram) { need_any({gram}); }
    void need_any(std::initializer_list<std::string> grams);
    // All words of a text as typed. Every character of them means itself: FTS syntax has no effect. A single
    // Chinese character has no gram; whoever reads the rows must look for it there.
    void need_text(std::string_view typed);
    bool empty() const { return expression_.empty(); }
    const std::string& expression() const { return expression_; }

  private:
    std::string expression_; // FTS5's
};

class search_index {
  public:
    explicit search_index(std::string_view table);
    void add(write_tx& tx, std::int64_t id, std::string_view grams) const;
    // `grams` must be what was added: the table keeps no content to know it by.
    void remove(write_tx& tx, std::int64_t id, std::string_view grams) const;
    // Ids below `before`, greatest first, at most `limit`.
    std::vector<std::int64_t> find(read_view& view, const search_terms& terms, std::int64_t before,
                                   int limit) const;

  private:
    std::string add_, remove_, find_;
};

} // namespace core::db
