// An API host for tests on loopback: answers what it is told, path by path, and remembers what was asked.
#pragma once
#include "tests/support/world.hpp"
#include "wechat/mp/services.hpp"
#include "wechat/server/server.hpp"

#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace tests {

class fake_wechat {
  public:
    struct call {
        std::string path, token, query, body; // query: &name=value …, decoded
    };
    explicit fake_wechat(const core::clock& time);
    ~fake_wechat();

    std::string base() const; // http://127.0.0.1:port
    // Every answer has a Date of the clock given. The next answer for this path; when none is left the last
    // one again. Before any: a token for the token call, the echo for an address check, {"errcode":0} else. A
    // text that does not begin with { goes out as a gateway's page of status 502, after "502 " also JSON;
    // after `cut` the connection is closed without an answer.
    static constexpr std::string_view cut = "cut";
    void answer(std::string_view path, std::string json);
    std::vector<call> calls(std::string_view path = {}) const; // "" all
    void forget();                                             // what was asked

  private:
    wechat::response serve(const wechat::request& r);
    wechat::response answer_of(const wechat::request& r);

    const core::clock* time_;
    mutable std::mutex guard_;
    std::map<std::string, std::deque<std::string>, std::less<>> script_;
    std::vector<call> calls_;
    wechat::services services_;
    std::unique_ptr<wechat::server> server_;
};

std::string unused_address(); // http://127.0.0.1:port where nobody listens

} // namespace tests
