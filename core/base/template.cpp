#include "core/base/template.hpp"

#include "core/base/embedded.hpp"

#include <kainjow/mustache.hpp>

#include <fstream>
#include <map>
#include <mutex>
#include <sstream>
#include <stdexcept>

namespace core {
namespace {

namespace km = kainjow::mustache;
using sources = std::map<std::string, std::string, std::less<>>;

km::data to_data(const value& v) {
    if (const auto* b = v.as_bool()) return km::data(*b);
    if (const auto* n = v.as_number()) return km::data(std::to_string(*n));
    if (const auto* s = v.as_text()) return km::data(*s);
    if (const auto* l = v.as_list()) {
        km::data out(km::data::type::list);
        for (const auto& e : *l)
            out.push_back(to_data(e));
        return out;
    }
    if (const auto* m = v.as_members()) {
        km::data out(km::data::type::object);
        for (const auto& [key, e] : *m)
            out.set(key, to_data(e));
        return out;
    }
    return km::data(km::data::type::bool_false);
}

// kainjow renders unknown names as nothing; this context can refuse them.
class checking_context final : public km::context<std::string> {
  public:
    checking_context(const km::data* root, const std::string& name) : context(root), template_(name) {}
    const km::data* get(const std::string& name) const override {
        const auto* found = context::get(name);
        if (found == nullptr)
            throw std::logic_error("template " + template_ + ": the model has no '" + name + "'");
        return found;
    }

  private:
    const std::string& template_;
};

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

// Partials are put in place once, here: kainjow would parse them anew at every rendering.
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

std::string plain(const std::string& s) {
    return s;
}

} // namespace

struct template_set::state {
    options opts;
    sources texts;
    std::map<std::string, std::unique_ptr<km::mustache>, std::less<>> parsed;
    std::mutex reloading;

    void load() {
        texts = read_sources(opts.folder);
        parsed.clear();
        for (const auto& [name, text] : texts) {
            auto one = std::make_unique<km::mustache>(with_partials(texts, name, text, 0));
            if (!one->is_valid()) throw std::runtime_error("template " + name + ": " + one->error_message());
            if (!ends_with_html(name)) one->set_custom_escape(plain);
            parsed[name] = std::move(one);
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
    const km::data data = to_data(model);
    if (!state_->opts.strict) return found->second->render(data);
    checking_context context(&data, found->first);
    return found->second->render(context);
}

std::string template_set::render_text(std::string_view text, const value& model, bool strict) {
    km::mustache one{std::string(text)};
    if (!one.is_valid()) throw std::runtime_error("mustache text: " + one.error_message());
    one.set_custom_escape(plain);
    const km::data data = to_data(model);
    if (!strict) return one.render(data);
    const std::string name(text);
    checking_context context(&data, name);
    return one.render(context);
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
