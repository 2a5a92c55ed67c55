// Between bytes and meaning: what a request's header may not be, the request it makes, the head of an answer.
// One of the files that know Beast; no sockets, no coroutines.
#pragma once
#include "wechat/server/request.hpp"
#include "wechat/server/response.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <optional>
#include <string>

namespace wechat {

using request_parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

// What a complete header breaks that Beast 1.81 lets through (stack.md 2): the status to refuse with, 0:
// fine.
int forbidden_status(const request_parser& parser);
int status_of(boost::system::error_code failed); // of the parser's refusals

// nullopt for a target that is no path of ours or is badly escaped, and for a Host that is none.
std::optional<request> read_head(const request_parser& parser);
// "HTTP/1.1 200 OK" to the empty line.
void write_head(std::string& out, const response& r, std::size_t body_size, bool keep, unsigned version);
bool has_body(const response& r); // 304 and 204 have none

} // namespace wechat
