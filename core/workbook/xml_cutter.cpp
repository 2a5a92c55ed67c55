#include "core/workbook/xml_cutter.hpp"

#include "core/base/text.hpp"

#include <cstring>

namespace core::workbook {
namespace {

constexpr std::size_t chunk = 64u << 10;
constexpr std::size_t enough = chunk / 2; // for one answer
constexpr std::size_t most_of_a_child = 8u << 20;
constexpr int deepest = 64;

bool ends_name(char c) {
    return c == ' ' || c == '>' || c == '/' || c == '\t' || c == '\n' || c == '\r';
}

std::string_view local_name(std::string_view name) {
    const auto colon = name.rfind(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

// The '>' of the tag that begins at `from`; one inside a quoted attribute value is not it.
std::size_t find_tag_end(std::string_view s, std::size_t from) {
    for (std::size_t i = from; i < s.size(); ++i) {
        if (s[i] == '>') return i;
        if (s[i] != '"' && s[i] != '\'') continue;
        i = s.find(s[i], i + 1);
        if (i == std::string_view::npos) break;
    }
    return std::string_view::npos;
}

} // namespace

bool is_utf8_xml(std::string_view bytes) {
    if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) return false;
    const std::string head = to_lower_ascii(bytes.substr(0, 200));
    const auto end = head.find("?>");
    const auto at = head.find("encoding");
    if (at == std::string::npos || end == std::string::npos || at > end) return true;
    const std::string_view declared = std::string_view(head).substr(at, end - at);
    return declared.find("utf-8") != std::string::npos || declared.find("utf8") != std::string::npos;
}

xml_cutter::xml_cutter(source from, std::string_view parent, std::string_view child)
    : from_(std::move(from)), parent_(parent), child_(child) {}

result<bool> xml_cutter::fill() {
    const std::size_t keep = inside_child_ ? child_begin_ : at_;
    buffer_.erase(0, keep);
    at_ -= keep;
    child_begin_ = 0;
    if (buffer_.size() > most_of_a_child) return error(errc::invalid, "workbook.too_large");
    const std::size_t old = buffer_.size();
    buffer_.resize(old + chunk);
    const auto n = from_(buffer_.data() + old, chunk);
    if (!n) return n.error();
    buffer_.resize(old + *n);
    if (!begun_ && !is_utf8_xml(buffer_)) return error(errc::invalid, "workbook.corrupt");
    return *n > 0;
}

xml_cutter::step xml_cutter::skip_past(std::string_view end, std::size_t from) {
    const auto found = buffer_.find(end, from);
    if (found == std::string::npos) return step::need_more;
    at_ = found + end.size();
    return step::tag;
}

void xml_cutter::close_child() {
    if (!has_batch_) batch_begin_ = child_begin_;
    inside_child_ = false;
    has_batch_ = true;
    batch_end_ = tag_end_;
}

void xml_cutter::open_tag(std::string_view name, bool closed_at_once) {
    begun_ = true;
    if (!inside_child_ && parent_depth_ == depth_ && name == child_) {
        child_begin_ = tag_begin_;
        inside_child_ = true;
        if (closed_at_once) close_child();
    } else if (parent_depth_ < 0 && name == parent_ && !closed_at_once) {
        parent_depth_ = depth_ + 1;
    }
    if (!closed_at_once) ++depth_;
}

void xml_cutter::close_tag(std::string_view name) {
    --depth_;
    if (inside_child_ && depth_ == parent_depth_) {
        close_child();
    } else if (depth_ + 1 == parent_depth_ && name == parent_) {
        parent_depth_ = -1;
    }
}

xml_cutter::step xml_cutter::take_tag(std::size_t end) {
    const std::string_view all(buffer_);
    tag_begin_ = at_;
    tag_end_ = end + 1;
    const bool closing = all[at_ + 1] == '/';
    std::size_t name_end = at_ + 1 + (closing ? 1 : 0);
    const std::size_t name_begin = name_end;
    while (name_end < end && !ends_name(all[name_end]))
        ++name_end;
    const auto name = local_name(all.substr(name_begin, name_end - name_begin));
    if (name.empty()) return step::wrong;
    if (closing)
        close_tag(name);
    else
        open_tag(name, all[end - 1] == '/');
    if (depth_ < 0 || depth_ > deepest) return step::wrong;
    at_ = tag_end_;
    return step::tag;
}

// Goes past one tag, comment, CDATA section or instruction.
xml_cutter::step xml_cutter::scan_one() {
    const auto* open = static_cast<const char*>(std::memchr(buffer_.data() + at_, '<', buffer_.size() - at_));
    if (open == nullptr) {
        at_ = buffer_.size();
        return step::need_more;
    }
    at_ = static_cast<std::size_t>(open - buffer_.data());
    const std::string_view rest = std::string_view(buffer_).substr(at_);
    if (rest.size() < 2) return step::need_more;
    if (rest[1] == '?') return skip_past("?>", at_ + 2);
    if (rest[1] == '!') {
        if (rest.size() < 9) return step::need_more;
        if (rest.starts_with("<!--")) return skip_past("-->", at_ + 4);
        if (rest.starts_with("<![CDATA[")) return skip_past("]]>", at_ + 9);
        doctype_ = true;
        return step::wrong;
    }
    const auto end = find_tag_end(buffer_, at_);
    return end == std::string::npos ? step::need_more : take_tag(end);
}

result<std::string_view> xml_cutter::next() {
    has_batch_ = false;
    for (;;) {
        const step s = scan_one();
        if (s == step::wrong) return error(errc::invalid, doctype_ ? "workbook.doctype" : "workbook.corrupt");
        if (has_batch_ && (s == step::need_more || batch_end_ - batch_begin_ >= enough)) break;
        if (s == step::tag) continue;
        const auto more = fill();
        if (!more) return more.error();
        if (*more) continue;
        if (!begun_) return error(errc::invalid, "workbook.corrupt");
        if (depth_ != 0) return error(errc::invalid, "workbook.truncated");
        return std::string_view();
    }
    return std::string_view(buffer_).substr(batch_begin_, batch_end_ - batch_begin_);
}

} // namespace core::workbook
