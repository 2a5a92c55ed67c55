// Answers that are made by the writer, many in one group commit: each goes to who asked, none is lost, also
// when the server is told to stop while they are still to be given.
#include "core/account/login.hpp"
#include "core/base/clock.hpp"
#include "tests/support/web_client.hpp"
#include "tests/support/world_accounts.hpp"
#include "wechat/mp/services.hpp"
#include "wechat/server/server.hpp"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <exception>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using tests::account_world;
using tests::web_client;

// As the callback does it: written by a group commit, answered after it, in the writer's thread.
void keep(wechat::request r, wechat::services& s, wechat::answer_fn answer) {
    const std::string n(r.query.get("n"));
    s.db->submit(
        [n](core::db::write_tx& tx) {
            core::account::count_failure(tx, "kept:" + n, 10, 60min);
            return true;
        },
        [n, answer = std::move(answer)](const std::exception_ptr& failed) {
            answer(failed ? wechat::text("failed", 500) : wechat::text("kept " + n));
        });
}

constexpr wechat::route keeping() {
    wechat::route r{.method = wechat::method::get, .pattern = "/keep", .who = wechat::anyone, .async = keep};
    return r;
}
constexpr auto table = std::to_array<wechat::route>({keeping()});

constexpr std::size_t crowd = 150; // more than one handful of held answers (dispatch.cpp, most_held)

struct group_world : account_world {
    group_world() {
        services.db = &db();
        wechat::server_options o;
        wechat::listen_options l;
        l.tls = false;
        o.listeners.push_back(l);
        o.log_requests = false;
        o.limits.stop = 10s;
        web = std::make_unique<wechat::server>(o, table, services, &db(), machine);
        web->start();
    }
    // The writer is in the middle of something, and `crowd` requests wait behind it.
    void ask_all() {
        db().submit(
            [this](core::db::write_tx&) {
                begun.set_value();
                go.get_future().wait();
                return false;
            },
            [](const std::exception_ptr&) {});
        begun.get_future().wait();
        for (std::size_t n = 0; n < crowd; ++n) {
            clients.emplace_back(web_client::options{.port = web->port(), .tls = false});
            clients.back().send("GET /keep?n=" + std::to_string(n) + " HTTP/1.1\r\nHost: a\r\n\r\n");
        }
        while (db().waiting() < crowd)
            std::this_thread::yield();
    }
    std::int64_t kept() { return count("SELECT count(*) FROM attempt WHERE key LIKE 'kept:%'"); }

    wechat::services services;
    core::machine_clock machine;
    std::promise<void> begun, go;
    std::vector<web_client> clients;
    std::unique_ptr<wechat::server> web;
};

} // namespace

TEST_CASE("D1 answers of a group commit: after it, each to who asked, none twice") {
    group_world w;
    w.ask_all();
    CHECK(w.clients.front().stays_quiet(1ms)); // nothing is answered before it is written
    w.go.set_value();
    for (std::size_t n = 0; n < crowd; ++n) {
        const auto answer = w.clients[n].read();
        REQUIRE(answer);
        CHECK(answer->body == "kept " + std::to_string(n));
        CHECK(w.clients[n].stays_quiet(0ms));
    }
    CHECK(w.kept() == static_cast<std::int64_t>(crowd));
}

TEST_CASE(
    "D8 a stop while a group is being written: every answer is given, and what was answered is written") {
    group_world w;
    w.ask_all();
    web_client late(web_client::options{.port = w.web->port(), .tls = false});
    std::jthread stopping([&] { w.web->stop(); });
    CHECK(late.closes()); // the stop is under way
    w.go.set_value();
    for (std::size_t n = 0; n < crowd; ++n) {
        const auto answer = w.clients[n].read();
        REQUIRE(answer);
        CHECK(answer->body == "kept " + std::to_string(n));
        CHECK(answer->header("connection") == "close");
        CHECK(w.clients[n].closes());
    }
    stopping.join();
    CHECK(w.kept() == static_cast<std::int64_t>(crowd));
}
