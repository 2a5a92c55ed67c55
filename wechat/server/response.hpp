// One HTTP answer as handlers make it. Security headers, lengths and dates are added by dispatch.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wechat {

struct response {
    int status = 200; // 0: no answer, the connection is cut (faults of the sandbox)
    std::string content_type = "text/html; charset=utf-8";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
    // A host beside ours that the page may take pictures of or report to by one; a literal, "" for none.
    std::string_view pictures_from;
    std::string_view shared_body; // bytes that outlive the answer (assets); used when not empty, no copy

    // Throws for a value with a line break or another control character: nothing splits an answer (S8).
    response& add(std::string name, std::string value);
};

response html(std::string body, int status = 200);
response text(std::string body, int status = 200); // text/plain; charset=utf-8
response json(std::string body, int status = 200);
response xml(std::string body);       // text/xml; charset=utf-8
response see_other(std::string path); // 303, our own path only: throws for anything else
response found_at(std::string url);   // 302, for OAuth: any https address
response download(std::string bytes, std::string media_type,
                  std::string_view file_name); // attachment, nosniff, sandbox

} // namespace wechat
