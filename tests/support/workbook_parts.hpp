// Workbooks put together by hand, part by part, for tests of what readers meet: right ones, odd ones, broken
// ones.
#pragma once
#include <map>
#include <string>
#include <string_view>

namespace tests {

std::string zip_of(const std::map<std::string, std::string>& parts);
std::map<std::string, std::string> unzip(std::string_view bytes);

// A whole .xlsx of one sheet. Any part may be changed before bytes() is asked for.
class workbook_parts {
  public:
    workbook_parts();
    std::string& operator[](const std::string& part) { return parts_[part]; }
    workbook_parts& sheet(std::string_view rows, std::string_view behind = ""); // what stands in <sheetData>
    workbook_parts& strings(std::string_view items);                            // what stands in <sst>
    workbook_parts& styles(std::string_view inside);                            // what stands in <styleSheet>
    void erase(const std::string& part) { parts_.erase(part); }
    void rename(const std::string& from, const std::string& to);
    void replace_everywhere(std::string_view from, std::string_view to);
    std::string bytes() const { return zip_of(parts_); }

  private:
    std::map<std::string, std::string> parts_;
};

} // namespace tests
