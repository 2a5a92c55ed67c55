// 备案受理: work lists, one filing, accepting, returning, dispatching to a county (M19-M25).
#include "core/filing/queries.hpp"

#include "core/base/text.hpp"
#include "core/instrument/attachment.hpp"
#include "notify/hub/hub.hpp"
#include "wechat/server/form.hpp"
#include "wechat/staff/frame.hpp"
#include "wechat/staff/pages.hpp"

#include <array>
#include <charconv>

namespace wechat::staff {
namespace {

namespace filing = core::filing;
constexpr int page_size = 20;
constexpr std::array<std::pair<filing::tab, std::string_view>, 5> tabs = {
    {{filing::tab::submitted, "待受理"},
     {filing::tab::dispatched, "待本机构确认"},
     {filing::tab::outgoing, "已分派待确认"},
     {filing::tab::returned, "已退回"},
     {filing::tab::filed, "已备案"}}};

// "" : as the catalogue proposes; anything that is no number is refused by core as out of range.
std::optional<int> period_of(std::string_view text) {
    if (text.empty()) return std::nullopt;
    int n = -1;
    std::from_chars(text.data(), text.data() + text.size(), n);
    return n;
}

core::value history_of(read_view& view, const core::actor& who, std::int64_t id) {
    core::value list = core::value::array();
    for (const auto& e : filing::list_steps(view, who, id).value())
        list.push(core::value::object()
                      .set("at", core::moment_text(e.at).substr(0, 16))
                      .set("who", e.institution.empty() ? e.actor_name : e.actor_name + "，" + e.institution)
                      .set("what", e.text)
                      .set("note", e.reason)
                      .set("note_shown", !e.reason.empty()));
    return list;
}

result<response> back(write_tx& tx, services& s, const result<>& done, std::string_view notice) {
    if (!done) return done.error();
    tx.after_commit([&s] { s.hub->poke(); });
    return see_other("/staff/filings?status=submitted&done=" + std::string(notice));
}

} // namespace

response filings(const request& r, read_view& view, services& s) {
    filing::work_filter f;
    f.of = filing::parse_tab(r.query.get("status")).value_or(filing::tab::submitted);
    const std::string status(filing::code_of(f.of));
    f.text = core::tidy_line(r.query.get("q"));
    const filing::work_key after{to_id(r.query.get("t")), to_id(r.query.get("after"))};
    const auto all = filing::list_work(view, r.actor, f, after, page_size + 1);
    const auto counts = filing::count_work(view, r.actor);
    core::value tab_list = core::value::array();
    for (const auto& [code, label] : tabs)
        tab_list.push(tab("/staff/filings?status=" + std::string(filing::code_of(code)), label,
                          counts.of(code), f.of == code));
    core::value rows = core::value::array();
    const auto now = view.now();
    for (std::size_t n = 0; n < all.size() && n < page_size; ++n) {
        const auto& w = all[n];
        const auto due = w.due_at ? deadline_of(*w.due_at, now, w.due_days) : deadline{};
        const auto tag = core::instrument::filing_tag(w.filing_status);
        core::value v = core::value::object();
        v.set("id", std::to_string(w.id))
            .set("name", w.name)
            .set("model", w.model)
            .set("serial_no", w.serial_no)
            .set("company", w.applicant_name)
            .set("contact", w.contact);
        v.set("l1", w.l1)
            .set("l2", w.l2)
            .set("supervision", core::text_of(core::supervisions, w.supervision))
            .set("method", core::text_of(core::methods, w.method))
            .set("method_tag", w.method == "deliver" ? "info" : "move");
        v.set("submitted", core::short_moment_text(w.since))
            .set("due", due.text)
            .set("due_style", due.style)
            .set("waited", waited(w.since, now));
        v.set("tag", tag.tag).set("status", tag.text).set("pickable", f.of == filing::tab::submitted);
        rows.push(std::move(v));
    }
    const bool more = all.size() > page_size;
    const auto& last = more ? all[page_size - 1] : filing::work_item{};
    core::value model = core::value::object();
    model.set("tabs", std::move(tab_list))
        .set("status", status)
        .set("q", f.text)
        .set("filtered", !f.text.empty())
        .set("empty", all.empty())
        .set("rows", std::move(rows));
    const auto levels = core::catalogue::words_of_levels(view);
    model.set("upper_word", levels.upper).set("lower_word", levels.lower);
    const auto next = filing::key_of(last);
    model.set("total", counts.of(f.of))
        .set("late", counts.late)
        .set("has_late", counts.late > 0 && f.of == filing::tab::submitted)
        .set("open", f.of == filing::tab::submitted);
    model.set("more", more)
        .set("next_href", more ? "/staff/filings?status=" + status + "&q=" + url_encode(f.text) +
                                     "&t=" + std::to_string(next.time) + "&after=" + std::to_string(next.id)
                               : "");
    return render(r, view, s, "staff/filings", "备案受理", "备案受理", std::move(model));
}

response show_filing(const request& r, read_view& view, services& s) {
    const auto found = core::instrument::get(view, r.actor, r.id(0));
    if (!found) return refuse(r, view, s, found.error());
    const auto& i = *found;
    const auto tag = core::instrument::filing_tag(i.filing_status);
    core::value facts = core::value::array();
    const auto fact = [&](std::string_view label, std::string_view text) {
        facts.push(core::value::object().set("label", label).set("text", text.empty() ? "无" : text));
    };
    fact("企业", i.applicant_name);
    fact("器具名称", i.name);
    fact("型号规格", i.model);
    fact("测量范围", i.measuring_range);
    fact("准确度等级", i.accuracy_class);
    fact("出厂编号", i.serial_no);
    fact("自编号", i.own_no);
    fact("生产厂家", i.manufacturer);
    const auto levels = core::catalogue::words_of_levels(view);
    fact(levels.upper, i.l1);
    fact(levels.lower, i.l2);
    fact("监管方式", core::text_of(core::supervisions, i.supervision));
    fact("器具用途", core::text_of(core::purposes, i.purpose));
    fact("使用情况（企业申报）", core::text_of(core::declared_uses, i.declared_use));
    fact("检定方式", core::text_of(core::methods, i.method));
    fact("所在地", core::catalogue::region_path(view, i.region_code));
    fact("安装使用地点", i.location_text);
    fact("型式证书号", i.type_approval_no);
    fact("器具编码", i.instrument_code);
    const auto e = core::catalogue::find_entry(view, i.catalogue_id);
    core::value files = core::value::array();
    for (const auto& a : core::instrument::list_attachments(view, r.actor, i.id))
        files.push(core::value::object()
                       .set("id", std::to_string(a.id))
                       .set("file_name", a.file_name)
                       .set("kind", a.kind == "material" ? "相关资料" : "型式评价报告"));
    core::value counties = core::value::array();
    for (const auto& c : filing::list_counties(view, r.actor, i.id).value())
        counties.push(core::value::object()
                          .set("id", std::to_string(c.place.id))
                          .set("name", c.place.name)
                          .set("proposed", c.proposed));
    const bool mine = r.actor.is_staff_of(i.handler_id) && r.actor.roles.has(core::role::filing_reviewer);
    const bool submitted = mine && i.filing_status == "submitted";
    const bool dispatched = mine && i.filing_status == "dispatched";
    core::value model = core::value::object();
    model.set("id", std::to_string(i.id))
        .set("name", i.name)
        .set("serial_no", i.serial_no)
        .set("tag", tag.tag)
        .set("status", tag.text)
        .set("facts", std::move(facts));
    model.set("files", std::move(files))
        .set("period", e && e->period_months ? std::to_string(*e->period_months) : "")
        .set("scope", e ? e->scope : "");
    model.set("may_accept", submitted || dispatched)
        .set("may_return", submitted)
        .set("may_dispatch", submitted && !counties.is_null() && !counties.as_list()->empty())
        .set("counties", std::move(counties));
    model.set("may_decline", dispatched)
        .set("reason_shown", !i.return_reason.empty())
        .set("reason", i.return_reason)
        .set("history", history_of(view, r.actor, i.id));
    return render(r, view, s, "staff/filing", i.name + " " + i.serial_no, "备案受理 / 详情",
                  std::move(model));
}

result<response> accept_filing(const request& r, write_tx& tx, services& s) {
    return back(tx, s,
                filing::accept(tx, r.actor, r.id(0),
                               {.catalogue_id = {}, .period_months = period_of(r.field("period_months"))}),
                "accepted");
}

result<response> accept_filings(const request& r, write_tx& tx, services& s) {
    const auto ids = ids_of(r.form, "id");
    if (ids.empty()) return core::error(core::errc::invalid, "filing.none");
    core::value failed = core::value::array();
    int good = 0;
    for (const auto& o : filing::accept_many(tx, r.actor, ids)) {
        good += o.refused ? 0 : 1;
        if (!o.refused) continue;
        const auto i = core::instrument::get(tx, r.actor, o.id);
        failed.push(core::value::object()
                        .set("href", "/staff/filings/" + std::to_string(o.id))
                        .set("what", i ? i->name + " " + i->serial_no : std::to_string(o.id))
                        .set("text", s.problems->text_of(*o.refused)));
    }
    tx.after_commit([&s] { s.hub->poke(); });
    if (failed.as_list()->empty()) return see_other("/staff/filings?status=submitted&done=accepted");
    core::value model = core::value::object()
                            .set("good", good)
                            .set("failed", std::move(failed))
                            .set("verb", "受理")
                            .set("unit", "台")
                            .set("back", "/staff/filings?status=submitted");
    return render(r, tx, s, "staff/batch", "处理结果", "备案受理 / 处理结果", std::move(model));
}

result<response> return_filing(const request& r, write_tx& tx, services& s) {
    filing::given_reasons why;
    if (r.field("kind") == "not_mandatory") why.kind = filing::return_kind::not_mandatory;
    why.note = r.field("reason");
    return back(tx, s, filing::give_back(tx, r.actor, r.id(0), why), "returned");
}

result<response> dispatch_filing(const request& r, write_tx& tx, services& s) {
    return back(tx, s, filing::dispatch(tx, r.actor, r.id(0), to_id(r.field("county"))), "dispatched");
}

result<response> decline_filing(const request& r, write_tx& tx, services& s) {
    return back(tx, s, filing::decline(tx, r.actor, r.id(0), r.field("reason")), "declined");
}

} // namespace wechat::staff
