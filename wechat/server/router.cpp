#include "wechat/server/router.hpp"

#include <stdexcept>

namespace wechat {
namespace {

// Matches one segment after the other; fills the parameters.
bool matches(std::string_view pattern, std::string_view path, std::vector<std::string>& parameters) {
    parameters.clear();
    while (!pattern.empty() && !path.empty()) {
        if (pattern.starts_with("{}")) {
            const auto end = std::min(path.find('/'), path.size());
            if (end == 0) return false;
            parameters.emplace_back(path.substr(0, end));
            pattern.remove_prefix(2);
            path.remove_prefix(end);
            continue;
        }
        const auto literal = std::min(pattern.find('{'), pattern.size());
        if (path.substr(0, literal) != pattern.substr(0, literal)) return false;
        pattern.remove_prefix(literal);
        path.remove_prefix(literal);
    }
    return pattern.empty() && path.empty();
}

std::string_view name_of(method m) {
    switch (m) {
    case method::get:
        return "GET, HEAD";
    case method::post:
        return "POST";
    default:
        return "";
    }
}

} // namespace

bool who::allows(const core::actor& a) const {
    switch (access) {
    case access::anyone:
    case access::callback:
        return true;
    case access::applicant:
        return a.is_applicant();
    case access::staff:
        return a.kind == core::actor_kind::staff && a.roles.any(roles);
    }
    return false;
}

router::router(std::span<const route> table) : table_(table) {
    for (std::size_t i = 0; i < table.size(); ++i) {
        const auto& r = table[i];
        const int handlers =
            (r.page != nullptr) + (r.action != nullptr) + (r.task != nullptr) + (r.async != nullptr);
        if (handlers != 1)
            throw std::logic_error("route without exactly one handler: " + std::string(r.pattern));
        for (std::size_t j = 0; j < i; ++j)
            if (table[j].method == r.method && table[j].pattern == r.pattern)
                throw std::logic_error("two routes for " + std::string(r.pattern));
        const auto brace = std::min(r.pattern.find('{'), r.pattern.size());
        if (brace == r.pattern.size())
            exact_[r.pattern].push_back(&r);
        else
            patterns_.push_back(&r);
    }
}

router::match router::find(method m, std::string_view path) const {
    if (m == method::head) m = method::get;
    match result;
    const auto consider = [&](const route& r) {
        result.path_known = true;
        if (r.method == m)
            result.found = &r;
        else
            result.allowed.append(result.allowed.empty() ? "" : ", ").append(name_of(r.method));
    };
    if (const auto at = exact_.find(path); at != exact_.end()) {
        for (const route* r : at->second)
            consider(*r);
        return result;
    }
    std::vector<std::string> parameters;
    for (const route* r : patterns_) {
        if (!matches(r->pattern, path, parameters)) continue;
        consider(*r);
        if (result.found == r) result.parameters = std::move(parameters);
        if (result.found != nullptr) break;
    }
    return result;
}

} // namespace wechat
