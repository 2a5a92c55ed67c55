#include "core/account/scan_store.hpp"

#include "core/base/codes.hpp"

namespace core::account {
namespace {

constexpr code_table purposes{coded{scan_purpose::sign_in, "sign_in"},
                              coded{scan_purpose::sign_in_staff, "sign_in_staff"},
                              coded{scan_purpose::bind, "bind"}};
constexpr code_table statuses{coded{scan_status::shown, "shown"}, coded{scan_status::scanned, "scanned"},
                              coded{scan_status::confirmed, "confirmed"},
                              coded{scan_status::refused, "refused"}, coded{scan_status::used, "used"}};

std::optional<std::int64_t> maybe_id(std::int64_t id) {
    return id == 0 ? std::nullopt : std::optional(id);
}

} // namespace

std::string_view code_of(scan_status s) {
    return statuses.code_of(s);
}

int purge_scans(db::write_tx& tx) {
    return tx.exec(R"sql(DELETE FROM scan WHERE expires_at < $1)sql", tx.now());
}

namespace store {

void insert_scan(db::write_tx& tx, std::string_view scene_hash, std::string_view browser_hash,
                 const scan& s) {
    tx.exec(R"sql(INSERT INTO scan (scene_hash, purpose, status, browser_hash, address, number, source, agent,
                    login_id, applicant_id, created_at, expires_at)
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12))sql",
            scene_hash, purposes.code_of(s.purpose), code_of(s.status), browser_hash, s.address, s.number,
            s.source, s.agent, maybe_id(s.login_id), maybe_id(s.applicant_id), s.created_at, s.expires_at);
}

void end_scans_of(db::write_tx& tx, std::string_view browser_hash) {
    tx.exec(R"sql(DELETE FROM scan WHERE browser_hash = $1)sql", browser_hash);
}

bool set_address(db::write_tx& tx, std::string_view scene_hash, std::string_view address) {
    return tx.exec(R"sql(UPDATE scan SET address = $1 WHERE scene_hash = $2 AND status = 'shown')sql",
                   address, scene_hash) == 1;
}

std::optional<stored_scan> find_scan(db::read_view& view, std::string_view scene_hash) {
    return view.query_one(
        [](db::row r) {
            stored_scan s;
            s.what.purpose = purposes.stored(r.view(0));
            s.what.status = statuses.stored(r.view(1));
            s.what.address = r.text(2);
            s.what.number = r.text(3);
            s.what.source = r.text(4);
            s.what.agent = r.text(5);
            s.what.openid = r.text(6);
            s.what.login_id = r.number(7);
            s.what.applicant_id = r.number(8);
            s.what.login_name = r.text(9);
            s.what.applicant_name = r.text(10);
            s.what.created_at = r.time(11);
            s.what.expires_at = r.time(12);
            s.browser_hash = r.text(13);
            s.what.institution_id = r.number(14);
            s.what.roles = role_set::from_bits(static_cast<unsigned>(r.number(15)));
            return s;
        },
        R"sql(SELECT s.purpose, s.status, s.address, s.number, s.source, s.agent, coalesce(s.openid, ''), coalesce(s.login_id, 0),
                coalesce(s.applicant_id, 0), coalesce(l.display_name, ''), coalesce(a.name, i.name, ''), s.created_at, s.expires_at,
                s.browser_hash, coalesce(m.institution_id, 0), coalesce(m.roles, 0)
              FROM scan s LEFT JOIN login l ON l.id = s.login_id LEFT JOIN applicant a ON a.id = s.applicant_id
                LEFT JOIN staff_member m ON m.login_id = s.login_id LEFT JOIN institution i ON i.id = m.institution_id
              WHERE s.scene_hash = $1 AND s.expires_at > $2)sql",
        scene_hash, view.now());
}

bool move_scan(db::write_tx& tx, std::string_view scene_hash, scan_status from, scan_status to,
               const scan& with) {
    return tx.exec(R"sql(UPDATE scan SET status = $1, openid = $2, login_id = $3, applicant_id = $4
                         WHERE scene_hash = $5 AND status = $6)sql",
                   code_of(to), with.openid, maybe_id(with.login_id), maybe_id(with.applicant_id), scene_hash,
                   code_of(from)) == 1;
}

} // namespace store
} // namespace core::account
