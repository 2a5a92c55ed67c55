// SQL of deliveries, their tries and receipts.
#pragma once
#include "core/db/transaction.hpp"
#include "notify/message/channel.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace notify {

struct delivery {
    std::int64_t id = 0, outbox_id = 0, binding_id = 0;
    std::string openid, kind, client_msg_id, body, status, errmsg;
    int attempts = 0, errcode = 0;
    core::instant next_at, created_at, status_at;
    std::optional<core::instant> doubt_since;
    bool may_repeat = false;
    std::int64_t msgid = 0;
    std::string applicant_name; // only in lists
};

struct try_row {
    int number = 0, errcode = 0;
    core::instant at;
    std::string outcome, errmsg, rid;
};

struct delivery_filter {
    std::string status; // "" any
};
std::vector<delivery> list_deliveries(core::db::read_view& view, const delivery_filter& f,
                                      std::int64_t institution, std::int64_t after, int limit);
std::vector<try_row> list_tries(core::db::read_view& view, std::int64_t delivery);

namespace store {

void insert(core::db::write_tx& tx, const delivery& d);
std::optional<delivery> find(core::db::read_view& view, std::int64_t id);
bool requeue(core::db::write_tx& tx, std::int64_t id,
             std::string_view client_msg_id); // failed or uncertain only
// Due and free to go: nothing older to the same person is unfinished, nothing to him is in flight (order per
// person).
std::vector<delivery> list_due(core::db::read_view& view, core::instant now, int limit);
std::vector<delivery> list_sending(core::db::read_view& view); // left in flight by a killed process
std::vector<delivery> list_silent(core::db::read_view& view, core::instant before); // uncertain, no receipt
bool claim(core::db::write_tx& tx, std::int64_t id);                                // queued -> sending
void set_status(core::db::write_tx& tx, const delivery& d, std::string_view status);
void add_try(core::db::write_tx& tx, const delivery& d, std::string_view outcome, const send_result& r);
std::optional<core::instant> next_due(core::db::read_view& view);
std::optional<delivery> find_by_msgid(core::db::read_view& view, std::int64_t msgid, std::string_view openid);
std::optional<delivery> find_unanswered(core::db::read_view& view,
                                        std::string_view openid); // sending or uncertain
void keep_receipt(core::db::write_tx& tx, std::string_view openid, std::int64_t msgid,
                  std::string_view status);
std::optional<std::string> take_receipt(core::db::write_tx& tx, std::string_view openid, std::int64_t msgid);
int purge_receipts(core::db::write_tx& tx, core::instant before);

} // namespace store
} // namespace notify
