#include "core/instrument/instrument.hpp"

#include "core/base/text.hpp"
#include "core/instrument/checker.hpp"
#include "core/instrument/instrument_store.hpp"
#include "core/instrument/listing.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/setting.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>
#include <utility>

namespace core::instrument {
namespace {

using text_member = std::string instrument::*;

// Where the text of a field is kept; nullptr: it is no text.
constexpr text_member member_of(field_id id) {
    switch (id) {
    case field_id::name:
        return &instrument::name;
    case field_id::model:
        return &instrument::model;
    case field_id::measuring_range:
        return &instrument::measuring_range;
    case field_id::accuracy_class:
        return &instrument::accuracy_class;
    case field_id::serial_no:
        return &instrument::serial_no;
    case field_id::own_no:
        return &instrument::own_no;
    case field_id::manufacturer:
        return &instrument::manufacturer;
    case field_id::origin:
        return &instrument::origin;
    case field_id::location_text:
        return &instrument::location_text;
    case field_id::instrument_status:
        return &instrument::instrument_status;
    case field_id::purpose:
        return &instrument::purpose;
    case field_id::instrument_type:
        return &instrument::instrument_type;
    case field_id::method:
        return &instrument::method;
    case field_id::region_code:
        return &instrument::region_code;
    case field_id::catalogue_l1:
        return &instrument::l1;
    case field_id::instrument_code:
        return &instrument::instrument_code;
    case field_id::type_approval_no:
        return &instrument::type_approval_no;
    case field_id::filing_status:
        return &instrument::filing_status;
    case field_id::process_status:
        return &instrument::line_status;
    case field_id::certificate_no:
        return &instrument::certificate_no;
    case field_id::tags:
        return &instrument::tags;
    case field_id::remark:
        return &instrument::remark;
    case field_id::used_by:
        return &instrument::used_by;
    case field_id::purchased_on:
    case field_id::catalogue_id:
    case field_id::institution_id:
    case field_id::valid_until:
    case field_id::material:
    case field_id::type_evaluation:
        return nullptr;
    }
    return nullptr;
}

std::string number_or_none(std::int64_t n) {
    return n == 0 ? std::string() : std::to_string(n);
}

// Model and serial number first, so that one index answers for maker and for name (find_repeats).
std::string number_key_of(const instrument& i) {
    std::string key = comparison_key(i.model) + "\x1f" + comparison_key(i.serial_no) + "\x1f";
    if (i.is_numberless()) key += std::to_string(i.applicant_id) + "\x1f" + comparison_key(i.own_no) + "\x1f";
    return key;
}
std::string serial_key_of(const instrument& i) {
    return number_key_of(i) + comparison_key(i.manufacturer);
}

// 2014F211-44: year, letter, number, province (domain.md 8.4).
bool looks_like_type_approval(std::string_view text) {
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (text.size() < 8 || !std::all_of(text.begin(), text.begin() + 4, digit)) return false;
    if (text[4] < 'A' || text[4] > 'Z') return false;
    const auto dash = text.find('-');
    return dash != std::string_view::npos && dash > 5 && dash + 3 == text.size() &&
           std::all_of(text.begin() + 5, text.begin() + static_cast<std::ptrdiff_t>(dash), digit) &&
           std::all_of(text.begin() + static_cast<std::ptrdiff_t>(dash) + 1, text.end(), digit);
}

} // namespace

const std::vector<field_id>& typed_fields() {
    static const std::vector<field_id> all = [] {
        std::vector<field_id> ids;
        for (const auto& f : fields)
            if (is_typed(f)) ids.push_back(f.id);
        return ids;
    }();
    return all;
}

std::string instrument::text_of(field_id which) const {
    if (const auto member = member_of(which)) return this->*member;
    if (which == field_id::purchased_on) return purchased_on ? to_text(*purchased_on) : "";
    if (which == field_id::valid_until) return valid_until ? to_text(*valid_until) : "";
    if (which == field_id::catalogue_id) return number_or_none(catalogue_id);
    if (which == field_id::institution_id) return number_or_none(institution_id);
    return {};
}

std::string instrument::text_of(std::string_view field_name) const {
    const auto* f = find_field(field_name);
    return f == nullptr ? std::string() : text_of(f->id);
}

void instrument::set_text(field_id which, std::string text) {
    const auto member = member_of(which);
    if (member == nullptr) throw std::logic_error("not a text field");
    this->*member = std::move(text);
}

namespace {

// Without what people put around a word: （无）, [无], "无".
std::string bare(std::string key) {
    static constexpr std::array<std::string_view, 12> around = {"(",  ")",  "[",  "]", "【", "】",
                                                                "〔", "〕", "\"", "'", "“",  "”"};
    for (const auto mark : around) {
        while (key.starts_with(mark))
            key.erase(0, mark.size());
        while (key.ends_with(mark))
            key.erase(key.size() - mark.size());
    }
    return key;
}

} // namespace

bool is_numberless(std::string_view serial_no) {
    static constexpr std::array<std::string_view, 22> words = {
        "无",       "/",    "无编号", "无出厂编号", "无号",   "无序列号", "未编号", "没有",
        "没有编号", "不详", "不明",   "未知",       "暂无",   "待查",     "看不清", "NONE",
        "N/A",      "NA",   "NULL",   "NIL",        "无铭牌", "\\"};
    const std::string key = bare(comparison_key(serial_no));
    if (!key.empty() && key.find_first_not_of('0') == std::string::npos) return true; // 000
    return std::find(words.begin(), words.end(), key) != words.end();
}

bool instrument::is_numberless() const {
    return core::instrument::is_numberless(serial_no);
}

bool is_in_service(const instrument& i) {
    return i.instrument_status != "stopped" && i.instrument_status != "scrapped";
}

catalogue::need need_of(const instrument& i) {
    return {i.l1, i.l2, i.method};
}

status_tag filing_tag(std::string_view s) {
    if (s == "unfiled") return {"mute", "待备案"};
    if (s == "submitted") return {"info", "审核中"};
    if (s == "dispatched") return {"move", "分派中"};
    if (s == "filed") return {"ok", "已备案"};
    if (s == "returned") return {"bad", "被退回"};
    return {"mute", "已删除"};
}

int lead_days(db::read_view& view) {
    return setting::number(view, "due.lead_days");
}

status_tag validity_tag(const instrument& i, date today, int lead_days) {
    if (i.barred) return {"bad", "不合格，禁用"};
    if (!i.valid_until) return {"", ""};
    const bool was_filed = !i.instrument_code.empty(); // given with the first acceptance, kept for good
    if (i.filing_status == "returned" || (was_filed && i.filing_status != "filed"))
        return {"mute", "备案已撤销"}; // domain.md 6.4
    if (*i.valid_until < today) return {"bad", "已过期"};
    if (*i.valid_until <= add_days(today, lead_days)) return {"move", "即将到期"};
    return {"ok", "有效"};
}

std::string_view process_text(std::string_view s) {
    return core::text_of(process_states, s);
}

bool may_edit(const instrument& i, field_id id) {
    const field& f = field_of(id);
    if (!is_typed(f)) return false;
    if (i.filing_status == "filed")
        return id == field_id::own_no || id == field_id::location_text || id == field_id::tags ||
               id == field_id::remark;
    if (i.filing_status != "unfiled" && i.filing_status != "returned") return false;
    return f.by == filler::user || !i.verified_on;
}

std::vector<field_id> editable_fields(const instrument& i) {
    std::vector<field_id> open;
    for (const auto id : typed_fields())
        if (may_edit(i, id)) open.push_back(id);
    return open;
}

result<std::int64_t> add(db::write_tx& tx, const actor& who, const draft& d) {
    checker rows(tx);
    return add(tx, who, d, rows);
}

result<std::int64_t> add(db::write_tx& tx, const actor& who, const draft& d, checker& rows) {
    if (!who.is_applicant()) return error(errc::not_allowed);
    instrument i;
    if (auto wrong = rows.read(i, d, typed_fields()); !wrong) return wrong.error();
    return add_checked(tx, who, std::move(i));
}

result<std::int64_t> add_checked(db::write_tx& tx, const actor& who, instrument i) {
    if (!who.is_applicant()) return error(errc::not_allowed);
    i.id = tx.new_id();
    i.applicant_id = who.applicant_id;
    i.created_at = tx.now();
    store::insert(tx, i, serial_key_of(i));
    put_listed(tx, listed_of(i));
    audit::append(tx, who,
                  {.verb = "add",
                   .subject_kind = "instrument",
                   .subject_id = i.id,
                   .after = value::object().set("name", i.name).set("serial_no", i.serial_no),
                   .applicant_id = i.applicant_id});
    return i.id;
}

result<instrument> read_changes(db::read_view& view, const instrument& stored, const draft& d,
                                std::span<const field_id> which) {
    instrument changed = stored;
    if (auto wrong = checker(view).read(changed, d, which); !wrong) return wrong.error();
    const bool is_asked_anew = changed.purpose != stored.purpose ||
                               changed.catalogue_id != stored.catalogue_id ||
                               changed.instrument_type != stored.instrument_type;
    if (is_asked_anew) changed.declared_use.clear();
    return changed;
}

result<> save(db::write_tx& tx, const actor& who, const instrument& before, const instrument& after,
              std::string_view verb) {
    value was = value::object();
    value is = value::object();
    for (const auto id : typed_fields()) {
        if (before.text_of(id) == after.text_of(id)) continue;
        was.set(field_of(id).name, before.text_of(id));
        is.set(field_of(id).name, after.text_of(id));
    }
    const auto was_listed = read_listed(tx, after.id);
    if (!store::update(tx, after, serial_key_of(after))) return error(errc::stale_state, "instrument.edited");
    if (was_listed) relist(tx, *was_listed);
    audit::append(tx, who,
                  {.verb = verb,
                   .subject_kind = "instrument",
                   .subject_id = after.id,
                   .before = was,
                   .after = is,
                   .applicant_id = after.applicant_id,
                   .institution_id = after.institution_id});
    return {};
}

result<> edit(db::write_tx& tx, const actor& who, std::int64_t id, std::int64_t version, const draft& d) {
    const auto found = get(tx, who, id);
    if (!found) return found.error();
    if (!who.is_applicant()) return error(errc::not_allowed);
    const auto which = editable_fields(*found);
    if (which.empty()) return error(errc::not_allowed, "instrument.under_review");
    if (found->version != version) return error(errc::stale_state, "instrument.edited");
    const auto changed = read_changes(tx, *found, d, which);
    if (!changed) return changed.error();
    return save(tx, who, *found, *changed, "edit");
}

namespace {

bool was_ours(db::read_view& view, const actor& who, const instrument& i) {
    if (who.kind != actor_kind::staff || who.institution_id == 0) return false;
    for (const auto here : {i.institution_id, i.handler_id, i.origin_handler_id})
        if (here == who.institution_id) return true;
    return store::was_at_institution(view, i.id, who.institution_id);
}

bool may_see_even_deleted(db::read_view& view, const actor& who, const instrument& i) {
    if (who.is_applicant() && i.applicant_id == who.applicant_id) return true;
    return who.is_platform() || who.reads_region(i.region_code) || was_ours(view, who, i);
}

bool may_see(db::read_view& view, const actor& who, const instrument& i) {
    return i.filing_status != "deleted" && may_see_even_deleted(view, who, i);
}

} // namespace

result<instrument> get(db::read_view& view, const actor& who, std::int64_t id) {
    auto found = store::find(view, id);
    if (!found || !may_see(view, who, *found)) return error(errc::not_found);
    return std::move(*found);
}

bool store::may_see_history(db::read_view& view, const actor& who, std::int64_t id) {
    const auto found = store::find(view, id);
    return found && may_see_even_deleted(view, who, *found);
}

std::vector<result<instrument>> get_all(db::read_view& view, const actor& who,
                                        std::span<const std::int64_t> ids) {
    std::map<std::int64_t, instrument> seen;
    for (auto& one : store::find_all(view, ids))
        if (may_see(view, who, one)) seen.emplace(one.id, std::move(one));
    std::vector<result<instrument>> all;
    for (const auto id : ids) {
        const auto at = seen.find(id);
        all.push_back(at == seen.end() ? result<instrument>(error(errc::not_found))
                                       : result<instrument>(at->second));
    }
    return all;
}

bool has_open_same(db::read_view& view, const instrument& i) {
    return store::has_open_serial_key(view, serial_key_of(i), i.id);
}

repeats find_repeats(db::read_view& view, const actor& who, const instrument& i) {
    repeats found;
    const std::string serial_key = serial_key_of(i);
    const std::string name = comparison_key(i.name);
    found.is_elsewhere = store::is_elsewhere(view, serial_key, i.applicant_id);
    if (!who.is_applicant() || who.applicant_id != i.applicant_id) return found;
    for (const auto& one : store::list_own_by_number_key(view, number_key_of(i), i.applicant_id))
        if (one.id != i.id && (one.serial_key == serial_key || comparison_key(one.name) == name))
            found.own.push_back(one.id);
    return found;
}

bool is_elsewhere(db::read_view& view, const instrument& i) {
    return store::is_elsewhere(view, serial_key_of(i), i.applicant_id);
}

std::optional<std::int64_t> find_entered(db::read_view& view, const actor& who, const instrument& i) {
    if (!who.is_applicant()) return std::nullopt;
    const std::string name = comparison_key(i.name);
    for (const auto& one : store::list_own_by_number_key(view, number_key_of(i), who.applicant_id))
        if (comparison_key(one.name) == name) return one.id;
    return std::nullopt;
}

std::vector<error> list_doubts(db::read_view& view, const actor& who, const instrument& i) {
    std::vector<error> all;
    const auto doubt = [&](std::string key, std::string_view field_name) {
        all.push_back(error(errc::conflict, std::move(key), std::string(field_name)));
    };
    const auto same = find_repeats(view, who, i);
    if (!same.own.empty()) doubt("doubt.repeats_own", "serial_no");
    if (same.is_elsewhere) doubt("doubt.repeats_other", "serial_no");
    if (!i.type_approval_no.empty() && !looks_like_type_approval(i.type_approval_no))
        doubt("doubt.type_approval_no", "type_approval_no");
    if (i.valid_until && *i.valid_until < view.today()) doubt("doubt.expired", "valid_until");
    return all;
}

} // namespace core::instrument
