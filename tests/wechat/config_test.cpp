// The configuration: one table of settings, file, environment over it; every refusal names key and remedy.
#include "tests/support/world.hpp"
#include "wechat/config.hpp"
#include "wechat/settings_table.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

namespace {

using wechat::environment;

constexpr std::string_view least = R"toml([server]
certificate = "server.pem"
key = "server.key"
[data]
folder = "data"
key_file = "data.key"
[wechat]
appid = "wx0123456789abcdef"
original_id = "gh_0123456789ab"
public_url = "https://www.example.com/"
secret_file = "secret"
token_file = "token"
encoding_aes_key_file = "aes"
)toml";

struct place {
    place() {
        put("secret", "planted-secret\n");
        put("token", "plantedtoken");
        put("aes", std::string(43, 'a'));
        file(least);
    }
    void put(std::string_view name, std::string_view text) {
        std::ofstream(folder.path() / name, std::ios::binary) << text;
    }
    void file(std::string_view text) { put("qiangjian.toml", text); }
    wechat::loaded_config load(const environment& env = {}) {
        return wechat::load_config(folder.path() / "qiangjian.toml", env);
    }
    std::string refusal(std::string_view more, const environment& env = {}) {
        file(std::string(least) + std::string(more));
        try {
            load(env);
        } catch (const wechat::config_error& e) {
            return e.what();
        }
        return "accepted";
    }
    tests::temp_folder folder;
};

std::string environment_name(std::string_view key) {
    std::string name = "QIANGJIAN_";
    for (const char c : key)
        name += c == '.' ? std::string("__")
                         : std::string(1, static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
    return name;
}

} // namespace

TEST_CASE("the least configuration is enough; relative paths are of the file's folder") {
    place p;
    const auto c = p.load().values;
    CHECK(c.data_dir == p.folder.path() / "data");
    CHECK(c.wechat.secret == "planted-secret");
    CHECK(c.wechat.mode == wechat::mp::message_mode::safe); // secure mode unless told otherwise
    CHECK(c.wechat.public_url == "https://www.example.com");
    CHECK(c.https.port == 8443);
    CHECK(c.admin_port == 0);
}

TEST_CASE("each wrong setting is refused with its key and a remedy") {
    place p;
    const std::pair<std::string_view, std::string_view> table[] = {
        {"[limits]\nheadr_s = 3\n", "limits.headr_s: is not a setting. Did you mean limits.header_s"},
        {"[limits]\nheader_s = 0\n", "limits.header_s: 0 is out of range. Give 1 to 600"},
        {"[limits]\nheader_s = \"soon\"\n", "limits.header_s: 'soon' is not a number"},
        {"[limits]\nheader_s = 1.5\n", "limits.header_s: has the wrong type"},
        {"[log]\nlevel = \"loud\"\n", "log.level: 'loud' is not known. debug, info, warn or error"},
        {"[pages]\ndev = \"yes\"\n", "pages.dev: 'yes' is neither true nor false"},
        {"[admin]\nport = 70000\n", "admin.port: 70000 is out of range"},
        {"[log\n", "qiangjian.toml:"},
    };
    for (const auto& [more, expected] : table) {
        CAPTURE(more);
        CHECK(p.refusal(more).find(expected) != std::string::npos);
    }
    CHECK_THROWS_WITH_AS(wechat::load_config(p.folder.path() / "none.toml", {}),
                         doctest::Contains("Give --config FILE"), wechat::config_error);
}

TEST_CASE("what does not fit together is refused") {
    place p;
    const std::pair<environment, std::string_view> table[] = {
        {{{"QIANGJIAN_WECHAT__APPID", "wx1"}}, "wechat.appid: must be wx and 16 hex digits"},
        {{{"QIANGJIAN_WECHAT__TOKEN", "a b"}}, "wechat.token: must be 3 to 32 letters and digits"},
        {{{"QIANGJIAN_WECHAT__ENCODING_AES_KEY", "short"}}, "wechat.encoding_aes_key: must be 43 letters"},
        {{{"QIANGJIAN_WECHAT__API_BASE", "http://a"}}, "wechat.api_base: must begin with https://"},
        {{{"QIANGJIAN_WECHAT__CALLBACK_PATH", "wx"}}, "wechat.callback_path: must be a path"},
        {{{"QIANGJIAN_WECHAT__MODE", "open"}}, "wechat.mode: 'open' is not known"},
        {{{"QIANGJIAN_WECHAT__PUBLIC_URL", ""}}, "wechat.public_url: is missing"},
        {{{"QIANGJIAN_SERVER__HTTPS", "false"}}, "server.https: nothing would be served"},
        {{{"QIANGJIAN_SERVER__CERTIFICATE", ""}}, "server.certificate: and server.key are needed"},
        {{{"QIANGJIAN_SERVER__PROT", "1"}}, "QIANGJIAN_SERVER__PROT: sets nothing"},
        {{{"QIANGJIAN_WECHAT__SECRET_FILE", "/nowhere/secret"}},
         "wechat.secret: cannot read /nowhere/secret"},
    };
    for (const auto& [env, expected] : table) {
        CAPTURE(expected);
        const std::string said = p.refusal("", env);
        CAPTURE(said);
        CHECK(said.find(expected) != std::string::npos);
    }
}

TEST_CASE("S12 secrets come from files or the environment only, and are never shown") {
    place p;
    for (const auto* key : {"secret", "token", "encoding_aes_key"}) {
        p.file("[wechat]\n" + std::string(key) + " = \"planted-secret\"\n");
        CHECK_THROWS_WITH_AS(p.load(), doctest::Contains("secrets do not belong into the configuration file"),
                             wechat::config_error);
    }
    p.file(least);
    p.put("other", "from-another-file");
    const auto loaded = p.load({{"QIANGJIAN_WECHAT__SECRET_FILE", (p.folder.path() / "other").string()},
                                {"QIANGJIAN_WECHAT__TOKEN", "fromtheenvironment"}});
    CHECK(loaded.values.wechat.secret == "from-another-file");
    CHECK(loaded.values.wechat.token == "fromtheenvironment");
    for (const auto& o : loaded.origins) {
        CHECK(o.value.find("from-another-file") == std::string::npos);
        CHECK(o.value.find("fromtheenvironment") == std::string::npos);
        CHECK(o.value.find("aaaaaaaaaa") == std::string::npos);
    }
    const auto secret = std::find_if(loaded.origins.begin(), loaded.origins.end(),
                                     [](const auto& o) { return o.key == "wechat.secret"; });
    REQUIRE(secret != loaded.origins.end());
    CHECK(secret->value == "(secret)");
    CHECK(secret->origin == "environment QIANGJIAN_WECHAT__SECRET_FILE");
}

TEST_CASE("every setting may be set by the environment, beats the file, and is in the sample") {
    place p;
    wechat::config scratch;
    const std::string sample = wechat::sample_config();
    for (const auto& s : wechat::settings_of(scratch)) {
        CAPTURE(s.key);
        const std::string name(s.key.substr(s.key.rfind('.') + 1));
        CHECK(sample.find("\n# " + name + (s.secret ? "_file = " : " = ")) != std::string::npos);
        CHECK(sample.find("# " + std::string(s.help) + "\n") != std::string::npos);
        if (!std::holds_alternative<std::int64_t*>(s.target)) continue;
        const auto loaded = p.load({{environment_name(s.key), std::to_string(s.least)}});
        const auto at = std::find_if(loaded.origins.begin(), loaded.origins.end(),
                                     [&](const auto& o) { return o.key == s.key; });
        REQUIRE(at != loaded.origins.end());
        CHECK(at->value == std::to_string(s.least));
        CHECK(at->origin == "environment " + environment_name(s.key));
    }
    p.put("sample.toml", sample); // all of it is commented: what it says must at least be TOML
    CHECK_THROWS_WITH_AS(wechat::load_config(p.folder.path() / "sample.toml", {}),
                         doctest::Contains("data.folder: is missing"), wechat::config_error);
}
