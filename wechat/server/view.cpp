#include "wechat/server/view.hpp"

namespace wechat {

view::view(const core::template_set& templates, asset_map assets)
    : templates_(&templates), assets_(core::value::object()) {
    for (const auto& [name, path] : assets)
        assets_.set(name, path);
}

response view::render(const request& r, std::string_view layout, std::string_view page, core::value frame,
                      core::value model, int status) const {
    const std::string csrf = r.session ? r.session->csrf : "";
    model.set("csrf", csrf).set("asset", assets_);
    frame.set("content", templates_->render(std::string(page) + ".html", model));
    frame.set("csrf", csrf).set("asset", assets_);
    response made = html(templates_->render("layout/" + std::string(layout) + ".html", frame), status);
    if (model.flag("js_sdk")) made.pictures_from = "https://open.weixin.qq.com";
    return made;
}

response view::fragment(const request& r, std::string_view page, core::value model, int status) const {
    model.set("csrf", r.session ? r.session->csrf : "").set("asset", assets_);
    return html(templates_->render(std::string(page) + ".html", model), status);
}

} // namespace wechat
