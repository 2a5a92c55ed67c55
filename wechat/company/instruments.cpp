// 仪器管理: list, form with files, removing (M9-M15, M21, M22).
#include "core/base/ids.hpp"
#include "core/base/text.hpp"
#include "core/filing/filing.hpp"
#include "core/instrument/attachment.hpp"
#include "core/instrument/listing.hpp"
#include "wechat/company/frame.hpp"
#include "wechat/company/pages.hpp"
#include "wechat/server/form.hpp"
#include "wechat/server/guard.hpp"

#include <algorithm>
#include <charconv>

namespace wechat::company {
namespace {

namespace instrument = core::instrument;
constexpr int page_size = 20;

// What the form shows: a stored instrument, or what was typed.
struct form_state {
    std::optional<instrument::instrument> stored;
    const request* typed = nullptr;
    const core::error* wrong = nullptr;

    std::string value(std::string_view field) const {
        if (typed != nullptr && typed->form.find(field)) return std::string(typed->field(field));
        if (stored) return stored->text_of(field);
        if (field == "origin") return "domestic";
        if (field == "instrument_type") return "working";
        if (field == "instrument_status") return "new";
        return "";
    }
    bool may_edit(std::string_view field) const {
        const auto* f = instrument::find_field(field);
        return !stored || (f != nullptr && instrument::may_edit(*stored, f->id));
    }
};

core::value option(std::string_view code, std::string_view text, bool selected, std::string_view of = {},
                   std::string_view supervision = {}) {
    core::value o = core::value::object();
    o.set("code", code)
        .set("text", text)
        .set("selected", selected)
        .set("of_shown", !of.empty())
        .set("of", of);
    return o.set("supervision", supervision);
}

core::value blank_input() {
    core::value v = core::value::object();
    return v.set("is_input", false)
        .set("is_select", false)
        .set("is_upper", false)
        .set("is_lower", false)
        .set("is_place", false)
        .set("for_city", false);
}

core::value select(services& s, const form_state& f, std::string_view name, std::string_view label,
                   core::value options) {
    core::value v = blank_input();
    const std::string wrong = error_of(s, f.wrong, name);
    v.set("is_select", true)
        .set("name", name)
        .set("label", label)
        .set("required", true)
        .set("locked", !f.may_edit(name));
    return v.set("options", std::move(options)).set("wrong", !wrong.empty()).set("error", wrong);
}

core::value choose_from(services& s, const form_state& f, std::string_view name, std::string_view label,
                        std::span<const core::label> table) {
    core::value options = core::value::array();
    for (const auto& l : table)
        options.push(option(l.code, l.text, f.value(name) == l.code));
    return select(s, f, name, label, std::move(options));
}

core::value upper(std::string_view label, core::value options, bool for_city) {
    core::value v = blank_input();
    return v.set("is_upper", true)
        .set("id", for_city ? "city" : "l1")
        .set("label", label)
        .set("options", std::move(options))
        .set("for_city", for_city);
}

core::value text_input(services& s, const form_state& f, std::string_view name,
                       std::string_view type = "text", std::string_view hint = {}) {
    for (const auto& field : instrument::fields) {
        if (field.name != name) continue;
        core::value v =
            input(s, f.wrong, name, field.label, f.value(name), field.is_required(), field.most, type, hint);
        v.set("is_input", true)
            .set("is_select", false)
            .set("is_upper", false)
            .set("locked", !f.may_edit(name))
            .set("scan", name == "serial_no" && f.may_edit(name));
        return v;
    }
    throw std::logic_error("no such field");
}

core::value group(std::string_view title, core::value::list inputs) {
    return core::value::object().set("title", title).set("inputs", core::value(std::move(inputs)));
}

void add_catalogue(core::value::list& to, read_view& view, services& s, const form_state& f) {
    core::value uppers = core::value::array();
    core::value options = core::value::array();
    std::string last;
    for (const auto& e : core::catalogue::list_entries(view)) {
        if (e.l1 != last) uppers.push(option(e.l1, e.l1, false));
        last = e.l1;
        options.push(option(std::to_string(e.id), e.l2, f.value("catalogue_id") == std::to_string(e.id), e.l1,
                            e.supervision));
    }
    const auto levels = core::catalogue::words_of_levels(view);
    to.push_back(upper(levels.upper, std::move(uppers), false));
    core::value lower = select(s, f, "catalogue_id", levels.lower, std::move(options));
    to.push_back(lower.set("is_lower", true));
}

void add_region(core::value::list& to, read_view& view, services& s, const form_state& f) {
    core::value cities = core::value::array();
    core::value options = core::value::array();
    for (const auto& r : core::catalogue::list_regions(view)) {
        if (r.level == "city") cities.push(option(r.code, r.name, false));
        const bool alone = r.level == "city" && core::catalogue::is_place(view, r.code);
        if (r.level == "county" || r.level == "town" || alone)
            options.push(option(r.code, r.name, f.value("region_code") == r.code, alone ? r.code : r.parent));
    }
    to.push_back(upper("所在市", std::move(cities), true));
    core::value place = select(s, f, "region_code", "所在地", std::move(options));
    to.push_back(place.set("is_place", true));
}

core::value groups_of(read_view& view, services& s, const form_state& f) {
    core::value::list basic = {text_input(s, f, "name"),
                               text_input(s, f, "model"),
                               text_input(s, f, "measuring_range", "text", "如 (0~1.6) MPa"),
                               text_input(s, f, "accuracy_class"),
                               text_input(s, f, "serial_no"),
                               text_input(s, f, "own_no"),
                               text_input(s, f, "manufacturer"),
                               choose_from(s, f, "origin", "生产地", core::origins),
                               text_input(s, f, "purchased_on", "date"),
                               choose_from(s, f, "instrument_status", "器具状态", core::instrument_states)};
    core::value::list law = {choose_from(s, f, "purpose", "器具用途", core::purposes),
                             choose_from(s, f, "instrument_type", "器具类型", core::instrument_types)};
    add_catalogue(law, view, s, f);
    law.push_back(choose_from(s, f, "method", "检定方式", core::methods));
    law.push_back(text_input(s, f, "type_approval_no"));
    law.push_back(text_input(s, f, "certificate_no", "text", "已有证书的填其编号"));
    law.push_back(text_input(s, f, "valid_until", "date"));
    core::value::list place = {text_input(s, f, "location_text"), text_input(s, f, "used_by")};
    add_region(place, view, s, f);
    core::value::list other = {text_input(s, f, "tags", "text", "多个标签用空格隔开"),
                               text_input(s, f, "remark")};
    core::value groups = core::value::array();
    groups.push(group("基本信息", std::move(basic)));
    groups.push(group("强检信息", std::move(law)));
    groups.push(group("安装地点", std::move(place)));
    groups.push(group("其他", std::move(other)));
    return groups;
}

std::string size_text(std::int64_t bytes) {
    const auto tenths = (bytes * 10 + 524288) / 1048576;
    return bytes < 1048576 ? std::to_string((bytes + 1023) / 1024) + " KB"
                           : std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " MB";
}

core::value files_of(read_view& view, const core::actor& who, const instrument::instrument& of) {
    const bool open = of.filing_status == "unfiled" || of.filing_status == "returned";
    core::value list = core::value::array();
    for (const auto& a : instrument::list_attachments(view, who, of.id))
        list.push(core::value::object()
                      .set("id", std::to_string(a.id))
                      .set("file_name", a.file_name)
                      .set("kind", a.kind == "material" ? "相关资料" : "型式评价报告")
                      .set("size", size_text(a.size))
                      .set("removable", open || (of.filing_status == "filed" && a.kind == "material")));
    return list;
}

core::value uploads() { // partials/upload
    core::value list = core::value::array();
    list.push(core::value::object().set("name", "material").set("label", "相关资料"));
    list.push(core::value::object().set("name", "type_evaluation").set("label", "型式评价报告"));
    return list;
}

response form_page(const request& r, read_view& view, services& s, const form_state& f) {
    core::value model = core::value::object();
    put_errors(model, s, f.wrong);
    const bool known = f.stored.has_value();
    model.set("heading", known ? "器具信息" : "新增器具")
        .set("state_shown", known)
        .set("groups", groups_of(view, s, f));
    model.set("files", known ? files_of(view, r.actor, *f.stored) : core::value::array())
        .set("uploads", uploads());
    model.set("action", known ? "/instruments/" + std::to_string(f.stored->id) : "/instruments/new");
    model.set("version", known ? std::to_string(f.stored->version) : "0").set("once", core::random_hex(12));
    model.set("may_save", !known || !instrument::editable_fields(*f.stored).empty());
    model.set("js_sdk", offers_js_sdk(r, s));
    core::value doubts = core::value::array();
    if (known && f.wrong == nullptr)
        for (const auto& one : instrument::list_doubts(view, r.actor, *f.stored))
            doubts.push(core::value::object().set("text", s.problems->text_of(one)));
    model.set("doubts", std::move(doubts));
    if (known) {
        const auto& i = *f.stored;
        const auto tag = instrument::filing_tag(i.filing_status);
        const bool open = i.filing_status == "unfiled" || i.filing_status == "returned";
        model.set("id", std::to_string(i.id))
            .set("name", i.name)
            .set("serial_no", i.serial_no)
            .set("tag", tag.tag)
            .set("status", tag.text);
        model.set("returned", i.filing_status == "returned").set("reason", i.return_reason);
        model.set("institution", i.institution_name.empty() ? "备案后确定" : i.institution_name)
            .set("code", i.instrument_code.empty() ? "备案后给出" : i.instrument_code);
        model.set("process",
                  i.line_status.empty() ? "无" : std::string(instrument::process_text(i.line_status)));
        model.set("certificate_no", i.certificate_no.empty() ? "无" : i.certificate_no)
            .set("valid_until", i.valid_until ? core::to_text(*i.valid_until) : "无");
        model.set("may_file", open)
            .set("may_remove", open)
            .set("may_withdraw", i.filing_status == "submitted");
        model.set("may_book", i.filing_status == "filed" && i.line_status.empty());
    }
    return render(r, view, s, "company/instrument_form", f.wrong != nullptr ? "错误：器具信息" : "器具信息",
                  "仪器管理 / 全部仪器 / 器具信息", std::move(model),
                  f.wrong == nullptr ? 200 : status_of(f.wrong->code));
}

core::value row_of(const instrument::instrument& i, core::date today, int lead_days) {
    const auto tag = instrument::filing_tag(i.filing_status);
    const auto worth = instrument::validity_tag(i, today, lead_days);
    core::value v = core::value::object();
    v.set("id", std::to_string(i.id))
        .set("name", i.name)
        .set("model", i.model)
        .set("range", i.measuring_range)
        .set("serial_no", i.serial_no);
    v.set("tag", tag.tag)
        .set("status", tag.text)
        .set("institution", i.institution_name)
        .set("institution_shown", !i.institution_name.empty());
    v.set("valid_shown", i.valid_until.has_value())
        .set("valid_until", i.valid_until ? core::to_text(*i.valid_until) : "")
        .set("valid_tag", worth.tag)
        .set("valid_word", worth.text);
    v.set("process", instrument::process_text(i.line_status)).set("process_shown", !i.line_status.empty());
    return v.set("barred", i.barred);
}

} // namespace

response instruments(const request& r, read_view& view, services& s) {
    instrument::filter f;
    f.status = std::string(r.query.get("status"));
    f.text = core::tidy_line(r.query.get("q"));
    f.due = std::string(r.query.get("due"));
    const auto all = instrument::list(view, r.actor, f, to_id(r.query.get("after")), page_size + 1);
    const int lead_days = instrument::lead_days(view);
    core::value rows = core::value::array();
    for (std::size_t n = 0; n < all.size() && n < page_size; ++n)
        rows.push(row_of(all[n], view.today(), lead_days));
    core::value statuses = core::value::array();
    for (const auto& [code, text] : {std::pair("", "全部状态"),
                                     {"unfiled", "待备案"},
                                     {"in_review", "审核中"},
                                     {"returned", "被退回"},
                                     {"filed", "已备案"}})
        statuses.push(option(code, text, f.status == code));
    core::value model = core::value::object();
    const bool more = all.size() > page_size;
    model.set("q", f.text)
        .set("statuses", std::move(statuses))
        .set("filtered", !f.text.empty() || !f.status.empty() || !f.due.empty());
    model.set("more", more)
        .set("next_href", more ? "/instruments?status=" + url_encode(f.status) + "&q=" + url_encode(f.text) +
                                     "&due=" + url_encode(f.due) +
                                     "&after=" + std::to_string(all[page_size - 1].id)
                               : "");
    model.set("empty", all.empty()).set("rows", std::move(rows)).set("js_sdk", offers_js_sdk(r, s));
    return render(r, view, s, "company/instruments", "全部仪器", "仪器管理 / 全部仪器", std::move(model));
}

response new_instrument(const request& r, read_view& view, services& s) {
    return form_page(r, view, s, {});
}

response show_instrument(const request& r, read_view& view, services& s) {
    auto found = instrument::get(view, r.actor, r.id(0));
    if (!found) return refuse(r, s, found.error());
    return form_page(r, view, s, {std::move(*found), nullptr, nullptr});
}

// Files are written and synced before the transaction that names them.
result<response> save_instrument(const request& r, services& s) {
    const auto id = r.id(0);
    if (id == 0 && !r.parameters.empty()) return core::error(core::errc::not_found); // /instruments/x
    std::vector<core::files::stored_file> received;
    std::optional<core::error> bad_file;
    for (const auto& file : r.files) {
        if (bad_file) break;
        auto one = core::files::receive_file(s.attachments, file.file_name, file.bytes);
        if (!one)
            bad_file = one.error();
        else
            received.push_back(std::move(*one));
    }
    const auto done =
        bad_file ? result<response>(*bad_file) : s.db->write([&](write_tx& tx) -> result<response> {
            if (auto again = find_done(r, tx)) return std::move(*again);
            std::int64_t saved = id;
            const instrument::draft d = [&](std::string_view f) { return std::string(r.field(f)); };
            if (id == 0) {
                auto made = instrument::add(tx, r.actor, d);
                if (!made) return made.error();
                saved = *made;
            } else if (auto edited = instrument::edit(tx, r.actor, id, to_id(r.field("version")), d);
                       !edited) {
                return edited.error();
            }
            for (std::size_t n = 0; n < r.files.size(); ++n) {
                const std::string kind =
                    r.files[n].field == "type_evaluation" ? "type_evaluation" : "material";
                auto attached = instrument::attach(tx, r.actor, saved, kind, received[n]);
                if (!attached) return attached.error();
            }
            response go = see_other("/instruments/" + std::to_string(saved) + "?done=saved");
            keep_done(tx, r, go);
            return go;
        });
    if (done) return done;
    const auto wrong = done.error();
    if (wrong.code == core::errc::not_found) return wrong;
    return s.db->read([&](read_view& view) {
        form_state f;
        f.typed = &r;
        f.wrong = &wrong;
        if (auto stored = id == 0 ? result<instrument::instrument>(core::error(core::errc::not_found))
                                  : instrument::get(view, r.actor, id))
            f.stored = std::move(*stored);
        return form_page(r, view, s, f);
    });
}

result<response> remove_instrument(const request& r, write_tx& tx, services&) {
    if (auto done = core::filing::remove(tx, r.actor, r.id(0)); !done) return done.error();
    return see_other("/instruments?done=removed");
}

result<response> withdraw_filing(const request& r, write_tx& tx, services&) {
    if (auto done = core::filing::withdraw(tx, r.actor, r.id(0)); !done) return done.error();
    return see_other("/instruments/" + std::to_string(r.id(0)) + "?done=withdrawn");
}

result<response> remove_attachment(const request& r, write_tx& tx, services&) {
    const auto found = instrument::get_attachment(tx, r.actor, r.id(0));
    if (!found) return found.error();
    if (auto done = instrument::remove_attachment(tx, r.actor, r.id(0)); !done) return done.error();
    return see_other("/instruments/" + std::to_string(found->instrument_id) + "?done=removed");
}

result<response> download_attachment(const request& r, services& s) {
    const auto found =
        s.db->read([&](read_view& v) { return instrument::get_attachment(v, r.actor, r.id(0)); });
    if (!found) return found.error();
    return download(core::files::read_bytes(s.attachments, found->content_hash), found->media_type,
                    found->file_name);
}

} // namespace wechat::company
