#include "wechat/sandbox/chaos.hpp"

#include <array>
#include <numeric>
#include <span>
#include <utility>

namespace wechat::sandbox {
namespace {

constexpr std::string_view token_path = "/cgi-bin/stable_token";

struct trouble {
    std::string_view name;
    int weight;
    fault what;
    bool in_doubt = false;      // comes before or after the work
    bool several_tries = false; // costs the message a minute: only where it may meet more than one
    bool of_tokens = false;     // happens to the token's address too
};
fault code(int errcode) {
    fault f;
    f.errcode = errcode;
    return f;
}
fault silent(bool fault::*how) {
    fault f;
    f.*how = true;
    return f;
}
fault slow() {
    fault f;
    f.delay_ms = 500; // at most
    return f;
}
std::span<const trouble> troubles() {
    static const auto all = std::to_array<trouble>({
        {"busy -1", 200, code(-1), true, false, true},
        {"502 page", 180, silent(&fault::html), true, false, true},
        {"cut connection", 200, silent(&fault::reset), true, false, true},
        {"half an answer", 80, silent(&fault::broken), true, false, true},
        {"slow", 140, slow(), true, false, true},
        {"40001 token", 80, code(40001)},
        {"40003 openid", 20, code(40003), false, true},
        {"43004 not following", 15, code(43004)},
        {"43101 refused", 20, code(43101)},
        {"47003 data", 30, code(47003)},
        {"40037 template", 6, code(40037)},
        {"45009 quota", 6, code(45009)},
        {"45011 too fast", 6, code(45011)},
        {"40164 address", 6, code(40164)},
    });
    return all;
}

struct fate_of_receipt {
    std::string_view name;
    int weight;
};
constexpr auto fates = std::to_array<fate_of_receipt>({{"receipt lost", 25},
                                                       {"receipt doubled", 25},
                                                       {"receipt late", 20},
                                                       {"receipt without number", 15},
                                                       {"receipt failed: user block", 6},
                                                       {"receipt failed: system", 6}});

} // namespace

void chaos::set(int percent, int most, dice d) {
    const std::lock_guard<std::mutex> hold(guard_);
    percent_ = percent;
    most_ = most;
    dice_ = std::move(d);
}

int chaos::below(int bound) {
    return static_cast<int>(dice_() % static_cast<std::uint64_t>(bound));
}

bool chaos::strikes() {
    return percent_ > 0 && below(100) < percent_;
}

fault chaos::strike(std::string_view path, const std::string& client_msg_id) {
    const std::lock_guard<std::mutex> hold(guard_);
    const bool token = path == token_path;
    const bool message = path.starts_with("/cgi-bin/message/");
    if ((!token && !message) || !strikes()) return {};
    if (!client_msg_id.empty() && met_[client_msg_id] >= most_) return {};
    const auto counts = [&](const trouble& t) {
        return (t.of_tokens || !token) && (most_ > 1 || !t.several_tries);
    };
    int sum = 0;
    for (const auto& t : troubles())
        sum += counts(t) ? t.weight : 0;
    int left = below(sum);
    for (const auto& t : troubles()) {
        if (!counts(t) || (left -= t.weight) >= 0) continue;
        ++met_[client_msg_id];
        ++struck_[std::string(t.name)];
        fault f = t.what;
        if (f.delay_ms > 0) f.delay_ms = below(f.delay_ms) + 1;
        f.after = t.in_doubt && below(2) == 0;
        return f;
    }
    return {};
}

receipt_fate chaos::receipt(receipt_fate usual) {
    const std::lock_guard<std::mutex> hold(guard_);
    if (!strikes()) return usual;
    const int sum = std::accumulate(fates.begin(), fates.end(), 0,
                                    [](int n, const fate_of_receipt& f) { return n + f.weight; });
    std::size_t which = 0;
    for (int left = below(sum); (left -= fates[which].weight) >= 0;)
        ++which;
    ++struck_[std::string(fates[which].name)];
    switch (which) {
    case 0:
        usual.copies = 0;
        break;
    case 1:
        usual.copies = 2;
        break;
    case 2:
        usual.delay_ms = below(3000);
        break;
    case 3:
        usual.without_number = true;
        break;
    case 4:
        usual.status = "failed:user block";
        break;
    default:
        usual.status = "failed: system failed";
        break;
    }
    return usual;
}

std::map<std::string, int, std::less<>> chaos::struck() const {
    const std::lock_guard<std::mutex> hold(guard_);
    auto all = struck_;
    for (const auto& t : troubles())
        all.try_emplace(std::string(t.name), 0);
    for (const auto& f : fates)
        all.try_emplace(std::string(f.name), 0);
    return all;
}

} // namespace wechat::sandbox
