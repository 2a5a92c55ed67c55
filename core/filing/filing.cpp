// What the company does with its filings: submit, withdraw, remove.
#include "core/filing/filing.hpp"

#include "core/account/applicant.hpp"
#include "core/catalogue/capability.hpp"
#include "core/filing/filing_step.hpp"

#include <algorithm>

namespace core::filing {
namespace {

// F1a, M24: one that companies may choose directly, for the instrument's city, and that can do it.
bool may_target(db::read_view& view, const instrument::instrument& i, std::int64_t institution) {
    const auto n = instrument::need_of(i);
    const auto offered = catalogue::list_direct(view, i.region_code, std::span(&n, 1));
    return std::any_of(offered.begin(), offered.end(), [&](const auto& o) { return o.id == institution; });
}

struct submitting {
    std::optional<error> doubt; // of the instrument that was just submitted
};

result<> submit_one(db::write_tx& tx, const actor& who, std::int64_t id, const submission& to,
                    submitting& now, announcer& told) {
    auto s = begin(tx, who, id, "submit");
    if (!s) return s.error();
    if (auto fine = account::check_standing(tx, s->what.applicant_id); !fine) return fine.error(); // R2
    if (!instrument::is_in_service(s->what))
        return error(errc::invalid, "filing.out_of_service", "instrument_status").with("name", s->what.name);
    if (!may_target(tx, s->what, to.institution)) return error(errc::invalid, "filing.target", "institution");
    const auto row = catalogue::find_entry(tx, s->what.catalogue_id).value();
    if (auto fine = check_papers(tx, s->what, row); !fine) return fine;
    if (auto fine = check_duplicates(tx, s->what); !fine) return fine;
    if (const auto said = to.uses.find(id); said != to.uses.end()) {
        if (!said->second.empty() && !is_code_of(declared_uses, said->second))
            return error(errc::invalid, "filing.use", "use");
        s->what.declared_use = said->second;
    }
    now.doubt = doubt_of(tx, s->what);
    if (now.doubt && now.doubt->detail == "filing.not_mandatory" && !to.knowingly) return *now.doubt;
    ending e;
    e.change.handler = to.institution;
    e.change.origin_handler = 0;
    e.change.submitted_now = true;
    e.institution = to.institution;
    e.change.declared_use = s->what.declared_use;
    e.details = value::object();
    if (now.doubt) e.details.set("doubt", now.doubt->detail);
    if (!s->what.declared_use.empty()) e.details.set("use", s->what.declared_use);
    return finish(tx, who, *s, std::move(e), told);
}

// Its row names cases: the answer depends on whether it is one of them.
bool is_use_asked(db::read_view& view, instrument::instrument i) {
    i.declared_use.clear();
    const auto unsaid = doubt_of(view, i);
    i.declared_use = "listed";
    return unsaid && !doubt_of(view, i);
}

result<> remove_one(db::write_tx& tx, const actor& who, std::int64_t id, announcer& told) {
    auto s = begin(tx, who, id, "remove");
    if (!s) return s.error();
    return finish(tx, who, *s, {}, told);
}

} // namespace

std::vector<outcome> submit(db::write_tx& tx, const actor& who, std::span<const std::int64_t> ids,
                            const submission& s) {
    std::vector<std::optional<error>> doubts;
    auto all = walk_many(tx, ids, [&](std::int64_t id, announcer& told) {
        submitting now;
        auto done = submit_one(tx, who, id, s, now, told);
        doubts.push_back(done ? now.doubt : std::nullopt);
        return done;
    });
    for (std::size_t n = 0; n < doubts.size(); ++n)
        all[n].warned = std::move(doubts[n]);
    return all;
}

std::vector<outcome> check_mandatory(db::read_view& view, const actor& who,
                                     std::span<const std::int64_t> ids) {
    std::vector<outcome> all;
    const auto found = instrument::get_all(view, who, ids);
    for (std::size_t n = 0; n < ids.size(); ++n) {
        if (!found[n])
            all.push_back({ids[n], found[n].error(), {}});
        else
            all.push_back({ids[n], {}, doubt_of(view, *found[n]), is_use_asked(view, *found[n])});
    }
    return all;
}

std::vector<catalogue::institution> list_targets(db::read_view& view, const actor& who,
                                                 std::span<const std::int64_t> ids) {
    std::string region;
    std::vector<catalogue::need> needs;
    for (const auto& i : instrument::get_all(view, who, ids)) {
        if (!i || (!region.empty() && catalogue::city_of(i->region_code) != catalogue::city_of(region)))
            return {};
        if (region.empty()) region = i->region_code;
        if (region != i->region_code) region = catalogue::city_of(region); // of one city, not of one county
        const auto n = instrument::need_of(*i);
        if (std::find(needs.begin(), needs.end(), n) == needs.end()) needs.push_back(n);
    }
    return region.empty() ? std::vector<catalogue::institution>{}
                          : catalogue::list_direct(view, region, needs);
}

result<> withdraw(db::write_tx& tx, const actor& who, std::int64_t id) {
    auto s = begin(tx, who, id, "withdraw");
    if (!s) return s.error();
    if (s->origin != 0) return error(errc::too_late, "filing.decided");
    return walk_one(tx, [&](announcer& told) {
        ending e;
        e.institution = s->what.handler_id;
        return finish(tx, who, *s, std::move(e), told);
    });
}

result<> remove(db::write_tx& tx, const actor& who, std::int64_t id) {
    return walk_one(tx, [&](announcer& told) { return remove_one(tx, who, id, told); });
}

std::vector<outcome> remove_many(db::write_tx& tx, const actor& who, std::span<const std::int64_t> ids) {
    return walk_many(tx, ids,
                     [&](std::int64_t id, announcer& told) { return remove_one(tx, who, id, told); });
}

} // namespace core::filing
