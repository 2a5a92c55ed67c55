// core/db/search_index: cutting text into grams, and finding parts of words by them.
#include "core/db/search_index.hpp"
#include "tests/support/world.hpp"

#include <doctest/doctest.h>

#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

using namespace core;
using db::grams_of;
using db::search_index;
using db::search_terms;

std::set<std::string> words_of(const std::string& grams) {
    std::istringstream in(grams);
    std::set<std::string> all;
    for (std::string one; in >> one;)
        all.insert(one);
    return all;
}
using grams = std::set<std::string>;

std::string expression(std::string_view typed) {
    search_terms t;
    t.need_text(typed);
    return t.expression();
}

} // namespace

TEST_CASE("search: Chinese in pairs, Latin letters and digits in threes, with their beginnings") {
    CHECK(words_of(grams_of("压力表")) == grams{"压力", "力表"});
    CHECK(words_of(grams_of("压力（表）")) == grams{"压力", "力表"}); // punctuation is no border, a blank is
    CHECK(words_of(grams_of("一号 车间")) == grams{"一号", "车间"});
    CHECK(words_of(grams_of("Y-100")) == grams{"Y10", "100", "Y", "Y1", "1", "10"});
    CHECK(words_of(grams_of("ａ２－１０")) ==
          grams{"A21", "210", "A", "A2", "1", "10"}); // full-width is half-width
    CHECK(words_of(grams_of("DN15水表")) == grams{"DN1", "N15", "D", "DN", "水表"});
    CHECK(words_of(grams_of("AB1234")) ==
          grams{"AB1", "B12", "123", "234", "AB123", "B1234", "A", "AB"}); // and in fives
    CHECK(words_of(grams_of("7")) == grams{"7"});
    CHECK(grams_of("表") == "");
    CHECK(grams_of("—— () *\"'") == "");
    CHECK(grams_of("") == "");
    CHECK(db::search_key(" 压力（表）  ｙ-100 ") == "压力表 Y100");
    CHECK(db::label_gram("t", "重点 锅炉") == "§t重点锅炉");
    CHECK(words_of(grams_of("§a1")) == grams{"A1", "A"}); // no text makes a label
}

TEST_CASE("search: a typed word asks only for grams that a text with it inside must have") {
    CHECK(expression("压力") == "(\"压力\")");
    CHECK(expression("压力表") == "(\"力表\") AND (\"压力\")");
    CHECK(expression("10") == "(\"10\")");
    CHECK(expression("2压力") == "(\"压力\")"); // the 2 may stand inside a number
    CHECK(expression("表") == "");
    CHECK(expression("AND NEAR") == "(\"AND\") AND (\"EAR\") AND (\"NEA\")");
    CHECK(expression("1234567") == "(\"12345\") AND (\"23456\") AND (\"34567\")");
    CHECK(expression("a*b\"c") == "(\"ABC\")");
}

TEST_CASE("search: whatever stands in a text is found by any part of it; property over random texts") {
    tests::world w;
    const search_index index("instrument_search");
    std::mt19937 random(4711);
    const std::vector<std::string> alphabet = {"压", "力", "表", "水", "血", "A", "b", "1",
                                               "2",  "0",  "-",  "/",  "（", "9", "Z"};
    std::vector<std::vector<std::string>> texts;
    for (int n = 0; n < 400; ++n) {
        std::vector<std::string> text;
        for (std::size_t k = 3 + random() % 12; k > 0; --k)
            text.push_back(alphabet[random() % alphabet.size()]);
        texts.push_back(text);
    }
    const auto join = [](const std::vector<std::string>& parts, std::size_t from, std::size_t count) {
        std::string all;
        for (std::size_t i = from; i < from + count; ++i)
            all += parts[i];
        return all;
    };
    w.write([&](db::write_tx& tx) -> result<> {
         for (std::size_t n = 0; n < texts.size(); ++n)
             index.add(tx, static_cast<std::int64_t>(n + 1), grams_of(join(texts[n], 0, texts[n].size())));
         return {};
     }).value();
    int asked = 0;
    for (std::size_t n = 0; n < texts.size(); ++n)
        for (std::size_t from = 0; from + 2 < texts[n].size(); ++from) {
            const std::string part = join(texts[n], from, 3);
            search_terms t;
            t.need_text(part);
            const std::string key = db::search_key(part);
            // One or two letters or digits are found where a word begins only.
            if (t.empty() || key.size() < 3) continue;
            ++asked;
            CAPTURE(part);
            const auto found = w.read([&](db::read_view& v) { return index.find(v, t, 1'000'000, 1000); });
            CHECK(std::find(found.begin(), found.end(), static_cast<std::int64_t>(n + 1)) != found.end());
            CHECK(std::is_sorted(found.rbegin(), found.rend()));
        }
    CHECK(asked > 500);
}

TEST_CASE(
    "search: a word is in a text when its key is in the text's key, however both are written; property") {
    static const std::vector<std::string> pieces = {
        "压", "力", "表", "一",     "鿿",    "㐀", "𠀀", "豈", "更", "が",       "か",  "゛",
        "カ", "ｶ",  "ﾞ",  "\u3099", "\u0301", "é",  "E",  "e",  "Ａ", "a",        "１",  "1",
        "㈱", "（", "）", "株",     "℃",      "Ⅳ",  "IV", "—",  "-",  "\xE5\x8E", "\xE4"};
    std::mt19937 dice(11);
    const auto some = [&](int most) {
        std::string text;
        for (int n = std::uniform_int_distribution<int>(1, most)(dice); n > 0; --n)
            text += pieces[std::uniform_int_distribution<std::size_t>(0, pieces.size() - 1)(dice)];
        return text;
    };
    int had = 0, lacked = 0;
    for (int n = 0; n < 20'000; ++n) {
        const std::string text = some(8), word = db::search_key(some(2));
        if (word.empty()) continue;
        CAPTURE(text);
        CAPTURE(word);
        const bool has = db::search_key(text).find(word) != std::string::npos;
        CHECK(db::has_words({text}, word) == has);
        (has ? had : lacked) += 1;
    }
    CHECK(had > 1'000);
    CHECK(lacked > 1'000);
}

TEST_CASE("search: removed with what was added, it is gone; pages go down by id") {
    tests::world w;
    const search_index index("instrument_search");
    const auto find = [&](std::string_view typed, std::int64_t before, int limit) {
        search_terms t;
        t.need_text(typed);
        return w.read([&](db::read_view& v) { return index.find(v, t, before, limit); });
    };
    w.write([&](db::write_tx& tx) -> result<> {
         for (std::int64_t id = 1; id <= 10; ++id)
             index.add(tx, id, grams_of(id % 2 == 0 ? "压力表" : "血压计"));
         return {};
     }).value();
    CHECK(find("压力", 100, 3) == std::vector<std::int64_t>{10, 8, 6});
    CHECK(find("压力", 6, 3) == std::vector<std::int64_t>{4, 2});
    w.write([&](db::write_tx& tx) -> result<> {
         index.remove(tx, 8, grams_of("压力表"));
         return {};
     }).value();
    CHECK(find("压力", 100, 3) == std::vector<std::int64_t>{10, 6, 4});
    const auto undone = w.write([&](db::write_tx& tx) -> result<> {
        index.remove(tx, 10, grams_of("压力表"));
        return error(errc::conflict);
    });
    CHECK(undone.has_error());
    CHECK(find("压力", 100, 1) == std::vector<std::int64_t>{10}); // a refusal undoes the index too
}
