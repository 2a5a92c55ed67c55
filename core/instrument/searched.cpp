#include "core/instrument/searched.hpp"

#include <array>

namespace core::instrument {
namespace {

constexpr std::array searched = {
    &instrument::name,      &instrument::model,  &instrument::manufacturer, &instrument::location_text,
    &instrument::serial_no, &instrument::own_no, &instrument::tags,         &instrument::used_by};

} // namespace

const db::search_index& search_table() {
    static const db::search_index one("instrument_search");
    return one;
}

std::string searched_text(const instrument& i) {
    std::string all;
    for (const auto part : searched)
        all.append(i.*part).append("\n");
    return all;
}

std::vector<std::string_view> searched_texts(const instrument& i) {
    std::vector<std::string_view> all;
    for (const auto part : searched)
        all.push_back(i.*part);
    return all;
}

std::string prefix_of(std::string_view region) {
    if (region.ends_with("0000")) return std::string(region.substr(0, 2));
    if (region.size() == 6 && region.ends_with("00")) return std::string(region.substr(0, 4));
    return std::string(region);
}

} // namespace core::instrument
