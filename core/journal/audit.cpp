#include "core/journal/audit.hpp"

#include "core/base/ids.hpp"
#include "core/base/json.hpp"

#include <limits>

namespace core::audit {
namespace {

std::string_view text_of(actor_kind k) {
    switch (k) {
    case actor_kind::system:
        return "system";
    case actor_kind::applicant:
        return "applicant";
    case actor_kind::staff:
        return "staff";
    case actor_kind::visitor:
        return "visitor";
    }
    return "visitor";
}

struct sealed_fields {
    std::int64_t id, at, actor_id, subject_id, applicant_id, institution_id;
    std::string_view actor_kind, actor_name, source, request_id, verb, subject_kind, before, after, note;
};

// Lengths in front of the texts, so that moving a character from one field to the next changes the seal.
std::string seal(std::string_view previous, const sealed_fields& f) {
    std::string all(previous);
    for (const std::int64_t n : {f.id, f.at, f.actor_id, f.subject_id, f.applicant_id, f.institution_id})
        all.append("|").append(std::to_string(n));
    for (const std::string_view s : {f.actor_kind, f.actor_name, f.source, f.request_id, f.verb,
                                     f.subject_kind, f.before, f.after, f.note})
        all.append("|").append(std::to_string(s.size())).append(":").append(s);
    return sha256_hex(all);
}

std::vector<recorded> recorded_of(db::rows found) {
    std::vector<recorded> all;
    for (const auto r : found) {
        recorded one;
        one.id = r.number(0);
        one.at = r.time(1);
        one.actor_kind = r.text(2);
        one.actor_id = r.number(3);
        one.actor_name = r.text(4);
        one.source = r.text(5);
        one.request_id = r.text(6);
        one.verb = r.text(7);
        one.subject_kind = r.text(8);
        one.subject_id = r.number(9);
        one.note = r.text(10);
        one.before = parse_json(r.view(11)).value_or(value{});
        one.after = parse_json(r.view(12)).value_or(value{});
        all.push_back(std::move(one));
    }
    return all;
}

// One statement for each scope, so that each is answered from its index.
constexpr std::string_view of_everybody =
    R"sql(SELECT id, at, actor_kind, actor_id, actor_name, source, request_id, verb, subject_kind, subject_id, note,
            before, after
          FROM audit
          WHERE $1 = 0 AND at <= $2 AND (at < $2 OR id < $3) AND at >= $4 AND ($5 = 0 OR actor_id = $5)
            AND ($6 = '' OR verb = $6) AND ($7 = '' OR subject_kind = $7)
          ORDER BY at DESC, id DESC LIMIT $8)sql";
constexpr std::string_view of_actor =
    R"sql(SELECT id, at, actor_kind, actor_id, actor_name, source, request_id, verb, subject_kind, subject_id, note,
            before, after
          FROM audit
          WHERE actor_id = $1 AND actor_id <> 0 AND at <= $2 AND (at < $2 OR id < $3) AND at >= $4 AND actor_id = $5
            AND ($6 = '' OR verb = $6) AND ($7 = '' OR subject_kind = $7)
          ORDER BY at DESC, id DESC LIMIT $8)sql";
constexpr std::string_view of_institution =
    R"sql(SELECT id, at, actor_kind, actor_id, actor_name, source, request_id, verb, subject_kind, subject_id, note,
            before, after
          FROM audit
          WHERE institution_id = $1 AND institution_id <> 0 AND at <= $2 AND (at < $2 OR id < $3) AND at >= $4
            AND ($5 = 0 OR actor_id = $5) AND ($6 = '' OR verb = $6) AND ($7 = '' OR subject_kind = $7)
          ORDER BY at DESC, id DESC LIMIT $8)sql";
constexpr std::string_view of_applicant =
    R"sql(SELECT id, at, actor_kind, actor_id, actor_name, source, request_id, verb, subject_kind, subject_id, note,
            before, after
          FROM audit
          WHERE applicant_id = $1 AND applicant_id <> 0 AND at <= $2 AND (at < $2 OR id < $3) AND at >= $4
            AND ($5 = 0 OR actor_id = $5) AND ($6 = '' OR verb = $6) AND ($7 = '' OR subject_kind = $7)
          ORDER BY at DESC, id DESC LIMIT $8)sql";

} // namespace

void append(db::write_tx& tx, const actor& who, const entry& e) {
    const auto previous = tx.query_one([](db::row r) { return r.text(0); },
                                       R"sql(SELECT hash FROM audit ORDER BY id DESC LIMIT 1)sql")
                              .value_or("");
    const std::int64_t id = tx.new_id();
    const instant now = tx.now();
    const std::string before = to_json(e.before);
    const std::string after = to_json(e.after);
    const auto kind = text_of(who.kind);
    const std::string hash =
        seal(previous, {id, to_ms(now), who.login_id, e.subject_id, e.applicant_id, e.institution_id, kind,
                        who.name, who.source, who.request_id, e.verb, e.subject_kind, before, after, e.note});
    tx.exec(
        R"sql(INSERT INTO audit (id, at, actor_kind, actor_id, actor_name, source, request_id, verb, subject_kind,
                    subject_id, before, after, note, applicant_id, institution_id, hash)
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16))sql",
        id, now, kind, who.login_id, who.name, who.source, who.request_id, e.verb, e.subject_kind,
        e.subject_id, before, after, e.note, e.applicant_id, e.institution_id, hash);
}

void record_view(db::write_tx& tx, const actor& who, std::string_view subject_kind, std::int64_t subject_id,
                 std::string_view what, std::int64_t applicant_id) {
    append(tx, who,
           {.verb = "view",
            .subject_kind = subject_kind,
            .subject_id = subject_id,
            .note = std::string(what),
            .applicant_id = applicant_id,
            .institution_id = who.institution_id});
}

std::vector<recorded> list_for(db::read_view& view, std::string_view subject_kind, std::int64_t subject_id) {
    return recorded_of(view.query(
        R"sql(SELECT id, at, actor_kind, actor_id, actor_name, source, request_id, verb, subject_kind,
                           subject_id, note, before, after
                         FROM audit WHERE subject_kind = $1 AND subject_id = $2 ORDER BY id)sql",
        subject_kind, subject_id));
}

std::vector<recorded> list_entries(db::read_view& view, const actor& who, const entry_filter& f,
                                   std::optional<entry_key> after, int limit) {
    constexpr auto end = std::numeric_limits<std::int64_t>::max();
    entry_key key = after.value_or(entry_key{end, end});
    if (f.until && to_ms(*f.until) <= key.time) key = {to_ms(*f.until), 0};
    const std::int64_t from = f.from ? to_ms(*f.from) : 0;
    const auto read = [&](std::string_view sql, std::int64_t whose) {
        return recorded_of(
            view.query(sql, whose, key.time, key.id, from, f.actor_id, f.verb, f.subject_kind, limit));
    };
    if (who.is_platform()) return f.actor_id == 0 ? read(of_everybody, 0) : read(of_actor, f.actor_id);
    if (who.kind == actor_kind::staff && who.institution_id != 0 && who.roles.has(role::institution_admin))
        return read(of_institution, who.institution_id);
    if (who.is_applicant() && who.roles.has(role::owner)) return read(of_applicant, who.applicant_id);
    return {};
}

std::optional<std::int64_t> find_broken(db::read_view& view) {
    std::string previous;
    for (const auto r :
         view.query(R"sql(SELECT id, at, actor_id, subject_id, applicant_id, institution_id, actor_kind,
                                           actor_name, source, request_id, verb, subject_kind, before, after, note, hash
                                         FROM audit ORDER BY id)sql")) {
        const sealed_fields f{r.number(0), r.number(1), r.number(2), r.number(3), r.number(4),
                              r.number(5), r.view(6),   r.view(7),   r.view(8),   r.view(9),
                              r.view(10),  r.view(11),  r.view(12),  r.view(13),  r.view(14)};
        const std::string expected = seal(previous, f);
        if (expected != r.view(15)) return f.id;
        previous = expected;
    }
    return std::nullopt;
}

} // namespace core::audit
