// Finding things by parts of their words, in Chinese too. Text is cut here into grams: Chinese into pairs of
// characters, Latin letters and digits into groups of three and of five, beginnings of one and two beside
// them: there are only a thousand groups of three digits, so that among millions of serial numbers each is
// too long a list for a longer number to be looked up by. The grams, blank-separated, go into an FTS5 table
// without content (detail=none) under its plainest tokenizer, so that any SQLite opens the file and another
// engine can take the same grams. Cutting beforehand is what a registered tokenizer would do in a callback.
#pragma once
#include "core/db/transaction.hpp"

#include <cstdint>
#include <functional>
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
// The grams of a text of another kind in the same row, found by need_text_or(typed, kind) only.
std::string grams_of(std::string_view text, std::string_view kind);
// Whether every word of `key`, a search_key(), stands inside one of these texts: grams alone may have come
// from several.
bool has_words(const std::vector<std::string_view>& texts, std::string_view key);

// For LIKE … ESCAPE '\': whatever has this inside. % and _ mean themselves.
std::string like_containing(std::string_view text);

// What must be found together.
class search_terms {
  public:
    void need(const std::string& gram) { need_any({gram}); }
    void need_any(std::initializer_list<std::string> grams);
    // All words of a text as typed. Every character of them means itself: FTS syntax has no effect. A single
    // Chinese character has no gram; whoever reads the rows must look for it there.
    void need_text(std::string_view typed) { need_text_or(typed, {}); }
    // The same, each word in the text or in that of the kind.
    void need_text_or(std::string_view typed, std::string_view kind);
    bool empty() const { return expression_.empty(); }
    const std::string& expression() const { return expression_; }

  private:
    void need_expression(const std::string& one);
    std::string expression_; // FTS5's
};

// Whether a text has grams to be found by: one Chinese character has none, and is looked for in the rows.
bool is_searchable(std::string_view typed);

class search_index {
  public:
    explicit search_index(std::string_view table);
    void add(write_tx& tx, std::int64_t id, std::string_view grams) const;
    // `grams` must be what was added: the table keeps no content to know it by.
    void remove(write_tx& tx, std::int64_t id, std::string_view grams) const;
    // Ids below `before`, greatest first, at most `limit`.
    std::vector<std::int64_t> find(read_view& view, const search_terms& terms, std::int64_t before,
                                   int limit) const;
    // One page of those that `keep` takes, found the same way; it looks at 5,000 rows at most. 0: from the
    // first.
    std::vector<std::int64_t> find_kept(read_view& view, const search_terms& terms, std::int64_t before,
                                        int limit, const std::function<bool(std::int64_t)>& keep) const;
    void clear(write_tx& tx) const;

  private:
    std::string add_, remove_, find_, clear_;
};

// Whether a table holds exactly the grams it should. Both sides are summed up, so that it takes no memory.
class search_comparison {
  public:
    explicit search_comparison(std::string_view table) : table_(table) {}
    void expect(std::int64_t id, std::string_view grams);
    bool fits(read_view& view) const;

  private:
    struct sum {
        std::uint64_t entries = 0, hashes = 0;
        bool operator==(const sum&) const = default;
        void add(std::string_view gram, std::int64_t id);
    };
    std::string table_;
    sum expected_;
};

} // namespace core::db
