#include "core/base/template.hpp"

#include "core/base/embedded.hpp"
#include "core/base/mustache.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace core {
namespace {

using sources = std::map<std::string, std::string, std::less<>>;

bool ends_with_html(std::string_view name) {
    return name.ends_with(".html");
}

bool is_template_file(std::string_view name) {
    return name.ends_with(".html") || name.ends_with(".txt") || name.ends_with(".tmpl") ||
           name.ends_with(".json");
}

std::string ending_of(std::string_view name) {
    const auto dot = name.rfind('.');
    return dot == std::string_view::npos ? std::string() : std::string(name.substr(dot));
}

sources read_sources(const std::filesystem::path& folder) {
    sources found;
    constexpr std::string_view prefix = "templates/";
    for (const auto& file : embedded_files())
        if (file.name.starts_with(prefix) && is_template_file(file.name))
            found[std::string(file.name.substr(prefix.size()))] = std::string(file.bytes);
    if (folder.empty()) return found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        const auto name = std::filesystem::relative(entry.path(), folder).generic_string();
        if (!entry.is_regular_file() || !is_template_file(name) || name.starts_with("assets/")) continue;
        std::ifstream in(entry.path(), std::ios::binary);
        std::ostringstream text;
        text << in.rdbuf();
        found[name] = text.str();
    }
    return found;
}

// Partials are put in place once, here.
std::string with_partials(const sources& all, const std::string& name, std::string_view text, int depth) {
    if (depth > 16)
        throw std::runtime_error("template " + name + ": partials nest too deeply or in a circle");
    std::string out;
    for (;;) {
        const auto open = text.find("{{>");
        if (open == std::string_view::npos) return out.append(text);
        const auto close = text.find("}}", open);
        if (close == std::string_view::npos)
            throw std::runtime_error("template " + name + ": {{> is not closed");
        std::string partial(text.substr(open + 3, close - open - 3));
        std::erase(partial, ' ');
        auto found = all.find(partial);
        if (found == all.end()) found = all.find(partial + ending_of(name));
        if (found == all.end())
            throw std::runtime_error("template " + name + ": no partial '" + partial + "'");
        std::string_view body = found->second;
        if (body.ends_with('\n')) body.remove_suffix(1);
        out.append(text.substr(0, open)).append(with_partials(all, found->first, body, depth + 1));
        text.remove_prefix(close + 2);
    }
}

// In a text, a line that holds nothing but a section's closing tag is no line, also when the section is not
// shown (the engine leaves it empty then): what belongs to a case can be written on lines of its own. The
// opposite section, with nothing in it, stands behind such a tag.
std::string with_tag_lines(std::string_view text) {
    std::string out;
    std::vector<char> signs;
    std::size_t copied = 0;
    for (auto open = text.find("{{"); open != std::string_view::npos; open = text.find("{{", open + 2)) {
        const auto close = text.find("}}", open);
        if (close == std::string_view::npos || open + 2 == close) break; // refused when it is parsed
        const char sign = text[open + 2];
        if (sign == '#' || sign == '^') signs.push_back(sign);
        if (sign != '/' || signs.empty()) continue;
        const char opened = signs.back();
        signs.pop_back();
        const bool alone =
            (open == 0 || text[open - 1] == '\n') && (close + 2 == text.size() || text[close + 2] == '\n');
        if (!alone) continue;
        const std::string name(text.substr(open + 3, close - open - 3));
        out.append(text.substr(copied, close + 2 - copied));
        out.append(opened == '#' ? "{{^" : "{{#").append(name).append("}}{{/").append(name).append("}}");
        copied = close + 2;
    }
    return out.append(text.substr(copied));
}

void append_plain(std::string& out, std::string_view s) {
    out.append(s);
}

// What is written for a character in HTML, when not itself. Control characters are none of HTML's: what
// somebody typed with them is shown without them (S8).
struct replacement {
    bool is_one = false;
    std::string_view text;
};
replacement replaced(char c) {
    switch (c) {
    case '&':
        return {true, "&amp;"};
    case '<':
        return {true, "&lt;"};
    case '>':
        return {true, "&gt;"};
    case '"':
        return {true, "&quot;"};
    case '\'':
        return {true, "&apos;"};
    case '\n':
    case '\r':
    case '\t':
        return {};
    default:
        return {static_cast<unsigned char>(c) < ' ' || c == 0x7f, {}};
    }
}

void append_html(std::string& out, std::string_view s) {
    std::size_t copied = 0;
    for (std::size_t i = 0; i < s.size(); ++i) {
        const auto r = replaced(s[i]);
        if (!r.is_one) continue;
        out.append(s.substr(copied, i - copied)).append(r.text);
        copied = i + 1;
    }
    out.append(s.substr(copied));
}

} // namespace

struct template_set::state {
    options opts;
    sources texts;
    std::map<std::string, mustache, std::less<>> parsed;
    std::mutex reloading;

    void load() {
        texts = read_sources(opts.folder);
        parsed.clear();
        for (const auto& [name, text] : texts) {
            try {
                std::string whole = with_partials(texts, name, text, 0);
                if (name.ends_with(".txt")) whole = with_tag_lines(whole);
                parsed.emplace(name, mustache(whole));
            } catch (const std::runtime_error& e) {
                const std::string what = e.what();
                throw std::runtime_error(what.starts_with("template ") ? what
                                                                       : "template " + name + ": " + what);
            }
        }
    }
};

template_set::template_set(options o) : state_(std::make_unique<state>()) {
    state_->opts = std::move(o);
    state_->load();
}

template_set::~template_set() = default;

std::string template_set::render(std::string_view name, const value& model) const {
    std::unique_lock<std::mutex> guard(state_->reloading, std::defer_lock);
    if (state_->opts.reload) {
        guard.lock();
        state_->load();
    }
    const auto found = state_->parsed.find(name);
    if (found == state_->parsed.end()) throw std::out_of_range("no template " + std::string(name));
    const auto escape = ends_with_html(found->first) ? append_html : append_plain;
    return found->second.render(model, {escape, state_->opts.strict, found->first});
}

std::string template_set::render_text(std::string_view text, const value& model, bool strict) {
    return mustache(text).render(model, {append_plain, strict, text});
}

bool template_set::has(std::string_view name) const {
    return state_->texts.contains(name);
}

std::vector<std::string> template_set::names() const {
    std::vector<std::string> out;
    for (const auto& [name, text] : state_->texts)
        out.push_back(name);
    return out;
}

std::string template_set::source(std::string_view name) const {
    const auto found = state_->texts.find(name);
    if (found == state_->texts.end()) throw std::out_of_range("no template " + std::string(name));
    return found->second;
}

} // namespace core
