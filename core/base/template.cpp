#include "core/base/template.hpp"

#include "core/base/embedded.hpp"

#include <kainjow/mustache.hpp>

#include <algorithm>
#include <deque>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>
#include <stdexcept>

namespace core {
namespace {

namespace km = kainjow::mustache;
using sources = std::map<std::string, std::string, std::less<>>;

// What kainjow asks for while it renders, taken straight out of a core::value: only the names a template uses
// are turned into kainjow's data. (Building the whole tree beforehand copied every text three times: it was
// most of the time of a chat reply with ten orders.) kainjow renders unknown names as nothing; strict refuses
// them.
class value_context final : public km::basic_context<std::string> {
  public:
    value_context(const value& root, std::string_view name, bool strict) : template_(name), strict_(strict) {
        stack_.push_back(&root);
    }
    void push(const km::data* d) override { stack_.push_back(value_behind(d)); }
    void pop() override { stack_.pop_back(); }
    const km::data* get(const std::string& name) const override {
        const value* found = name == "." ? stack_.back() : find(name);
        if (found != nullptr) return data_of(*found);
        if (strict_)
            throw std::logic_error("template " + std::string(template_) + ": the model has no '" + name +
                                   "'");
        return nullptr;
    }
    const km::data* get_partial(const std::string&) const override {
        return nullptr;
    } // put in place at loading

  private:
    struct behind { // which values the elements of a piece of kainjow's data stand for
        const km::data* first;
        std::size_t count;
        const value* values;
    };

    // Innermost first; "asset.staff_css" is looked up whole at each level.
    const value* find(std::string_view path) const {
        for (auto level = stack_.rbegin(); level != stack_.rend(); ++level) {
            const value* v = *level;
            for (std::string_view rest = path; v != nullptr && !rest.empty();) {
                const auto dot = std::min(rest.find('.'), rest.size());
                v = v->find(rest.substr(0, dot));
                rest.remove_prefix(std::min(dot + 1, rest.size()));
            }
            if (v != nullptr) return v;
        }
        return nullptr;
    }

    const km::data* data_of(const value& v) const {
        static const km::data yes(true), no(false);
        if (const auto* b = v.as_bool()) return *b ? &yes : &no;
        if (const auto* s = v.as_text()) return &made_.emplace_back(*s);
        if (const auto* n = v.as_number()) return &made_.emplace_back(std::to_string(*n));
        if (const auto* l = v.as_list()) {
            auto& list = made_.emplace_back(km::data::type::list);
            for (std::size_t i = 0; i < l->size(); ++i)
                list.push_back(no);
            if (!l->empty()) behind_.push_back({list.list_value().data(), l->size(), l->data()});
            return &list;
        }
        if (v.as_members() == nullptr) return &no;
        const auto& object = made_.emplace_back(km::data::type::object);
        behind_.push_back({&object, 1, &v});
        return &object;
    }

    // Of an element of a list, or an object; texts and flags have nothing inside.
    const value* value_behind(const km::data* d) const {
        static const value nothing;
        for (auto b = behind_.rbegin(); b != behind_.rend(); ++b)
            if (d >= b->first && d < b->first + b->count) return b->values + (d - b->first);
        return &nothing;
    }

    std::string_view template_;
    bool strict_;
    std::vector<const value*> stack_;
    mutable std::deque<km::data> made_; // stays where it is
    mutable std::vector<behind> behind_;
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

// Control characters are none of HTML's: what somebody typed with them is shown without them (S8).
std::string html_text(const std::string& s) {
    std::string out;
    out.reserve(s.size() + s.size() / 8);
    for (const char c : s) {
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '"')
            out += "&quot;";
        else if (c == '\'')
            out += "&apos;";
        else if ((static_cast<unsigned char>(c) >= ' ' && c != 0x7f) || c == '\n' || c == '\r' || c == '\t')
            out += c;
    }
    return out;
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
            one->set_custom_escape(ends_with_html(name) ? html_text : plain);
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
    value_context context(model, found->first, state_->opts.strict);
    return found->second->render(context);
}

std::string template_set::render_text(std::string_view text, const value& model, bool strict) {
    km::mustache one{std::string(text)};
    if (!one.is_valid()) throw std::runtime_error("mustache text: " + one.error_message());
    one.set_custom_escape(plain);
    value_context context(model, text, strict);
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
