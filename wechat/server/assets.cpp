#include "wechat/server/assets.hpp"

#include "core/base/embedded.hpp"
#include "core/base/json.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace wechat {
namespace {

std::string_view media_type_of(std::string_view name) {
    if (name.ends_with(".css")) return "text/css; charset=utf-8";
    if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
    if (name.ends_with(".svg")) return "image/svg+xml";
    if (name.ends_with(".txt")) return "text/plain; charset=utf-8";
    return "application/octet-stream";
}

// Whether an Accept-Encoding takes `coding`: listed and not with q=0.
bool takes(std::string_view accept, std::string_view coding) {
    const auto at = accept.find(coding);
    if (at == std::string_view::npos) return false;
    const auto rest = accept.substr(at + coding.size());
    const auto part = rest.substr(0, rest.find(','));
    const auto q = part.find("q=0");
    return q == std::string_view::npos || part.find_first_of("123456789", q + 3) != std::string_view::npos;
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
    response out;
    const std::string tag = "\"" + at->first + "\"";
    out.add("Cache-Control", "public, max-age=31536000, immutable")
        .add("ETag", tag)
        .add("Vary", "Accept-Encoding");
    out.content_type = at->second.media_type;
    if (r.header("if-none-match") == tag) {
        out.status = 304;
        return out;
    }
    const auto accept = r.header("accept-encoding");
    out.shared_body = at->second.plain;
    if (!at->second.br.empty() && takes(accept, "br")) {
        out.shared_body = at->second.br;
        out.add("Content-Encoding", "br");
    } else if (!at->second.gz.empty() && takes(accept, "gzip")) {
        out.shared_body = at->second.gz;
        out.add("Content-Encoding", "gzip");
    }
    return out;
}

} // namespace wechat
