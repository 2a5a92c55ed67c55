#include "wechat/sandbox/script.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "wechat/mp/services.hpp"
#include "wechat/sandbox/platform.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <thread>

namespace wechat::sandbox {
namespace {

using namespace std::chrono_literals;

// "word rest of the line"
std::pair<std::string, std::string> split_word(std::string_view line) {
    const auto end = std::min(line.find(' '), line.size());
    return {std::string(line.substr(0, end)), std::string(core::trim(line.substr(end)))};
}

std::string text_of(const chat_item& i) {
    std::string all = i.title.empty() ? i.text : i.title + "\n" + i.text;
    for (const auto& [name, value] : i.fields)
        all += "\n" + name + " " + value;
    return all;
}

class player {
  public:
    player(platform& p, std::chrono::milliseconds patience) : platform_(&p), patience_(patience) {
        take_phone(p.phones().front().openid);
    }

    // What was seen, or nullopt with the cause in `wrong`.
    std::optional<std::string> run(const std::string& word, const std::string& rest, std::string& wrong) {
        for (const auto& w : words)
            if (w.word == word) return (this->*w.act)(rest, wrong);
        wrong = "unknown word";
        return std::nullopt;
    }

  private:
    using seen = std::optional<std::string>;
    using act_fn = seen (player::*)(const std::string&, std::string&);

    void take_phone(const std::string& openid) {
        openid_ = openid;
        after_ = 0;
        for (const auto& item : platform_->chat_after(openid_, 0))
            after_ = item.seq;
    }
    // "2" is the second phone; a name; an openid.
    seen use_phone(const std::string& which, std::string& wrong) {
        const auto all = platform_->phones();
        std::size_t n = 0;
        std::from_chars(which.data(), which.data() + which.size(), n);
        for (std::size_t i = 0; i < all.size(); ++i)
            if (i + 1 == n || all[i].openid == which || all[i].name == which) {
                take_phone(all[i].openid);
                return all[i].openid;
            }
        wrong = "no such phone";
        return std::nullopt;
    }
    seen follow(const std::string& scene, std::string&) {
        platform_->set_following(openid_, true, scene);
        return "";
    }
    seen unfollow(const std::string&, std::string&) {
        platform_->set_following(openid_, false);
        return "";
    }
    seen say(const std::string& text, std::string&) {
        platform_->say(openid_, text);
        return "";
    }
    seen click(const std::string& key, std::string&) {
        platform_->tap(openid_, key);
        return "";
    }
    // Without a text: the code that a page of ours showed last.
    seen scan(const std::string& text, std::string& wrong) {
        const auto codes = platform_->recent_codes();
        if (text.empty() && codes.empty()) {
            wrong = "no code has been made yet";
            return std::nullopt;
        }
        const std::string what = text.empty() ? codes.front().url : text;
        platform_->scan(openid_, what);
        return what;
    }
    seen accept(const std::string& id, std::string&) {
        platform_->subscribe(openid_, id, true);
        return "";
    }
    seen refuse(const std::string& id, std::string&) {
        platform_->refuse_template(openid_, id, true);
        return "";
    }
    // Waits for an item with this text that came after the one expected before.
    seen expect(const std::string& text, std::string& wrong) {
        const auto end = std::chrono::steady_clock::now() + patience_;
        for (;;) {
            for (const auto& item : platform_->chat_after(openid_, after_)) {
                if (item.kind == "said") continue;
                if (text_of(item).find(text) == std::string::npos) continue;
                after_ = item.seq;
                return item.kind + ": " + text_of(item);
            }
            if (std::chrono::steady_clock::now() > end) break;
            std::this_thread::sleep_for(20ms);
        }
        wrong = "not seen; the chat since then:";
        for (const auto& item : platform_->chat_after(openid_, after_))
            wrong += "\n" + item.kind + ": " + text_of(item);
        return std::nullopt;
    }
    // fault PATH name=number …, the names of fault: times errcode delay_ms after html broken reset
    seen set_fault(const std::string& rest, std::string& wrong) {
        const auto [path, settings] = split_word(rest);
        fault f;
        f.times = 1;
        for (const auto& one : core::split_words(settings)) {
            const auto equals = std::min(one.find('='), one.size());
            const std::string name = one.substr(0, equals);
            int n = 0;
            const std::string_view digits = std::string_view(one).substr(std::min(equals + 1, one.size()));
            std::from_chars(digits.data(), digits.data() + digits.size(), n);
            if (name == "times")
                f.times = n;
            else if (name == "errcode")
                f.errcode = n;
            else if (name == "delay_ms")
                f.delay_ms = n;
            else if (name == "after")
                f.after = n == 1;
            else if (name == "html")
                f.html = n == 1;
            else if (name == "broken")
                f.broken = n == 1;
            else if (name == "reset")
                f.reset = n == 1;
            else {
                wrong = "no setting " + name;
                return std::nullopt;
            }
        }
        platform_->faults().set(path, f);
        return "";
    }

    struct word_row {
        std::string_view word;
        act_fn act;
    };
    static constexpr auto words = std::to_array<word_row>({
        {"phone", &player::use_phone},
        {"follow", &player::follow},
        {"unfollow", &player::unfollow},
        {"say", &player::say},
        {"click", &player::click},
        {"scan", &player::scan},
        {"accept", &player::accept},
        {"refuse", &player::refuse},
        {"expect", &player::expect},
        {"fault", &player::set_fault},
    });

    platform* platform_;
    std::chrono::milliseconds patience_;
    std::string openid_;
    std::int64_t after_ = 0;
};

} // namespace

std::vector<script_step> play(platform& p, std::string_view script, std::chrono::milliseconds patience) {
    std::vector<script_step> steps;
    player one(p, patience);
    int number = 0;
    for (std::size_t at = 0; at < script.size();) {
        const auto end = std::min(script.find('\n', at), script.size());
        const auto line = core::trim(script.substr(at, end - at));
        at = end + 1;
        ++number;
        if (line.empty() || line.front() == '#') continue;
        script_step s{number, std::string(line), false, {}};
        const auto [word, rest] = split_word(line);
        const auto seen = one.run(word, rest, s.seen);
        s.good = seen.has_value();
        if (seen) s.seen = *seen;
        steps.push_back(std::move(s));
        if (!steps.back().good) break;
    }
    return steps;
}

core::result<response> run_script(const request& r, services& s) {
    int seconds = 5;
    const auto asked = r.query.get("wait");
    std::from_chars(asked.data(), asked.data() + asked.size(), seconds);
    const auto steps = play(*s.platform, r.body, std::chrono::seconds(std::clamp(seconds, 0, 8)));
    core::value list = core::value::array();
    for (const auto& one : steps)
        list.push(core::value::object()
                      .set("line", one.line)
                      .set("text", one.said)
                      .set("good", one.good)
                      .set("seen", one.seen));
    core::value out = core::value::object().set("passed", steps.empty() || steps.back().good);
    return json(core::to_json(out.set("steps", std::move(list))));
}

} // namespace wechat::sandbox
