#include "core/workbook/xlsx_book.hpp"

#include "core/base/text.hpp"
#include "core/workbook/number_format.hpp"
#include "core/workbook/xml_cutter.hpp"

#include <pugixml.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>

namespace core::workbook {
namespace {

constexpr std::size_t most_of_a_small_part = 8u << 20;
constexpr unsigned whole = pugi::parse_escapes | pugi::parse_eol | pugi::parse_cdata;

std::string_view local(const char* name) {
    const std::string_view all(name);
    const auto colon = all.rfind(':');
    return colon == std::string_view::npos ? all : all.substr(colon + 1);
}

pugi::xml_node child(pugi::xml_node of, std::string_view name) {
    for (const auto n : of.children())
        if (local(n.name()) == name) return n;
    return {};
}

std::string_view attribute(pugi::xml_node of, std::string_view name) {
    for (const auto a : of.attributes())
        if (local(a.name()) == name) return a.value();
    return {};
}

bool is_true(std::string_view flag) {
    return flag == "1" || flag == "true" || flag == "on";
}

result<> load(pugi::xml_document& to, const std::string& bytes) {
    if (bytes.find("<!DOCTYPE") != std::string::npos) return error(errc::invalid, "workbook.doctype");
    if (!is_utf8_xml(bytes)) return error(errc::invalid, "workbook.corrupt");
    if (!to.load_buffer(bytes.data(), bytes.size(), whole, pugi::encoding_utf8))
        return error(errc::invalid, "workbook.corrupt");
    return {};
}

// A target is relative to the folder of the part that names it, or absolute.
std::string resolve(std::string_view folder, std::string_view target) {
    if (target.starts_with('/')) return std::string(target.substr(1));
    std::string all(folder);
    while (target.starts_with("../") || target.starts_with("./")) {
        if (target.starts_with("../")) {
            const auto slash = all.substr(0, all.empty() ? 0 : all.size() - 1).rfind('/');
            all.resize(slash == std::string::npos ? 0 : slash + 1);
        }
        target.remove_prefix(target.find('/') + 1);
    }
    return all.append(target);
}

struct relation {
    std::string id, kind, target; // kind: the last word of its type, the same in both dialects
};

class xlsx final : public book {
  public:
    xlsx(std::unique_ptr<archive> a, const deadline& until, const limits& most) : archive_(std::move(a)) {
        context_.until = until;
        context_.most = most;
    }

    result<> load_all() {
        if (auto r = check_kind(); !r) return r;
        if (auto r = load_workbook(); !r) return r;
        if (auto r = load_styles(); !r) return r;
        return load_strings();
    }

    result<std::unique_ptr<rows>> open(std::size_t sheet) override {
        auto merged = list_merged(targets_.at(sheet));
        if (!merged) return merged.error();
        auto in = archive_->open(targets_.at(sheet));
        if (!in) return in.error();
        return open_xlsx_rows(context_, std::move(*in), std::move(*merged));
    }

  private:
    result<> check_kind() {
        pugi::xml_document types;
        if (auto r = load_part(types, "[Content_Types].xml"); !r) return r;
        if (archive_->has_ending("vbaproject.bin")) return error(errc::invalid, "workbook.macro");
        bool is_workbook = false;
        for (const auto n : types.document_element().children()) {
            const std::string type = to_lower_ascii(attribute(n, "ContentType"));
            if (type.find("macroenabled") != std::string::npos) return error(errc::invalid, "workbook.macro");
            if (type.find("spreadsheetml.sheet.main+xml") != std::string::npos ||
                type.find("spreadsheetml.template.main+xml") != std::string::npos)
                is_workbook = true;
        }
        if (!is_workbook) return error(errc::invalid, "workbook.corrupt");
        return {};
    }

    result<> load_part(pugi::xml_document& to, std::string_view name) {
        const auto bytes = archive_->read(name, most_of_a_small_part);
        if (!bytes) return bytes.error();
        return load(to, *bytes);
    }

    result<std::vector<relation>> relations_of(std::string_view part) {
        const auto slash = part.rfind('/');
        const std::string folder(slash == std::string_view::npos ? "" : part.substr(0, slash + 1));
        pugi::xml_document doc;
        const std::string name = folder + "_rels/" + std::string(part.substr(folder.size())) + ".rels";
        if (auto r = load_part(doc, name); !r) return r.error();
        std::vector<relation> all;
        for (const auto n : doc.document_element().children()) {
            const auto type = attribute(n, "Type");
            if (attribute(n, "TargetMode") == "External") continue;
            all.push_back({std::string(attribute(n, "Id")), std::string(type.substr(type.rfind('/') + 1)),
                           resolve(folder, attribute(n, "Target"))});
        }
        return all;
    }

    static std::string target_of(const std::vector<relation>& all, std::string_view kind) {
        for (const auto& r : all)
            if (r.kind == kind) return r.target;
        return {};
    }

    result<> load_workbook() {
        const auto top = relations_of("");
        if (!top) return top.error();
        const std::string name = target_of(*top, "officeDocument");
        pugi::xml_document doc;
        if (auto r = load_part(doc, name); !r) return r;
        const auto relations = relations_of(name);
        if (!relations) return relations.error();
        styles_ = target_of(*relations, "styles");
        strings_ = target_of(*relations, "sharedStrings");
        const auto root = doc.document_element();
        from_1904_ = is_true(attribute(child(root, "workbookPr"), "date1904"));
        for (const auto n : child(root, "sheets").children())
            add_sheet(n, *relations);
        if (sheets_.empty()) return error(errc::invalid, "workbook.no_sheet");
        return {};
    }

    // Chart sheets and the like have no rows and are passed over.
    void add_sheet(pugi::xml_node n, const std::vector<relation>& relations) {
        std::string_view id;
        for (const auto a : n.attributes())
            if (local(a.name()) == "id") id = a.value();
        const auto found =
            std::find_if(relations.begin(), relations.end(), [&](const relation& r) { return r.id == id; });
        if (found == relations.end() || found->kind != "worksheet" || !archive_->has(found->target)) return;
        const auto state = attribute(n, "state");
        sheets_.push_back({std::string(attribute(n, "name")), state == "hidden" || state == "veryHidden"});
        targets_.push_back(found->target);
    }

    result<> load_styles() {
        if (styles_.empty() || !archive_->has(styles_)) return {};
        pugi::xml_document doc;
        if (auto r = load_part(doc, styles_); !r) return r;
        const auto root = doc.document_element();
        struct format {
            bool is_date = false;
            std::uint8_t digits = 0;
        };
        std::map<int, format> own;
        for (const auto n : child(root, "numFmts").children()) {
            const int id = std::atoi(std::string(attribute(n, "numFmtId")).c_str());
            const auto code = attribute(n, "formatCode");
            own[id] = {is_date_format(code), digits_of_format(code)};
        }
        for (const auto n : child(root, "cellXfs").children()) {
            const int id = std::atoi(std::string(attribute(n, "numFmtId")).c_str());
            const auto found = own.find(id);
            context_.date_styles.push_back(found != own.end() ? found->second.is_date : is_date_format(id));
            context_.digits.push_back(found != own.end() ? found->second.digits : std::uint8_t{0});
        }
        return {};
    }

    result<> load_strings() {
        if (strings_.empty() || !archive_->has(strings_)) return {};
        auto in = archive_->open(strings_);
        if (!in) return in.error();
        xml_cutter cut([&](char* to, std::size_t most) { return in->read(to, most); }, "sst", "si");
        for (;;) {
            const auto some = cut.next();
            if (!some) return some.error();
            if (some->empty()) return {};
            if (auto r = parse_strings(cut.data(), some->size(), context_.strings); !r) return r;
            if (context_.strings.bytes() > context_.most.strings)
                return error(errc::invalid, "workbook.too_large");
        }
    }

    // Merged areas stand behind the rows that they concern, so a sheet is gone through before, quickly.
    result<std::vector<area>> list_merged(const std::string& target) {
        std::vector<area> all;
        const auto any = archive_->contains(target, "mergeCell");
        if (!any) return any.error();
        if (!*any) return all;
        auto in = archive_->open(target);
        if (!in) return in.error();
        xml_cutter cut([&](char* to, std::size_t most) { return in->read(to, most); }, "mergeCells",
                       "mergeCell");
        for (;;) {
            const auto some = cut.next();
            if (!some) return some.error();
            if (some->empty()) break;
            if (auto r = parse_merged(cut.data(), some->size(), all); !r) return r.error();
        }
        std::sort(all.begin(), all.end(), [](const area& a, const area& b) { return a.top < b.top; });
        return all;
    }

    std::unique_ptr<archive> archive_;
    xlsx_context context_;
    std::vector<std::string> targets_;
    std::string styles_, strings_;
};

} // namespace

void text_table::push(std::string_view text) {
    constexpr std::size_t block = 256u << 10;
    if (text.size() > room_ - used_) {
        room_ = std::max(block, text.size());
        used_ = 0;
        taken_ += room_;
        blocks_.push_back(std::make_unique_for_overwrite<char[]>(room_));
    }
    if (text.empty()) {
        texts_.emplace_back();
        return;
    }
    char* to = blocks_.back().get() + used_;
    text.copy(to, text.size());
    used_ += text.size();
    texts_.emplace_back(to, text.size());
}

result<std::unique_ptr<book>> open_xlsx(std::string_view bytes, const deadline& until, const limits& most) {
    auto parts = archive::open(bytes, until, most);
    if (!parts) return parts.error();
    auto made = std::make_unique<xlsx>(std::move(*parts), until, most);
    if (auto r = made->load_all(); !r) return r.error();
    return std::unique_ptr<book>(std::move(made));
}

} // namespace core::workbook
