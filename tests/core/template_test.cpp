// core/base/template: what a template sees of a model.
#include "core/base/template.hpp"

#include "tests/support/world.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace {

using core::template_set;
using core::value;

std::string rendered(std::string_view text, const value& model, bool strict = true) {
    return template_set::render_text(text, model, strict);
}

value model() {
    value v = value::object();
    v.set("name", "压力表")
        .set("n", 3)
        .set("yes", true)
        .set("no", false)
        .set("empty", value::array())
        .set("nothing", "");
    v.set("asset", value::object().set("css", "/a.css").set("deep", value::object().set("x", 7)));
    value rows = value::array();
    for (const int i : {1, 2, 3}) {
        value cells = value::array();
        for (const int k : {1, 2})
            cells.push(value::object().set("k", i * 10 + k));
        rows.push(value::object().set("i", i).set("cells", std::move(cells)).set("last", i == 3));
    }
    v.set("rows", std::move(rows));
    return v.set("words", value(value::list{"甲", "乙"}));
}

} // namespace

TEST_CASE("templates: names, paths, numbers, and what a flag, a text or a list means for a section") {
    const value m = model();
    CHECK(rendered("{{name}} {{n}} {{asset.css}} {{asset.deep.x}}", m) == "压力表 3 /a.css 7");
    CHECK(rendered("{{#yes}}a{{/yes}}{{#no}}b{{/no}}{{^no}}c{{/no}}{{^yes}}d{{/yes}}", m) == "ac");
    CHECK(rendered("{{#empty}}a{{/empty}}{{^empty}}b{{/empty}}", m) == "b");
    CHECK(rendered("{{#name}}[{{name}}]{{/name}}", m) == "[压力表]");
    CHECK(rendered("{{#asset}}{{css}} {{name}}{{/asset}}", m) == "/a.css 压力表");
}

TEST_CASE("templates: lists in lists, the outer names inside, plain elements") {
    const value m = model();
    CHECK(rendered("{{#rows}}{{i}}:{{#cells}}{{k}}/{{i}}/{{n}} {{/cells}}{{^last}}; {{/last}}{{/rows}}", m) ==
          "1:11/1/3 12/1/3 ; 2:21/2/3 22/2/3 ; 3:31/3/3 32/3/3 ");
    CHECK(rendered("{{#words}}<{{.}}>{{/words}}", m) == "<甲><乙>");
    CHECK(rendered("{{#rows}}{{#yes}}{{#cells}}{{k}},{{/cells}}{{/yes}}{{/rows}}", m) ==
          "11,12,21,22,31,32,");
    CHECK(rendered("{{#rows}}{{#rows}}{{i}}{{/rows}}|{{/rows}}", m) == "123|123|123|");
}

TEST_CASE("templates: an unknown name is refused when strict, and nothing otherwise") {
    const value m = model();
    for (const std::string_view text :
         {"{{unknown}}", "{{#unknown}}x{{/unknown}}", "{{^unknown}}x{{/unknown}}", "{{asset.unknown}}",
          "{{#rows}}{{unknown}}{{/rows}}"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(rendered(text, m), std::logic_error);
        CHECK_NOTHROW(rendered(text, m, false));
    }
    CHECK(rendered("a{{unknown}}b{{^unknown}}c{{/unknown}}", m, false) == "abc");
}

TEST_CASE(
    "U3 texts: a line with nothing but a section's tag is no line, shown or not; other blank lines stay") {
    tests::temp_folder folder;
    const auto file = folder.path() / "text" / "case.txt";
    std::filesystem::create_directories(file.parent_path());
    const auto render = [&](std::string_view text) {
        std::ofstream(file) << text;
        template_set::options o;
        o.folder = folder.path();
        o.strict = true;
        return template_set(o).render("text/case.txt", model());
    };
    CHECK(render("a\n{{#no}}\nb\n{{/no}}\nc\n") == "a\nc\n");
    CHECK(render("a\n{{#yes}}\nb\n{{/yes}}\nc\n") == "a\nb\nc\n");
    CHECK(render("{{^yes}}\nb\n{{/yes}}\n{{^no}}\nc\n{{/no}}\n") == "c\n");
    CHECK(render("{{#empty}}\nb\n{{/empty}}\nc\n") == "c\n");
    CHECK(render("{{#yes}}\n{{#no}}\nb\n{{/no}}\nc\n{{/yes}}\n\nd") == "c\n\nd");
    CHECK(render("a{{#no}}b{{/no}}\n\nc{{#yes}}\nd\n{{/yes}}") == "a\n\nc\nd\n");
}
