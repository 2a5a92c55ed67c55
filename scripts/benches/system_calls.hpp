// Counts the system calls of this process's threads with strace, when it is installed: what a request costs
// the kernel. strace slows everything, so that groups are not those of a free run: read it as a hint.
#pragma once
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace bench {

// Threads that run now; those of a client started later are not among them.
inline std::vector<std::string> threads_of_this_process() {
    std::vector<std::string> all;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task"))
        all.push_back(entry.path().filename().string());
    std::erase(all, std::to_string(getpid()));
    return all;
}

struct call_count {
    std::string name;
    long calls = 0;
};

class call_counter {
  public:
    call_counter(const std::vector<std::string>& threads, std::filesystem::path file)
        : file_(std::move(file)) {
        std::vector<std::string> words = {"strace", "-c", "-o", file_.string()};
        for (const auto& t : threads) {
            words.emplace_back("-p");
            words.push_back(t);
        }
        std::vector<char*> arguments;
        for (auto& w : words)
            arguments.push_back(w.data());
        arguments.push_back(nullptr);
        child_ = fork();
        if (child_ == 0) {
            const int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
            dup2(nothing, 2);
            execvp(arguments[0], arguments.data());
            _exit(127);
        }
        prctl(PR_SET_PTRACER, child_, 0, 0, 0);
        std::this_thread::sleep_for(std::chrono::milliseconds(500)); // it attaches
    }
    call_counter(const call_counter&) = delete;
    call_counter& operator=(const call_counter&) = delete;
    ~call_counter() { stop(); }

    // Most frequent first; empty without strace.
    std::vector<call_count> take() {
        stop();
        std::vector<call_count> all;
        std::ifstream in(file_);
        for (std::string line; std::getline(in, line);) {
            std::istringstream words(line);
            double share = 0, seconds = 0;
            long each = 0;
            call_count c;
            if (!(words >> share >> seconds >> each >> c.calls)) continue;
            for (std::string word; words >> word;)
                c.name = word; // the last one; a column of errors may come before
            if (c.name != "total") all.push_back(c);
        }
        std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.calls > b.calls; });
        return all;
    }

  private:
    void stop() {
        if (child_ <= 0) return;
        kill(child_, SIGINT);
        waitpid(child_, nullptr, 0);
        child_ = 0;
    }
    std::filesystem::path file_;
    pid_t child_ = 0;
};

} // namespace bench
