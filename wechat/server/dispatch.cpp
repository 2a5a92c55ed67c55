#include "wechat/server/dispatch.hpp"

#include "core/base/clock.hpp"
#include "core/base/ids.hpp"
#include "core/base/json.hpp"
#include "core/base/log.hpp"
#include "core/db/database.hpp"
#include "wechat/mp/services.hpp"
#include "wechat/server/form.hpp"
#include "wechat/server/guard.hpp"
#include "wechat/server/guard_store.hpp"

#include <chrono>

namespace wechat {

struct dispatcher::job {
    request asked;
    answer_fn answer;
    const route* to = nullptr;
    std::string pattern = "-"; // for the log: never the raw path
    std::chrono::steady_clock::time_point begun = std::chrono::steady_clock::now();
    core::result<response> outcome = core::error();
};

namespace {

constexpr std::string_view csp =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors ";

bool has_header(const response& r, std::string_view name) {
    for (const auto& [n, v] : r.headers)
        if (n == name) return true;
    return false;
}

std::string_view text_of(core::actor_kind k) {
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

std::string_view text_of(method m) {
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

core::error busy() {
    return core::error(core::errc::unavailable, "server.busy");
}

// Fills form and files from the body; false for a body that does not match its type.
bool read_form(request& r) {
    const auto type = r.header("content-type");
    if (type.starts_with("application/x-www-form-urlencoded")) {
        auto fields = parse_urlencoded(r.body);
        if (!fields) return false;
        r.form = std::move(*fields);
    } else if (type.starts_with("multipart/form-data")) {
        auto parts = parse_multipart(type, r.body);
        if (!parts) return false;
        r.form = std::move(parts->fields);
        r.files = std::move(parts->files);
        r.body.clear();
    }
    return true;
}

} // namespace

dispatcher::dispatcher(const server_options& o, std::span<const route> routes, services& s,
                       core::db::database* db, const core::clock& time)
    : options_(o), router_(routes), services_(&s), db_(db), time_(&time),
      pages_(o.page_threads, o.limits.queued_requests), tasks_(o.task_threads, o.limits.queued_requests) {
    if (db_ != nullptr)
        writer_ = std::jthread([this](const std::stop_token& stop) { db_->run_writer(stop); });
}

dispatcher::~dispatcher() {
    stop();
}

void dispatcher::stop() {
    pages_.stop();
    tasks_.stop();
    writer_ = {}; // asks it to stop; what is queued is still committed
}

std::size_t dispatcher::body_limit(method m, std::string_view path) const {
    const auto found = router_.find(m, path);
    return found.found == nullptr ? std::size_t{64} * 1024 : found.found->body_limit;
}

dispatcher::patience dispatcher::patience_of(method m, std::string_view path) const {
    const auto found = router_.find(m, path);
    if (found.found != nullptr && found.found->answer_within_ms > 0)
        return {std::chrono::milliseconds(found.found->answer_within_ms), found.found->late_answer};
    return {options_.limits.answer, [] { return text("503\n", 503); }};
}

void dispatcher::handle(request r, answer_fn answer) {
    auto j = std::make_shared<job>();
    j->asked = std::move(r);
    j->answer = std::move(answer);
    j->asked.request_id = core::random_hex(6);
    j->asked.actor.source = j->asked.remote_address;
    j->asked.actor.request_id = j->asked.request_id;
    if (options_.static_answer) {
        if (auto ready = options_.static_answer(j->asked)) {
            j->pattern = "static";
            return finish(j, std::move(*ready));
        }
    }
    auto found = router_.find(j->asked.method, j->asked.path);
    if (found.found == nullptr) {
        if (!found.path_known) return refuse(j, core::error(core::errc::not_found));
        response wrong = problem_page(
            j->asked, 405,
            services_->problems == nullptr
                ? "405"
                : services_->problems->text_of(core::error(core::errc::invalid, "server.method")));
        wrong.add("Allow", found.allowed);
        return finish(j, std::move(wrong));
    }
    j->to = found.found;
    j->pattern = found.found->pattern;
    j->asked.parameters = std::move(found.parameters);
    if (j->to->async != nullptr) {
        try {
            request asked = std::move(j->asked);
            j->asked = request();
            j->asked.method = asked.method;
            j->asked.secure = asked.secure;
            j->asked.request_id = asked.request_id;
            j->to->async(std::move(asked), *services_,
                         [this, j](response answered) { finish(j, std::move(answered)); });
        } catch (...) {
            fail(j, std::current_exception());
        }
        return;
    }
    const bool is_task = j->to->task != nullptr;
    const bool queued = (is_task ? tasks_ : pages_).post([this, j, is_task] {
        try {
            if (is_task)
                run_task(j);
            else if (j->to->page != nullptr)
                run_page(j);
            else
                run_action(j);
        } catch (...) {
            fail(j, std::current_exception());
        }
    });
    if (!queued) refuse(j, busy());
}

bool dispatcher::may_pass(const std::shared_ptr<job>& j, core::db::read_view& view) {
    if (!read_form(j->asked)) {
        refuse(j, core::error(core::errc::invalid, "server.form"));
        return false;
    }
    load_session(j->asked, view);
    auto refused = check_access(j->asked, *j->to);
    if (!refused) return true;
    if (refused->refusal)
        refuse(j, *refused->refusal);
    else
        finish(j, std::move(refused->answer));
    return false;
}

void dispatcher::run_page(const std::shared_ptr<job>& j) {
    std::optional<response> page;
    bool touch = false;
    db_->read([&](core::db::read_view& view) {
        if (!may_pass(j, view)) return 0;
        page = j->to->page(j->asked, view, *services_);
        touch = needs_touch(j->asked, view.now());
        return 0;
    });
    if (!page) return;
    if (touch) {
        const std::string hash = j->asked.session->token_hash;
        db_->submit(
            [hash](core::db::write_tx& tx) {
                guard_store::touch_session(tx, hash);
                return true;
            },
            [](const std::exception_ptr&) {});
    }
    finish(j, std::move(*page));
}

void dispatcher::run_action(const std::shared_ptr<job>& j) {
    const bool pass = db_->read([&](core::db::read_view& view) { return may_pass(j, view); });
    if (!pass) return;
    db_->submit(
        [this, j](core::db::write_tx& tx) {
            const auto key = idempotency_key(j->asked);
            if (!key.empty()) {
                if (auto done = guard_store::find_done(tx, j->asked.actor.login_id, key)) {
                    response again =
                        done->location.empty() ? html({}, done->status) : see_other(done->location);
                    j->outcome = std::move(again);
                    return false;
                }
            }
            j->outcome = j->to->action(j->asked, tx, *services_);
            if (!j->outcome) return false;
            if (!key.empty()) {
                std::string location;
                for (const auto& [name, text] : j->outcome->headers)
                    if (name == "Location") location = text;
                guard_store::add_done(tx, j->asked.actor.login_id, key, j->outcome->status, location);
            }
            return true;
        },
        [this, j](const std::exception_ptr& failed) {
            if (failed) return fail(j, failed);
            if (!j->outcome) return refuse(j, j->outcome.error());
            finish(j, std::move(*j->outcome));
        });
}

void dispatcher::run_task(const std::shared_ptr<job>& j) {
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

void dispatcher::refuse(const std::shared_ptr<job>& j, const core::error& e) {
    const std::string text =
        services_->problems == nullptr ? std::string(core::name_of(e.code)) : services_->problems->text_of(e);
    response page = problem_page(j->asked, status_of(e.code), text);
    if (status_of(e.code) == 503) page.add("Retry-After", "5");
    finish(j, std::move(page));
}

void dispatcher::fail(const std::shared_ptr<job>& j, const std::exception_ptr& why) {
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
    fields.set("request", j->asked.request_id).set("route", j->pattern).set("why", what);
    core::log::error(options_.name, "a handler failed", fields);
    const core::error shown(core::errc::unavailable, full ? "server.disk_full" : "server.fault");
    try {
        const std::string text =
            services_->problems == nullptr ? "error" : services_->problems->text_of(shown);
        finish(j, problem_page(j->asked, 500, text));
    } catch (const std::exception&) { // the page itself cannot be built
        finish(j, wechat::text("500 " + j->asked.request_id + "\n", 500));
    }
}

void dispatcher::finish(const std::shared_ptr<job>& j, response answer) {
    if (options_.secure_headers) {
        if (j->asked.secure) answer.add("Strict-Transport-Security", "max-age=31536000");
        answer.add("X-Content-Type-Options", "nosniff");
        answer.add("Referrer-Policy", "same-origin");
        if (!has_header(answer, "Content-Security-Policy"))
            answer.add("Content-Security-Policy", std::string(csp) + options_.frame_ancestors);
    }
    if (!has_header(answer, "Cache-Control")) answer.add("Cache-Control", "no-store");
    ++handled_;
    log_answer(*j, answer);
    j->answer(std::move(answer));
}

void dispatcher::log_answer(const job& j, const response& answer) const {
    if (!core::log::enabled(core::log::level::info) || !options_.log_requests) return;
    const auto took = std::chrono::steady_clock::now() - j.begun;
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
    const std::size_t bytes = answer.shared_body.empty() ? answer.body.size() : answer.shared_body.size();
    std::string line;
    line.reserve(256);
    line.append(R"({"time":")").append(core::moment_text(time_->now()));
    line.append(R"(","level":"info","part":")").append(options_.name);
    line.append(R"(","request":")").append(j.asked.request_id);
    line.append(R"(","method":")").append(text_of(j.asked.method));
    line.append(R"(","route":")").append(j.pattern);
    line.append(R"(","status":)").append(std::to_string(answer.status));
    line.append(R"(,"us":)").append(std::to_string(us));
    line.append(R"(,"bytes":)").append(std::to_string(bytes));
    line.append(R"(,"actor":")").append(text_of(j.asked.actor.kind));
    line.append(R"(","login":)").append(std::to_string(j.asked.actor.login_id)).append("}");
    core::log::write_line(core::log::level::info, line);
}

} // namespace wechat
