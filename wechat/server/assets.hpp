// The bundled front end: fingerprinted files from the binary or a folder, served from memory, precompressed.
#pragma once
#include "wechat/server/request.hpp"
#include "wechat/server/response.hpp"
#include "wechat/server/view.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace wechat {

class assets {
  public:
    explicit assets(
        const std::filesystem::path& folder = {});            // empty: built in. Throws for a broken manifest
    const asset_map& addresses() const { return addresses_; } // "company_css" -> "/assets/company-….css"
    // The answer for /assets/…; nullopt for other paths.
    std::optional<response> find(const request& r) const;

  private:
    struct file {
        std::string_view plain, br, gz;
        std::string_view media_type;
    };
    std::map<std::string, file, std::less<>> files_;
    std::map<std::string, std::string, std::less<>> loaded_; // of a folder
    asset_map addresses_;
};

} // namespace wechat
