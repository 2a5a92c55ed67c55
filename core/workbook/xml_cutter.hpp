// Cuts the children of one element out of a stream of XML, some at a time, so that a part of any size is
// parsed in bounded memory. Knows tags, comments and CDATA, not what they say; refuses a DOCTYPE.
#pragma once
#include "core/base/result.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace core::workbook {

// By its first bytes. Parts in other encodings are not read: no program that people use writes them.
bool is_utf8_xml(std::string_view head);

class xml_cutter {
  public:
    // Puts at most `most` bytes into `to`, gives how many, 0 at the end.
    using source = std::function<result<std::size_t>(char* to, std::size_t most)>;

    // Wants the elements `child` directly in elements `parent` (local names, any prefix).
    xml_cutter(source from, std::string_view parent, std::string_view child);

    // The next complete children, one or more of them, with what stands between; empty at the end. The bytes
    // may be changed by the caller (parsed in place), and are valid until the next call. Refuses
    // workbook.corrupt, truncated (the document ends inside an element), doctype, too_large (one child above
    // 8 MiB), and what the source refuses.
    result<std::string_view> next();
    char* data() { return buffer_.data() + batch_begin_; } // of the last answer

  private:
    enum class step { tag, need_more, wrong };
    result<bool> fill(); // false: nothing more comes
    step scan_one();
    step skip_past(std::string_view end, std::size_t from);
    step take_tag(std::size_t end);
    void open_tag(std::string_view name, bool closed_at_once);
    void close_tag(std::string_view name);
    void close_child();

    source from_;
    std::string parent_, child_;
    std::string buffer_;
    std::size_t at_ = 0;                      // scanned up to here
    std::size_t tag_begin_ = 0, tag_end_ = 0; // the tag at hand
    std::size_t child_begin_ = 0, batch_begin_ = 0, batch_end_ = 0;
    int depth_ = 0, parent_depth_ = -1;
    bool inside_child_ = false, has_batch_ = false, begun_ = false, doctype_ = false;
};

} // namespace core::workbook
