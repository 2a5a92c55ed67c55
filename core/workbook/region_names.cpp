#include "core/workbook/region_names.hpp"

#include "core/catalogue/catalogue.hpp"

namespace core::workbook {

region_names::region_names(db::read_view& view) {
    for (const auto& r : catalogue::list_regions(view)) { // parents come before children
        const auto above = places_.find(r.parent);
        if (above != places_.end()) above->second.is_end = false;
        places_[r.code] = {above == places_.end() ? r.name : above->second.path + "/" + r.name, true};
    }
}

std::string region_names::path_of(std::string_view code) const {
    const auto found = places_.find(code);
    return found == places_.end() ? std::string(code) : found->second.path;
}

std::vector<std::string> region_names::list_places() const {
    std::vector<std::string> all;
    for (const auto& [code, p] : places_)
        if (p.is_end) all.push_back(p.path);
    return all;
}

} // namespace core::workbook
