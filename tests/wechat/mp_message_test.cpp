// wechat/mp/message: every message type and event of wechat-platform.md 7, and what goes back.
#include "tests/wechat/mp_support.hpp"

#include <doctest/doctest.h>
#include <pugixml.hpp>

#include <random>

namespace {

using namespace std::chrono_literals;
using tests::account_world;
using tests::callback_desk;
using wechat::mp::message;
using wechat::mp::read_message;

struct kind_row {
    std::string_view type, event; // event "" for messages
    std::string_view xml;
    std::vector<std::pair<std::string_view, std::string_view>> expected; // path, text
    bool answered;                                                       // with more than success
};

const std::vector<kind_row>& kinds() {
    static const std::vector<kind_row> all = {
        {"text",
         "",
         "<Content><![CDATA[你好]]></Content><MsgId>6265774840459235675</MsgId><bizmsgmenuid>101</"
         "bizmsgmenuid>",
         {{"bizmsgmenuid", "101"}},
         true},
        {"image",
         "",
         "<PicUrl><![CDATA[http://x/1]]></PicUrl><MediaId><![CDATA[m1]]></MediaId><MsgId>1</MsgId>",
         {{"PicUrl", "http://x/1"}, {"MediaId", "m1"}},
         true},
        {"voice",
         "",
         "<MediaId>m2</MediaId><Format>amr</Format><MediaId16K>m3</MediaId16K><Recognition></"
         "Recognition><MsgId>2</MsgId>",
         {{"MediaId", "m2"}, {"Format", "amr"}, {"MediaId16K", "m3"}, {"Recognition", ""}},
         true},
        {"video",
         "",
         "<MediaId>m4</MediaId><ThumbMediaId>t1</ThumbMediaId><MsgId>3</MsgId>",
         {{"MediaId", "m4"}, {"ThumbMediaId", "t1"}},
         true},
        {"shortvideo",
         "",
         "<MediaId>m5</MediaId><ThumbMediaId>t2</ThumbMediaId><MsgId>4</MsgId>",
         {{"ThumbMediaId", "t2"}},
         true},
        {"location",
         "",
         "<Location_X>23.13</Location_X><Location_Y>113.27</Location_Y><Scale>20</"
         "Scale><Label><![CDATA[广州]]></Label><MsgId>5</MsgId>",
         {{"Location_X", "23.13"}, {"Location_Y", "113.27"}, {"Scale", "20"}, {"Label", "广州"}},
         true},
        {"link",
         "",
         "<Title>t</Title><Description>d</Description><Url>u</Url><MsgId>6</MsgId>",
         {{"Title", "t"}, {"Description", "d"}, {"Url", "u"}},
         true},
        {"miniprogrampage", "", "<Title>t</Title><MsgId>7</MsgId>", {{"Title", "t"}}, false},
        {"file", "", "<Title>t</Title><FileKey>k</FileKey><MsgId>8</MsgId>", {{"FileKey", "k"}}, false},
        {"never_heard_of", "", "<Anything><Deep>1</Deep></Anything>", {{"Anything/Deep", "1"}}, false},
        {"event", "subscribe", "<EventKey></EventKey>", {}, true},
        {"event",
         "subscribe",
         "<EventKey><![CDATA[qrscene_123]]></EventKey><Ticket>T</Ticket>",
         {{"Ticket", "T"}},
         true},
        {"event", "subscribe", "<EventKey>last_trade_no_4001</EventKey>", {}, true},
        {"event", "unsubscribe", "<EventKey></EventKey>", {}, false},
        {"event", "SCAN", "<EventKey>123</EventKey><Ticket>T2</Ticket>", {{"Ticket", "T2"}}, true},
        {"event",
         "LOCATION",
         "<Latitude>23.1</Latitude><Longitude>113.2</Longitude><Precision>119</Precision>",
         {{"Latitude", "23.1"}, {"Longitude", "113.2"}, {"Precision", "119"}},
         false},
        {"event", "CLICK", "<EventKey>QUERY_NUMBER</EventKey>", {}, true},
        {"event",
         "VIEW",
         "<EventKey>https://example.com/</EventKey><MenuId>9</MenuId>",
         {{"MenuId", "9"}},
         false},
        {"event",
         "view_miniprogram",
         "<EventKey>pages/x</EventKey><MenuId>9</MenuId>",
         {{"MenuId", "9"}},
         false},
        {"event",
         "scancode_push",
         "<EventKey>k</EventKey><ScanCodeInfo><ScanType>qrcode</ScanType><ScanResult>1</ScanResult></"
         "ScanCodeInfo>",
         {{"ScanCodeInfo/ScanType", "qrcode"}, {"ScanCodeInfo/ScanResult", "1"}},
         true},
        {"event",
         "scancode_waitmsg",
         "<EventKey>k</EventKey><ScanCodeInfo><ScanType>barcode</ScanType><ScanResult>CODE_128,2611</"
         "ScanResult></ScanCodeInfo>",
         {{"ScanCodeInfo/ScanResult", "CODE_128,2611"}},
         true},
        {"event",
         "pic_sysphoto",
         "<EventKey>k</EventKey><SendPicsInfo><Count>2</Count><PicList><item><PicMd5Sum>a</PicMd5Sum></"
         "item><item><PicMd5Sum>b</PicMd5Sum></item></PicList></SendPicsInfo>",
         {{"SendPicsInfo/Count", "2"}, {"SendPicsInfo/PicList/item/PicMd5Sum", "a"}},
         false},
        {"event",
         "pic_photo_or_album",
         "<EventKey>k</EventKey><SendPicsInfo><Count>0</Count></SendPicsInfo>",
         {{"SendPicsInfo/Count", "0"}},
         false},
        {"event",
         "pic_weixin",
         "<EventKey>k</EventKey><SendPicsInfo><Count>0</Count></SendPicsInfo>",
         {{"SendPicsInfo/Count", "0"}},
         false},
        {"event",
         "location_select",
         "<EventKey>k</EventKey><SendLocationInfo><Location_X>23</Location_X><Location_Y>113</"
         "Location_Y><Scale>15</Scale><Label>L</Label><Poiname>P</Poiname></SendLocationInfo>",
         {{"SendLocationInfo/Location_X", "23"}, {"SendLocationInfo/Poiname", "P"}},
         false},
        {"event",
         "TEMPLATESENDJOBFINISH",
         "<MsgID>3487542469355618313</MsgID><Status><![CDATA[failed: system failed]]></Status>",
         {{"Status", "failed: system failed"}},
         false},
        {"event",
         "subscribe_msg_popup_event",
         "<SubscribeMsgPopupEvent><List><TemplateId>A</TemplateId><SubscribeStatusString>accept</"
         "SubscribeStatusString><PopupScene>1</PopupScene></List>"
         "<List><TemplateId>B</TemplateId><SubscribeStatusString>reject</"
         "SubscribeStatusString><PopupScene>2</PopupScene></List></SubscribeMsgPopupEvent>",
         {{"SubscribeMsgPopupEvent/List/TemplateId", "A"}, {"SubscribeMsgPopupEvent/List/PopupScene", "1"}},
         false},
        {"event",
         "subscribe_msg_change_event",
         "<SubscribeMsgChangeEvent><List><TemplateId>A</TemplateId><SubscribeStatusString>reject</"
         "SubscribeStatusString></List></SubscribeMsgChangeEvent>",
         {{"SubscribeMsgChangeEvent/List/SubscribeStatusString", "reject"}},
         false},
        {"event",
         "subscribe_msg_sent_event",
         "<SubscribeMsgSentEvent><List><TemplateId>A</TemplateId><MsgID>1700827132819554304</"
         "MsgID><ErrorCode>0</ErrorCode><ErrorStatus>success</ErrorStatus></List></SubscribeMsgSentEvent>",
         {{"SubscribeMsgSentEvent/List/MsgID", "1700827132819554304"},
          {"SubscribeMsgSentEvent/List/ErrorCode", "0"}},
         false},
        {"event", "user_info_modified", "<OpenID>o1</OpenID><AppID>wx1</AppID>", {{"OpenID", "o1"}}, false},
        {"event",
         "user_authorization_revoke",
         "<OpenID>o1</OpenID><RevokeInfo>301</RevokeInfo>",
         {{"RevokeInfo", "301"}},
         false},
        {"event", "user_authorization_cancellation", "<OpenID>o1</OpenID>", {{"OpenID", "o1"}}, false},
        {"event",
         "MASSSENDJOBFINISH",
         "<MsgID>1000001625</MsgID><Status>send success</Status><TotalCount>100</TotalCount>",
         {{"TotalCount", "100"}},
         false},
        {"event", "kf_create_session", "<KfAccount>a@b</KfAccount>", {{"KfAccount", "a@b"}}, false},
        {"event", "debug_demo", "<debug_str>hello world</debug_str>", {{"debug_str", "hello world"}}, false},
    };
    return all;
}

std::string inner(const kind_row& k, core::instant now) {
    if (k.type != "event") return tests::any_message(k.type, k.xml, now);
    return tests::event_message(k.event, k.xml, now);
}

} // namespace

TEST_CASE("K6 every message type and event: parsed by name, answered or accepted quietly") {
    account_world w;
    callback_desk d(w);
    for (const auto& k : kinds()) {
        w.time.advance(1s);
        const auto now = w.time.now();
        const std::string xml = inner(k, now);
        CAPTURE(xml);
        const auto m = read_message(xml);
        REQUIRE(m.has_value());
        CHECK(m->from == tests::some_openid);
        CHECK(m->create_time == core::to_ms(now) / 1000);
        CHECK(m->event == k.event);
        for (const auto& [path, text] : k.expected)
            CHECK(m->field(path) == text);
        const auto answer = d.ask(d.keys.sealed(xml, now));
        CHECK(answer.status == 200);
        if (k.answered)
            CHECK(d.keys.open(answer).has_value());
        else
            CHECK(answer.body == "success");
    }
    CHECK(w.count("SELECT count(*) FROM wx_inbox") == static_cast<std::int64_t>(kinds().size()));
}

TEST_CASE("U3 fields: 64-bit ids stay texts, receipts spell MsgID, lists keep their order, case of events is "
          "no matter") {
    const auto read = [](std::string_view extra) {
        return read_message(tests::any_message("event", extra, tests::tuesday_morning)).value();
    };
    CHECK(read("<MsgId>9223372036854775807</MsgId>").msg_id == "9223372036854775807");
    CHECK(read("<MsgID>3487542469355618313</MsgID>").msg_id == "3487542469355618313");
    CHECK(read("<Event>cLiCk</Event>").kind() == "event.click");
    const auto m = read("<X><List><A>1</A></List><List><A>2</A></List></X>");
    CHECK(m.all_of("X/List/A") == std::vector<std::string_view>{"1", "2"});
    CHECK(m.field("X/List/B").empty());
    // More than any message holds, or nested deeper, is left out; what every message has is found behind it.
    std::string many, deep = "1";
    for (int i = 0; i < 201; ++i)
        many += "<a>1</a>";
    for (int i = 0; i < 9; ++i)
        deep = "<a>" + deep + "</a>";
    const auto cut = read(many + "<Event>CLICK</Event>");
    CHECK(cut.fields.size() == 200);
    CHECK(cut.is_cut);
    CHECK(cut.kind() == "event.click");
    CHECK(read(deep).is_cut);
    CHECK(read(deep).fields.empty());
    CHECK_FALSE(m.is_cut);
}

TEST_CASE(
    "K6 a genuine message with a NUL or too many fields is answered, counted and kept without the NUL") {
    account_world w;
    callback_desk d(w);
    const auto now = w.time.now();
    std::string nul = tests::text_message("帮X助", "1", now);
    nul[nul.find('X')] = '\0';
    const auto answer = d.ask(d.keys.sealed(nul, now));
    CHECK(answer.status == 200);
    CHECK(d.text_in(answer) == d.say("帮助"));
    std::string many;
    for (int i = 0; i < 500; ++i)
        many += "<a>1</a>";
    CHECK(d.ask(d.keys.sealed(tests::any_message("event", many + "<Event>later</Event>", now), now)).body ==
          "success");
    CHECK(d.door().mended() == 2);
    CHECK(w.count("SELECT count(*) FROM wx_inbox") == 3);
    CHECK(w.count("SELECT count(*) FROM wx_inbox WHERE state = 'failed'") == 0);
}

TEST_CASE("K5 whatever was typed, the reply is well-formed, sealed and addressed back") {
    account_world w;
    callback_desk d(w);
    std::mt19937 random(20261124); // the same texts at every run
    const std::vector<std::string> pieces = {"]]>",
                                             "]]",
                                             ">",
                                             "<",
                                             "&",
                                             "&amp;",
                                             "<![CDATA[",
                                             "<xml>",
                                             "</Content>",
                                             "\x1d",
                                             "\x01",
                                             "\t",
                                             "\n",
                                             "😀",
                                             "强检",
                                             "\xEF\xBF\xBF",
                                             "\xEF\xBF\xBE",
                                             "261148273058",
                                             "２６１１",
                                             " ",
                                             "-",
                                             "查询",
                                             "绑定",
                                             "到期",
                                             "'",
                                             "\"",
                                             "%s",
                                             "{{url}}",
                                             "<a href=\"x\">",
                                             "\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9",
                                             "\x7f"};
    std::int64_t id = 1;
    for (int round = 0; round < 400; ++round) {
        std::string typed;
        const auto count = random() % 12;
        for (std::size_t i = 0; i < count; ++i)
            typed += pieces[random() % pieces.size()];
        if (round % 50 == 0) typed.append(6000, 'x');
        CAPTURE(typed);
        const auto now = w.time.now();
        const std::string openid = "oTyper" + std::to_string(round);
        const auto answer =
            d.ask(d.keys.sealed(tests::text_message(typed, std::to_string(++id), now, openid), now));
        const auto plain = d.keys.open(answer); // checks MsgSignature, padding, AppID
        REQUIRE(plain.has_value());
        pugi::xml_document doc;
        REQUIRE(doc.load_buffer(plain->data(), plain->size()));
        const auto root = doc.child("xml");
        CHECK(root.child_value("ToUserName") == openid);
        CHECK(root.child_value("FromUserName") == tests::our_account);
        CHECK(std::string_view(root.child_value("MsgType")) == "text");
        CHECK(std::string(root.child_value("CreateTime")) == std::to_string(core::to_ms(now) / 1000));
        const std::string_view said = root.child_value("Content");
        CHECK(!said.empty());
        CHECK(said.size() <= 2000);
    }
}

TEST_CASE("K5 a reply of any text: legal characters, CDATA that closes, 2000 bytes, no cut link") {
    message to;
    to.from = "o]]>1";
    to.to = "gh_1";
    const auto content = [&](std::string_view text) {
        pugi::xml_document doc;
        const std::string xml = wechat::mp::text_reply(to, text, 1);
        REQUIRE(doc.load_buffer(xml.data(), xml.size()));
        std::string all, address;
        for (const auto& piece : doc.child("xml").child("Content").children())
            all += piece.value();
        for (const auto& piece : doc.child("xml").child("ToUserName").children())
            address += piece.value();
        CHECK(address == to.from);
        return all;
    };
    CHECK(content("a]]>b") == "a]]>b");
    CHECK(content("]]]]>>") == "]]]]>>");
    CHECK(content("a\x01\x1d\x08z") == "az");
    CHECK(content("a\tb\nc") == "a\tb\nc");
    CHECK(content("a\xEF\xBF\xBE\xEF\xBF\xBF"
                  "b") == "ab");
    std::string chinese;
    for (int i = 0; i < 1000; ++i)
        chinese += "检";
    CHECK(content(chinese).size() == 1998); // 666 whole characters
    const std::string link = "<a href=\"https://example.com/wx/enter?to=/orders\">查看全部</a>";
    for (std::size_t before = 1900; before <= 2005; ++before) {
        const std::string cut = content(std::string(before, 'x') + "\n" + link);
        CAPTURE(before);
        CHECK(cut.size() <= 2000);
        const bool whole = cut.ends_with("</a>");
        CHECK(whole == (before + 1 + link.size() <= 2000));
        if (!whole) CHECK(cut.find('<') == std::string::npos);
    }
}
