#include "core/db/search_index.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>

namespace core::db {
namespace {

constexpr std::size_t long_gram = 5; // of Latin letters and digits

struct letter {
    std::string_view bytes;
    bool is_wide; // Chinese and every other script; else a Latin letter or a digit
    bool begins;  // a blank or punctuation stands before it
};

char32_t point_at(std::string_view s, std::size_t at, std::size_t length) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(s[at + i]); };
    if (length == 1) return byte(0);
    char32_t point = byte(0) & (0xFFu >> (length + 1));
    for (std::size_t i = 1; i < length; ++i)
        point = (point << 6) | (byte(i) & 0x3F);
    return point;
}

std::size_t length_at(std::string_view s, std::size_t at) {
    const auto first = static_cast<unsigned char>(s[at]);
    const std::size_t length = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    return std::min(length, s.size() - at);
}

// Signs, spaces and punctuation of Unicode's blocks that Chinese texts have.
bool is_sign(char32_t c) {
    return c < 0xC0 || c == 0xD7 || c == 0xF7 || (c >= 0x2000 && c < 0x2C00) || (c >= 0x3000 && c < 0x3005) ||
           (c >= 0x3008 && c < 0x3040) || (c >= 0xFE30 && c < 0xFE50) || (c >= 0xFF00 && c < 0xFFF0);
}

// The letters of one word; its bytes are those of `key`, a comparison key.
std::vector<letter> letters_of(std::string_view key) {
    std::vector<letter> all;
    all.reserve(key.size());
    bool begins = true;
    for (std::size_t i = 0; i < key.size();) {
        const std::size_t length = length_at(key, i);
        const char32_t c = point_at(key, i, length);
        const bool latin = c < 0x80 && ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'));
        if (latin || !is_sign(c)) all.push_back({key.substr(i, length), !latin, begins});
        begins = !latin && is_sign(c);
        i += length;
    }
    return all;
}

void append_gram(std::string& to, const std::vector<letter>& word, std::size_t from, std::size_t count) {
    if (!to.empty()) to += ' ';
    for (std::size_t i = from; i < from + count; ++i)
        to += word[i].bytes;
}

// Runs of one kind: [from, to).
template<class F>
void for_each_run(const std::vector<letter>& word, F use) {
    for (std::size_t from = 0, to = 0; from < word.size(); from = to) {
        for (to = from; to < word.size() && word[to].is_wide == word[from].is_wide; ++to) {
        }
        use(from, to, word[from].is_wide);
    }
}

void cut_stored(std::string& to, const std::vector<letter>& word) {
    for_each_run(word, [&](std::size_t from, std::size_t end, bool is_wide) {
        const std::size_t n = is_wide ? 2 : 3;
        for (std::size_t i = from; i + n <= end; ++i)
            append_gram(to, word, i, n);
        for (std::size_t i = from; i + long_gram <= end && !is_wide; ++i)
            append_gram(to, word, i, long_gram);
        for (std::size_t i = from; i < end && !is_wide; ++i) {
            if (i != from && !word[i].begins) continue;
            append_gram(to, word, i, 1);
            if (i + 2 <= end) append_gram(to, word, i, 2);
        }
    });
}

// Only what a stored text with this word inside another surely has.
void cut_typed(std::vector<std::string>& grams, const std::vector<letter>& word) {
    const auto add = [&](std::size_t from, std::size_t count) {
        std::string gram;
        append_gram(gram, word, from, count);
        grams.push_back(std::move(gram));
    };
    const std::size_t before = grams.size();
    for_each_run(word, [&](std::size_t from, std::size_t end, bool is_wide) {
        const std::size_t n = is_wide ? 2 : end - from >= long_gram ? long_gram : 3;
        for (std::size_t i = from; i + n <= end; ++i)
            add(i, n);
    });
    if (grams.size() == before && !word.empty() && word.size() < 3 && !word[0].is_wide &&
        !word.back().is_wide)
        add(0, word.size()); // one or two letters or digits: beginnings only
}

// Codes and numbers, as most labels are: what comparison_key and letters_of would leave of them. False: there
// is more than ASCII in it.
bool append_plain(std::string& to, std::string_view value) {
    const std::size_t before = to.size();
    for (const char c : value) {
        if (static_cast<unsigned char>(c) >= 0x80) return to.resize(before), false;
        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')) to += c;
        if (c >= 'a' && c <= 'z') to += static_cast<char>(c - 'a' + 'A');
    }
    return true;
}

// A long word is looked up by some of its grams: each costs, and those of nearly every company's name cost
// most. Who reads the rows looks for the whole word there.
void thin_out(std::vector<std::string>& grams) {
    static constexpr std::array<std::string_view, 10> common = {"有限", "限公", "公司", "限责", "责任",
                                                                "任公", "股份", "份有", "广东", "东省"};
    constexpr std::size_t enough = 5;
    std::vector<std::string> rare;
    std::copy_if(grams.begin(), grams.end(), std::back_inserter(rare), [](const std::string& g) {
        return std::find(common.begin(), common.end(), g) == common.end();
    });
    if (rare.empty() || grams.size() <= enough) return;
    if (rare.size() > enough) { // every second one: neighbours share their letters
        std::vector<std::string> half;
        for (std::size_t i = 0; i < rare.size(); i += 2)
            half.push_back(rare[i]);
        rare = std::move(half);
    }
    grams = std::move(rare);
}

// All of these together.
std::string conjunction(const std::vector<std::string>& grams, std::string_view prefix) {
    std::string all;
    for (const auto& g : grams)
        all.append(all.empty() ? "\"" : " AND \"").append(prefix).append(g).append("\"");
    return all;
}

// Nothing but ASCII and Chinese characters as they are, U+4E00 to U+9FFF: comparing changes none of these.
bool is_simple(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x80) {
            ++i;
            continue;
        }
        if (byte < 0xE4 || byte > 0xE9 || i + 3 > text.size()) return false;
        if (byte == 0xE4 && static_cast<unsigned char>(text[i + 1]) < 0xB8) return false;
        i += 3;
    }
    return true;
}

// A character beyond ASCII of the word is nowhere in the text: said without making the text's key, which is
// dear, for nearly every text that has not the word.
bool surely_lacks(std::string_view text, std::string_view word) {
    if (!is_simple(text)) return false;
    for (std::size_t i = 0; i < word.size();) {
        const std::size_t length = length_at(word, i);
        if (length > 1 && text.find(word.substr(i, length)) == std::string_view::npos) return true;
        i += length;
    }
    return false;
}

} // namespace

std::string search_key(std::string_view text) {
    std::string all;
    for (const auto& typed : split_words(text)) {
        const std::string key = comparison_key(typed);
        const auto word = letters_of(key);
        if (word.empty()) continue;
        if (!all.empty()) all += ' ';
        for (const auto& l : word)
            all += l.bytes;
    }
    return all;
}

std::string grams_of(std::string_view text) {
    std::string all;
    all.reserve(text.size() * 6); // about what becomes of it
    for (const auto& typed : split_words(text)) {
        const std::string key = comparison_key(typed);
        cut_stored(all, letters_of(key));
    }
    return all;
}

std::string grams_of(std::string_view text, std::string_view kind) {
    std::string all = grams_of(text);
    if (all.empty()) return all;
    const std::string prefix = "§" + std::string(kind);
    std::string marked = prefix;
    for (const char c : all)
        if (marked += c; c == ' ') marked += prefix;
    return marked;
}

bool has_words(const std::vector<std::string_view>& texts, std::string_view key) {
    auto words = split_words(key);
    for (auto text = texts.begin(); text != texts.end() && !words.empty(); ++text) {
        if (std::all_of(words.begin(), words.end(),
                        [&](const std::string& word) { return surely_lacks(*text, word); }))
            continue;
        const std::string in = search_key(*text); // dear: no further than needed
        std::erase_if(words, [&](const std::string& word) { return in.find(word) != std::string::npos; });
    }
    return words.empty();
}

std::string like_containing(std::string_view text) {
    std::string pattern = "%";
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '\\') pattern += '\\';
        pattern += c;
    }
    return pattern + "%";
}

std::string label_gram(std::string_view kind, std::string_view value) {
    std::string gram = "§" + std::string(kind);
    if (append_plain(gram, value)) return gram;
    const std::string key = comparison_key(value);
    for (const auto& l : letters_of(key))
        gram += l.bytes;
    return gram;
}

void search_terms::need_expression(const std::string& one) {
    if (!expression_.empty()) expression_ += " AND ";
    expression_.append("(").append(one).append(")");
}

void search_terms::need_any(std::initializer_list<std::string> grams) {
    std::string any;
    for (const auto& g : grams)
        any.append(any.empty() ? "\"" : " OR \"").append(g).append("\"");
    need_expression(any);
}

void search_terms::need_text_or(std::string_view typed, std::string_view kind) {
    std::vector<std::string> all;
    for (const auto& one : split_words(typed)) {
        const std::string key = comparison_key(one);
        std::vector<std::string> grams;
        cut_typed(grams, letters_of(key));
        thin_out(grams);
        if (!kind.empty() && !grams.empty())
            need_expression("(" + conjunction(grams, "") + ") OR (" +
                            conjunction(grams, "§" + std::string(kind)) + ")");
        else
            std::move(grams.begin(), grams.end(), std::back_inserter(all));
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    for (const auto& g : all)
        need(g);
}

search_index::search_index(std::string_view table) {
    const std::string t(table);
    add_ = "INSERT INTO " + t + " (rowid, grams) VALUES ($1, $2)";
    remove_ = "INSERT INTO " + t + " (" + t + ", rowid, grams) VALUES ('delete', $1, $2)";
    clear_ = "INSERT INTO " + t + " (" + t + ") VALUES ('delete-all')";
    find_ =
        "SELECT rowid FROM " + t + " WHERE " + t + " MATCH $1 AND rowid < $2 ORDER BY rowid DESC LIMIT $3";
}

void search_index::add(write_tx& tx, std::int64_t id, std::string_view grams) const {
    tx.exec(add_, id, grams);
}

void search_index::remove(write_tx& tx, std::int64_t id, std::string_view grams) const {
    tx.exec(remove_, id, grams);
}

std::vector<std::int64_t> search_index::find_kept(read_view& view, const search_terms& terms,
                                                  std::int64_t before, int limit,
                                                  const std::function<bool(std::int64_t)>& keep) const {
    constexpr int batch = 100, most_scanned = 5'000;
    const int asked = std::max(limit, batch);
    std::int64_t at = before == 0 ? std::numeric_limits<std::int64_t>::max() : before;
    std::vector<std::int64_t> all;
    for (int scanned = 0; scanned < most_scanned;) {
        const auto ids = find(view, terms, at, asked);
        for (const auto id : ids) {
            ++scanned;
            if (!keep(id)) continue;
            all.push_back(id);
            if (all.size() == static_cast<std::size_t>(limit)) return all;
        }
        if (ids.size() < static_cast<std::size_t>(asked)) return all;
        at = ids.back();
    }
    return all;
}

bool is_searchable(std::string_view typed) {
    search_terms terms;
    terms.need_text(typed);
    return !terms.empty();
}

void search_index::clear(write_tx& tx) const {
    tx.exec(clear_);
}

std::vector<std::int64_t> search_index::find(read_view& view, const search_terms& terms, std::int64_t before,
                                             int limit) const {
    std::vector<std::int64_t> ids;
    for (const row r : view.query(find_, terms.expression(), before, limit))
        ids.push_back(r.number(0));
    return ids;
}

void search_comparison::sum::add(std::string_view gram, std::int64_t id) {
    std::uint64_t hash = 14695981039346656037u ^ static_cast<std::uint64_t>(id); // FNV-1a
    for (const char c : gram)
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
    hash ^= hash >> 29;
    hashes += hash * 0xBF58476D1CE4E5B9u;
    ++entries;
}

void search_comparison::expect(std::int64_t id, std::string_view grams) {
    auto all = split_words(to_lower_ascii(grams)); // as the table's tokenizer folds them
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    for (const auto& g : all)
        expected_.add(g, id);
}

bool search_comparison::fits(read_view& view) const {
    sum found;
    for (const row r : view.query("SELECT term, doc FROM " + table_ + "_entry"))
        found.add(r.view(0), r.number(1));
    return found == expected_;
}

} // namespace core::db
