// core/base/mustache renders as kainjow's Mustache does: every template of ours and texts made at random,
// over models made at random.
#include "core/base/mustache.hpp"
#include "core/base/template.hpp"

#include <doctest/doctest.h>
#include <kainjow/mustache.hpp>

#include <algorithm>
#include <array>
#include <deque>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace km = kainjow::mustache;
using core::value;

// What kainjow asks for while it renders, taken out of a core::value.
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

std::string in_brackets(const std::string& s) {
    return "[" + s + "]";
}
void append_in_brackets(std::string& out, std::string_view s) {
    out.append("[").append(s).append("]");
}

std::string by_kainjow(const std::string& text, const value& model) {
    km::mustache one(text);
    REQUIRE_MESSAGE(one.is_valid(), one.error_message());
    one.set_custom_escape(in_brackets);
    value_context context(model, text, false);
    return one.render(context);
}

std::string by_us(const std::string& text, const value& model) {
    return core::mustache(text).render(model, {append_in_brackets, false, text});
}

// Names that stand in a template's tags.
std::vector<std::string> names_in(std::string_view text) {
    std::vector<std::string> all;
    for (auto at = text.find("{{"); at != std::string_view::npos; at = text.find("{{", at + 2)) {
        const auto from = text.find_first_not_of("{#^/&! ", at);
        const auto end = std::min(text.find_first_of("}. ", from), text.size());
        all.emplace_back(text.substr(from, end - from));
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

class maker {
  public:
    explicit maker(unsigned seed) : random_(seed) {}

    int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }

    value model(const std::vector<std::string>& names, int depth) {
        value made = value::object();
        for (const auto& name : names)
            if (below(6) > 0) made.set(name, any(names, depth));
        return made;
    }
    value any(const std::vector<std::string>& names, int depth) {
        switch (below(depth > 2 ? 6 : 9)) {
        case 0:
            return below(2) == 0;
        case 1:
            return below(1000) - 500;
        case 2:
            return {};
        case 3:
            return true;
        case 4:
        case 5:
            return text();
        case 6:
            return model(names, depth + 1);
        default:
            break;
        }
        value list = value::array();
        for (int n = below(4); n > 0; --n)
            list.push(below(3) == 0 ? value(text()) : model(names, depth + 1));
        return list;
    }
    std::string text() {
        static constexpr std::array<std::string_view, 7> some = {"",      " ",    "压力表 <1>", "a\nb",
                                                                 "\t \n", "&\"'", "{{name}}"};
        return std::string(some[static_cast<std::size_t>(below(some.size()))]);
    }
    // Texts with tags alone on their lines, indented, behind text, with all kinds of line ends.
    std::string mustache_text(int depth) {
        std::string out;
        for (int n = 1 + below(5); n > 0; --n) {
            const std::string name(1, static_cast<char>('a' + below(4)));
            switch (below(depth > 2 ? 6 : 8)) {
            case 0:
                out += "{{" + name + "}}";
                break;
            case 1:
                out += below(2) == 0 ? "{{{" + name + "}}}" : "{{& " + name + " }}";
                break;
            case 2:
                out += below(2) == 0 ? "{{! said }}" : "{{" + name + "." + name + "}}{{.}}";
                break;
            case 3:
                out += "  ";
                break;
            case 4:
                out += below(2) == 0 ? "\n" : below(2) == 0 ? "\r\n" : "\t\n";
                break;
            case 5:
                out += "文 x }} .";
                break;
            default:
                const bool lines = below(2) == 0;
                out += (below(3) == 0 ? "{{^ " : "{{#") + name + "}}" + (lines ? "\n" : "");
                out += mustache_text(depth + 1) + (lines ? "\n" : "") + "{{/" + name + "}}" +
                       (lines ? "\n" : "");
            }
        }
        return out;
    }

  private:
    std::mt19937 random_;
};

} // namespace

TEST_CASE("every template renders as kainjow renders it, over models made at random") {
    const core::template_set templates({});
    maker make(20261124);
    long compared = 0;
    for (const auto& name : templates.names()) {
        const std::string text = templates.source(name);
        if (text.find("{{>") != std::string::npos) continue; // pieces of the others
        const auto names = names_in(text);
        for (int i = 0; i < 10; ++i, ++compared) {
            const value model = make.model(names, 0);
            CAPTURE(name);
            CHECK(by_us(text, model) == by_kainjow(text, model));
        }
    }
    CHECK(compared > 500);
}

TEST_CASE("texts made at random render as kainjow renders them") {
    maker make(4);
    const std::vector<std::string> names = {"a", "b", "c", "d"};
    for (int i = 0; i < 20'000; ++i) {
        const std::string text = make.mustache_text(0);
        const value model = make.model(names, 0);
        CAPTURE(text);
        REQUIRE(by_us(text, model) == by_kainjow(text, model));
    }
}

TEST_CASE("what kainjow refuses is refused: tags and sections that are left open or never opened") {
    for (const std::string text :
         {"a {{b", "{{#a}}", "{{#a}}{{/b}}", "{{/a}}", "{{^a}}{{#b}}{{/a}}{{/b}}", "{{{a}}"}) {
        CAPTURE(text);
        CHECK_FALSE(km::mustache(text).is_valid());
        CHECK_THROWS_AS(core::mustache{text}, std::runtime_error);
    }
    CHECK_THROWS_AS(core::mustache{"{{=<% %>=}}"}, std::runtime_error); // nothing of ours needs it
}
