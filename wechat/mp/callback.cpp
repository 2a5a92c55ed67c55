#include "wechat/mp/callback.hpp"

#include "core/base/ids.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "wechat/mp/callback_store.hpp"
#include "wechat/mp/services.hpp"

namespace wechat::mp {

struct callback::turn {
    accepted what;
    answer_fn respond;
    std::string request_id;
    outcome result;
};

namespace {

constexpr std::size_t key_digits = 32; // of the hash: 128 bits

// What identifies a message: a retry repeats all of these, two different ones never do (section 6). Events
// have no MsgId, and one second may bring several of a person: everything they hold counts. Time and MsgId,
// which grow, come first: rows are appended to the index instead of scattered over it, and leave it by age.
std::string key_of(const message& m) {
    std::string all;
    all.reserve(256);
    for (const std::string_view part :
         {std::string_view(m.from), std::string_view(m.type), std::string_view(m.event),
          std::string_view(m.event_key), std::string_view(m.msg_id)})
        all.append(part).append("\x1f");
    all.append(std::to_string(m.create_time));
    if (m.type == "event")
        for (const auto& [name, text] : m.fields)
            all.append("\x1f").append(name).append("\x1e").append(text);
    const bool numbered =
        m.msg_id.size() <= 20 && m.msg_id.find_first_not_of("0123456789") == std::string::npos;
    std::string key = inbox::key_of_time(m.create_time);
    key.append("-").append(numbered ? 20 - m.msg_id.size() : 20, '0').append(numbered ? m.msg_id : "");
    return key.append("-").append(core::sha256_hex(all), 0, key_digits);
}

inbox::entry entry_of(const accepted& a) {
    inbox::entry e;
    e.key = key_of(a.what);
    e.signature = a.signature;
    e.is_signed = a.encrypted;
    e.openid = a.what.from;
    e.kind = a.what.kind();
    e.kind = std::string(core::cut_bytes(e.kind, 80));
    return e;
}

response refused() {
    return text("forbidden\n", 403);
} // one answer for every reason

response busy() {
    return text("", 503);
}

void log_refusal(std::string_view request_id, rejection why) {
    // Scanners and probes ask without any signature; a line for each would bury the rest.
    const auto level = why == rejection::unsigned_request ? core::log::level::debug : core::log::level::warn;
    core::log::write(level, "wechat", "callback refused",
                     core::value::object().set("request", request_id).set("why", text_of(why)));
}

// Our own fault, not the disk's: such a message would fail at every retry. A broken constraint is ours, too.
bool is_fault_of_ours(const std::exception_ptr& failed) {
    try {
        std::rethrow_exception(failed);
    } catch (const core::db::db_error& e) {
        return e.is_constraint();
    } catch (...) {
        return true;
    }
}

std::string what_of(const std::exception_ptr& failed) {
    try {
        std::rethrow_exception(failed);
    } catch (const std::exception& e) {
        return e.what();
    } catch (...) {
        return "unknown";
    }
}

void log_fault(std::string_view message, std::string_view request_id, const std::exception_ptr& failed) {
    core::log::error("wechat", message,
                     core::value::object().set("request", request_id).set("why", what_of(failed)));
}

} // namespace

callback::callback(const settings& s, const core::template_set& templates)
    : settings_(&s), gate_(s), conversation_(templates, s) {}

std::string callback::reply_to(core::db::write_tx& tx, const message& m) const {
    const std::string said = conversation_.reply_to(tx, m);
    return said.empty() ? "success" : text_reply(m, said, core::to_ms(tx.now()) / 1000);
}

void callback::count(const accepted& a, std::string_view request_id) {
    if (!a.is_mended) return;
    ++mended_;
    core::log::warn("wechat", "a genuine callback had a NUL or more fields than are read",
                    core::value::object().set("request", request_id).set("kind", a.what.kind()));
}

callback::outcome callback::reply_once(core::db::write_tx& tx, const accepted& a) const {
    inbox::entry e = entry_of(a);
    if (!e.is_signed && inbox::is_of_another(tx, e.signature, e.key)) return {{}, false, true};
    e.reply = reply_to(tx, a.what);
    if (inbox::insert(tx, e)) return {std::move(e.reply), true};
    return {inbox::reply_of(tx, e.key).value_or("success"), false};
}

response callback::seal(const accepted& a, std::string_view reply, core::instant now) const {
    if (reply.empty() || reply == "success") return text("success");
    return xml(gate_.seal(a, reply, now));
}

void callback::receive(request r, core::db::database& db, answer_fn respond) {
    auto proved = gate_.accept(r, db.time().now());
    if (const auto* why = std::get_if<rejection>(&proved)) {
        log_refusal(r.request_id, *why);
        return respond(refused());
    }
    count(std::get<accepted>(proved), r.request_id);
    const auto waiting = db.waiting();
    if (waiting >= settings_->queue_most) return respond(busy()); // WeChat tries again (guarantees K2)
    auto t = std::make_shared<turn>();
    t->what = std::move(std::get<accepted>(proved));
    t->respond = std::move(respond);
    t->request_id = std::move(r.request_id);
    if (waiting >= settings_->queue_defer) return store_only(db, t, "waiting");
    db.submit(
        [this, t](core::db::write_tx& tx) {
            t->result = reply_once(tx, t->what);
            return t->result.inserted;
        },
        [this, t, &db](const std::exception_ptr& failed) { finish(db, t, failed); });
}

void callback::finish(core::db::database& db, const std::shared_ptr<turn>& t,
                      const std::exception_ptr& failed) {
    if (!failed && t->result.signature_reused) {
        log_refusal(t->request_id, rejection::replayed);
        return t->respond(refused());
    }
    if (!failed) return t->respond(seal(t->what, t->result.reply, db.time().now()));
    if (!is_fault_of_ours(failed)) {
        // Nothing is stored: WeChat's next try finds a clean state.
        log_fault("a callback could not be stored", t->request_id, failed);
        return t->respond(busy());
    }
    log_fault("a message could not be handled; it is kept in wx_inbox as failed", t->request_id, failed);
    store_only(db, t, "failed"); // never 5xx for a message's content
}

void callback::store_only(core::db::database& db, const std::shared_ptr<turn>& t, std::string_view state) {
    db.submit(
        [t, state](core::db::write_tx& tx) {
            inbox::entry e = entry_of(t->what);
            if (!e.is_signed && inbox::is_of_another(tx, e.signature, e.key)) {
                t->result.signature_reused = true;
                return false;
            }
            e.state = state;
            e.text = t->what.plain;
            e.reply = "success";
            t->result.inserted = inbox::insert(tx, e);
            t->result.reply = t->result.inserted ? "success" : inbox::reply_of(tx, e.key).value_or("success");
            return t->result.inserted;
        },
        [this, t, state, &db](const std::exception_ptr& failed) {
            if (failed) {
                log_fault("a callback could not be stored", t->request_id, failed);
                return t->respond(busy());
            }
            if (t->result.inserted && state == "waiting") catch_up(db);
            finish(db, t, {});
        });
}

void callback::catch_up(core::db::database& db) {
    if (!catching_up_.exchange(true)) take_next(db);
}

void callback::take_next(core::db::database& db) {
    const auto key = std::make_shared<std::string>();
    db.submit(
        [this, key](core::db::write_tx& tx) {
            const auto row = inbox::oldest_waiting(tx);
            if (!row) return false;
            *key = row->key;
            const auto m = read_message(row->text);
            inbox::settle(tx, row->key, m ? reply_to(tx, *m) : "success");
            return true;
        },
        [this, key, &db](const std::exception_ptr& failed) {
            if (failed) log_fault("a waiting message could not be handled", "inbox " + *key, failed);
            if (failed && !key->empty() && is_fault_of_ours(failed)) return set_aside(db, *key);
            if (failed || key->empty())
                catching_up_ = false;
            else
                take_next(db);
        });
}

void callback::set_aside(core::db::database& db, const std::string& key) {
    db.submit(
        [key](core::db::write_tx& tx) {
            inbox::mark_failed(tx, key);
            return true;
        },
        [this, &db](const std::exception_ptr& failed) {
            if (failed)
                catching_up_ = false;
            else
                take_next(db);
        });
}

response callback_check(const request& r, core::db::read_view&, services& s) {
    const auto echo = s.callback == nullptr ? std::nullopt : s.callback->check_address(r);
    return echo ? text(*echo) : refused();
}

void callback_post(request r, services& s, answer_fn respond) {
    if (s.callback == nullptr) return respond(refused());
    s.callback->receive(std::move(r), *s.db, std::move(respond));
}

response callback_late() {
    return text("success");
}

} // namespace wechat::mp
