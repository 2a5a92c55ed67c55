// How much memory a piece of work takes at its most, apart from what the program had before.
#pragma once
#include <cstddef>
#include <functional>

namespace tests {

// In bytes. With the address sanitizer, which keeps what was freed, the bytes asked for and not freed are
// counted; else the work runs in a child process and the kernel says how much it had. What throws or exits in
// it throws here.
std::size_t most_memory_of(const std::function<void()>& work);

} // namespace tests
