// IP addresses as text: forwarded by proxies, in CIDR blocks, the network they count for. No sockets here.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace wechat {

// One spelling per address: an IPv4 address mapped into IPv6 comes back as IPv4; "" for what is none.
std::string plain_address(std::string_view text);
bool is_address_or_block(std::string_view text); // "203.0.113.5", "10.0.0.0/8", "2001:db8::/32"
bool is_listed(std::string_view address, const std::vector<std::string>& blocks); // addresses and CIDR blocks

// The person's address: the peer's, or behind listed proxies the last forwarded address that is no proxy.
// What is no address (a port behind it, "unknown") ends the search: the proxy's own address stands.
std::string person_address(std::string_view peer, std::string_view forwarded_for,
                           const std::vector<std::string>& proxies);

// Whom the connections of an address are counted for: IPv4 itself, IPv6 its /64, which one customer has.
std::string counted_network(std::string_view address);

} // namespace wechat
