// 备案管理: the four lists, choosing the institution, submitting several at once (M19-M25).
#include "core/filing/filing.hpp"

#include "core/base/ids.hpp"
#include "core/instrument/listing.hpp"
#include "notify/hub/hub.hpp"
#include "wechat/company/frame.hpp"
#include "wechat/company/pages.hpp"

#include <array>

namespace wechat::company {
namespace {

namespace instrument = core::instrument;
constexpr int page_size = 50;
struct tab {
    std::string_view code, label, empty;
};
constexpr std::array<tab, 4> tabs = {{{"unfiled", "待备案", "没有待备案的器具。新增器具后在这里提交备案。"},
                                      {"in_review", "审核中", "没有审核中的器具。"},
                                      {"returned", "被退回", "没有被退回的器具。"},
                                      {"filed", "已备案", "还没有备案成功的器具。"}}};

std::string when_of(const instrument::instrument& i) {
    return core::to_text(core::local_date(i.filing_at)) + " " +
           std::string(instrument::filing_tag(i.filing_status).text);
}

response submit_page(const request& r, read_view& view, services& s, const std::vector<std::int64_t>& ids,
                     const core::error* wrong) {
    core::value rows = core::value::array();
    bool doubtful = false, asked = false;
    for (const auto& o : core::filing::check_mandatory(view, r.actor, ids)) {
        const auto i = instrument::get(view, r.actor, o.id);
        if (!i) continue;
        const bool asks = o.is_use_asked;
        asked = asked || asks;
        core::value uses = core::value::array();
        for (const auto& use : core::declared_uses)
            uses.push(core::value::object()
                          .set("code", use.code)
                          .set("text", use.text)
                          .set("selected", use.code == i->declared_use));
        const bool doubted = o.warned && o.warned->detail == "filing.not_mandatory";
        doubtful = doubtful || doubted;
        rows.push(core::value::object()
                      .set("id", std::to_string(o.id))
                      .set("name", i->name)
                      .set("model", i->model)
                      .set("serial_no", i->serial_no)
                      .set("asks", asks)
                      .set("uses", std::move(uses))
                      .set("warned", o.warned.has_value())
                      .set("warning_style", doubted ? "why" : "hint")
                      .set("warning", o.warned ? s.problems->text_of(*o.warned) : ""));
    }
    core::value targets = core::value::array();
    for (const auto& t : core::filing::list_targets(view, r.actor, ids))
        targets.push(core::value::object()
                         .set("id", std::to_string(t.id))
                         .set("name", t.name)
                         .set("address", t.address)
                         .set("first", targets.is_null() || targets.as_list()->empty()));
    core::value model = core::value::object();
    put_errors(model, s, wrong);
    model.set("count", static_cast<std::int64_t>(rows.as_list()->size())).set("rows", std::move(rows));
    model.set("has_targets", !targets.as_list()->empty())
        .set("targets", std::move(targets))
        .set("doubtful", doubtful || asked)
        .set("once", core::random_hex(12));
    return render(r, view, s, "company/filing_submit", "选择技术机构", "备案管理 / 待备案 / 选择技术机构",
                  std::move(model), wrong == nullptr ? 200 : 422);
}

} // namespace

response filings(const request& r, read_view& view, services& s) {
    const auto* now = &tabs[0];
    for (const auto& t : tabs)
        if (t.code == r.query.get("status")) now = &t;
    const auto counts = instrument::count(view, r.actor);
    const std::array<int, 4> numbers = {counts.unfiled, counts.in_review, counts.returned, counts.filed};
    core::value tab_list = core::value::array();
    for (std::size_t n = 0; n < tabs.size(); ++n)
        tab_list.push(core::value::object()
                          .set("code", tabs[n].code)
                          .set("label", tabs[n].label)
                          .set("count", numbers[n])
                          .set("current", &tabs[n] == now));
    instrument::filter f;
    f.status = std::string(now->code);
    const auto all = instrument::list(view, r.actor, f, to_id(r.query.get("after")), page_size + 1);
    const bool pickable = now->code == "unfiled" || now->code == "returned";
    core::value rows = core::value::array();
    for (std::size_t n = 0; n < all.size() && n < page_size; ++n) {
        const auto& i = all[n];
        const auto tag = instrument::filing_tag(i.filing_status);
        core::value v = core::value::object();
        v.set("id", std::to_string(i.id))
            .set("name", i.name)
            .set("model", i.model)
            .set("serial_no", i.serial_no)
            .set("tag", tag.tag)
            .set("status", tag.text);
        v.set("pickable", pickable)
            .set("group", core::catalogue::city_of(i.region_code))
            .set("reason_shown", i.filing_status == "returned")
            .set("reason", i.return_reason);
        v.set("institution_shown", !i.institution_name.empty())
            .set("institution", i.institution_name)
            .set("when", when_of(i));
        rows.push(std::move(v));
    }
    const bool more = all.size() > page_size;
    core::value model = core::value::object();
    model.set("tabs", std::move(tab_list))
        .set("empty", all.empty())
        .set("empty_text", now->empty)
        .set("rows", std::move(rows))
        .set("can_submit", pickable);
    model.set("more", more)
        .set("next_href",
             more ? "/filings?status=" + f.status + "&after=" + std::to_string(all[page_size - 1].id) : "");
    return render(r, view, s, "company/filings", std::string(now->label),
                  "备案管理 / " + std::string(now->label), std::move(model));
}

response choose_institution(const request& r, read_view& view, services& s) {
    const auto ids = ids_of(r.query, "i");
    if (ids.empty()) return see_other("/filings?status=unfiled");
    return submit_page(r, view, s, ids, nullptr);
}

result<response> submit_filings(const request& r, write_tx& tx, services& s) {
    const auto ids = ids_of(r.form, "i");
    if (ids.empty()) return core::error(core::errc::invalid, "filing.none");
    core::filing::submission to{.institution = to_id(r.field("institution")),
                                .knowingly = r.field("knowingly") == "1"};
    for (const auto id : ids)
        if (const auto use = r.form.find("use_" + std::to_string(id))) to.uses[id] = std::string(*use);
    const auto outcomes = core::filing::submit(tx, r.actor, ids, to);
    core::value refused = core::value::array();
    int good = 0;
    for (const auto& o : outcomes) {
        if (!o.refused) {
            ++good;
            continue;
        }
        const auto i = instrument::get(tx, r.actor, o.id);
        refused.push(core::value::object()
                         .set("id", std::to_string(o.id))
                         .set("name", i ? i->name + " " + i->serial_no : "")
                         .set("text", s.problems->text_of(*o.refused)));
    }
    const auto bad = static_cast<int>(outcomes.size()) - good;
    tx.after_commit([&s] { s.hub->poke(); });
    if (bad == 0) return see_other("/filings?status=in_review&done=filed");
    core::value model = core::value::object();
    model.set("good", good).set("bad", bad).set("has_bad", bad > 0).set("refused", std::move(refused));
    return render(r, tx, s, "company/filing_done", "备案提交结果", "备案管理 / 提交结果", std::move(model));
}

} // namespace wechat::company
