#include "wechat/frame/parts.hpp"

#include "wechat/server/form.hpp"

#include <utility>

namespace wechat {

std::string hex_cookie(const request& r, std::string_view name) {
    const auto value = r.cookies.get(name);
    return value.size() == 64 ? std::string(value) : std::string();
}

bool is_current(const request& r, std::string_view href) {
    const auto question = href.find('?');
    if (r.path != href.substr(0, question)) return false;
    return question == std::string_view::npos ||
           href.substr(question + 1) == "status=" + std::string(r.query.get("status"));
}

void put_flash(core::value& frame, const request& r, services& s) {
    const std::string done = "done." + std::string(r.query.get("done"));
    const bool known = s.problems->has(done);
    frame.set("flash_shown", known)
        .set("flash", known ? s.problems->text_of(core::error(core::errc::invalid, done)) : "");
}

core::value problem_model(const request& r, services& s, const core::error& e) {
    return core::value::object()
        .set("text", s.problems->text_of(e))
        .set("request_id", r.request_id)
        .set("show_id", false)
        .set("sign_in", false);
}

void put_errors(core::value& model, services& s, const core::error* e) {
    core::value list = core::value::array();
    const auto add = [&](const core::error& one) {
        list.push(core::value::object()
                      .set("field", one.field)
                      .set("field_shown", !one.field.empty())
                      .set("text", s.problems->text_of(one)));
    };
    if (e != nullptr) {
        add(*e);
        for (const auto& other : e->also)
            add(other);
    }
    model.set("has_errors", e != nullptr).set("errors", std::move(list));
}

std::string error_of(services& s, const core::error* e, std::string_view field) {
    if (e == nullptr) return {};
    if (e->field == field) return s.problems->text_of(*e);
    for (const auto& other : e->also)
        if (other.field == field) return s.problems->text_of(other);
    return {};
}

std::vector<std::int64_t> ids_of(const name_values& values, std::string_view name) {
    std::vector<std::int64_t> ids;
    for (const auto text : values.all(name))
        if (const auto id = to_id(text); id != 0) ids.push_back(id);
    return ids;
}

} // namespace wechat
