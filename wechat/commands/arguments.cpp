#include "core/journal/audit_head.hpp"
#include "wechat/commands/command.hpp"

namespace wechat::commands {

std::string arguments::text(std::string_view name) const {
    const auto& all = list(name);
    return all.empty() ? std::string() : all.front();
}

const std::vector<std::string>& arguments::list(std::string_view name) const {
    static const std::vector<std::string> none;
    const auto at = given.find(name);
    return at == given.end() ? none : at->second;
}

config arguments::settings() const {
    return load_config(config_file, process_environment()).values;
}

core::actor by_command() {
    core::actor who;
    who.kind = core::actor_kind::system;
    who.name = "command";
    who.source = "command";
    return who;
}

core::db::database::options database_options(const config& c, bool exclusive) {
    core::db::database::options o;
    o.file = c.database_file();
    o.exclusive = exclusive;
    o.after_commit = core::audit::keep_head(core::audit::head_file(o.file));
    o.key = core::vault::read_key_file(c.key_file);
    return o;
}

} // namespace wechat::commands
