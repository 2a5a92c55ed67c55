// The chat's answers: who writes, what of theirs is asked for, and the text of it from templates/text/chat/,
// one file per answer. Nothing is longer than a reply may be: rows go, the last line with its link stays.
#pragma once
#include "core/account/binding.hpp"
#include "core/base/template.hpp"
#include "core/base/value.hpp"
#include "core/db/transaction.hpp"
#include "wechat/mp/settings.hpp"
#include "wechat/mp/topic.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace wechat::mp {

// What people entered on pages is text: a tag in it must not become a link in the chat.
std::string plain(std::string_view text);

class answers {
  public:
    answers(const core::template_set& templates, const settings& s) : templates_(&templates), settings_(&s) {}

    // The file of this name.
    std::string say(std::string_view name, core::value model = core::value::object()) const;
    std::string welcome(core::db::read_view& view, std::string_view openid) const;       // M6
    std::string latest_orders(core::db::read_view& view, std::string_view openid) const; // M32
    // M30. Numbers that nobody has are counted, ten an hour of a person and 1,000 in all; one that cannot
    // exist is no guess. What is shown of a stranger's order is status, date and institution.
    std::string one_order(core::db::write_tx& tx, std::string_view openid, const typed_number& typed) const;
    std::string due_instruments(core::db::read_view& view, std::string_view openid) const;
    std::string contact(core::db::read_view& view, std::string_view openid) const;

  private:
    struct person { // who writes
        std::string openid;
        std::vector<core::account::binding> bindings;
        std::vector<std::int64_t> companies;
        bool bound() const { return !bindings.empty(); }
        bool several() const { return bindings.size() > 1; }
        std::string_view name_of(std::int64_t company) const;
    };
    person person_of(core::db::read_view& view, std::string_view openid) const;
    std::string render(std::string_view name, core::value& model) const;
    std::string say_rows(std::string_view name, std::string_view rows, core::value model) const;

    const core::template_set* templates_;
    const settings* settings_;
};

} // namespace wechat::mp
