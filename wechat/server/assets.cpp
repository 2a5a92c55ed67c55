#include "wechat/server/assets.hpp"

#include "core/base/embedded.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace wechat {
namespace {

std::string_view media_type_of(std::string_view name) {
    if (name.ends_with(".css")) return "text/css; charset=utf-8";
    if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
    if (name.ends_with(".svg")) return "image/svg+xml";
    if (name.ends_with(".txt")) return "text/plain; charset=utf-8";
    return "application/octet-stream";
}

// The pieces of a list header between commas, without blanks around them.
std::vector<std::string_view> pieces_of(std::string_view list) {
    std::vector<std::string_view> out;
    while (!list.empty()) {
        const auto comma = std::min(list.find(','), list.size());
        if (const auto one = core::trim(list.substr(0, comma)); !one.empty()) out.push_back(one);
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return out;
}

// Whether an Accept-Encoding takes `coding`: named, or else `*`, and not with q=0 (RFC 9110 12.5.3).
bool takes(std::string_view accept, std::string_view coding) {
    bool any = false;
    for (const auto piece : pieces_of(accept)) {
        const auto semicolon = std::min(piece.find(';'), piece.size());
        const std::string name = core::to_lower_ascii(core::trim(piece.substr(0, semicolon)));
        std::string quality = core::to_lower_ascii(piece.substr(semicolon));
        std::erase_if(quality, [](char c) { return c == ' ' || c == '\t'; });
        const auto at = quality.find("q=");
        const bool good =
            at == std::string::npos || quality.find_first_of("123456789", at + 2) != std::string::npos;
        if (name == coding) return good;
        if (name == "*") any = good;
    }
    return any;
}

// If-None-Match compares weakly: the tag in any of its spellings, or `*`.
bool names_tag(std::string_view list, std::string_view tag) {
    for (auto piece : pieces_of(list)) {
        if (piece == "*") return true;
        if (piece.starts_with("W/")) piece.remove_prefix(2);
        if (piece == tag) return true;
    }
    return false;
}

std::string key_of(std::string logical) {
    const auto slash = logical.rfind('/');
    if (slash != std::string::npos) logical.erase(0, slash + 1);
    for (char& c : logical)
        if (c == '.' || c == '-') c = '_';
    return logical;
}

} // namespace

assets::assets(const std::filesystem::path& folder) {
    std::map<std::string, std::string_view, std::less<>> raw;
    if (folder.empty()) {
        for (const auto& f : core::embedded_files())
            if (f.name.starts_with("assets/")) raw[std::string(f.name.substr(7))] = f.bytes;
    } else {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
            if (!entry.is_regular_file()) continue;
            std::ifstream in(entry.path(), std::ios::binary);
            std::ostringstream bytes;
            bytes << in.rdbuf();
            const auto name = std::filesystem::relative(entry.path(), folder).generic_string();
            raw[name] = loaded_[name] = bytes.str();
        }
        for (auto& [name, bytes] : raw)
            bytes = loaded_[name];
    }
    const auto manifest_at = raw.find("manifest.json");
    if (manifest_at == raw.end()) return; // built without assets: pages say so by their looks
    const auto manifest = core::parse_json(manifest_at->second);
    if (!manifest || manifest->as_members() == nullptr)
        throw std::runtime_error("assets: manifest.json is broken");
    for (const auto& [logical, name] : *manifest->as_members()) {
        const std::string file_name = *name.as_text();
        const auto at = raw.find(file_name);
        if (at == raw.end())
            throw std::runtime_error("assets: manifest names " + file_name + ", which is missing");
        file f{at->second, {}, {}, media_type_of(file_name)};
        if (const auto br = raw.find(file_name + ".br"); br != raw.end()) f.br = br->second;
        if (const auto gz = raw.find(file_name + ".gz"); gz != raw.end()) f.gz = gz->second;
        files_[file_name] = f;
        addresses_[key_of(logical)] = "/assets/" + file_name;
    }
}

std::optional<response> assets::find(const request& r) const {
    constexpr std::string_view prefix = "/assets/";
    if (!r.path.starts_with(prefix)) return std::nullopt;
    const auto at = files_.find(std::string_view(r.path).substr(prefix.size()));
    const bool reading = r.method == method::get || r.method == method::head;
    if (at == files_.end() || !reading) return text("not found\n", 404);
    const auto accept = r.header("accept-encoding");
    const auto& f = at->second;
    std::string_view coding;
    if (!f.br.empty() && takes(accept, "br"))
        coding = "br";
    else if (!f.gz.empty() && takes(accept, "gzip"))
        coding = "gzip";
    // Another coding is another representation, so another tag.
    const std::string tag = "\"" + at->first + (coding.empty() ? "" : "-") + std::string(coding) + "\"";
    response out;
    out.add("Cache-Control", "public, max-age=31536000, immutable")
        .add("ETag", tag)
        .add("Vary", "Accept-Encoding");
    out.content_type = f.media_type;
    if (names_tag(r.header("if-none-match"), tag)) {
        out.status = 304;
        return out;
    }
    out.shared_body = coding == "br" ? f.br : coding == "gzip" ? f.gz : f.plain;
    if (!coding.empty()) out.add("Content-Encoding", std::string(coding));
    return out;
}

} // namespace wechat
