// Tags of followers, which conditional menus go by.
#include "wechat/sandbox/apis.hpp"

#include <algorithm>

namespace wechat::sandbox {
namespace {

constexpr std::size_t most_tags = 100, most_people = 50, most_of_one = 20, longest_name = 30;

// A tag's name as asked for, or why not.
std::optional<core::value> wrong_name(state& s, const std::string& name) {
    if (name.empty() || name.size() > longest_name) return s.refuse(45158, "tag name too long");
    const bool taken =
        std::any_of(s.tags.begin(), s.tags.end(), [&](const auto& t) { return t.second == name; });
    if (taken) return s.refuse(45157, "invalid tag name");
    return std::nullopt;
}

const core::value& tag_in(const core::value& body) {
    static const core::value none = core::value::object();
    const auto* t = body.find("tag");
    return t == nullptr ? none : *t;
}

api_answer mark(state& s, const api_call& c, bool on) {
    const std::int64_t id = c.body.number("tagid");
    const auto* list = c.body.find("openid_list");
    if (!s.tags.contains(id)) return s.refuse(45159, "invalid tag id");
    if (list == nullptr || list->as_list() == nullptr || list->as_list()->empty())
        return s.refuse(40031, "invalid openid list");
    if (list->as_list()->size() > most_people) return s.refuse(40032, "invalid openid list size");
    std::vector<phone*> people;
    for (const auto& one : *list->as_list()) {
        phone* p = one.as_text() == nullptr ? nullptr : s.find(*one.as_text());
        if (p == nullptr || !p->following) return s.refuse(40003, "invalid openid");
        if (on && p->tags.size() >= most_of_one) return s.refuse(45059, "too many tags of this user");
        people.push_back(p);
    }
    for (phone* p : people) {
        if (on)
            p->tags.insert(id);
        else
            p->tags.erase(id);
    }
    return fine();
}

} // namespace

api_answer create_tag(state& s, const api_call& c) {
    const std::string name = tag_in(c.body).text("name");
    if (s.tags.size() >= most_tags) return s.refuse(45056, "too many tags");
    if (auto wrong = wrong_name(s, name)) return *wrong;
    const std::int64_t id = s.next_id++;
    s.tags[id] = name;
    return core::value::object().set("tag", core::value::object().set("id", id).set("name", name));
}

api_answer list_tags(state& s, const api_call&) {
    core::value list = core::value::array();
    for (const auto& [id, name] : s.tags) {
        const auto n = std::count_if(s.phones.begin(), s.phones.end(),
                                     [id = id](const phone& p) { return p.tags.contains(id); });
        core::value one = core::value::object().set("id", id).set("name", name);
        list.push(one.set("count", static_cast<std::int64_t>(n)));
    }
    return core::value::object().set("tags", std::move(list));
}

api_answer update_tag(state& s, const api_call& c) {
    const auto at = s.tags.find(tag_in(c.body).number("id"));
    if (at == s.tags.end()) return s.refuse(45159, "invalid tag id");
    if (auto wrong = wrong_name(s, tag_in(c.body).text("name"))) return *wrong;
    at->second = tag_in(c.body).text("name");
    return fine();
}

api_answer delete_tag(state& s, const api_call& c) {
    const std::int64_t id = tag_in(c.body).number("id");
    if (id >= 0 && id <= 2) return s.refuse(45058, "can't modify sys tag");
    if (s.tags.erase(id) == 0) return s.refuse(45159, "invalid tag id");
    for (auto& p : s.phones)
        p.tags.erase(id);
    return fine();
}

api_answer tag_people(state& s, const api_call& c) {
    return mark(s, c, true);
}

api_answer untag_people(state& s, const api_call& c) {
    return mark(s, c, false);
}

api_answer tags_of(state& s, const api_call& c) {
    const phone* p = s.find(c.body.text("openid"));
    if (p == nullptr) return s.refuse(40003, "invalid openid");
    core::value ids = core::value::array();
    for (const auto id : p->tags)
        ids.push(id);
    return core::value::object().set("tagid_list", std::move(ids));
}

api_answer tag_members(state& s, const api_call& c) {
    const std::int64_t id = c.body.number("tagid");
    if (!s.tags.contains(id)) return s.refuse(45159, "invalid tag id");
    core::value ids = core::value::array();
    std::int64_t count = 0;
    std::string last;
    bool begun = c.body.text("next_openid").empty();
    for (const auto& p : s.phones) {
        if (begun && p.tags.contains(id) && count < 10'000) {
            ids.push(p.openid);
            last = p.openid;
            ++count;
        }
        if (p.openid == c.body.text("next_openid")) begun = true;
    }
    core::value v = core::value::object().set("count", count);
    if (count > 0) v.set("data", core::value::object().set("openid", std::move(ids)));
    return v.set("next_openid", last);
}

} // namespace wechat::sandbox
