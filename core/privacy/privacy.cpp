#include "core/privacy/privacy.hpp"

#include "core/account/applicant.hpp"
#include "core/account/binding.hpp"
#include "core/account/document.hpp"
#include "core/account/login.hpp"
#include "core/account/member.hpp"
#include "core/base/ids.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/filing/queries.hpp"
#include "core/instrument/listing.hpp"
#include "core/journal/audit.hpp"
#include "core/journal/setting.hpp"
#include "core/privacy/privacy_store.hpp"

namespace core::privacy {
namespace {

constexpr std::string_view gone = "已注销";
constexpr int most_acts = 1000;
constexpr int page = 100; // instruments and orders read at a time

std::string pseudonym(std::string_view openid) {
    return "gone-" + sha256_hex(openid).substr(0, 24);
}

bool is_oneself(const actor& who, std::int64_t login) {
    return login != 0 && who.login_id == login &&
           (who.kind == actor_kind::applicant || who.kind == actor_kind::staff);
}

bool owns(const actor& who, std::int64_t applicant) {
    return who.is_applicant() && who.applicant_id == applicant && who.roles.has(role::owner);
}

result<std::string> check_reason(std::string_view reason) {
    std::string text = tidy_line(reason);
    if (!is_utf8(text) || text.empty() || count_characters(text) > 100)
        return error(errc::invalid, "privacy.reason", "reason");
    return text;
}

result<> check_erasable(db::read_view& view, const store::person& p) {
    if (p.display_name == gone) return error(errc::conflict, "privacy.erased");
    if (const auto company = store::find_orphaned_company(view, p.id))
        return error(errc::conflict, "privacy.last_owner").with("name", *company);
    if (store::is_last_admin(view, p.id)) return error(errc::conflict, "privacy.last_admin");
    return {};
}

// Nobody can be recognised by what is left of the account.
void erase(db::write_tx& tx, const actor& who, const store::person& p, std::string_view reason,
           std::int64_t applicant) {
    store::blank_contacts_of(tx, p);
    for (const auto& openid : store::list_openids(tx, p.id)) {
        account::forget_wechat_user(tx, openid);
        store::replace_openid(tx, openid, pseudonym(openid));
    }
    store::blank_person(tx, p, gone);
    store::drop_traces(tx, p.id);
    audit::append(tx, who,
                  {.verb = "erase",
                   .subject_kind = "login",
                   .subject_id = p.id,
                   .note = std::string(reason),
                   .applicant_id = applicant});
}

// {"a":[…],"b":[…]} without ever holding more than a page of it.
class document_writer {
  public:
    explicit document_writer(std::ostream& out) : out_(&out) { *out_ << "{"; }
    void member(std::string_view name, const value& v) {
        *out_ << (first_ ? "\n" : ",\n") << '"' << name << "\": " << to_json(v);
        first_ = false;
    }
    void begin_list(std::string_view name) {
        *out_ << (first_ ? "\n" : ",\n") << '"' << name << "\": [";
        first_ = false;
        in_list_ = 0;
    }
    void element(const value& v) { *out_ << (in_list_++ == 0 ? "\n" : ",\n") << to_json(v); }
    void end_list() { *out_ << "]"; }
    void end() { *out_ << "\n}\n"; }

  private:
    std::ostream* out_;
    bool first_ = true;
    int in_list_ = 0;
};

value company_of(const account::applicant& a) {
    value v = value::object();
    v.set("uscc", a.uscc).set("name", a.name).set("status", a.status).set("region_code", a.region_code);
    v.set("address", a.address).set("contact_name", a.contact_name).set("contact_phone", a.contact_phone);
    return v.set("legal_person", a.legal_person).set("registered_at", moment_text(a.created_at));
}

void write_people(db::read_view& view, const actor& who, std::int64_t applicant, document_writer& out) {
    out.begin_list("people");
    for (const auto& p : account::list_members(view, who, applicant))
        out.element(value::object()
                        .set("username", p.username)
                        .set("name", p.display_name)
                        .set("is_owner", p.roles.has(role::owner))
                        .set("active", p.active));
    out.end_list();
    out.begin_list("papers");
    for (const auto& d : account::list_documents(view, who, applicant))
        out.element(value::object()
                        .set("kind", d.kind)
                        .set("file_name", d.file.file_name)
                        .set("size", d.file.size)
                        .set("sha256", d.file.hash));
    out.end_list();
}

value instrument_of(db::read_view& view, const actor& who, const instrument::instrument& i) {
    value v = value::object();
    for (const auto& f : instrument::fields)
        if (f.type != instrument::field_type::files) v.set(f.name, i.text_of(f.id));
    v.set("verified_on", i.verified_on ? to_text(*i.verified_on) : "");
    value& steps = v["steps"];
    for (const auto& s : filing::list_steps(view, who, i.id).value())
        steps.push(value::object()
                       .set("at", moment_text(s.at))
                       .set("what", s.text)
                       .set("institution", s.institution)
                       .set("reason", s.reason));
    return v;
}

void write_instruments(db::read_view& view, std::int64_t applicant, document_writer& out) {
    actor owner; // reads as the company does, whoever was given the export
    owner.kind = actor_kind::applicant;
    owner.applicant_id = applicant;
    out.begin_list("instruments");
    for (std::int64_t after = 0;;) {
        const auto some = instrument::list(view, owner, {}, after, page);
        for (const auto& i : some)
            out.element(instrument_of(view, owner, i));
        if (some.size() < page) break;
        after = some.back().id;
    }
    out.end_list();
}

void write_orders(db::read_view& view, std::int64_t applicant, document_writer& out) {
    out.begin_list("orders");
    for (std::int64_t after = 0;;) {
        const value some = store::list_orders(view, applicant, after, page);
        for (const auto& o : *some.as_list()) {
            out.element(o);
            after = std::stoll(o.text("id"));
        }
        if (some.as_list()->size() < page) break;
    }
    out.end_list();
}

} // namespace

result<value> export_person(db::read_view& view, const actor& who, std::int64_t login_id) {
    const auto p = store::find_person(view, login_id);
    if (!p || (!is_oneself(who, login_id) && !who.is_platform())) return error(errc::not_found);
    value v = value::object();
    v.set("username", p->username)
        .set("name", p->display_name)
        .set("phone", p->phone)
        .set("email", p->email)
        .set("kind", p->kind);
    v.set("status", p->status).set("created_at", moment_text(p->created_at));
    if (const auto staff = account::find_staff(view, login_id)) {
        const auto place = catalogue::find_institution(view, staff->institution_id);
        v.set("works_at", place ? place->name : "").set("region", staff->region_code);
        v.set("roles", account::role_names(staff->roles));
    }
    v.set("companies", store::list_companies(view, login_id));
    v.set("bindings", store::list_bindings(view, login_id));
    v.set("sessions", store::list_sessions(view, login_id));
    v.set("wishes", store::list_wishes(view, login_id));
    return v.set("acts", store::list_acts(view, login_id, most_acts));
}

result<> erase_person(db::write_tx& tx, const actor& who, std::int64_t login_id, std::string_view reason) {
    const auto p = store::find_person(tx, login_id);
    if (!p || (!is_oneself(who, login_id) && !who.is_platform())) return error(errc::not_found);
    const auto text = check_reason(reason);
    if (!text) return text.error();
    if (auto fine = check_erasable(tx, *p); !fine) return fine;
    erase(tx, who, *p, *text, 0);
    return {};
}

result<> export_company(db::read_view& view, const actor& who, std::int64_t applicant_id, std::ostream& out) {
    const auto a = account::find_applicant(view, applicant_id);
    if (!a || (!owns(who, applicant_id) && !who.is_platform())) return error(errc::not_found);
    document_writer w(out);
    w.member("company", company_of(*a));
    write_people(view, who, applicant_id, w);
    write_instruments(view, applicant_id, w);
    write_orders(view, applicant_id, w);
    w.end();
    return {};
}

result<> erase_company(db::write_tx& tx, const actor& who, std::int64_t applicant_id,
                       std::string_view reason) {
    const auto a = account::find_applicant(tx, applicant_id);
    if (!a || (!who.is_platform() && !owns(who, applicant_id))) return error(errc::not_found);
    if (!who.is_platform()) return error(errc::not_allowed);
    const auto text = check_reason(reason);
    if (!text) return text.error();
    if (a->status == "active" || a->status == "pending") return error(errc::conflict, "privacy.working");
    if (store::has_open_orders(tx, applicant_id)) return error(errc::conflict, "privacy.open_orders");
    for (const auto login : store::list_only_here(tx, applicant_id))
        erase(tx, who, store::find_person(tx, login).value(), *text, applicant_id);
    store::blank_company(tx, applicant_id, gone);
    audit::append(tx, who,
                  {.verb = "erase",
                   .subject_kind = "applicant",
                   .subject_id = applicant_id,
                   .note = *text,
                   .applicant_id = applicant_id});
    return {};
}

void record_export(db::write_tx& tx, const actor& who, std::string_view subject_kind,
                   std::int64_t subject_id) {
    audit::record_view(tx, who, subject_kind, subject_id, "export",
                       subject_kind == "applicant" ? subject_id : 0);
}

int forget_some(db::write_tx& tx, int most) {
    const auto days_ago = [&](std::string_view name) {
        return tx.now() - std::chrono::hours(24) * setting::number(tx, name);
    };
    const instant unbound = days_ago("privacy.unbound_days");
    int n = 0;
    for (const auto& openid : store::list_unbound(tx, unbound, most)) {
        store::replace_openid(tx, openid, pseudonym(openid));
        ++n;
    }
    n += store::drop_followers(tx, unbound, most);
    return n + store::blank_old_contacts(tx, days_ago("privacy.contact_days"), most);
}

} // namespace core::privacy
