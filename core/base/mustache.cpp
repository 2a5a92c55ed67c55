#include "core/base/mustache.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <stdexcept>

namespace core {
namespace {

const value nothing;

bool is_shown(const value& v) {
    if (const auto* b = v.as_bool()) return *b;
    if (const auto* l = v.as_list()) return !l->empty();
    return !v.is_null();
}

// Innermost first; "asset.staff_css" is looked up whole at each level.
const value* find(const std::vector<const value*>& levels, std::string_view path) {
    if (path == ".") return levels.back();
    for (auto level = levels.rbegin(); level != levels.rend(); ++level) {
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

std::runtime_error fault(const char* what, std::string_view name) {
    return std::runtime_error(std::string(what) + " \"" + std::string(name) + "\"");
}

} // namespace

mustache::mustache(std::string_view text) {
    std::vector<std::size_t> open; // sections
    for (std::size_t at = 0; at < text.size();) {
        const auto tag = std::min(text.find("{{", at), text.size());
        add_text(text.substr(at, tag - at));
        if (tag == text.size()) break;
        const bool raw = text.substr(tag + 2, 1) == "{";
        const std::string_view closing = raw ? "}}}" : "}}";
        const auto inside = tag + (raw ? 3 : 2);
        const auto end = text.find(closing, inside);
        if (end == std::string_view::npos) throw std::runtime_error("unclosed tag at " + std::to_string(tag));
        add_tag(trim(text.substr(inside, end - inside)), raw, open);
        at = end + closing.size();
    }
    if (!open.empty()) throw fault("unclosed section", pieces_[open.back()].text);
}

void mustache::add_text(std::string_view text) {
    while (!text.empty()) {
        const auto line = std::min(text.find_first_of("\r\n"), text.size());
        if (line > 0) pieces_.push_back({kind::text, std::string(text.substr(0, line))});
        text.remove_prefix(line);
        if (text.empty()) return;
        const std::size_t length = text.starts_with("\r\n") ? 2 : 1;
        pieces_.push_back({kind::newline, std::string(text.substr(0, length))});
        text.remove_prefix(length);
    }
}

void mustache::add_tag(std::string_view inside, bool raw, std::vector<std::size_t>& open) {
    const char sign = raw || inside.empty() ? ' ' : inside.front();
    if (raw || std::string_view("#^/&!>=").find(sign) == std::string_view::npos) {
        pieces_.push_back({raw ? kind::raw_variable : kind::variable, std::string(inside)});
        return;
    }
    const std::string name(trim(inside.substr(1)));
    switch (sign) {
    case '#':
    case '^':
        open.push_back(pieces_.size());
        pieces_.push_back({sign == '#' ? kind::section : kind::inverted, name});
        return;
    case '/':
        if (open.empty()) throw fault("unopened section", name);
        if (pieces_[open.back()].text != name) throw fault("unclosed section", pieces_[open.back()].text);
        pieces_[open.back()].end = pieces_.size();
        open.pop_back();
        return;
    case '&':
        pieces_.push_back({kind::raw_variable, name});
        return;
    case '=':
        throw std::runtime_error("delimiters cannot be changed");
    default: // a comment, or a partial that nobody put in place
        return;
    }
}

class mustache::rendering {
  public:
    rendering(const std::vector<piece>& pieces, const value& model, const options& o)
        : pieces_(&pieces), options_(&o) {
        levels_.reserve(8);
        levels_.push_back(&model);
    }

    std::string run() {
        out_.reserve(1024);
        run(0, pieces_->size());
        end_line({});
        return std::move(out_);
    }

  private:
    void run(std::size_t from, std::size_t to) {
        for (std::size_t i = from; i < to;) {
            const piece& p = (*pieces_)[i];
            switch (p.what) {
            case kind::text:
                out_.append(p.text);
                break;
            case kind::newline:
                end_line(p.text);
                break;
            case kind::variable:
            case kind::raw_variable:
                put(get(p.text), p.what == kind::variable);
                break;
            case kind::section:
            case kind::inverted:
                section(p, i + 1);
                i = p.end;
                continue;
            }
            ++i;
        }
    }

    void section(const piece& p, std::size_t from) {
        const value* v = get(p.text);
        const bool shown = v != nullptr && is_shown(*v);
        if (shown != (p.what == kind::section)) return;
        const auto* list = v == nullptr ? nullptr : v->as_list();
        if (shown && list != nullptr) {
            for (const value& element : *list)
                inside(&element, from, p.end);
            return;
        }
        // A text or flag has nothing inside; "." is nothing there either.
        inside(v == nullptr || v->as_members() != nullptr ? v : &nothing, from, p.end);
    }

    void inside(const value* level, std::size_t from, std::size_t to) {
        section_in_line_ = true;
        if (level != nullptr) levels_.push_back(level);
        run(from, to);
        if (level != nullptr) levels_.pop_back();
        section_in_line_ = true;
    }

    // A line with a section's tag and nothing else but blanks is no line.
    void end_line(std::string_view newline) {
        if (section_in_line_ && out_.find_first_not_of(" \t", line_) == std::string::npos)
            out_.resize(line_);
        else
            out_.append(newline);
        line_ = out_.size();
        section_in_line_ = false;
    }

    const value* get(std::string_view name) const {
        const value* v = find(levels_, name);
        if (v == nullptr && options_->strict)
            throw std::logic_error("template " + std::string(options_->name) + ": the model has no '" +
                                   std::string(name) + "'");
        return v;
    }

    void put(const value* v, bool escaped) {
        if (v == nullptr) return;
        if (const auto* text = v->as_text()) put_text(*text, escaped);
        if (const auto* n = v->as_number()) put_text(std::to_string(*n), escaped);
    }
    void put_text(const std::string& text, bool escaped) {
        if (escaped)
            options_->escape(out_, text);
        else
            out_.append(text);
    }

    const std::vector<piece>* pieces_;
    const options* options_;
    std::vector<const value*> levels_;
    std::string out_;
    std::size_t line_ = 0; // where the line being made begins
    bool section_in_line_ = false;
};

std::string mustache::render(const value& model, const options& o) const {
    return rendering(pieces_, model, o).run();
}

} // namespace core
