#include "wechat/server/problem.hpp"

#include "core/base/text.hpp"

#include <stdexcept>

namespace wechat {

int status_of(core::errc code) {
    switch (code) {
    case core::errc::not_found:
        return 404;
    case core::errc::not_allowed:
        return 403;
    case core::errc::invalid:
        return 422;
    case core::errc::stale_state:
    case core::errc::conflict:
    case core::errc::full:
    case core::errc::too_late:
        return 409;
    case core::errc::too_many:
        return 429;
    case core::errc::unavailable:
        return 503;
    }
    return 500;
}

problem_texts::problem_texts(const core::template_set& templates) {
    const std::string all = templates.source("text/problems.txt");
    std::size_t number = 0;
    for (std::size_t at = 0; at < all.size();) {
        const auto end = std::min(all.find('\n', at), all.size());
        const auto line = core::trim(std::string_view(all).substr(at, end - at));
        at = end + 1;
        ++number;
        if (line.empty() || line.starts_with('#')) continue;
        const auto equals = line.find(" = ");
        if (equals == std::string_view::npos)
            throw std::runtime_error("text/problems.txt:" + std::to_string(number) +
                                     ": expected `key = text`");
        texts_[std::string(line.substr(0, equals))] = std::string(line.substr(equals + 3));
    }
    for (int code = 0; code <= static_cast<int>(core::errc::unavailable); ++code)
        if (!has(core::name_of(static_cast<core::errc>(code))))
            throw std::runtime_error("text/problems.txt has no text for " +
                                     std::string(core::name_of(static_cast<core::errc>(code))));
}

bool problem_texts::has(std::string_view key) const {
    return texts_.contains(key);
}

std::string problem_texts::text_of(const core::error& e) const {
    auto at = texts_.find(e.detail);
    if (at == texts_.end()) at = texts_.find(core::name_of(e.code));
    if (e.args.empty()) return at->second;
    core::value model = core::value::object();
    for (const auto& [name, text] : e.args)
        model.set(name, text);
    return core::template_set::render_text(at->second, model);
}

core::value problem_texts::model_of(const core::error& e) const {
    core::value list = core::value::array();
    const auto add = [&](const core::error& one) {
        list.push(core::value::object().set("field", one.field).set("text", text_of(one)));
    };
    add(e);
    for (const auto& other : e.also)
        add(other);
    core::value model = core::value::object();
    model.set("several", list.as_list()->size() > 1).set("list", std::move(list));
    return model;
}

} // namespace wechat
