// The parts of a zip file in memory, read within limits: what is declared is checked before unpacking, what
// comes out is counted while unpacking, for the declaration may lie. What the parts mean is xlsx_book.* 's.
#pragma once
#include "core/workbook/book.hpp"

#include <memory>
#include <string>
#include <string_view>

struct zip;
struct zip_file;

namespace core::workbook {

class archive;

// The bytes of one part, from the start.
class part {
  public:
    // Bytes put into `to`, 0 at the end. Refuses workbook.corrupt, too_large, slow.
    result<std::size_t> read(char* to, std::size_t most);

  private:
    friend class archive;
    struct close_file {
        void operator()(zip_file* f) const;
    };
    part(archive& owner, zip_file* f) : owner_(&owner), file_(f) {}
    archive* owner_;
    std::unique_ptr<zip_file, close_file> file_;
    std::size_t read_ = 0;
    bool counts_ = true;
};

class archive {
  public:
    // Refuses workbook.corrupt, encrypted, too_large.
    static result<std::unique_ptr<archive>> open(std::string_view bytes, const deadline& until,
                                                 const limits& most);
    bool has(std::string_view name) const; // names of parts don't tell upper from lower case
    bool has_ending(std::string_view end) const;
    std::size_t declared_size(std::string_view name) const;
    result<part> open(std::string_view name);
    // Whether these bytes (32 at most) are anywhere in a part; counts for no total.
    result<bool> contains(std::string_view name, std::string_view bytes);
    // A whole part of at most `most` bytes.
    result<std::string> read(std::string_view name, std::size_t most);

  private:
    friend class part;
    struct close_zip {
        void operator()(zip* z) const;
    };
    archive(zip* z, const deadline& until, const limits& most) : zip_(z), until_(until), most_(most) {}
    std::int64_t place_of(std::string_view name) const; // -1: none

    std::unique_ptr<zip, close_zip> zip_;
    deadline until_;
    limits most_;
    std::size_t total_ = 0;
};

} // namespace core::workbook
