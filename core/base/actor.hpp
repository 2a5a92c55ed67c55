// Who acts. Every verb and query takes an actor; rules about it live in the slices.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace core {

enum class actor_kind {
    system,    // the program itself: schedule, import by command
    applicant, // a person of a company, signed in
    staff,     // a person of an institution or the platform, signed in
    visitor    // nobody signed in: public pages, unbound WeChat user
};

enum class role : unsigned {
    owner = 1u << 0,     // applicant: may manage the company's people
    operator_ = 1u << 1, // applicant: daily work
    filing_reviewer = 1u << 2,
    scheduler = 1u << 3,
    front_desk = 1u << 4,
    verifier = 1u << 5,
    institution_admin = 1u << 6,
    regulator = 1u << 7, // reads its region, changes nothing
    platform_admin = 1u << 8
};

class role_set {
  public:
    constexpr role_set() = default;
    constexpr role_set(std::initializer_list<role> roles) {
        for (const auto r : roles)
            bits_ |= static_cast<unsigned>(r);
    }
    static constexpr role_set from_bits(unsigned bits) {
        role_set s;
        s.bits_ = bits;
        return s;
    }
    constexpr bool has(role r) const { return (bits_ & static_cast<unsigned>(r)) != 0; }
    constexpr bool any(role_set other) const { return (bits_ & other.bits_) != 0; }
    constexpr void add(role r) { bits_ |= static_cast<unsigned>(r); }
    constexpr unsigned bits() const { return bits_; }
    constexpr bool empty() const { return bits_ == 0; }

  private:
    unsigned bits_ = 0;
};

// What the codes of all places in a region begin with (GB/T 2260): "440000" -> "44", "440600" -> "4406".
constexpr std::string_view region_prefix(std::string_view code) {
    while (code.size() > 2 && code.size() <= 6 && code.ends_with("00"))
        code.remove_suffix(2);
    return code;
}

struct actor {
    actor_kind kind = actor_kind::visitor;
    std::int64_t login_id = 0;       // 0: nobody
    std::int64_t applicant_id = 0;   // company acted for (applicant)
    std::int64_t institution_id = 0; // institution acted for (staff); 0: the platform
    std::string region_code;         // regulators: what they may read; "" for all others
    role_set roles;
    std::string name;       // display name, for audit rows
    std::string source;     // "203.0.113.5", "wechat", "command"
    std::string request_id; // ties audit rows to log lines

    bool is_applicant() const { return kind == actor_kind::applicant && applicant_id != 0; }
    bool is_staff_of(std::int64_t institution) const {
        return kind == actor_kind::staff && institution_id == institution && institution != 0;
    }
    // The program itself and the platform's administrators: everything.
    bool is_platform() const {
        return kind == actor_kind::system || (kind == actor_kind::staff && roles.has(role::platform_admin));
    }
    bool is_regulator() const {
        return kind == actor_kind::staff && roles.has(role::regulator) && !region_code.empty();
    }
    // A regulator, and this place lies in his region: he reads what is there, and changes nothing.
    bool reads_region(std::string_view code) const {
        return is_regulator() && code.starts_with(region_prefix(region_code));
    }
};

} // namespace core
