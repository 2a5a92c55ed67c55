// What the platform holds about a person or a company: handed out to whom it is about, and erased as far as
// the law lets (PIPL art. 45 and 47; guarantees S15). The law on measuring asks for records: instruments,
// filings, orders, results with the names on certificates, and the journal stay; names, phones, WeChat ids
// and papers of those who left do not. Above all slices, because it knows every place such data lie in.
#pragma once
#include "core/base/actor.hpp"
#include "core/base/result.hpp"
#include "core/base/value.hpp"
#include "core/db/transaction.hpp"

#include <cstdint>
#include <ostream>
#include <string_view>

namespace core::privacy {

// Everything about a person as one tree: account, phone in clear, companies or place of work, bindings, open
// sessions, wishes about messages, and the newest 1,000 acts in the journal. For the person and the platform;
// else not_found. The look is a row of the journal when `tx` is the caller's (record_export).
result<value> export_person(db::read_view& view, const actor& who, std::int64_t login_id);
// The person can't sign in any more; name, user name, phone, passwords, sessions, bindings and wishes are
// gone, orders that are over keep no contact that is this person. By the person and the platform. Refuses
// not_found, privacy.reason (1..100 characters), conflict privacy.last_owner (arg name: a company that works
// would have nobody left), conflict privacy.erased.
result<> erase_person(db::write_tx& tx, const actor& who, std::int64_t login_id, std::string_view reason);

// A company's data as one JSON document, written piece by piece: company, people, papers, instruments with
// their steps, orders with lines and results. For its owners and the platform; else not_found.
result<> export_company(db::read_view& view, const actor& who, std::int64_t applicant_id, std::ostream& out);
// Of a company that is suspended or was rejected, without open orders: contact, legal person, papers,
// contacts of its orders, and every person who is of no other company. Name and code are public, and stay
// with the records. By the platform. Refuses not_found, privacy.reason, conflict privacy.working,
// privacy.open_orders.
result<> erase_company(db::write_tx& tx, const actor& who, std::int64_t applicant_id,
                       std::string_view reason);

// That somebody was given an export: a row of the journal (S13).
void record_export(db::write_tx& tx, const actor& who, std::string_view subject_kind,
                   std::int64_t subject_id);

// What nobody needs any more: WeChat ids of bindings undone `privacy.unbound_days` (30) ago, of followers who
// left as long ago, and contacts of orders that have been over for `privacy.contact_days` (730). Gives how
// many rows; at most about `most` of each kind, so call again.
int forget_some(db::write_tx& tx, int most);

} // namespace core::privacy
