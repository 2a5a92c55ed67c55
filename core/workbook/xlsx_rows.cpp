#include "core/workbook/number_format.hpp"
#include "core/workbook/xlsx_book.hpp"
#include "core/workbook/xml_cutter.hpp"

#include <pugixml.hpp>

#include <charconv>
#include <deque>

namespace core::workbook {
namespace {

constexpr std::size_t most_merged = 100'000;
constexpr std::uint32_t last_row = 1'048'576;
constexpr unsigned fragments = pugi::parse_escapes | pugi::parse_eol | pugi::parse_cdata |
                               pugi::parse_ws_pcdata_single | pugi::parse_fragment;

std::string_view local(const char* name) {
    const std::string_view all(name);
    const auto colon = all.rfind(':');
    return colon == std::string_view::npos ? all : all.substr(colon + 1);
}

bool load(pugi::xml_document& to, char* bytes, std::size_t size) {
    return static_cast<bool>(to.load_buffer_inplace(bytes, size, fragments, pugi::encoding_utf8));
}

std::optional<std::uint32_t> parse_unsigned(std::string_view s) {
    std::uint32_t n = 0;
    const auto end = std::from_chars(s.data(), s.data() + s.size(), n);
    if (s.empty() || end.ec != std::errc() || end.ptr != s.data() + s.size()) return std::nullopt;
    return n;
}

// The text of `<si>` or `<is>`: plain, or runs one after another. Phonetic hints (rPh) are no part of it.
std::string rich_text(pugi::xml_node of) {
    std::string all;
    for (const auto n : of.children()) {
        if (local(n.name()) == "t") all += n.child_value();
        if (local(n.name()) != "r") continue;
        for (const auto t : n.children())
            if (local(t.name()) == "t") all += t.child_value();
    }
    return all;
}

int hex_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

// The code unit of "_x1234_" at the front, -1 for anything else.
int escaped_unit(std::string_view s) {
    if (s.size() < 7 || s[0] != '_' || s[1] != 'x' || s[6] != '_') return -1;
    int unit = 0;
    for (std::size_t i = 2; i < 6; ++i) {
        if (hex_of(s[i]) < 0) return -1;
        unit = unit * 16 + hex_of(s[i]);
    }
    return unit;
}

void append_point(std::string& to, unsigned point) {
    if (point < 0x80) {
        to += static_cast<char>(point);
        return;
    }
    const auto tail = [&](unsigned shift) { to += static_cast<char>(0x80 | ((point >> shift) & 0x3F)); };
    if (point < 0x800) {
        to += static_cast<char>(0xC0 | (point >> 6));
    } else if (point < 0x10000) {
        to += static_cast<char>(0xE0 | (point >> 12));
        tail(6);
    } else {
        to += static_cast<char>(0xF0 | (point >> 18));
        tail(12);
        tail(6);
    }
    tail(0);
}

class xlsx_rows final : public rows {
  public:
    xlsx_rows(const xlsx_context& context, part in, std::vector<area> merged)
        : context_(&context), in_(std::move(in)), merged_(std::move(merged)),
          cut_([this](char* to, std::size_t most) { return in_.read(to, most); }, "sheetData", "row") {}

    result<bool> next(row& to) override {
        to.cells.clear();
        scratch_.clear();
        while (!at_) {
            const auto some = cut_.next();
            if (!some) return some.error();
            if (some->empty()) return false;
            if (!load(batch_, cut_.data(), some->size())) return error(errc::invalid, "workbook.corrupt");
            at_ = first_row(batch_.first_child());
        }
        if (auto r = read_row(at_, to); !r) return r.error();
        at_ = first_row(at_.next_sibling());
        fill_merged(to);
        if (!to.cells.empty() && ++count_ > context_->most.rows) return error(errc::invalid, "workbook.rows");
        return true;
    }

  private:
    static pugi::xml_node first_row(pugi::xml_node n) {
        while (n && local(n.name()) != "row")
            n = n.next_sibling();
        return n;
    }

    result<> read_row(pugi::xml_node n, row& to) {
        const std::uint32_t before = number_;
        to.is_hidden = false;
        ++number_;
        for (const auto a : n.attributes()) {
            const std::string_view name(a.name());
            if (name == "r") number_ = parse_unsigned(a.value()).value_or(0);
            if (name == "hidden") to.is_hidden = std::string_view(a.value()) == "1" || a.as_bool();
        }
        if (number_ <= before || number_ > last_row) return error(errc::invalid, "workbook.corrupt");
        to.number = number_;
        std::uint32_t column = 0;
        for (const auto c : n.children()) {
            if (local(c.name()) != "c") continue;
            if (auto r = read_cell(c, column, to); !r) return r;
            ++column;
        }
        return {};
    }

    // `column` comes in as the one after the last cell, and goes out as that of this cell.
    result<> read_cell(pugi::xml_node n, std::uint32_t& column, row& to) {
        std::string_view reference, type;
        std::uint32_t style = 0;
        for (const auto a : n.attributes()) {
            const std::string_view name(a.name());
            if (name == "r")
                reference = a.value();
            else if (name == "t")
                type = a.value();
            else if (name == "s")
                style = parse_unsigned(a.value()).value_or(0);
        }
        if (!reference.empty()) {
            std::uint32_t where = 0, line = 0;
            if (!parse_reference(reference, where, line) || line != number_ || where < column)
                return error(errc::invalid, "workbook.corrupt");
            column = where;
        }
        cell c;
        c.column = column;
        if (auto r = read_value(n, type, style, c); !r) return r;
        if (c.kind == cell_kind::empty) return {};
        if (column >= context_->most.columns) return error(errc::invalid, "workbook.columns");
        to.cells.push_back(c);
        return {};
    }

    result<> read_value(pugi::xml_node n, std::string_view type, std::uint32_t style, cell& c) {
        const char* stored = nullptr;
        pugi::xml_node inline_text;
        bool is_formula = false;
        for (const auto v : n.children()) {
            if (local(v.name()) == "v") stored = v.child_value();
            if (local(v.name()) == "is") inline_text = v;
            if (local(v.name()) == "f") is_formula = true;
        }
        if (type == "inlineStr") {
            text_cell(c, text_in(inline_text));
            return {};
        }
        if (stored == nullptr) {
            if (is_formula) c.kind = cell_kind::formula;
            return {};
        }
        const std::string_view v(stored);
        if (type == "s") return shared_cell(c, v);
        if (type == "str")
            text_cell(c, unescaped(v));
        else if (type == "b")
            c = {.column = c.column,
                 .kind = cell_kind::boolean,
                 .text = v == "1" || v == "true" ? "TRUE" : "FALSE"};
        else if (type == "e")
            c = {.column = c.column, .kind = cell_kind::error, .text = v};
        else if (type == "d") {
            text_cell(c, v);
            c.is_date = c.kind == cell_kind::text;
        } else
            number_cell(c, v, style);
        return {};
    }

    // Nearly every text is one piece without escapes, and stays where it is.
    std::string_view unescaped(std::string_view text) {
        return text.find("_x") == std::string_view::npos ? text : keep(unescape(text));
    }
    std::string_view text_in(pugi::xml_node of) {
        const auto first = of.first_child();
        if (first && !first.next_sibling() && local(first.name()) == "t")
            return unescaped(first.child_value());
        return keep(unescape(rich_text(of)));
    }

    static void text_cell(cell& c, std::string_view text) {
        c.kind = text.empty() ? cell_kind::empty : cell_kind::text;
        c.text = text;
    }

    result<> shared_cell(cell& c, std::string_view v) {
        const auto i = parse_unsigned(v);
        if (!i || *i >= context_->strings.size()) return error(errc::invalid, "workbook.corrupt");
        text_cell(c, context_->strings.at(*i));
        return {};
    }

    void number_cell(cell& c, std::string_view v, std::uint32_t style) {
        const auto end = std::from_chars(v.data(), v.data() + v.size(), c.number);
        if (end.ec != std::errc() || end.ptr != v.data() + v.size()) return text_cell(c, v);
        c.kind = cell_kind::number;
        c.text = v;
        c.is_date = style < context_->date_styles.size() && context_->date_styles[style];
        if (style < context_->digits.size()) c.digits = context_->digits[style];
    }

    std::string_view keep(std::string text) { return scratch_.emplace_back(std::move(text)); }

    // ---- merged areas: the first cell's value holds for the whole first column of the area

    struct running {
        area where;
        cell_kind kind = cell_kind::empty;
        bool is_date = false;
        std::uint8_t digits = 0;
        double number = 0;
        std::string text;
    };

    void fill_merged(row& to) {
        std::erase_if(running_, [&](const running& m) { return m.where.bottom < to.number; });
        for (; next_merged_ < merged_.size() && merged_[next_merged_].top <= to.number; ++next_merged_)
            if (merged_[next_merged_].bottom >= to.number) begin_merged(merged_[next_merged_], to);
        for (const auto& m : running_)
            mark_merged(m, to);
    }

    void begin_merged(const area& where, const row& in) {
        running m;
        m.where = where;
        for (const auto& c : in.cells) {
            if (in.number != where.top || c.column != where.left) continue;
            m.kind = c.kind;
            m.is_date = c.is_date;
            m.digits = c.digits;
            m.number = c.number;
            m.text = c.text;
        }
        if (running_.size() < context_->most.columns) running_.push_back(std::move(m));
    }

    static void mark_merged(const running& m, row& to) {
        const std::uint32_t from = to.number == m.where.top ? m.where.left + 1 : m.where.left;
        const std::uint32_t end = std::min<std::uint32_t>(m.where.right, m.where.left + 255);
        for (std::uint32_t column = from; column <= end; ++column) {
            cell c;
            c.column = column;
            c.is_merged = true;
            if (column == m.where.left) {
                c.kind = m.kind;
                c.is_date = m.is_date;
                c.digits = m.digits;
                c.number = m.number;
                c.text = m.text;
            }
            put(to, c);
        }
    }

    static void put(row& to, const cell& c) {
        auto at = to.cells.begin();
        while (at != to.cells.end() && at->column < c.column)
            ++at;
        if (at != to.cells.end() && at->column == c.column)
            *at = c;
        else
            to.cells.insert(at, c);
    }

    const xlsx_context* context_;
    part in_;
    std::vector<area> merged_;
    std::size_t next_merged_ = 0;
    std::vector<running> running_;
    xml_cutter cut_;
    pugi::xml_document batch_;
    pugi::xml_node at_;
    std::deque<std::string> scratch_;
    std::uint32_t number_ = 0;
    std::size_t count_ = 0;
};

} // namespace

bool parse_reference(std::string_view s, std::uint32_t& column, std::uint32_t& line) {
    std::uint32_t letters = 0;
    std::size_t i = 0;
    for (; i < s.size() && i < 4 && s[i] >= 'A' && s[i] <= 'Z'; ++i)
        letters = letters * 26 + static_cast<std::uint32_t>(s[i] - 'A' + 1);
    const auto n = parse_unsigned(s.substr(i));
    if (letters == 0 || letters > 16'384 || !n || *n == 0 || *n > last_row) return false;
    column = letters - 1;
    line = *n;
    return true;
}

std::string unescape(std::string_view s) {
    std::string out;
    unsigned high = 0; // first half of a pair
    for (std::size_t i = 0; i < s.size();) {
        const int unit = escaped_unit(s.substr(i));
        if (unit < 0) {
            out += s[i++];
            high = 0;
            continue;
        }
        i += 7;
        const auto u = static_cast<unsigned>(unit);
        if (u >= 0xDC00 && u < 0xE000 && high != 0)
            append_point(out, 0x10000 + ((high - 0xD800) << 10) + (u - 0xDC00));
        else if (u < 0xD800 || u >= 0xE000)
            append_point(out, u);
        high = u >= 0xD800 && u < 0xDC00 ? u : 0;
    }
    return out;
}

result<> parse_merged(char* bytes, std::size_t size, std::vector<area>& to) {
    pugi::xml_document doc;
    if (!load(doc, bytes, size)) return error(errc::invalid, "workbook.corrupt");
    for (const auto n : doc.children()) {
        if (local(n.name()) != "mergeCell") continue;
        const std::string_view ref(n.attribute("ref").value());
        const auto colon = ref.find(':');
        area a;
        if (!parse_reference(ref.substr(0, colon), a.left, a.top))
            return error(errc::invalid, "workbook.corrupt");
        if (colon == std::string_view::npos) continue;
        if (!parse_reference(ref.substr(colon + 1), a.right, a.bottom) || a.right < a.left ||
            a.bottom < a.top)
            return error(errc::invalid, "workbook.corrupt");
        to.push_back(a);
        if (to.size() > most_merged) return error(errc::invalid, "workbook.too_large");
    }
    return {};
}

result<> parse_strings(char* bytes, std::size_t size, text_table& to) {
    pugi::xml_document doc;
    if (!load(doc, bytes, size)) return error(errc::invalid, "workbook.corrupt");
    for (const auto n : doc.children()) {
        if (local(n.name()) != "si") continue;
        const auto first = n.first_child();
        if (first && !first.next_sibling() && local(first.name()) == "t") {
            const std::string_view plain(first.child_value());
            if (plain.find("_x") == std::string_view::npos)
                to.push(plain);
            else
                to.push(unescape(plain));
        } else {
            to.push(unescape(rich_text(n)));
        }
    }
    return {};
}

result<std::unique_ptr<rows>> open_xlsx_rows(const xlsx_context& context, part in, std::vector<area> merged) {
    return std::unique_ptr<rows>(std::make_unique<xlsx_rows>(context, std::move(in), std::move(merged)));
}

} // namespace core::workbook
