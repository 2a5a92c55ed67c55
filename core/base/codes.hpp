// The words that stand for an enumeration in the database and in addresses, as one table read both ways.
#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace core {

template<class E>
struct coded {
    E value;
    std::string_view code;
};

template<class E, std::size_t n>
class code_table {
  public:
    template<class... Row>
    constexpr explicit code_table(Row... rows) : rows_{rows...} {}

    // Throws for a value without a row: the table is not whole.
    constexpr std::string_view code_of(E value) const {
        for (const auto& row : rows_)
            if (row.value == value) return row.code;
        throw std::logic_error("a value without a code");
    }
    constexpr std::optional<E> find(std::string_view code) const {
        for (const auto& row : rows_)
            if (row.code == code) return row.value;
        return std::nullopt;
    }
    // Of a column: throws for a code that no row has.
    constexpr E stored(std::string_view code) const {
        if (const auto found = find(code)) return *found;
        throw std::logic_error("no such code: " + std::string(code));
    }

  private:
    std::array<coded<E>, n> rows_;
};

template<class E, class... Rest>
code_table(coded<E>, Rest...) -> code_table<E, 1 + sizeof...(Rest)>;

} // namespace core
