// From a page's model to HTML: adds what every page has (assets, user, menu, CSRF token, flash message) and
// puts the body into its layout.
#pragma once
#include "core/base/template.hpp"
#include "core/base/value.hpp"
#include "wechat/server/request.hpp"
#include "wechat/server/response.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace wechat {

// Logical asset name -> address: "company_css" -> "/assets/company-OI74UBFQ.css".
using asset_map = std::map<std::string, std::string, std::less<>>;

class view {
  public:
    view(const core::template_set& templates, asset_map assets);

    // Renders templates/<page>.html with `model` into templates/layout/<layout>.html. The layout's model is
    // `frame` (title, menu, user … as templates/README.md says) plus asset, csrf, content. A page with the
    // flag js_sdk may reach the host that WeChat's SDK reports to.
    response render(const request& r, std::string_view layout, std::string_view page, core::value frame,
                    core::value model, int status = 200) const;
    // Only the page or partial, for htmx.
    response fragment(const request& r, std::string_view page, core::value model, int status = 200) const;
    const core::template_set& templates() const { return *templates_; }
    core::value assets() const { return assets_; }

  private:
    const core::template_set* templates_;
    core::value assets_;
};

} // namespace wechat
