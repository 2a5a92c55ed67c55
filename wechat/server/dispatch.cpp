#include "wechat/server/dispatch.hpp"

#include "core/base/clock.hpp"
#include "core/base/ids.hpp"
#include "core/base/json.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/db/database.hpp"
#include "wechat/mp/services.hpp"
#include "wechat/server/form.hpp"
#include "wechat/server/guard.hpp"
#include "wechat/server/guard_store.hpp"

#include <algorithm>
#include <chrono>

namespace wechat {

struct dispatcher::job {
    request asked;
    answer_fn answer;
    const route* to = nullptr;
    bool path_known = false;
    std::string allowed;    // methods, for 405
    std::string request_id; // also of a request that was handed on
    bool secure = true;
    wechat::method method = wechat::method::get;
    std::string_view pattern = "-"; // for the log: never the raw path
    std::chrono::steady_clock::time_point begun = std::chrono::steady_clock::now();
    std::atomic<bool> answered = false; // the first to set it answers: handler, fault or lost patience
    core::result<response> outcome = core::error();
};

namespace {

std::string_view name_of(core::actor_kind k) {
    switch (k) {
    case core::actor_kind::applicant:
        return "applicant";
    case core::actor_kind::staff:
        return "staff";
    case core::actor_kind::system:
        return "system";
    case core::actor_kind::visitor:
        return "visitor";
    }
    return "visitor";
}

std::string_view name_of(method m) {
    switch (m) {
    case method::get:
        return "GET";
    case method::head:
        return "HEAD";
    case method::post:
        return "POST";
    case method::other:
        return "OTHER";
    }
    return "OTHER";
}

bool wants_json(const request& r) {
    return r.header("accept").find("application/json") != std::string_view::npos ||
           r.path.starts_with("/api/");
}

constexpr std::size_t most_held = 64; // answers; more would make the first of them wait

constexpr std::string_view id_place = "@request-id@"; // in the page made ahead

std::string with_id(std::string page, const std::string& id) {
    const auto at = page.find(id_place);
    if (at != std::string::npos) page.replace(at, id_place.size(), id);
    return page;
}

// Fills form and files from the body; false for a body that does not match its type.
bool read_form(request& r) {
    const std::string type(r.header("content-type"));
    const std::string kind =
        core::to_lower_ascii(core::trim(std::string_view(type).substr(0, type.find(';'))));
    if (kind == "application/x-www-form-urlencoded") {
        auto fields = parse_urlencoded(r.body);
        if (!fields) return false;
        r.form = std::move(*fields);
    } else if (kind == "multipart/form-data") {
        auto parts = parse_multipart(type, r.body);
        if (!parts) return false;
        r.form = std::move(parts->fields);
        r.files = std::move(parts->files);
        std::string().swap(r.body); // may be 22 MiB, twice
    }
    return true;
}

} // namespace

dispatcher::dispatcher(const server_options& o, std::span<const route> routes, services& s,
                       core::db::database* db, const core::clock& time)
    : options_(o), router_(routes), services_(&s), db_(db), time_(&time),
      pages_(o.page_threads, o.limits.queued_requests), tasks_(o.task_threads, o.limits.queued_requests),
      outside_(o.outside_threads, o.limits.queued_outside) {
    request nobody;
    nobody.request_id = id_place;
    busy_page_ = problem_page(nobody, 503, text_of(core::error(core::errc::unavailable, "server.busy"))).body;
    if (db_ == nullptr) return;
    writer_ = std::jthread([this](const std::stop_token& stop) {
        writer_id_ = std::this_thread::get_id();
        db_->run_writer(stop, [this] { give_held(); });
    });
}

dispatcher::~dispatcher() {
    stop();
}

void dispatcher::stop(bool finish) {
    if (!finish) hurry_ = true;
    pages_.stop();
    tasks_.stop();
    outside_.stop();
    writer_ = {}; // asks it to stop; what is queued is still committed
}

std::size_t dispatcher::body_limit(method m, std::string_view path) const {
    const auto found = router_.find(m, path);
    return found.found == nullptr ? std::size_t{64} * 1024 : found.found->body_limit;
}

std::chrono::milliseconds dispatcher::patience_of(const ticket& j) const {
    if (j->to != nullptr && j->to->answer_within_ms > 0)
        return std::chrono::milliseconds(j->to->answer_within_ms);
    return options_.limits.answer;
}

std::optional<response> dispatcher::give_up(const ticket& j) {
    if (j->answered.exchange(true)) return std::nullopt;
    const bool own = j->to != nullptr && j->to->late_answer != nullptr;
    response late = own ? j->to->late_answer()
                        : wechat::text(text_of(core::error(core::errc::unavailable, "server.late")) + "\n" +
                                           j->request_id + "\n",
                                       503);
    dress(late, j->request_id, j->secure);
    log_answer(*j, late, {}); // the handler may be writing down who it is at this moment
    return late;
}

response dispatcher::refuse_unread(int status, bool secure) {
    job nothing;
    nothing.request_id = core::random_hex(6);
    nothing.method = method::other;
    nothing.pattern = "unread";
    response refused = wechat::text(std::to_string(status) + " " + nothing.request_id + "\n", status);
    if (status == 503) refused.add("Retry-After", "5");
    dress(refused, nothing.request_id, secure);
    log_answer(nothing, refused, {});
    return refused;
}

std::string dispatcher::text_of(const core::error& e) const {
    return services_->problems == nullptr ? std::string(core::name_of(e.code))
                                          : services_->problems->text_of(e);
}

// The Host header without its port is one of ours, so that no link or redirect is made for a foreign name.
bool dispatcher::is_served(std::string_view host) const {
    if (options_.hosts.empty()) return true;
    const auto colon = host.rfind(':');
    if (colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos)
        host = host.substr(0, colon);
    const std::string name = core::to_lower_ascii(host);
    return std::find(options_.hosts.begin(), options_.hosts.end(), name) != options_.hosts.end();
}

dispatcher::ticket dispatcher::handle(request r, answer_fn answer) {
    auto j = std::make_shared<job>();
    j->asked = std::move(r);
    j->answer = std::move(answer);
    j->request_id = core::random_hex(6);
    j->secure = j->asked.secure;
    j->method = j->asked.method;
    j->asked.request_id = j->request_id;
    j->asked.actor.source = j->asked.remote_address;
    j->asked.actor.request_id = j->request_id;
    try {
        start(j);
    } catch (...) {
        fail(j, std::current_exception());
    }
    return j;
}

// Everything but ready answers and async handlers leaves the io thread here.
void dispatcher::start(const ticket& j) {
    if (!is_served(j->asked.host)) return finish(j, wechat::text("421\n", 421));
    if (options_.static_answer) {
        if (auto ready = options_.static_answer(j->asked)) {
            j->pattern = "static";
            return finish(j, std::move(*ready));
        }
    }
    auto found = router_.find(j->asked.method, j->asked.path);
    j->to = found.found;
    j->path_known = found.path_known;
    j->allowed = std::move(found.allowed);
    if (j->to != nullptr) {
        j->pattern = j->to->pattern;
        j->asked.parameters = std::move(found.parameters);
        if (j->to->async != nullptr) return run_async(j);
    }
    if (!pool_of(j->to).post([this, j] { work(j); })) refuse_busy(j);
}

work_pool& dispatcher::pool_of(const route* r) {
    if (r == nullptr || r->task == nullptr) return pages_;
    return r->waits_outside ? outside_ : tasks_;
}

void dispatcher::work(const ticket& j) {
    try {
        if (hurry_) return refuse_busy(j);
        if (j->to == nullptr) return refuse_unrouted(j);
        if (j->to->task != nullptr)
            run_task(j);
        else if (j->to->page != nullptr)
            run_page(j);
        else
            run_action(j);
    } catch (...) {
        fail(j, std::current_exception());
    }
}

void dispatcher::run_async(const ticket& j) {
    request asked = std::move(j->asked);
    j->asked = request();
    j->asked.method = j->method;
    j->asked.secure = j->secure;
    j->asked.request_id = j->request_id;
    j->to->async(std::move(asked), *services_,
                 [this, j](response answered) { finish(j, std::move(answered)); });
}

bool dispatcher::may_pass(const ticket& j, core::db::read_view& view) {
    if (!read_form(j->asked)) {
        refuse(j, core::error(core::errc::invalid, "server.form"));
        return false;
    }
    load_session(j->asked, view);
    auto refused = check_access(j->asked, *j->to);
    if (refused && refused->refusal) refuse(j, *refused->refusal);
    if (refused && !refused->refusal) finish(j, std::move(refused->answer));
    if (refused) return false;
    if (!needs_touch(j->asked, view.now())) return true;
    db_->submit(
        [hash = j->asked.session->token_hash](core::db::write_tx& tx) {
            guard_store::touch_session(tx, hash);
            return true;
        },
        [](const std::exception_ptr&) {});
    return true;
}

void dispatcher::run_page(const ticket& j) {
    std::optional<response> page;
    db_->read([&](core::db::read_view& view) {
        if (may_pass(j, view)) page = j->to->page(j->asked, view, *services_);
        return 0;
    });
    if (page) finish(j, std::move(*page));
}

void dispatcher::run_action(const ticket& j) {
    const bool pass = db_->read([&](core::db::read_view& view) { return may_pass(j, view); });
    if (!pass) return;
    db_->submit(
        [this, j](core::db::write_tx& tx) {
            if (auto again = find_done(j->asked, tx)) {
                j->outcome = std::move(*again);
                return false;
            }
            j->outcome = j->to->action(j->asked, tx, *services_);
            if (j->outcome) keep_done(tx, j->asked, *j->outcome);
            return j->outcome.has_value();
        },
        [this, j](const std::exception_ptr& failed) {
            if (failed) return fail(j, failed);
            if (!j->outcome) return refuse(j, j->outcome.error());
            finish(j, std::move(*j->outcome));
        });
}

void dispatcher::run_task(const ticket& j) {
    if (db_ != nullptr) {
        const bool pass = db_->read([&](core::db::read_view& view) { return may_pass(j, view); });
        if (!pass) return;
    } else if (!read_form(j->asked)) {
        return refuse(j, core::error(core::errc::invalid, "server.form"));
    }
    auto outcome = j->to->task(j->asked, *services_);
    if (!outcome) return refuse(j, outcome.error());
    finish(j, std::move(*outcome));
}

response dispatcher::problem_page(const request& r, int status, const std::string& text) const {
    if (wants_json(r)) {
        core::value v = core::value::object();
        v.set("status", status).set("detail", text).set("request_id", r.request_id);
        response out = json(core::to_json(v), status);
        out.content_type = "application/problem+json; charset=utf-8";
        return out;
    }
    if (services_->pages == nullptr) return wechat::text(text + "\n", status);
    core::value model = core::value::object();
    model.set("text", text).set("request_id", r.request_id).set("show_id", status >= 500);
    model.set("sign_in", status == 403 && r.actor.kind == core::actor_kind::visitor);
    if (r.wants_fragment())
        return services_->pages->fragment(r, "partials/problem", std::move(model), status);
    core::value frame = core::value::object();
    frame.set("title", "无法完成").set("wide", false);
    return services_->pages->render(r, "public", "partials/problem", std::move(frame), std::move(model),
                                    status);
}

void dispatcher::refuse(const ticket& j, const core::error& e) {
    response page = problem_page(j->asked, status_of(e.code), text_of(e));
    if (status_of(e.code) == 503) page.add("Retry-After", "5");
    finish(j, std::move(page));
}

void dispatcher::refuse_unrouted(const ticket& j) {
    if (!j->path_known) return refuse(j, core::error(core::errc::not_found));
    response wrong = problem_page(j->asked, 405, text_of(core::error(core::errc::invalid, "server.method")));
    wrong.add("Allow", j->allowed);
    finish(j, std::move(wrong));
}

void dispatcher::refuse_busy(const ticket& j) {
    const core::error busy(core::errc::unavailable, "server.busy");
    response page = wants_json(j->asked) ? problem_page(j->asked, 503, text_of(busy))
                                         : html(with_id(busy_page_, j->request_id), 503);
    if (services_->pages == nullptr) page.content_type = "text/plain; charset=utf-8";
    page.add("Retry-After", "5");
    finish(j, std::move(page));
}

void dispatcher::fail(const ticket& j, const std::exception_ptr& why) {
    std::string what = "unknown";
    bool full = false;
    try {
        std::rethrow_exception(why);
    } catch (const core::db::db_error& e) {
        what = e.what();
        full = e.is_full();
    } catch (const std::exception& e) {
        what = e.what();
    } catch (...) {
    }
    core::value fields = core::value::object();
    fields.set("request", j->request_id).set("route", j->pattern).set("why", what);
    core::log::error(options_.name, "a handler failed", fields);
    const core::error shown(core::errc::unavailable, full ? "server.disk_full" : "server.fault");
    try {
        finish(j, problem_page(j->asked, 500, text_of(shown)));
    } catch (const std::exception&) { // the page itself cannot be built
        finish(j, wechat::text("500 " + j->request_id + "\n", 500));
    }
}

void dispatcher::finish(const ticket& j, response answer) {
    if (j->answered.exchange(true)) return; // too late: the person has been told so
    dress(answer, j->request_id, j->secure);
    log_answer(*j, answer, {j->asked.actor.kind, j->asked.actor.login_id});
    if (std::this_thread::get_id() != writer_id_.load(std::memory_order_relaxed))
        return j->answer(std::move(answer));
    // The answers of a group commit go to the io thread together: each by itself would wake it, and it would
    // be back asleep before the next is made.
    held_.push_back({j, std::move(answer)});
    if (held_.size() >= most_held) give_held();
}

void dispatcher::give_held() {
    for (auto& one : held_)
        one.to->answer(std::move(one.answer));
    held_.clear();
}

void dispatcher::log_answer(const job& j, const response& answer, who_asked by) const {
    if (!core::log::enabled(core::log::level::info) || !options_.log_requests) return;
    const auto took = std::chrono::steady_clock::now() - j.begun;
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
    const std::size_t bytes = answer.shared_body.empty() ? answer.body.size() : answer.shared_body.size();
    std::string line;
    line.reserve(256);
    line.append(R"({"time":")").append(core::moment_text(time_->now()));
    line.append(R"(","level":"info","part":")").append(options_.name);
    line.append(R"(","request":")").append(j.request_id);
    line.append(R"(","method":")").append(name_of(j.method));
    line.append(R"(","route":")").append(j.pattern);
    line.append(R"(","status":)").append(std::to_string(answer.status));
    line.append(R"(,"us":)").append(std::to_string(us));
    line.append(R"(,"bytes":)").append(std::to_string(bytes));
    line.append(R"(,"actor":")").append(name_of(by.kind));
    line.append(R"(","login":)").append(std::to_string(by.login)).append("}");
    core::log::write_line(core::log::level::info, line);
}

} // namespace wechat
