#include "wechat/config.hpp"

#include "core/base/text.hpp"
#include "wechat/settings_table.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

extern char** environ;

namespace wechat {
namespace {

[[noreturn]] void refuse(std::string_view key, std::string_view what, std::string_view remedy) {
    throw config_error(std::string(key) + ": " + std::string(what) + ". " + std::string(remedy));
}

std::string environment_name(std::string_view key) {
    std::string name = "QIANGJIAN_";
    for (const char c : core::to_upper_ascii(key))
        name += c == '.' ? std::string("__") : std::string(1, c);
    return name;
}

std::string read_secret_file(std::string_view key, const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in)
        refuse(key, "cannot read " + file.string(), "Create the file, readable only by the program's user");
    std::ostringstream text;
    text << in.rdbuf();
    return std::string(core::trim(text.str()));
}

std::int64_t to_number(const setting& s, std::string_view text) {
    std::int64_t n = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (failed != std::errc() || end != text.data() + text.size())
        refuse(s.key, "'" + std::string(text) + "' is not a number", s.help);
    return n;
}

void put_number(const setting& s, std::int64_t n) {
    if (n < s.least || n > s.most)
        refuse(s.key, std::to_string(n) + " is out of range",
               "Give " + std::to_string(s.least) + " to " + std::to_string(s.most) + " (" +
                   std::string(s.help) + ")");
    *std::get<std::int64_t*>(s.target) = n;
}

void put_text(const setting& s, const std::string& text, const std::filesystem::path& folder) {
    if (auto* const* t = std::get_if<std::string*>(&s.target)) {
        if (!s.one_of.empty() && std::find(s.one_of.begin(), s.one_of.end(), text) == s.one_of.end())
            refuse(s.key, "'" + text + "' is not known", s.help);
        **t = text;
    } else if (auto* const* p = std::get_if<std::filesystem::path*>(&s.target)) {
        **p = text.empty() ? std::filesystem::path() : folder / text;
    } else if (auto* const* b = std::get_if<bool*>(&s.target)) {
        if (text != "true" && text != "false")
            refuse(s.key, "'" + text + "' is neither true nor false", s.help);
        **b = text == "true";
    } else if (auto* const* l = std::get_if<std::vector<std::string>*>(&s.target)) {
        **l = core::split_words(text);
    } else {
        put_number(s, to_number(s, text));
    }
}

void put_node(const setting& s, const toml::node& node, const std::filesystem::path& folder) {
    if (s.secret)
        refuse(s.key, "secrets do not belong into the configuration file",
               "Put it into a file and set " + std::string(s.key) + "_file, or set " +
                   environment_name(s.key));
    if (const auto* text = node.as_string()) return put_text(s, text->get(), folder);
    if (const auto* n = node.as_integer(); n && std::holds_alternative<std::int64_t*>(s.target))
        return put_number(s, n->get());
    if (const auto* b = node.as_boolean(); b && std::holds_alternative<bool*>(s.target)) {
        *std::get<bool*>(s.target) = b->get();
        return;
    }
    const auto* array = node.as_array();
    if (array == nullptr || !std::holds_alternative<std::vector<std::string>*>(s.target))
        refuse(s.key, "has the wrong type", s.help);
    auto& list = *std::get<std::vector<std::string>*>(s.target);
    list.clear();
    for (const auto& e : *array) {
        if (!e.is_string()) refuse(s.key, "must be a list of texts", s.help);
        list.push_back(e.as_string()->get());
    }
}

std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t corner = row[0]++;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, corner + (a[i - 1] == b[j - 1] ? 0u : 1u)});
            corner = above;
        }
    }
    return row.back();
}

[[noreturn]] void unknown_key(const std::string& key, const std::vector<setting>& table) {
    const auto nearest =
        std::min_element(table.begin(), table.end(), [&](const setting& a, const setting& b) {
            return distance(key, a.key) < distance(key, b.key);
        });
    refuse(key, "is not a setting",
           "Did you mean " + std::string(nearest->key) + "? `qiangjian config` lists all");
}

using flat = std::map<std::string, const toml::node*>;

bool is_id_table(std::string_view key) {
    return key == "wechat.templates" || key == "wechat.subscriptions";
}

void flatten(const toml::table& t, const std::string& prefix, flat& out) {
    for (const auto& [name, node] : t) {
        const std::string key =
            prefix.empty() ? std::string(name.str()) : prefix + "." + std::string(name.str());
        if (const auto* below = node.as_table(); below != nullptr && !is_id_table(key))
            flatten(*below, key, out);
        else
            out[key] = &node;
    }
}

void put_template_ids(std::map<std::string, std::string, std::less<>>& to, const std::string& key,
                      const toml::node& node) {
    const auto* t = node.as_table();
    if (t == nullptr)
        refuse(key, "must be a table", "Write [" + key + "] and order_confirmed = \"template id\"");
    for (const auto& [kind, id] : *t) {
        const std::string name(kind.str());
        if (!id.is_string()) refuse(key + "." + name, "must be a text", "Give the template id");
        to[name] = id.as_string()->get();
    }
}

// Only names with two underscores are meant for settings; others belong to scripts.
void check_environment(const environment& env, const std::vector<setting>& table) {
    for (const auto& [name, value] : env) {
        if (name.find("__") == std::string::npos) continue;
        const bool known = std::any_of(table.begin(), table.end(), [&](const setting& s) {
            const std::string own = environment_name(s.key);
            return name == own || (s.secret && name == own + "_FILE");
        });
        if (!known)
            refuse(name, "sets nothing",
                   "QIANGJIAN_SERVER__PORT is server.port; `qiangjian config` lists all");
    }
}

toml::table parse_file(const std::filesystem::path& file) {
    try {
        return toml::parse_file(file.string());
    } catch (const toml::parse_error& e) {
        const auto at = e.source().begin;
        throw config_error(file.string() + ":" + std::to_string(at.line) + ": " +
                           std::string(e.description()) +
                           ". Mend this line; `qiangjian config` prints a sample");
    }
}

} // namespace

environment process_environment() {
    environment found;
    for (char** e = environ; *e != nullptr; ++e) {
        const std::string_view line(*e);
        const auto equals = line.find('=');
        if (line.starts_with("QIANGJIAN_") && equals != std::string_view::npos)
            found[std::string(line.substr(0, equals))] = std::string(line.substr(equals + 1));
    }
    return found;
}

loaded_config load_config(const std::filesystem::path& file, const environment& env) {
    loaded_config loaded;
    config& c = loaded.values;
    c.file = std::filesystem::absolute(file);
    const auto folder = c.file.parent_path();
    if (!std::filesystem::exists(c.file))
        throw config_error(c.file.string() +
                           " does not exist. Give --config FILE; `qiangjian config` prints a sample");
    const auto table = settings_of(c);
    const toml::table parsed = parse_file(c.file);
    flat given;
    flatten(parsed, "", given);
    for (const auto& s : table) {
        const std::string key(s.key);
        std::string origin = "default";
        if (const auto at = given.find(key); at != given.end()) {
            put_node(s, *at->second, folder);
            origin = "file";
            given.erase(at);
        }
        if (s.secret) {
            if (const auto at = given.find(key + "_file"); at != given.end()) {
                if (!at->second->is_string())
                    refuse(key + "_file", "must be a text", "Give the name of a file");
                put_text(s, read_secret_file(key, folder / at->second->as_string()->get()), folder);
                origin = "file " + at->second->as_string()->get();
                given.erase(at);
            }
            if (const auto at = env.find(environment_name(key) + "_FILE"); at != env.end()) {
                put_text(s, read_secret_file(key, at->second), folder);
                origin = "environment " + at->first;
            }
        }
        if (const auto at = env.find(environment_name(key)); at != env.end()) {
            put_text(s, at->second, folder);
            origin = "environment " + at->first;
        }
        loaded.origins.push_back({key, s.secret ? "(secret)" : shown(s), origin});
    }
    for (auto* const ids : {&c.wechat.template_ids, &c.wechat.subscription_ids}) {
        const std::string key = ids == &c.wechat.template_ids ? "wechat.templates" : "wechat.subscriptions";
        const auto at = given.find(key);
        if (at == given.end()) continue;
        put_template_ids(*ids, key, *at->second);
        given.erase(at);
    }
    if (!given.empty()) unknown_key(given.begin()->first, table);
    check_environment(env, table);
    finish_settings(c);
    return loaded;
}

std::string sample_config() {
    config defaults;
    std::string out =
        "# qiangjian: every setting with its default. Relative paths are taken from this file's folder.\n"
        "# Each may be overridden by the environment: server.port by QIANGJIAN_SERVER__PORT.\n";
    std::string section;
    for (const auto& s : settings_of(defaults)) {
        const std::string key(s.key);
        const auto dot = key.rfind('.');
        if (key.substr(0, dot) != section) {
            section = key.substr(0, dot);
            out += "\n[" + section + "]\n";
        }
        out += "# " + std::string(s.help) + "\n";
        if (s.secret)
            out += "# " + key.substr(dot + 1) + "_file = \"name of a file that holds it\"\n";
        else
            out += "# " + key.substr(dot + 1) + " = " + shown(s) + "\n";
    }
    out += "\n[wechat.templates]\n# Template ids granted to the account, by event kind:\n# order_confirmed = "
           "\"…\"\n";
    out += "\n[wechat.subscriptions]\n# Ids of subscription templates, by event kind; fields with other "
           "names there:\n"
           "# subscription=NAME in templates/messages.\n"
           "# order_confirmed = \"…\"\n";
    return out;
}

} // namespace wechat
