#include "notify/message/message.hpp"

#include "core/base/clock.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <stdexcept>

namespace notify {
namespace {

bool is_ascii(char c) {
    return static_cast<unsigned char>(c) < 0x80;
}

std::string only_ascii(std::string_view text) {
    std::string out;
    std::copy_if(text.begin(), text.end(), std::back_inserter(out), is_ascii);
    return std::string(core::trim(out));
}

std::string without_ascii(std::string_view text) {
    std::string out;
    std::copy_if(text.begin(), text.end(), std::back_inserter(out), [](char c) { return !is_ascii(c); });
    return out;
}

std::string_view kind_of_field(std::string_view name) {
    while (!name.empty() && name.back() >= '0' && name.back() <= '9')
        name.remove_suffix(1);
    return name;
}

// "2026-11-25 10:00~11:30" -> "2026年11月25日 10:00~11:30"; anything else as it is.
std::string chinese_time(std::string_view text) {
    const auto day = core::parse_date(text.substr(0, 10));
    if (!day) return std::string(text);
    std::string out = std::to_string(static_cast<int>(day->year())) + "年" +
                      std::to_string(static_cast<unsigned>(day->month())) + "月" +
                      std::to_string(static_cast<unsigned>(day->day())) + "日";
    return out.append(text.substr(10));
}

bool is_time_text(std::string_view text) {
    std::string rest(text);
    for (const std::string_view part : {"年", "月", "日"})
        for (auto at = rest.find(part); at != std::string::npos; at = rest.find(part))
            rest.erase(at, part.size());
    return !rest.empty() && std::all_of(rest.begin(), rest.end(), [](char c) {
        return (c >= '0' && c <= '9') || c == ':' || c == ' ' || c == '~' || c == '-';
    });
}

} // namespace

std::string fit_value(std::string_view field_name, std::string_view text) {
    const auto kind = kind_of_field(field_name);
    std::string line = core::tidy_line(text);
    if (!core::is_utf8(line)) line = only_ascii(line);
    if (kind == "character_string" || kind == "number" || kind == "letter" || kind == "phone_number") {
        line = core::cut_characters(only_ascii(line), kind == "phone_number" ? 17 : 32);
        if (kind == "number") std::erase_if(line, [](char c) { return (c < '0' || c > '9') && c != '.'; });
        return line.empty() ? (kind == "number" ? "0" : "-") : line;
    }
    if (kind == "phrase") {
        line = core::cut_characters(without_ascii(line), 5);
        return line.empty() ? "有更新" : line;
    }
    if (kind == "time" || kind == "date") {
        line = chinese_time(line);
        return is_time_text(line) ? line : "2000年1月1日";
    }
    if (kind == "name") return line.empty() ? "-" : core::cut_characters(line, 10);
    if (line.empty()) return "-";
    return core::shorten(line, 20);
}

message_book::message_book(const core::template_set& templates) {
    constexpr std::string_view folder = "messages/";
    for (const auto& file : templates.names()) {
        if (!file.starts_with(folder) || !file.ends_with(".tmpl")) continue;
        message_kind k;
        k.kind = file.substr(folder.size(), file.size() - folder.size() - 5);
        const std::string all = templates.source(file);
        int number = 0;
        for (std::size_t at = 0; at < all.size();) {
            const auto end = std::min(all.find('\n', at), all.size());
            const std::string line(core::trim(std::string_view(all).substr(at, end - at)));
            at = end + 1;
            ++number;
            if (line.empty() || line.starts_with('#')) continue;
            const auto colon = line.find(": ");
            const auto words = core::split_words(line.substr(0, colon));
            const bool field = words.size() == 3 && words[0] == "field";
            if (colon == std::string::npos || (!field && words.size() != 1))
                throw std::runtime_error(file + ":" + std::to_string(number) +
                                         ": expected `title:`, `url:` or `field NAME LABEL:`");
            const std::string text = line.substr(colon + 2);
            if (field)
                k.fields.push_back({words[1], words[2], text});
            else if (words[0] == "title")
                k.title = text;
            else if (words[0] == "url")
                k.url = text;
            else
                throw std::runtime_error(file + ":" + std::to_string(number) + ": unknown line " + words[0]);
        }
        if (k.title.empty() || k.fields.empty())
            throw std::runtime_error(file + ": needs a title and at least one field");
        kinds_[k.kind] = std::move(k);
    }
}

const message_kind* message_book::find(std::string_view kind) const {
    const auto at = kinds_.find(kind);
    return at == kinds_.end() ? nullptr : &at->second;
}

std::string message_book::body_of(const message_kind& kind, const core::value& facts) const {
    core::value data = core::value::object();
    for (const auto& f : kind.fields)
        data.set(f.name, fit_value(f.name, core::template_set::render_text(f.text, facts)));
    core::value body = core::value::object();
    body.set("title", kind.title)
        .set("url", core::template_set::render_text(kind.url, facts))
        .set("data", std::move(data));
    return core::to_json(body);
}

} // namespace notify
