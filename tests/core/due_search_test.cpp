// What staff look for among what is due (core/due/search_store): every way to find it gives what a look at
// every row gives, page by page.
#include "core/account/applicant.hpp"
#include "core/base/text.hpp"
#include "core/db/search_index.hpp"
#include "core/due/due.hpp"
#include "core/due/search_store.hpp"
#include "core/filing/filing.hpp"
#include "core/instrument/listing.hpp"
#include "tests/support/world_filings.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace core;
using db::read_view;
using db::write_tx;
using due::store::search_limits;
using tests::filing_world;

namespace {

struct known { // one instrument, as a look at every row sees it
    std::int64_t id = 0;
    std::string day, kind, method;
    std::vector<std::string> texts;
};

class search_world : public filing_world {
  public:
    explicit search_world(unsigned seed) : dice_(seed) {
        for (int n = 0; n < 70; ++n)
            add(roll(3) == 0 ? other_company : company);
        look();
    }

    std::vector<std::int64_t> naive(const due::filter& f) {
        const auto today = to_text(read([](read_view& v) { return v.today(); }));
        const auto last = to_text(add_days(parse_date(today).value(), 60));
        std::vector<std::pair<std::string, std::int64_t>> found;
        for (const auto& k : all_) {
            const bool book = f.of == due::tab::soon || f.of == due::tab::overdue;
            if (k.kind != (book ? "book" : due::code_of(f.of))) continue;
            if (!f.method.empty() && f.method != k.method) continue;
            if (f.of == due::tab::soon && (k.day < today || k.day > last)) continue;
            if (f.of == due::tab::overdue && k.day >= today) continue;
            std::vector<std::string_view> texts(k.texts.begin(), k.texts.end());
            if (db::has_words(texts, db::search_key(f.text))) found.emplace_back(k.day, k.id);
        }
        std::sort(found.begin(), found.end());
        std::vector<std::int64_t> ids;
        for (const auto& one : found)
            ids.push_back(one.second);
        return ids;
    }

    std::vector<std::int64_t> paged(const due::filter& f, int size, const search_limits& most) {
        const auto institution = demo.city_institution;
        return read([&](read_view& v) {
            std::vector<std::int64_t> all;
            const due::store::window w{v.today(), 60};
            for (due::key at;;) {
                const auto range = due::store::range_of(f, w, at);
                const auto ids = due::store::find_text(v, institution, f, range, size, most);
                if (ids.empty()) return all;
                all.insert(all.end(), ids.begin(), ids.end());
                at = due::key_of(due::store::list_items(v, std::array{ids.back()}).at(0));
                if (all.size() > 200) return all;
            }
        });
    }

    std::string name_of(const actor& who) {
        return read([&](read_view& v) { return account::find_applicant(v, who.applicant_id).value().name; });
    }

  private:
    int roll(int n) { return std::uniform_int_distribution<int>(0, n - 1)(dice_); }

    void add(const actor& who) {
        static constexpr std::array<std::string_view, 4> models = {"YB-150", "yb150", "JJ-200", "Y 60"};
        static constexpr std::array<std::string_view, 3> users = {"", "三车间", "鑫记食品"};
        const auto id =
            add_instrument(who, {{"model", std::string(models[static_cast<std::size_t>(roll(4))])},
                                 {"serial_no", "ZB-" + std::to_string(100'000 + roll(900'000))},
                                 {"used_by", std::string(users[static_cast<std::size_t>(roll(3))])},
                                 {"method", roll(4) == 0 ? "onsite" : "deliver"}});
        if (submit(who, {id}, {.institution = demo.city_institution})[0].refused)
            throw std::logic_error("not submitted");
        write([&](write_tx& tx) { return filing::accept(tx, city, id); }).value();
        const int how = roll(8);
        if (how == 0) return; // never verified
        write([&](write_tx& tx) -> result<> {
            const auto before = instrument::read_listed(tx, id).value();
            const auto end = how == 1 ? std::nullopt : std::optional(add_days(tx.today(), roll(100) - 20));
            tx.exec("UPDATE instrument SET verified_on = '2025-01-01', valid_until = $1, barred = $2 WHERE "
                    "id = $3",
                    end, how == 1, id);
            if (++ended_ % 7 == 0) // filed elsewhere since: found by the same words, in another's list
                tx.exec("UPDATE instrument SET institution_id = $1 WHERE id = $2", demo.county_institution,
                        id);
            instrument::relist(tx, before);
            return {};
        }).value();
    }

    void look() {
        read([&](read_view& v) {
            for (const auto r :
                 v.query("SELECT i.id, coalesce(i.valid_until, ''), i.due_kind, i.method, i.name, i.model, "
                         "i.manufacturer, i.location_text, i.serial_no, i.own_no, i.tags, i.used_by, a.name "
                         "FROM instrument i JOIN applicant a ON a.id = i.applicant_id "
                         "WHERE i.institution_id = $1 AND i.due_kind IS NOT NULL",
                         demo.city_institution)) {
                known k{r.number(0), r.text(1), r.text(2), r.text(3), {}};
                for (int n = 4; n < 13; ++n)
                    k.texts.push_back(r.text(n));
                all_.push_back(std::move(k));
            }
            return 0;
        });
    }

    std::mt19937 dice_;
    int ended_ = 0;
    std::vector<known> all_;
};

// Each way alone: limits that these few rows are over.
const std::vector<std::pair<const char*, search_limits>>& ways() {
    static const std::vector<std::pair<const char*, search_limits>> all = {
        {"as it is", {}},
        {"looked up", {.lookups = 1, .few = 1'000, .probed = 1}},
        {"passed by", {.lookups = 1, .few = 0, .some = 1'000, .probed = 1}},
        {"passed by as far as may be, then looked up",
         {.lookups = 1, .few = 0, .some = 1'000, .probed = 1, .walked = 4}},
        {"of the institution, looked up", {.lookups = 1, .few = 1'000, .anywhere = 1, .probed = 1}},
        {"of the institution, passed by",
         {.lookups = 1, .few = 0, .some = 1'000, .anywhere = 1, .probed = 1}},
        {"rows read", {.lookups = 1, .few = 0, .some = 1, .anywhere = 1, .probed = 3}},
        {"rows read at once", {.lookups = 1, .probed = 1'000}},
        {"many companies, passed by", {.companies = 0, .probed = 1}},
        {"too many companies, rows read", {.companies = 0, .some_companies = 1, .probed = 2}},
    };
    return all;
}

} // namespace

TEST_CASE("U9 what is looked for among what is due is what a look at every row finds; property, every way") {
    std::size_t found = 0;
    for (const unsigned seed : {3u, 4u}) {
        search_world w(seed);
        const auto mine = w.name_of(w.company), other = w.name_of(w.other_company);
        const std::vector<std::string> texts = {"YB150",
                                                "yb-150",
                                                "压力",
                                                mine,
                                                other,
                                                cut_characters(mine, 4),
                                                "有限公司",
                                                "车间",
                                                "鑫记 " + mine,
                                                "压力 车间",
                                                mine + " JJ200",
                                                "ZB-1",
                                                "ZB12",
                                                "没有这样的器具",
                                                "鑫"};
        for (const auto& [way, most] : ways())
            for (const auto& text : texts)
                for (const auto tab : {due::tab::soon, due::tab::overdue, due::tab::barred, due::tab::never})
                    for (const std::string method : {"", "onsite"}) {
                        const due::filter f{.of = tab, .method = method, .text = text};
                        const auto expected = w.naive(f);
                        found += expected.size();
                        for (const int size : {2, 50}) {
                            CAPTURE(seed);
                            CAPTURE(way);
                            CAPTURE(text);
                            CAPTURE(due::code_of(tab));
                            CAPTURE(size);
                            CHECK(w.paged(f, size, most) == expected);
                        }
                    }
        CHECK(w.paged({.text = "%"}, 50, {}).empty());
        CHECK(w.paged({.text = "_"}, 50, {}).empty());
    }
    CHECK(found > 2'000);
}
