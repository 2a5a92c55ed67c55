#include "tests/support/memory.hpp"

#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>

#if defined(__SANITIZE_ADDRESS__)

// Of gcc's runtime, which has them without the header that declares them.
extern "C" {
int __sanitizer_install_malloc_and_free_hooks(void (*taken)(const volatile void*, std::size_t),
                                              void (*given_back)(const volatile void*));
std::size_t __sanitizer_get_allocated_size(const volatile void* p);
}

namespace tests {
namespace {

std::atomic<std::ptrdiff_t> held{0}, most{0};
std::atomic<bool> counts{false};

void taken(const volatile void*, std::size_t bytes) {
    if (!counts) return;
    const auto now = held.fetch_add(static_cast<std::ptrdiff_t>(bytes)) + static_cast<std::ptrdiff_t>(bytes);
    if (now > most) most = now; // one thread works
}
void given_back(const volatile void* p) {
    if (counts && p != nullptr) held -= static_cast<std::ptrdiff_t>(__sanitizer_get_allocated_size(p));
}

} // namespace

std::size_t most_memory_of(const std::function<void()>& work) {
    static const int installed = __sanitizer_install_malloc_and_free_hooks(taken, given_back);
    if (installed == 0) throw std::runtime_error("no hooks of the allocator");
    held = most = 0;
    counts = true;
    try {
        work();
    } catch (...) {
        counts = false;
        throw;
    }
    counts = false;
    return static_cast<std::size_t>(most.load());
}

} // namespace tests

#else

namespace tests {
namespace {

std::size_t peak() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:")) return std::stoul(line.substr(6)) * 1024;
    throw std::runtime_error("the kernel does not tell the peak");
}

} // namespace

std::size_t most_memory_of(const std::function<void()>& work) {
    ::malloc_trim(0); // the child would work in what the parent has freed
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
    const pid_t child = ::fork();
    if (child < 0) throw std::runtime_error("no child");
    if (child == 0) {
        std::size_t grown = 0;
        try {
            std::ofstream("/proc/self/clear_refs") << "5"; // the peak begins here
            const std::size_t before = peak();
            work();
            grown = peak() - before;
        } catch (const std::exception&) {
        }
        const auto written = ::write(ends[1], &grown, sizeof grown);
        ::_exit(written == sizeof grown && grown > 0 ? 0 : 1);
    }
    ::close(ends[1]);
    std::size_t grown = 0;
    const auto n = ::read(ends[0], &grown, sizeof grown);
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (n != sizeof grown || status != 0) throw std::runtime_error("the work failed");
    return grown;
}

} // namespace tests

#endif
