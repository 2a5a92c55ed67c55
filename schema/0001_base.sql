-- qiangjian, first schema. Times (*_at) are UTC milliseconds; dates (*_on) are YYYY-MM-DD in Asia/Shanghai;
-- ids are made by the application and sort by time. STRICT is SQLite's; everything else is shared SQL.
-- CHECKs of tables that are written often name their words in pairs: for every IN of three words or more SQLite
-- fills a table in memory at each row written, which was a fifth of an import.

-- Which files of schema/ have been applied.
CREATE TABLE schema_version (
    version    INTEGER PRIMARY KEY,   -- number of the file
    name       TEXT NOT NULL,         -- its name
    applied_at INTEGER NOT NULL       -- when
) STRICT;

-- Business settings that staff may change; program settings are in the configuration file.
CREATE TABLE setting (
    name  TEXT PRIMARY KEY,           -- e.g. labels.catalogue_l1
    value TEXT NOT NULL               -- as text
) STRICT;

-- ---- reference data ------------------------------------------------------------------------------

-- Province, cities, counties and (where a city has no counties) towns.
CREATE TABLE region (
    code   TEXT PRIMARY KEY,          -- GB/T 2260, six digits; towns nine
    name   TEXT NOT NULL,             -- 白云区
    level  TEXT NOT NULL CHECK (level IN ('province', 'city', 'county', 'town')), -- place in the tree
    parent TEXT REFERENCES region (code) -- next level up
) STRICT;
CREATE INDEX region_by_parent ON region (parent, code);

-- Statutory verification institutions.
CREATE TABLE institution (
    id          INTEGER PRIMARY KEY,  -- application id
    name        TEXT NOT NULL UNIQUE, -- full name
    level       TEXT NOT NULL CHECK (level IN ('province', 'city', 'county')), -- of the authority behind it
    region_code TEXT NOT NULL REFERENCES region (code), -- seat and area of work
    address     TEXT NOT NULL,        -- of the front desk
    phone       TEXT NOT NULL,        -- for the public
    hours       TEXT NOT NULL,        -- opening hours, in words
    bring_note  TEXT NOT NULL,        -- what to bring
    direct      INTEGER NOT NULL CHECK (direct IN (0, 1)), -- companies may choose it when filing (F1a)
    lead_days   INTEGER NOT NULL CHECK (lead_days BETWEEN 0 AND 60),     -- first bookable day, working days ahead
    horizon_days INTEGER NOT NULL CHECK (horizon_days BETWEEN 1 AND 366), -- last bookable day, days ahead
    confirm_days INTEGER NOT NULL CHECK (confirm_days BETWEEN 1 AND 30), -- working days to answer a booking
    verified    TEXT NOT NULL,        -- how sure the shipped row is: yes, partial, no
    active      INTEGER NOT NULL CHECK (active IN (0, 1)) -- 0: takes no new filings
) STRICT;
CREATE INDEX institution_by_region ON institution (region_code, level);

-- Versions of the mandatory catalogue.
CREATE TABLE catalogue_version (
    id         INTEGER PRIMARY KEY,   -- application id
    title      TEXT NOT NULL UNIQUE,  -- e.g. 市场监管总局公告 2020 年第 42 号（工作替代）
    loaded_at  INTEGER NOT NULL,      -- when
    activated_at INTEGER,             -- put in force the last time; NULL: prepared
    is_current INTEGER NOT NULL CHECK (is_current IN (0, 1)) -- the one in force
) STRICT;
CREATE UNIQUE INDEX catalogue_one_current ON catalogue_version (is_current) WHERE is_current = 1;

-- One second-level row of a catalogue version.
CREATE TABLE catalogue_row (
    id           INTEGER PRIMARY KEY, -- application id
    version_id   INTEGER NOT NULL REFERENCES catalogue_version (id), -- its version
    seq          INTEGER NOT NULL,    -- order in the catalogue
    l1           TEXT NOT NULL,       -- upper level (项别)
    l2           TEXT NOT NULL,       -- lower level (种别)
    supervision  TEXT NOT NULL CHECK (supervision IN ('P', 'V', 'P+V')), -- type approval, verification, both
    verification TEXT NOT NULL,       -- 强检方式, empty for P only
    scope        TEXT NOT NULL,       -- 强检范围及说明
    purposes     TEXT NOT NULL,       -- subset of trade;safety;medical;environment
    period_months INTEGER CHECK (period_months BETWEEN 1 AND 240), -- default period to suggest
    verified     TEXT NOT NULL,       -- how sure the shipped row is
    standing     TEXT NOT NULL CHECK (standing IN ('current', 'continued', 'dropped')), -- against the version in force
    successor_id INTEGER REFERENCES catalogue_row (id), -- row it goes on as in a later version
    official_no  TEXT NOT NULL,       -- 一级序号 of the official table, where known
    source       TEXT NOT NULL,       -- where its words were seen
    replaces     TEXT NOT NULL,       -- l1/l2 of earlier rows that go on as this one, parted by ;
    UNIQUE (version_id, l1, l2)
) STRICT;

-- A version and how sure its rows are; column order is what core/catalogue reads.
CREATE VIEW catalogue_version_with_rows AS
SELECT v.id, v.title, v.loaded_at, v.activated_at, v.is_current, count(c.id) AS row_count,
       sum(CASE WHEN c.verified = 'yes' THEN 1 ELSE 0 END) AS verified,
       sum(CASE WHEN c.verified = 'partial' THEN 1 ELSE 0 END) AS partly
FROM catalogue_version v LEFT JOIN catalogue_row c ON c.version_id = v.id
GROUP BY v.id, v.title, v.loaded_at, v.activated_at, v.is_current;

-- Usual periods by instrument, suggested when nothing else says: the institution has the last word (1987 rule, art. 6).
CREATE TABLE verification_period (
    instrument    TEXT PRIMARY KEY,   -- name, joined to catalogue rows whose name meets it
    seq           INTEGER NOT NULL,   -- order: the first that meets counts
    regulation    TEXT NOT NULL,      -- JJG number
    period_months INTEGER NOT NULL CHECK (period_months BETWEEN 0 AND 240), -- 0: verified once only
    mode          TEXT NOT NULL,      -- 周期, 首次, 首次+轮换
    verified      TEXT NOT NULL,      -- how sure the shipped row is
    source        TEXT NOT NULL       -- where it was seen
) STRICT;

-- Names of the superseded catalogue of 1987 and the upper level of today that each leads to.
CREATE TABLE catalogue_synonym (
    word TEXT PRIMARY KEY,            -- 电子秤
    l1   TEXT NOT NULL                -- 非自动衡器; empty: nothing of today continues it
) STRICT;

-- Who can verify what: institution × catalogue row (or whole upper level) × method. By words, to outlive versions.
CREATE TABLE capability (
    id             INTEGER PRIMARY KEY, -- application id
    institution_id INTEGER NOT NULL REFERENCES institution (id), -- who
    l1             TEXT NOT NULL,     -- upper level
    l2             TEXT NOT NULL,     -- lower level; empty: all of l1
    method         TEXT NOT NULL CHECK (method IN ('deliver', 'onsite')), -- 送检 or 现场
    direct         INTEGER NOT NULL CHECK (direct IN (0, 1)), -- companies may choose it for this; 0: by dispatch only
    UNIQUE (institution_id, l1, l2, method)
) STRICT;

-- Days that differ from the week's pattern: public holidays and make-up working days.
CREATE TABLE holiday (
    day        TEXT PRIMARY KEY,      -- YYYY-MM-DD
    is_working INTEGER NOT NULL CHECK (is_working IN (0, 1)), -- 1: a weekend day worked (调休)
    name       TEXT NOT NULL,         -- 国庆节
    source     TEXT NOT NULL          -- notice, or what the shipped row rests on: memory, law
) STRICT;

-- ---- accounts ------------------------------------------------------------------------------------

-- A company or other unit that has instruments verified (申请方).
CREATE TABLE applicant (
    id            INTEGER PRIMARY KEY, -- application id
    uscc          TEXT NOT NULL UNIQUE CHECK (length(uscc) = 18), -- 统一社会信用代码, GB 32100-2015
    name          TEXT NOT NULL,       -- full name
    search_name   TEXT NOT NULL,       -- the name its filings and orders are found by: follows soon after a change
    status        TEXT NOT NULL CHECK (status IN ('pending', 'active') OR status IN ('rejected', 'suspended')), -- R1-R4
    region_code   TEXT NOT NULL REFERENCES region (code), -- 所在地
    address       TEXT NOT NULL,       -- street address
    contact_name  TEXT NOT NULL,       -- 联系人
    contact_phone BLOB NOT NULL,       -- sealed (libsodium), see core/account
    legal_person  TEXT NOT NULL,       -- 法定代表人, as in the letter of authority; '' when not told
    status_at     INTEGER NOT NULL,    -- when it got this status; of pending: in the reviewers' queue since
    status_reason TEXT NOT NULL,       -- of a rejection or suspension, shown to the company
    created_at    INTEGER NOT NULL,    -- when registered
    version       INTEGER NOT NULL     -- counts edits, so that a stale form is noticed
) STRICT;
CREATE INDEX applicant_by_name ON applicant (name);
CREATE INDEX applicant_renamed ON applicant (id) WHERE search_name <> name;
CREATE INDEX applicant_by_status ON applicant (status, status_at, id);
CREATE INDEX applicant_by_time ON applicant (status_at, id);

-- The grams that companies are found by (core/db/search_index); its rows are kept in step by the verbs. SQLite's own.
CREATE VIRTUAL TABLE applicant_search USING fts5(grams, content = '', detail = none, columnsize = 0, tokenize = 'ascii');
-- What is in it, gram by gram, for `qiangjian db check`; holds nothing itself.
CREATE VIRTUAL TABLE applicant_search_entry USING fts5vocab('applicant_search', 'instance');

-- How many companies are where, in which status; kept in step by triggers (SQLite's own), whoever
-- writes a company.
CREATE TABLE applicant_tally (
    region_code TEXT NOT NULL,        -- applicant.region_code
    status      TEXT NOT NULL,        -- applicant.status
    companies   INTEGER NOT NULL CHECK (companies >= 0), -- how many
    PRIMARY KEY (region_code, status)
) STRICT;
CREATE TRIGGER applicant_counted AFTER INSERT ON applicant BEGIN
    INSERT INTO applicant_tally (region_code, status, companies) VALUES (NEW.region_code, NEW.status, 1)
    ON CONFLICT (region_code, status) DO UPDATE SET companies = companies + 1;
END;
CREATE TRIGGER applicant_recounted AFTER UPDATE OF region_code, status ON applicant BEGIN
    UPDATE applicant_tally SET companies = companies - 1 WHERE region_code = OLD.region_code AND status = OLD.status;
    INSERT INTO applicant_tally (region_code, status, companies) VALUES (NEW.region_code, NEW.status, 1)
    ON CONFLICT (region_code, status) DO UPDATE SET companies = companies + 1;
END;

-- Papers of a company (M3). The bytes lie beside the database, named by content hash (core/files).
CREATE TABLE applicant_document (
    id            INTEGER PRIMARY KEY, -- application id
    applicant_id  INTEGER NOT NULL REFERENCES applicant (id), -- whose
    kind          TEXT NOT NULL CHECK (kind IN ('uscc_certificate', 'letter_of_authority', 'other')), -- 证照, 法人授权书, 其他
    file_name     TEXT NOT NULL,       -- as uploaded, for display only
    media_type    TEXT NOT NULL,       -- from the content, not from the name
    size          INTEGER NOT NULL CHECK (size > 0), -- bytes
    content_hash  TEXT NOT NULL,       -- SHA-256, hex: name of the stored file
    uploaded_by   INTEGER NOT NULL,    -- login
    uploaded_at   INTEGER NOT NULL,    -- when
    removed_at    INTEGER              -- NULL while it counts
) STRICT;
CREATE INDEX applicant_document_by_applicant ON applicant_document (applicant_id, id);
CREATE INDEX applicant_document_by_content ON applicant_document (content_hash);

-- A person who signs in, of a company or of staff.
CREATE TABLE login (
    id            INTEGER PRIMARY KEY, -- application id
    username      TEXT NOT NULL UNIQUE, -- lower case
    kind          TEXT NOT NULL CHECK (kind IN ('applicant', 'staff')), -- which pages
    display_name  TEXT NOT NULL,       -- 陈志明
    phone         BLOB,                -- sealed; NULL when not told
    password_hash TEXT NOT NULL,       -- argon2id with its parameters; '!' = none set
    status        TEXT NOT NULL CHECK (status IN ('active', 'disabled')), -- may sign in or not
    must_change   INTEGER NOT NULL CHECK (must_change IN (0, 1)), -- password was set by somebody else
    created_at    INTEGER NOT NULL,    -- when
    password_changed_at INTEGER NOT NULL -- sessions older than this are dead
) STRICT;
CREATE INDEX login_by_name ON login (display_name);

-- E-mail addresses of people, proved by a code mailed there.
CREATE TABLE email (
    login_id    INTEGER NOT NULL PRIMARY KEY REFERENCES login (id), -- whose
    sealed      BLOB NOT NULL,         -- the address
    tag         TEXT NOT NULL,         -- random, new with every address: names it where it may not be told
    verified_at INTEGER NOT NULL       -- when the code was typed
) STRICT;

-- The code of an address that is not proved yet, and how many were mailed.
CREATE TABLE email_check (
    login_id   INTEGER NOT NULL PRIMARY KEY REFERENCES login (id), -- whose
    sealed     BLOB,                   -- the address; NULL: none waits
    code_hash  TEXT NOT NULL,          -- SHA-256 of login and code, hex; '' when none waits
    tries      INTEGER NOT NULL CHECK (tries >= 0), -- wrong codes typed
    sent       INTEGER NOT NULL CHECK (sent >= 0),  -- codes mailed since window_at
    expires_at INTEGER NOT NULL,       -- 30 minutes after it was mailed
    window_at  INTEGER NOT NULL        -- start of the hour that is counted
) STRICT;

-- Passwords a person had before, so that the last ones can't come again (policy dengbao).
CREATE TABLE password_history (
    login_id   INTEGER NOT NULL REFERENCES login (id), -- whose
    changed_at INTEGER NOT NULL,       -- when this one was set
    hash       TEXT NOT NULL,          -- argon2id with its parameters
    PRIMARY KEY (login_id, changed_at)
) STRICT;

-- Which people act for which company; one person may act for several.
CREATE TABLE applicant_member (
    login_id     INTEGER NOT NULL REFERENCES login (id),     -- the person
    applicant_id INTEGER NOT NULL REFERENCES applicant (id), -- the company
    roles        INTEGER NOT NULL CHECK (roles > 0),         -- bits of core::role
    PRIMARY KEY (login_id, applicant_id)
) STRICT;
CREATE INDEX applicant_member_by_applicant ON applicant_member (applicant_id);

-- Invitations of an owner to join the company: a link with a random code, for one person, seven days.
CREATE TABLE invitation (
    id           INTEGER PRIMARY KEY, -- application id
    code_hash    TEXT NOT NULL UNIQUE, -- SHA-256 of the code, hex
    applicant_id INTEGER NOT NULL REFERENCES applicant (id), -- to which company
    roles        INTEGER NOT NULL CHECK (roles > 0), -- bits of core::role
    note         TEXT NOT NULL,       -- for whom, as the owner wrote it
    created_by   INTEGER NOT NULL REFERENCES login (id), -- who invited
    created_at   INTEGER NOT NULL,    -- when
    expires_at   INTEGER NOT NULL,    -- seven days later
    closed_at    INTEGER,             -- when used or revoked; NULL while open
    used_by      INTEGER REFERENCES login (id) -- who came; NULL: nobody
) STRICT;
CREATE INDEX invitation_by_applicant ON invitation (applicant_id, id) WHERE closed_at IS NULL;

-- Who wants no messages for which company. No row: messages are sent.
CREATE TABLE notification_preference (
    login_id     INTEGER NOT NULL REFERENCES login (id),     -- the person
    applicant_id INTEGER NOT NULL REFERENCES applicant (id), -- for which company
    muted        INTEGER NOT NULL CHECK (muted IN (0, 1)),   -- 1: no messages
    PRIMARY KEY (login_id, applicant_id)
) STRICT;

-- Which people work for which institution, with what roles; institution_id NULL = the platform itself.
CREATE TABLE staff_member (
    login_id       INTEGER NOT NULL PRIMARY KEY REFERENCES login (id), -- the person
    institution_id INTEGER REFERENCES institution (id),     -- where; NULL: platform administrators
    region_code    TEXT REFERENCES region (code),           -- regulators: what they may read
    roles          INTEGER NOT NULL CHECK (roles > 0)       -- bits of core::role
) STRICT;
CREATE INDEX staff_member_by_institution ON staff_member (institution_id);

-- Signed-in browsers. Only a hash of the cookie is kept.
CREATE TABLE session (
    token_hash   TEXT PRIMARY KEY,    -- SHA-256 of the cookie, hex
    login_id     INTEGER NOT NULL REFERENCES login (id), -- who
    applicant_id INTEGER REFERENCES applicant (id), -- company acted for; NULL for staff
    csrf         TEXT NOT NULL,       -- token every form of this session carries
    via          TEXT NOT NULL CHECK (via IN ('password', 'wechat') OR via = 'qr'), -- how signed in
    openid       TEXT,                -- when signed in through WeChat
    source       TEXT NOT NULL,       -- address
    created_at   INTEGER NOT NULL,    -- when
    seen_at      INTEGER NOT NULL,    -- last request, written at most once a minute
    expires_at   INTEGER NOT NULL,    -- 12 h at most
    factor_at    INTEGER              -- when the second factor was proved; NULL: not, or there is none
) STRICT;
CREATE INDEX session_by_login ON session (login_id);
CREATE INDEX session_by_expiry ON session (expires_at);
CREATE INDEX session_by_openid ON session (openid) WHERE openid IS NOT NULL;

-- The second factor of staff: TOTP (RFC 6238).
CREATE TABLE second_factor (
    login_id     INTEGER PRIMARY KEY REFERENCES login (id), -- whose
    seed         BLOB NOT NULL,       -- sealed
    confirmed_at INTEGER,             -- when a code proved that the app has it; NULL: being set up
    last_step    INTEGER NOT NULL,    -- 30-second step of the last code taken: no code is taken twice
    created_at   INTEGER NOT NULL     -- when
) STRICT;

-- Codes for a lost phone, shown once; each works once.
CREATE TABLE recovery_code (
    login_id  INTEGER NOT NULL REFERENCES login (id), -- whose
    code_hash TEXT NOT NULL,          -- SHA-256, hex, of 80 random bits
    used_at   INTEGER,                -- NULL while it is good
    PRIMARY KEY (login_id, code_hash)
) STRICT;

-- Passwords being reset by somebody who proved to be the person by a bound WeChat: single use, ten minutes.
CREATE TABLE password_reset (
    code_hash  TEXT PRIMARY KEY,      -- SHA-256 of the code, hex
    login_id   INTEGER NOT NULL REFERENCES login (id), -- whose
    openid     TEXT NOT NULL,         -- which proved it
    created_at INTEGER NOT NULL,      -- when
    expires_at INTEGER NOT NULL       -- ten minutes later
) STRICT;
CREATE INDEX password_reset_by_expiry ON password_reset (expires_at);

-- Failed tries of something guessable, counted per key: 'login:' and a hash of the name (people type passwords
-- there), 'address:203.0.113.5', 'openid:…'.
CREATE TABLE attempt (
    key          TEXT PRIMARY KEY,    -- what is counted
    failures     INTEGER NOT NULL CHECK (failures >= 0), -- since window_at
    window_at    INTEGER NOT NULL,    -- start of the window
    locked_until INTEGER NOT NULL     -- 0: not locked
) STRICT;

-- WeChat users who follow the account, or did.
CREATE TABLE follower (
    openid        TEXT PRIMARY KEY,   -- opaque
    is_following  INTEGER NOT NULL CHECK (is_following IN (0, 1)), -- now
    changed_at    INTEGER NOT NULL,   -- when we learned of the last subscribe or unsubscribe
    said_at       INTEGER NOT NULL,   -- when that was by WeChat's clock: older news is ignored
    scene         TEXT NOT NULL,      -- how they came, as WeChat says
    unionid       TEXT,               -- when WeChat has told it
    subscribed_at INTEGER,            -- since when, as WeChat says
    detailed_at   INTEGER,            -- when WeChat was asked for the two; NULL: not yet
    wrote_at      INTEGER,            -- last message to the account, to the hour: customer messages may follow it
    seen_in       INTEGER NOT NULL,   -- newest follower_sync whose list has them; 0: none
    moved_to      TEXT                -- the same person's openid since the account moved
) STRICT;
CREATE INDEX follower_by_state ON follower (is_following, openid);
CREATE INDEX follower_by_sync ON follower (seen_in) WHERE is_following = 1;
CREATE INDEX follower_moved ON follower (moved_to) WHERE moved_to IS NOT NULL;
CREATE INDEX follower_undetailed ON follower (openid) WHERE is_following = 1 AND detailed_at IS NULL;

-- The list of everybody who follows, fetched page by page and taken up again after a crash.
CREATE TABLE follower_sync (
    id          INTEGER PRIMARY KEY,  -- application id
    begun_at    INTEGER NOT NULL,     -- the list counts as of now
    asked_by    TEXT NOT NULL CHECK (asked_by IN ('schedule', 'command', 'page')), -- who wanted it
    stage       TEXT NOT NULL CHECK (stage IN ('list', 'gone', 'details', 'done')), -- what comes next
    next_openid TEXT NOT NULL,        -- where the list goes on
    total       INTEGER NOT NULL,     -- followers, as WeChat counts
    seen        INTEGER NOT NULL,     -- followers in its list
    added       INTEGER NOT NULL,     -- of them new to us
    returned    INTEGER NOT NULL,     -- of them believed gone
    gone        INTEGER NOT NULL,     -- left unnoticed
    detailed    INTEGER NOT NULL,     -- asked about and told of
    complete    INTEGER NOT NULL CHECK (complete IN (0, 1)), -- 0: shorter than the count, so nobody was marked gone
    trouble     TEXT NOT NULL,        -- why it stands still
    try_at      INTEGER,              -- not before
    finished_at INTEGER,              -- NULL while under way
    CHECK ((stage = 'done') = (finished_at IS NOT NULL))
) STRICT;
CREATE INDEX follower_sync_open ON follower_sync (id) WHERE finished_at IS NULL;

-- A WeChat user bound to a person of a company (W1-W4), or to a person of staff.
CREATE TABLE binding (
    id           INTEGER PRIMARY KEY, -- application id
    openid       TEXT NOT NULL,       -- opaque
    unionid      TEXT,                -- when known
    login_id     INTEGER NOT NULL REFERENCES login (id),     -- the person
    applicant_id INTEGER REFERENCES applicant (id), -- for which company; NULL: as staff
    bound_at     INTEGER NOT NULL,    -- when
    unbound_at   INTEGER,             -- NULL while it holds
    union_asked_at INTEGER NOT NULL   -- when WeChat was asked for the unionid last; 0: never
) STRICT;
CREATE UNIQUE INDEX binding_one_open ON binding (openid, applicant_id) WHERE unbound_at IS NULL;
CREATE UNIQUE INDEX binding_one_staff ON binding (openid) WHERE unbound_at IS NULL AND applicant_id IS NULL;
CREATE INDEX binding_of_staff ON binding (id) WHERE unbound_at IS NULL AND applicant_id IS NULL;
CREATE INDEX binding_by_applicant ON binding (applicant_id) WHERE unbound_at IS NULL;
CREATE INDEX binding_by_login ON binding (login_id) WHERE unbound_at IS NULL;
CREATE INDEX binding_undone ON binding (unbound_at) WHERE unbound_at IS NOT NULL;
CREATE INDEX binding_undone_of ON binding (openid, applicant_id) WHERE unbound_at IS NOT NULL;
CREATE INDEX binding_by_unionid ON binding (unionid) WHERE unbound_at IS NULL AND unionid IS NOT NULL;
CREATE INDEX binding_without_union ON binding (union_asked_at, id) WHERE unbound_at IS NULL AND unionid IS NULL;

-- How many WeChat users there are, one row; kept in step by triggers (SQLite's own), whoever writes a follower or a
-- binding.
CREATE TABLE follower_tally (
    one           INTEGER PRIMARY KEY CHECK (one = 1), -- the row
    following     INTEGER NOT NULL CHECK (following >= 0), -- followers now
    gone          INTEGER NOT NULL CHECK (gone >= 0),      -- followers once
    bound         INTEGER NOT NULL CHECK (bound >= 0),     -- with an open binding
    bound_outside INTEGER NOT NULL CHECK (bound_outside >= 0) -- of them those gone
) STRICT;
INSERT INTO follower_tally (one, following, gone, bound, bound_outside) VALUES (1, 0, 0, 0, 0);
CREATE TRIGGER follower_counted AFTER INSERT ON follower BEGIN
    UPDATE follower_tally SET following = following + NEW.is_following, gone = gone + 1 - NEW.is_following,
        bound_outside = bound_outside + (NEW.is_following = 0 AND EXISTS (
            SELECT 1 FROM binding b WHERE b.openid = NEW.openid AND b.unbound_at IS NULL));
END;
CREATE TRIGGER follower_recounted AFTER UPDATE OF is_following ON follower WHEN NEW.is_following <> OLD.is_following BEGIN
    UPDATE follower_tally SET following = following + NEW.is_following - OLD.is_following,
        gone = gone + OLD.is_following - NEW.is_following,
        bound_outside = bound_outside + (OLD.is_following - NEW.is_following) * EXISTS (
            SELECT 1 FROM binding b WHERE b.openid = NEW.openid AND b.unbound_at IS NULL);
END;
CREATE TRIGGER follower_discounted AFTER DELETE ON follower BEGIN
    UPDATE follower_tally SET following = following - OLD.is_following, gone = gone - 1 + OLD.is_following,
        bound_outside = bound_outside - (OLD.is_following = 0 AND EXISTS (
            SELECT 1 FROM binding b WHERE b.openid = OLD.openid AND b.unbound_at IS NULL));
END;
-- Of a person with several bindings the first counts, and the last to end.
CREATE TRIGGER binding_counted AFTER INSERT ON binding WHEN NEW.unbound_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM binding b WHERE b.openid = NEW.openid AND b.unbound_at IS NULL AND b.id <> NEW.id) BEGIN
    UPDATE follower_tally SET bound = bound + 1, bound_outside = bound_outside + EXISTS (
        SELECT 1 FROM follower f WHERE f.openid = NEW.openid AND f.is_following = 0);
END;
CREATE TRIGGER binding_ended AFTER UPDATE OF openid, unbound_at ON binding WHEN OLD.unbound_at IS NULL
    AND (NEW.unbound_at IS NOT NULL OR NEW.openid <> OLD.openid) AND NOT EXISTS (
    SELECT 1 FROM binding b WHERE b.openid = OLD.openid AND b.unbound_at IS NULL AND b.id <> OLD.id) BEGIN
    UPDATE follower_tally SET bound = bound - 1, bound_outside = bound_outside - EXISTS (
        SELECT 1 FROM follower f WHERE f.openid = OLD.openid AND f.is_following = 0);
END;
CREATE TRIGGER binding_recounted AFTER UPDATE OF openid, unbound_at ON binding WHEN NEW.unbound_at IS NULL
    AND (OLD.unbound_at IS NOT NULL OR NEW.openid <> OLD.openid) AND NOT EXISTS (
    SELECT 1 FROM binding b WHERE b.openid = NEW.openid AND b.unbound_at IS NULL AND b.id <> NEW.id) BEGIN
    UPDATE follower_tally SET bound = bound + 1, bound_outside = bound_outside + EXISTS (
        SELECT 1 FROM follower f WHERE f.openid = NEW.openid AND f.is_following = 0);
END;

-- WeChat users who should carry the account's staff tag (the conditional menu), and what WeChat was told: it is put
-- and taken off by a queue, never inside the transaction that binds.
CREATE TABLE staff_tag (
    openid    TEXT PRIMARY KEY,       -- opaque
    is_wanted INTEGER NOT NULL CHECK (is_wanted IN (0, 1)), -- bound to a person of staff now
    is_put    INTEGER NOT NULL CHECK (is_put IN (0, 1)),    -- what WeChat was told last
    tries     INTEGER NOT NULL CHECK (tries >= 0),          -- failed ones since the wish changed
    next_at   INTEGER NOT NULL,       -- not tried before
    why       TEXT NOT NULL           -- of the last failure, else empty
) STRICT;
CREATE INDEX staff_tag_open ON staff_tag (next_at) WHERE is_wanted <> is_put;

-- OAuth round trips under way: single use, ten minutes, tied to the browser.
CREATE TABLE oauth_state (
    state_hash   TEXT PRIMARY KEY,    -- SHA-256 of the state parameter, hex
    purpose      TEXT NOT NULL CHECK (purpose IN ('account', 'website')), -- whose sign-in page: phone or desktop
    browser_hash TEXT NOT NULL,       -- SHA-256 of the browser's cookie
    target       TEXT NOT NULL,       -- our own path to go to afterwards
    openid       TEXT,                -- set when the code was exchanged; NULL again when a binding used it
    unionid      TEXT,                -- likewise, when WeChat tells it
    tries        INTEGER NOT NULL,    -- round trips begun by this browser, against loops
    created_at   INTEGER NOT NULL,    -- when
    expires_at   INTEGER NOT NULL,    -- ten minutes later
    used_at      INTEGER              -- NULL until the callback
) STRICT;
CREATE INDEX oauth_state_by_expiry ON oauth_state (expires_at);
CREATE INDEX oauth_state_by_browser ON oauth_state (browser_hash, created_at);

-- QR codes shown on a desktop page: single use, ten minutes, tied to the browser that shows them, confirmed by
-- the person who scanned (guarantees S4).
CREATE TABLE scan (
    scene_hash   TEXT PRIMARY KEY,    -- SHA-256 of the scene in the code, hex
    purpose      TEXT NOT NULL CHECK (purpose IN ('sign_in', 'sign_in_staff', 'bind')), -- what confirming does
    status       TEXT NOT NULL CHECK (status IN ('shown', 'scanned') OR status IN ('confirmed', 'refused') OR status = 'used'), -- state
    browser_hash TEXT NOT NULL,       -- SHA-256 of the browser's cookie
    address      TEXT NOT NULL,       -- what the QR code holds
    number       TEXT NOT NULL,       -- two digits shown on both sides
    source       TEXT NOT NULL,       -- address of that browser, shown to the person who scans
    agent        TEXT NOT NULL,       -- its kind in words, shown likewise
    login_id     INTEGER REFERENCES login (id),         -- bind: who asked; sign_in: who confirmed
    applicant_id INTEGER REFERENCES applicant (id),     -- bind: for which company, NULL as staff; sign_in: which first
    openid       TEXT,                -- who scanned
    created_at   INTEGER NOT NULL,    -- when shown
    expires_at   INTEGER NOT NULL     -- ten minutes later
) STRICT;
CREATE INDEX scan_by_expiry ON scan (expires_at);

-- Forms already done, so that an unanswered request can be repeated safely (Idempotency-Key).
CREATE TABLE done_request (
    login_id INTEGER NOT NULL,        -- whose
    key      TEXT NOT NULL,           -- hash of the address and the key from the header or the form
    status   INTEGER NOT NULL,        -- of the answer
    location TEXT NOT NULL,           -- of the redirect, else empty
    body     TEXT NOT NULL,           -- of the page, empty for a redirect
    done_at  INTEGER NOT NULL,        -- when
    PRIMARY KEY (login_id, key)
) STRICT;
CREATE INDEX done_request_by_time ON done_request (done_at);

-- ---- instruments and filings ---------------------------------------------------------------------

-- A measuring instrument of a company: the fields of Figure 8 and its filing state (domain.md 5, 6.2).
CREATE TABLE instrument (
    id              INTEGER PRIMARY KEY, -- application id
    applicant_id    INTEGER NOT NULL REFERENCES applicant (id), -- owner
    name            TEXT NOT NULL,     -- 器具名称
    model           TEXT NOT NULL,     -- 型号规格
    measuring_range TEXT NOT NULL,     -- 测量范围
    accuracy_class  TEXT NOT NULL,     -- 准确度等级
    serial_no       TEXT NOT NULL,     -- 出厂编号
    own_no          TEXT NOT NULL,     -- 自编号
    manufacturer    TEXT NOT NULL,     -- 生产厂家
    origin          TEXT NOT NULL CHECK (origin IN ('domestic', 'imported')), -- 生产地
    location_text   TEXT NOT NULL,     -- 安装使用地点
    purchased_on    TEXT,              -- 购买日期
    instrument_status TEXT NOT NULL CHECK (instrument_status IN ('new', 'in_use') OR instrument_status IN ('stopped', 'scrapped') OR instrument_status = 'repair'), -- 器具状态
    purpose         TEXT NOT NULL CHECK (purpose IN ('trade', 'safety') OR purpose IN ('medical', 'environment')), -- 器具用途
    instrument_type TEXT NOT NULL CHECK (instrument_type IN ('working', 'standard')), -- 器具类型
    method          TEXT NOT NULL CHECK (method IN ('deliver', 'onsite')), -- 检定方式
    region_code     TEXT NOT NULL REFERENCES region (code), -- 所在地
    catalogue_id    INTEGER NOT NULL REFERENCES catalogue_row (id), -- 种别 and 类别
    type_approval_no TEXT NOT NULL,    -- 型式证书号
    instrument_code TEXT,              -- 器具编码, given when filed, never reused
    tags            TEXT NOT NULL,     -- 自定义标签, separated by one blank
    remark          TEXT NOT NULL,     -- 备注
    used_by         TEXT NOT NULL,     -- who uses it when that is another, e.g. a stall-holder (13.9)
    declared_use    TEXT NOT NULL DEFAULT '' CHECK (declared_use IN ('', 'listed') OR declared_use = 'otherwise'), -- as the catalogue's scope says, or not: said when submitted
    serial_key      TEXT NOT NULL,     -- model, serial_no, manufacturer normalised for comparing (8.3)
    filing_status   TEXT NOT NULL CHECK (filing_status IN ('unfiled', 'submitted') OR filing_status IN ('dispatched', 'filed') OR filing_status IN ('returned', 'deleted')), -- 备案状态
    filing_at       INTEGER NOT NULL,  -- when it got this status
    submitted_at    INTEGER,           -- F1 or F4, the last one
    due_at          INTEGER,           -- the handler should have decided by then; NULL: nobody has to
    handler_id      INTEGER REFERENCES institution (id), -- who must act: submitted, dispatched; else who did last
    origin_handler_id INTEGER REFERENCES institution (id), -- who handed it on since it was submitted (F6, F11)
    institution_id  INTEGER REFERENCES institution (id), -- 检定机构, set when filed
    period_months   INTEGER CHECK (period_months BETWEEN 1 AND 240), -- set by the reviewer; NULL: first only
    return_kind     TEXT CHECK (return_kind IN ('incomplete', 'not_mandatory') OR return_kind = 'desk'), -- F3, F8
    return_reason   TEXT NOT NULL,     -- text the company sees
    certificate_no  TEXT NOT NULL,     -- 检定证书号, the last one
    verified_on     TEXT,              -- date of the last verification
    valid_until     TEXT,              -- 有效期至
    barred          INTEGER NOT NULL CHECK (barred IN (0, 1)), -- failed: must not be used (计量法 art. 9)
    due_kind        TEXT,              -- kept: what instrument_with_names says as due_rule
    created_at      INTEGER NOT NULL,  -- when entered
    updated_at      INTEGER NOT NULL,  -- last edit
    version         INTEGER NOT NULL,  -- counts edits, so that a stale form is noticed
    CHECK ((filing_status = 'filed') = (institution_id IS NOT NULL)),
    CHECK (filing_status NOT IN ('submitted', 'dispatched') OR handler_id IS NOT NULL),
    CHECK ((filing_status IN ('submitted', 'dispatched')) = (due_at IS NOT NULL)),
    CHECK (barred = 0 OR valid_until IS NULL)
) STRICT;
CREATE INDEX instrument_by_applicant ON instrument (applicant_id, filing_status, id);
CREATE INDEX instrument_by_handler ON instrument (handler_id, filing_status, due_at, id) WHERE handler_id IS NOT NULL;
CREATE INDEX instrument_by_origin ON instrument (origin_handler_id, due_at, id) WHERE due_at IS NOT NULL AND origin_handler_id <> handler_id;
CREATE INDEX instrument_by_institution ON instrument (institution_id, id) WHERE institution_id IS NOT NULL;
CREATE INDEX instrument_filed_of ON instrument (applicant_id, institution_id, id) WHERE institution_id IS NOT NULL;
CREATE INDEX instrument_by_serial ON instrument (serial_key);
CREATE INDEX instrument_by_own_serial ON instrument (applicant_id, serial_key);
CREATE UNIQUE INDEX instrument_by_code ON instrument (instrument_code) WHERE instrument_code IS NOT NULL;
CREATE INDEX instrument_due_of_applicant ON instrument (applicant_id, due_kind, valid_until, id, institution_id) WHERE due_kind IS NOT NULL;
CREATE INDEX instrument_due_at_institution ON instrument (institution_id, due_kind, valid_until, id, applicant_id) WHERE due_kind IS NOT NULL;
CREATE INDEX instrument_newest ON instrument (applicant_id, id) WHERE filing_status <> 'deleted';
CREATE INDEX instrument_by_name ON instrument (applicant_id, name, id) WHERE filing_status <> 'deleted';
CREATE INDEX instrument_by_validity ON instrument (applicant_id, coalesce(valid_until, '9999-12-31'), id) WHERE filing_status <> 'deleted';
CREATE INDEX instrument_at_by_name ON instrument (institution_id, name, id) WHERE institution_id IS NOT NULL;
CREATE INDEX instrument_at_by_validity ON instrument (institution_id, coalesce(valid_until, '9999-12-31'), id) WHERE institution_id IS NOT NULL;
CREATE INDEX instrument_by_due ON instrument (valid_until, applicant_id) WHERE valid_until IS NOT NULL;

-- What the company had typed as its last certificate, kept from the first result on: shown again when that result
-- turns out to be a mistake.
CREATE TABLE typed_certificate (
    instrument_id  INTEGER PRIMARY KEY REFERENCES instrument (id), -- of which
    certificate_no TEXT NOT NULL,      -- 检定证书号 as typed
    valid_until    TEXT                -- 有效期至 as typed
) STRICT;

-- An instrument with the names that lists and pages show; column order is what core/instrument reads. due_rule says
-- how its validity ends (domain.md 10): book again, replace, barred, never verified, or '' of no concern.
CREATE VIEW instrument_with_names AS
SELECT i.id, i.applicant_id, i.catalogue_id, i.version, i.name, i.model, i.measuring_range, i.accuracy_class, i.serial_no,
       i.own_no, i.manufacturer, i.origin, i.location_text, i.instrument_status, i.purpose, i.instrument_type, i.method,
       i.region_code, i.type_approval_no, i.tags, i.remark, i.purchased_on, i.verified_on, i.valid_until,
       coalesce(i.instrument_code, '') AS instrument_code, i.filing_status, coalesce(i.return_kind, '') AS return_kind,
       i.return_reason, i.certificate_no, i.handler_id, i.institution_id, i.period_months, i.submitted_at, i.barred,
       i.filing_at, i.created_at, coalesce(l.status, '') AS line_status, coalesce(n.name, '') AS institution_name, c.l1,
       c.l2, c.supervision, a.name AS applicant_name, i.used_by, c.standing,
       coalesce(i.valid_until, '9999-12-31') AS valid_key, coalesce(i.due_kind, '') AS due_kind,
       CASE WHEN i.filing_status <> 'filed' OR i.instrument_status IN ('stopped', 'scrapped') THEN ''
            WHEN i.barred = 1 THEN 'barred'
            WHEN i.valid_until IS NULL THEN CASE WHEN i.verified_on IS NULL THEN 'never' ELSE '' END
            WHEN c.verification LIKE '%轮换%' THEN 'replace'
            WHEN i.period_months IS NULL THEN '' ELSE 'book' END AS due_rule, a.search_name,
       i.origin_handler_id, i.declared_use
FROM instrument i JOIN catalogue_row c ON c.id = i.catalogue_id JOIN applicant a ON a.id = i.applicant_id
     LEFT JOIN institution n ON n.id = coalesce(i.institution_id, i.handler_id)
     LEFT JOIN appointment_line l ON l.instrument_id = i.id AND l.is_open = 1;

-- The grams that instruments are found by (core/db/search_index); its rows are kept in step by the verbs. SQLite's own.
CREATE VIRTUAL TABLE instrument_search USING fts5(grams, content = '', detail = none, columnsize = 0, tokenize = 'ascii');
-- What is in it, gram by gram, for `qiangjian db check`; holds nothing itself.
CREATE VIRTUAL TABLE instrument_search_entry USING fts5vocab('instrument_search', 'instance');

-- How many instruments are where, in which status; kept in step by the verbs.
CREATE TABLE instrument_tally (
    institution_id INTEGER NOT NULL,  -- filed with; 0: with nobody
    filing_status  TEXT NOT NULL,     -- 备案状态
    region_code    TEXT NOT NULL,     -- place of use
    instruments    INTEGER NOT NULL CHECK (instruments >= 0), -- how many
    PRIMARY KEY (institution_id, filing_status, region_code)
) STRICT;

-- How many instruments an institution has to do with before they are filed; kept in step by the verbs.
CREATE TABLE desk_tally (
    institution_id INTEGER NOT NULL,  -- handler, or of outgoing: who handed on
    part           TEXT NOT NULL CHECK (part IN ('submitted', 'dispatched') OR part IN ('returned', 'outgoing')), -- tab of the work list
    instruments    INTEGER NOT NULL CHECK (instruments >= 0), -- how many
    PRIMARY KEY (institution_id, part)
) STRICT;

-- How many filed instruments end when, and how; kept in step by the verbs.
CREATE TABLE due_tally (
    institution_id INTEGER NOT NULL,  -- filed with
    kind           TEXT NOT NULL,     -- instrument.due_kind
    day            TEXT NOT NULL,     -- valid_until; empty: none
    method         TEXT NOT NULL,     -- 检定方式
    booked         INTEGER NOT NULL CHECK (booked IN (0, 1)),     -- 1: in an open order
    instruments    INTEGER NOT NULL CHECK (instruments > 0), -- how many
    PRIMARY KEY (institution_id, kind, day, method, booked)
) STRICT;

-- Files of an instrument: 相关资料 and 型式评价报告. The bytes lie beside the database, named by content hash.
CREATE TABLE attachment (
    id            INTEGER PRIMARY KEY, -- application id
    instrument_id INTEGER NOT NULL REFERENCES instrument (id), -- of which
    kind          TEXT NOT NULL CHECK (kind IN ('material', 'type_evaluation')), -- which of the two
    file_name     TEXT NOT NULL,       -- as uploaded, for display only
    media_type    TEXT NOT NULL,       -- from the content, not from the name
    size          INTEGER NOT NULL CHECK (size > 0), -- bytes
    content_hash  TEXT NOT NULL,       -- SHA-256, hex: name of the stored file
    uploaded_by   INTEGER NOT NULL,    -- login
    uploaded_at   INTEGER NOT NULL,    -- when
    removed_at    INTEGER              -- NULL while it counts
) STRICT;
CREATE INDEX attachment_by_instrument ON attachment (instrument_id, kind);
CREATE INDEX attachment_by_content ON attachment (content_hash);

-- A filing with the names that work lists show.
CREATE VIEW filing_with_names AS
SELECT i.id, i.applicant_id, i.catalogue_id, a.name AS applicant_name, a.contact_name, a.contact_phone, i.name, i.model,
       i.serial_no, i.manufacturer, i.purpose, i.method, i.region_code, i.filing_status, c.l1, c.l2, c.supervision,
       coalesce(n.name, '') AS institution_name, coalesce(i.submitted_at, i.filing_at) AS since, i.due_at, i.handler_id,
       i.origin_handler_id, i.institution_id
FROM instrument i JOIN applicant a ON a.id = i.applicant_id JOIN catalogue_row c ON c.id = i.catalogue_id
     LEFT JOIN institution n ON n.id = coalesce(i.institution_id, i.handler_id);

-- Why filings are given back (F3): the list of an institution, institution_id 0: of the platform.
CREATE TABLE return_reason (
    institution_id INTEGER NOT NULL,  -- whose list
    seq   INTEGER NOT NULL,           -- order in it
    code  TEXT NOT NULL,              -- stays when the text is reworded
    kind  TEXT NOT NULL CHECK (kind IN ('incomplete', 'not_mandatory')), -- what the company can do
    field TEXT NOT NULL,              -- of the form, that it is about; empty: none
    text  TEXT NOT NULL CHECK (length(text) BETWEEN 1 AND 20), -- what the company reads
    PRIMARY KEY (institution_id, code)
) STRICT;

-- The reasons of the present return of a filing, as they were worded then.
CREATE TABLE filing_reason (
    instrument_id INTEGER NOT NULL REFERENCES instrument (id), -- of which
    seq   INTEGER NOT NULL,           -- order chosen
    code  TEXT NOT NULL,              -- return_reason.code
    kind  TEXT NOT NULL CHECK (kind IN ('incomplete', 'not_mandatory')), -- its kind
    field TEXT NOT NULL,              -- to be marked in the form
    text  TEXT NOT NULL,              -- as told
    PRIMARY KEY (instrument_id, seq)
) STRICT;

-- What a company asked to be changed of a filing (F12, F14); one at a time is open.
CREATE TABLE filing_request (
    id             INTEGER PRIMARY KEY, -- application id
    instrument_id  INTEGER NOT NULL REFERENCES instrument (id),  -- of which
    applicant_id   INTEGER NOT NULL REFERENCES applicant (id),   -- who asks
    institution_id INTEGER NOT NULL REFERENCES institution (id), -- who decides
    kind           TEXT NOT NULL CHECK (kind IN ('cancel', 'change')), -- F12, F14
    status         TEXT NOT NULL CHECK (status IN ('open', 'agreed') OR status IN ('refused', 'withdrawn') OR status = 'lapsed'), -- state
    why            TEXT NOT NULL CHECK (why IN ('', 'stopped') OR why IN ('scrapped', 'sold') OR why IN ('moved', 'other')), -- of a cancellation
    note           TEXT NOT NULL,      -- from the company
    before         TEXT NOT NULL,      -- JSON, texts by field when it was asked
    after          TEXT NOT NULL,      -- JSON, texts by field asked for
    asked_by       INTEGER NOT NULL,   -- login
    asked_at       INTEGER NOT NULL,   -- when
    due_at         INTEGER NOT NULL,   -- the institution should have decided by then
    answer         TEXT NOT NULL,      -- why it was refused
    decided_by     INTEGER,            -- login
    decided_at     INTEGER,            -- NULL while it is open
    CHECK ((status = 'open') = (decided_at IS NULL))
) STRICT;
CREATE UNIQUE INDEX filing_request_one_open ON filing_request (instrument_id) WHERE status = 'open';
CREATE INDEX filing_request_by_institution ON filing_request (institution_id, due_at, id) WHERE status = 'open';
CREATE INDEX filing_request_by_applicant ON filing_request (applicant_id, id);

-- The same with the names that lists show.
CREATE VIEW filing_request_with_names AS
SELECT q.id, q.instrument_id, q.applicant_id, q.institution_id, q.kind, q.status, q.why, q.note, q.before, q.after,
       q.asked_at, q.due_at, q.decided_at, q.answer, i.name, i.model, i.serial_no, a.name AS applicant_name,
       n.name AS institution_name
FROM filing_request q JOIN instrument i ON i.id = q.instrument_id JOIN applicant a ON a.id = q.applicant_id
     JOIN institution n ON n.id = q.institution_id;

-- How often filings of a model were accepted as what, where: what the next one is proposed from.
CREATE TABLE filing_learned (
    model_key      TEXT NOT NULL,     -- manufacturer, model, name, normalised for comparing (8.3)
    city_code      TEXT NOT NULL,     -- of the place of use
    catalogue_id   INTEGER NOT NULL REFERENCES catalogue_row (id), -- row it was accepted under
    period_months  INTEGER NOT NULL CHECK (period_months BETWEEN 0 AND 240), -- 0: first verification only
    institution_id INTEGER NOT NULL REFERENCES institution (id), -- that accepted it
    times          INTEGER NOT NULL CHECK (times > 0), -- how often
    last_at        INTEGER NOT NULL,  -- the last time
    PRIMARY KEY (model_key, city_code, catalogue_id, period_months, institution_id)
) STRICT;

-- ---- imports --------------------------------------------------------------------------------------

-- One file of instruments that a company has imported, whole or row by row, so that sending it again changes nothing.
CREATE TABLE import_job (
    id           INTEGER PRIMARY KEY, -- application id
    applicant_id INTEGER NOT NULL REFERENCES applicant (id), -- whose instruments
    login_id     INTEGER NOT NULL,    -- who sent it
    file_name    TEXT NOT NULL,       -- as uploaded, for display only
    file_hash    TEXT NOT NULL,       -- SHA-256 of the file, hex
    by_rows      INTEGER NOT NULL CHECK (by_rows IN (0, 1)), -- 1: 逐行导入
    mode         TEXT NOT NULL CHECK (mode IN ('all', 'valid', 'rows')), -- every row or none; the right ones; row by row
    is_done      INTEGER NOT NULL CHECK (is_done IN (0, 1)), -- nothing more will come
    rows         INTEGER NOT NULL,    -- rows in the file; by rows: sent so far
    imported     INTEGER NOT NULL,    -- became instruments
    wrong        INTEGER NOT NULL,    -- passed over: something is wrong with them
    repeated     INTEGER NOT NULL,    -- passed over: there already
    last_row     INTEGER NOT NULL,    -- the last row of the file that has been looked at
    created_at   INTEGER NOT NULL,    -- when it began
    updated_at   INTEGER NOT NULL,    -- when it last went on
    UNIQUE (applicant_id, file_hash, by_rows),
    CHECK ((mode = 'rows') = (by_rows = 1))
) STRICT;
CREATE INDEX import_job_by_applicant ON import_job (applicant_id, id);

-- Rows of 逐行导入 that are in: a row sent again gives the same instrument.
CREATE TABLE import_row (
    job_id        INTEGER NOT NULL REFERENCES import_job (id), -- of which file
    row_number    INTEGER NOT NULL,   -- in the file, from 1
    instrument_id INTEGER NOT NULL REFERENCES instrument (id), -- what it became
    PRIMARY KEY (job_id, row_number)
) STRICT;

-- ---- appointments --------------------------------------------------------------------------------

-- The week of an institution: which periods are offered, for how much.
CREATE TABLE slot_pattern (
    id             INTEGER PRIMARY KEY, -- application id
    institution_id INTEGER NOT NULL REFERENCES institution (id), -- whose
    method         TEXT NOT NULL CHECK (method IN ('deliver', 'onsite')), -- 送检 or 现场
    weekday        INTEGER NOT NULL CHECK (weekday BETWEEN 1 AND 7), -- 1 Monday
    starts         INTEGER NOT NULL CHECK (starts BETWEEN 0 AND 1439), -- minute of the day
    ends           INTEGER NOT NULL CHECK (ends BETWEEN 1 AND 1440),   -- minute of the day
    instruments    INTEGER NOT NULL CHECK (instruments >= 0), -- capacity in 台件
    orders         INTEGER NOT NULL CHECK (orders >= 0),      -- capacity in 预约单
    CHECK (ends > starts),
    UNIQUE (institution_id, method, weekday, starts)
) STRICT;

-- Periods offered on one day instead of the pattern; they open a rest day too.
CREATE TABLE slot_special (
    institution_id INTEGER NOT NULL REFERENCES institution (id), -- whose
    method         TEXT NOT NULL CHECK (method IN ('deliver', 'onsite')), -- 送检 or 现场
    day            TEXT NOT NULL,      -- YYYY-MM-DD
    starts         INTEGER NOT NULL CHECK (starts BETWEEN 0 AND 1439), -- minute of the day
    ends           INTEGER NOT NULL CHECK (ends BETWEEN 1 AND 1440),   -- minute of the day
    instruments    INTEGER NOT NULL CHECK (instruments >= 0), -- capacity in 台件
    orders         INTEGER NOT NULL CHECK (orders >= 0),      -- capacity in 预约单
    CHECK (ends > starts),
    PRIMARY KEY (institution_id, method, day, starts)
) STRICT;

-- How many instruments of one group of the catalogue a period takes: a team is smaller than the desk.
CREATE TABLE slot_group_limit (
    institution_id INTEGER NOT NULL REFERENCES institution (id), -- whose
    method         TEXT NOT NULL CHECK (method IN ('deliver', 'onsite')), -- 送检 or 现场
    weekday        INTEGER NOT NULL CHECK (weekday BETWEEN 1 AND 7), -- 1 Monday
    starts         INTEGER NOT NULL,   -- of the period
    l1             TEXT NOT NULL,      -- 项别
    l2             TEXT NOT NULL,      -- 种别; empty: all of the 项别 together
    instruments    INTEGER NOT NULL CHECK (instruments >= 0), -- 台件
    PRIMARY KEY (institution_id, method, weekday, starts, l1, l2)
) STRICT;

-- Days on which an institution does not keep its pattern.
CREATE TABLE slot_exception (
    institution_id INTEGER NOT NULL REFERENCES institution (id), -- whose
    day            TEXT NOT NULL,      -- YYYY-MM-DD
    reason         TEXT NOT NULL,      -- shown to companies
    PRIMARY KEY (institution_id, day)
) STRICT;

-- What is taken of a period. Held by pending orders too (A1); given back by A3, A9-A13.
CREATE TABLE slot_usage (
    institution_id INTEGER NOT NULL REFERENCES institution (id), -- whose
    method         TEXT NOT NULL,      -- 送检 or 现场
    day            TEXT NOT NULL,      -- YYYY-MM-DD
    starts         INTEGER NOT NULL,   -- minute of the day
    ends           INTEGER NOT NULL,   -- as offered when first taken
    instruments    INTEGER NOT NULL CHECK (instruments >= 0), -- 台件 taken
    orders         INTEGER NOT NULL CHECK (orders >= 0),      -- 预约单 taken
    PRIMARY KEY (institution_id, method, day, starts)
) STRICT;

-- The same by group of the catalogue; kept for every group, so that a limit set later is right at once.
CREATE TABLE slot_group_usage (
    institution_id INTEGER NOT NULL REFERENCES institution (id), -- whose
    method         TEXT NOT NULL,      -- 送检 or 现场
    day            TEXT NOT NULL,      -- YYYY-MM-DD
    starts         INTEGER NOT NULL,   -- minute of the day
    l1             TEXT NOT NULL,      -- 项别
    l2             TEXT NOT NULL,      -- 种别; empty: all of the 项别 together
    instruments    INTEGER NOT NULL CHECK (instruments >= 0), -- 台件 taken
    PRIMARY KEY (institution_id, method, day, starts, l1, l2)
) STRICT;

-- What an institution set otherwise than the platform (core/appointment/rule.hpp).
CREATE TABLE institution_setting (
    institution_id INTEGER NOT NULL REFERENCES institution (id), -- whose
    name           TEXT NOT NULL,      -- e.g. orders.auto_confirm
    value          INTEGER NOT NULL,   -- all are numbers
    PRIMARY KEY (institution_id, name)
) STRICT;

-- An appointment order (预约单, domain.md 6.3).
CREATE TABLE appointment_order (
    id             INTEGER PRIMARY KEY, -- application id
    number         TEXT NOT NULL UNIQUE CHECK (length(number) = 12), -- 单号
    applicant_id   INTEGER NOT NULL REFERENCES applicant (id),   -- who comes
    institution_id INTEGER NOT NULL REFERENCES institution (id), -- where to
    method         TEXT NOT NULL CHECK (method IN ('deliver', 'onsite')), -- 送检 or 现场
    day            TEXT NOT NULL,      -- YYYY-MM-DD
    starts         INTEGER NOT NULL CHECK (starts BETWEEN 0 AND 1439), -- minute of the day
    ends           INTEGER NOT NULL CHECK (ends > starts), -- minute of the day
    status         TEXT NOT NULL CHECK (status IN ('pending', 'confirmed') OR status IN ('rejected', 'received') OR status IN ('completed', 'order_returned') OR status IN ('cancelled', 'expired')), -- state
    pieces         INTEGER NOT NULL CHECK (pieces > 0), -- number of lines booked
    contact_name   TEXT NOT NULL,      -- 送检联系人
    contact_phone  BLOB NOT NULL,      -- sealed
    note           TEXT NOT NULL,      -- from the company
    reason         TEXT NOT NULL,      -- of rejection, return, cancelling
    suggested_day  TEXT,               -- other time proposed with a rejection
    suggested_starts INTEGER,          -- minute of the day
    suggested_ends INTEGER,            -- minute of the day
    created_at     INTEGER NOT NULL,   -- A1
    created_by     INTEGER NOT NULL,   -- login
    due_at         INTEGER NOT NULL,   -- the institution should have answered by then
    status_at      INTEGER NOT NULL,   -- when it got this status
    closed_at      INTEGER,            -- when it got a final status
    overbooked     INTEGER NOT NULL CHECK (overbooked IN (0, 1)), -- staff took more than is offered, knowingly
    no_show        INTEGER NOT NULL CHECK (no_show IN (0, 1)), -- A12: nobody came
    counted        INTEGER,            -- pieces counted at the desk (A6)
    finish_on      TEXT,               -- YYYY-MM-DD, told with the receipt (A6)
    version        INTEGER NOT NULL,   -- counts changes
    CHECK ((status IN ('rejected', 'completed') OR status IN ('order_returned', 'cancelled') OR status = 'expired') = (closed_at IS NOT NULL))
) STRICT;
CREATE INDEX order_by_applicant ON appointment_order (applicant_id, id);
CREATE INDEX order_by_applicant_status ON appointment_order (applicant_id, status, id);
CREATE INDEX order_by_institution ON appointment_order (institution_id, status, due_at, id);
CREATE INDEX order_by_day ON appointment_order (institution_id, day, status, starts, id, method);
CREATE INDEX order_of_day ON appointment_order (institution_id, day, id, status, method);
CREATE INDEX order_of_company ON appointment_order (applicant_id, institution_id, id, status, method);
CREATE INDEX order_open_by_day ON appointment_order (day) WHERE closed_at IS NULL;
CREATE INDEX order_open_by_applicant ON appointment_order (applicant_id, institution_id, day) WHERE closed_at IS NULL;
CREATE INDEX order_no_show ON appointment_order (applicant_id, institution_id, day) WHERE no_show = 1;
CREATE INDEX order_by_institution_id ON appointment_order (institution_id, id);
CREATE INDEX order_contact_kept ON appointment_order (closed_at) WHERE closed_at IS NOT NULL AND contact_name <> '';
CREATE INDEX order_by_institution_status ON appointment_order (institution_id, status, id);

-- An order with the names that pages and notices show; column order is what core/appointment reads.
CREATE VIEW order_with_names AS
SELECT o.id, o.number, o.applicant_id, o.institution_id, o.method, o.day, o.starts, o.ends, o.status, o.pieces,
       o.contact_name, o.contact_phone, o.note, o.reason, o.suggested_day, o.suggested_starts, o.suggested_ends,
       o.created_at, o.due_at, o.status_at, a.name AS applicant_name, a.uscc, a.address AS applicant_address,
       i.name AS institution_name, i.address, i.phone, i.hours, i.bring_note, a.region_code AS applicant_region,
       i.region_code AS institution_region, o.overbooked, o.no_show, o.counted, o.finish_on
FROM appointment_order o JOIN applicant a ON a.id = o.applicant_id JOIN institution i ON i.id = o.institution_id;

-- The grams that orders are found by; its rows are kept in step by the verbs. SQLite's own.
CREATE VIRTUAL TABLE order_search USING fts5(grams, content = '', detail = none, columnsize = 0, tokenize = 'ascii');
-- What is in it, as instrument_search_entry.
CREATE VIRTUAL TABLE order_search_entry USING fts5vocab('order_search', 'instance');

-- One instrument of an order (domain.md 6.4).
CREATE TABLE appointment_line (
    id            INTEGER PRIMARY KEY, -- application id
    order_id      INTEGER NOT NULL REFERENCES appointment_order (id), -- of which
    instrument_id INTEGER NOT NULL REFERENCES instrument (id), -- which
    status        TEXT NOT NULL CHECK (status IN ('booked', 'checked_in') OR status IN ('passed', 'failed') OR status IN ('not_tested', 'returned') OR status = 'dropped'), -- state
    reason        TEXT NOT NULL,       -- of returned, not_tested
    reason_code   TEXT NOT NULL,       -- of returned: core::appointment::desk_reasons; empty: none
    l1            TEXT NOT NULL,       -- 项别 as filed when booked: capacity is counted by it
    l2            TEXT NOT NULL,       -- 种别, likewise
    instrument_status TEXT NOT NULL,   -- 器具状态 when booked: back to it when a pass was a mistake
    is_open       INTEGER NOT NULL CHECK (is_open IN (0, 1)), -- 1 while the instrument is taken by this order
    status_at     INTEGER NOT NULL,    -- when it got this status
    UNIQUE (order_id, instrument_id),
    CHECK ((status IN ('booked', 'checked_in')) = (is_open = 1))
) STRICT;
CREATE UNIQUE INDEX line_one_open ON appointment_line (instrument_id) WHERE is_open = 1;
CREATE INDEX line_by_instrument ON appointment_line (instrument_id, id);

-- The result of a line; a correction makes a new version, the old one stays.
CREATE TABLE verification_result (
    id             INTEGER PRIMARY KEY, -- application id
    line_id        INTEGER NOT NULL REFERENCES appointment_line (id), -- of which
    version        INTEGER NOT NULL CHECK (version >= 1), -- 1 first
    result         TEXT NOT NULL CHECK (result IN ('passed', 'failed') OR result = 'not_tested'), -- 结论
    certificate_kind TEXT NOT NULL CHECK (certificate_kind IN ('certificate', 'rejection_notice') OR certificate_kind = 'none'), -- 检定证书, 检定结果通知书
    certificate_no TEXT NOT NULL,       -- 证书编号
    certificate_key TEXT NOT NULL,      -- as compared: core::comparison_key
    institution_id INTEGER NOT NULL REFERENCES institution (id), -- whose numbers
    verified_on    TEXT,                -- 检定日期
    valid_until    TEXT,                -- 有效期至, only when passed
    failed_items   TEXT NOT NULL,       -- 不合格项
    verifier       TEXT NOT NULL,       -- 检定员
    checker        TEXT NOT NULL,       -- 核验员
    approver       TEXT NOT NULL,       -- 批准人
    recorded_by    INTEGER NOT NULL,    -- login
    recorded_at    INTEGER NOT NULL,    -- when
    UNIQUE (line_id, version),
    CHECK (result = 'passed' OR valid_until IS NULL)
) STRICT;
CREATE INDEX result_by_certificate ON verification_result (institution_id, certificate_key);

-- The PDF of a certificate or rejection notice, one a result: another file needs another version.
CREATE TABLE certificate_file (
    result_id    INTEGER PRIMARY KEY REFERENCES verification_result (id), -- of which
    file_name    TEXT NOT NULL,         -- as uploaded, for display only
    size         INTEGER NOT NULL CHECK (size > 0), -- bytes
    content_hash TEXT NOT NULL,         -- SHA-256, hex: name of the stored file (core/files)
    uploaded_by  INTEGER NOT NULL,      -- login
    uploaded_at  INTEGER NOT NULL       -- when
) STRICT;
CREATE INDEX certificate_file_by_content ON certificate_file (content_hash);

-- ---- on-site trips -------------------------------------------------------------------------------

-- An institution's day on the road (domain.md 12).
CREATE TABLE trip (
    id             INTEGER PRIMARY KEY, -- application id
    institution_id INTEGER NOT NULL REFERENCES institution (id), -- whose
    day            TEXT NOT NULL,      -- YYYY-MM-DD
    status         TEXT NOT NULL CHECK (status IN ('planned', 'under_way') OR status IN ('done', 'cancelled')), -- state
    vehicle        TEXT NOT NULL,      -- number plate or name
    standards      TEXT NOT NULL,      -- measurement standards to take
    reason         TEXT NOT NULL,      -- why it was cancelled
    created_by     INTEGER NOT NULL,   -- login
    created_at     INTEGER NOT NULL,   -- when
    status_at      INTEGER NOT NULL,   -- when it got this status
    version        INTEGER NOT NULL    -- counts changes
) STRICT;
CREATE INDEX trip_by_day ON trip (institution_id, day, id);

-- Who goes.
CREATE TABLE trip_member (
    trip_id  INTEGER NOT NULL REFERENCES trip (id),  -- on which
    login_id INTEGER NOT NULL REFERENCES login (id), -- the person
    PRIMARY KEY (trip_id, login_id)
) STRICT;
CREATE INDEX trip_member_by_login ON trip_member (login_id, trip_id);

-- The orders visited, in order. What became of a stop is its order's status.
CREATE TABLE trip_stop (
    trip_id     INTEGER NOT NULL REFERENCES trip (id), -- on which
    order_id    INTEGER NOT NULL REFERENCES appointment_order (id), -- which order
    seq         INTEGER NOT NULL CHECK (seq >= 1), -- place in the order of stops
    half_day    TEXT NOT NULL CHECK (half_day IN ('morning', 'afternoon')), -- window for the company
    place       TEXT NOT NULL,         -- where exactly; empty: as the instruments say
    access_note TEXT NOT NULL,         -- power, crane, shut-down time, safety training
    told        TEXT NOT NULL,         -- day and window told to the company last; empty: nothing yet
    is_open     INTEGER NOT NULL CHECK (is_open IN (0, 1)), -- 1 while the order belongs to this trip
    PRIMARY KEY (trip_id, order_id)
) STRICT;
CREATE UNIQUE INDEX trip_stop_one_open ON trip_stop (order_id) WHERE is_open = 1;

-- ---- due cycle -----------------------------------------------------------------------------------

-- Filed instruments in use whose validity ends somehow, with the names that lists show and the open order each is in
-- (0: none).
CREATE VIEW due_with_names AS
SELECT i.id, i.applicant_id, i.institution_id, a.name AS applicant_name, n.name AS institution_name, i.name, i.model,
       i.serial_no, i.own_no, i.location_text, i.region_code, i.method, c.l1, c.l2, i.certificate_no, i.period_months,
       i.verified_on, i.valid_until, i.due_kind AS kind, coalesce(l.order_id, 0) AS order_id
FROM instrument i JOIN catalogue_row c ON c.id = i.catalogue_id JOIN applicant a ON a.id = i.applicant_id
     JOIN institution n ON n.id = i.institution_id
     LEFT JOIN appointment_line l ON l.instrument_id = i.id AND l.is_open = 1
WHERE i.due_kind IS NOT NULL;

-- ---- reminders ------------------------------------------------------------------------------------

-- Each due time of a reminder job, run once; the place in it is kept.
CREATE TABLE reminder_round (
    job         TEXT NOT NULL,         -- core::reminder::jobs
    due_at      INTEGER NOT NULL,      -- when it fell due
    since       TEXT NOT NULL,         -- YYYY-MM-DD: what came due after this day is told
    cursor      INTEGER NOT NULL,      -- subjects up to this id are done
    begun_at    INTEGER NOT NULL,      -- when
    finished_at INTEGER,               -- NULL while there is more to do
    PRIMARY KEY (job, due_at)
) STRICT;

-- What was told to whom already: once a subject and milestone.
CREATE TABLE reminder_told (
    kind       TEXT NOT NULL,          -- event kind
    subject_id INTEGER NOT NULL,       -- company, order, institution, login
    milestone  TEXT NOT NULL,          -- the day it is about
    told_at    INTEGER NOT NULL,       -- when
    PRIMARY KEY (kind, subject_id, milestone)
) STRICT;
CREATE INDEX reminder_told_by_time ON reminder_told (told_at);
-- A person's own quiet hours, instead of the platform's.
CREATE TABLE person_quiet (
    login_id    INTEGER PRIMARY KEY REFERENCES login (id), -- who
    quiet_from  INTEGER NOT NULL CHECK (quiet_from BETWEEN 0 AND 1439), -- minute of the local day
    quiet_until INTEGER NOT NULL CHECK (quiet_until BETWEEN 0 AND 1439) -- likewise; equal: none
) STRICT;

-- Kinds of messages that a person does not want outside the in-site inbox.
CREATE TABLE unwanted_kind (
    login_id INTEGER NOT NULL REFERENCES login (id), -- who
    kind     TEXT NOT NULL,            -- core::outbox::kinds
    at       INTEGER NOT NULL,         -- since when
    PRIMARY KEY (login_id, kind)
) STRICT;

-- By which ways a person wants to be told, and which first, where it is not as the platform has it.
CREATE TABLE person_ways (
    login_id INTEGER NOT NULL REFERENCES login (id), -- who
    kind     TEXT NOT NULL,            -- core::outbox::kinds; '': every kind without a row
    ways     TEXT NOT NULL,            -- notify::shipped_ways with blanks between, the first is tried first; '': the in-site inbox alone
    PRIMARY KEY (login_id, kind)
) STRICT;

-- ---- announcements ---------------------------------------------------------------------------------

-- Notices of the platform to companies (M6): what is told to whom is in the outbox.
CREATE TABLE announcement (
    id             INTEGER PRIMARY KEY, -- application id
    title          TEXT NOT NULL,       -- 20 characters at most
    text           TEXT NOT NULL,       -- whole, paragraphs by line breaks
    audience       TEXT NOT NULL CHECK (audience IN ('all', 'region', 'institution')), -- which active companies
    region_code    TEXT REFERENCES region (code), -- region: those in it
    institution_id INTEGER REFERENCES institution (id), -- institution: those who have filed or booked with it
    by_wechat      INTEGER NOT NULL CHECK (by_wechat IN (0, 1)), -- 1: messages too, 0: the inbox only
    status         TEXT NOT NULL CHECK (status IN ('draft', 'sending', 'sent', 'recalled')), -- N1-N6
    version        INTEGER NOT NULL,    -- counts edits, so that a stale form is noticed
    created_by     INTEGER NOT NULL REFERENCES login (id), -- who wrote it
    created_at     INTEGER NOT NULL,    -- when
    changed_at     INTEGER NOT NULL,    -- last edit or step
    sent_at        INTEGER,             -- when sending began
    finished_at    INTEGER,             -- when the last company was told
    recalled_at    INTEGER,             -- when it was taken back
    told           INTEGER NOT NULL CHECK (told >= 0), -- companies told so far
    cursor         INTEGER NOT NULL,    -- the company told last, newest first; 0: none yet
    CHECK ((audience = 'region') = (region_code IS NOT NULL)),
    CHECK ((audience = 'institution') = (institution_id IS NOT NULL)),
    CHECK ((status = 'draft') = (sent_at IS NULL)),
    CHECK ((status = 'recalled') = (recalled_at IS NOT NULL))
) STRICT;
CREATE INDEX announcement_sending ON announcement (id) WHERE status = 'sending';

-- Companies that have filed or booked with an institution; kept by the verbs that do, and never taken away.
CREATE TABLE institution_client (
    institution_id INTEGER NOT NULL REFERENCES institution (id), -- where
    applicant_id   INTEGER NOT NULL REFERENCES applicant (id),   -- who
    PRIMARY KEY (institution_id, applicant_id)
) STRICT;

-- ---- journal -------------------------------------------------------------------------------------

-- Every change: who, when, from where, before and after. Append-only; each row sealed with the one before.
CREATE TABLE audit (
    id             INTEGER PRIMARY KEY, -- application id
    at             INTEGER NOT NULL,    -- when
    actor_kind     TEXT NOT NULL CHECK (actor_kind IN ('system', 'applicant') OR actor_kind IN ('staff', 'visitor')), -- who
    actor_id       INTEGER NOT NULL,    -- login, 0: none
    actor_name     TEXT NOT NULL,       -- name at that time
    source         TEXT NOT NULL,       -- address, wechat, command
    request_id     TEXT NOT NULL,       -- ties it to the log
    verb           TEXT NOT NULL,       -- confirm
    subject_kind   TEXT NOT NULL,       -- order
    subject_id     INTEGER NOT NULL,    -- which
    before         TEXT NOT NULL,       -- JSON, what changed
    after          TEXT NOT NULL,       -- JSON, what changed
    note           TEXT NOT NULL,       -- reason
    applicant_id   INTEGER NOT NULL,    -- whose data, 0: nobody's
    institution_id INTEGER NOT NULL,    -- concerned institution, 0: none
    hash           TEXT NOT NULL        -- SHA-256 over the row and the hash before it
) STRICT;
CREATE INDEX audit_by_subject ON audit (subject_kind, subject_id, id);
CREATE INDEX audit_by_time ON audit (at, id);
CREATE INDEX audit_by_actor ON audit (actor_id, at, id) WHERE actor_id <> 0;
CREATE INDEX audit_by_applicant ON audit (applicant_id, at, id) WHERE applicant_id <> 0;
CREATE INDEX audit_by_institution ON audit (institution_id, at, id) WHERE institution_id <> 0;
CREATE TRIGGER audit_keeps_rows BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END;
CREATE TRIGGER audit_keeps_all BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit rows are never deleted'); END;

-- What must be told; written with the change, never changed afterwards. In-site inboxes are read from it.
CREATE TABLE outbox (
    id             INTEGER PRIMARY KEY, -- application id
    at             INTEGER NOT NULL,    -- when it happened
    kind           TEXT NOT NULL,       -- core::outbox::kinds
    subject_kind   TEXT NOT NULL,       -- order, instrument, applicant, binding
    subject_id     INTEGER NOT NULL,    -- which
    applicant_id   INTEGER NOT NULL,    -- whose people are told
    institution_id INTEGER NOT NULL,    -- whose staff are told; 0: the platform
    login_id       INTEGER NOT NULL,    -- only this person of them; 0: everybody
    to_company     INTEGER NOT NULL CHECK (to_company IN (0, 1)), -- 1: the company's people are told
    to_staff       INTEGER NOT NULL CHECK (to_staff >= 0), -- bits of core::role: the institution's people are told
    urgency        INTEGER NOT NULL CHECK (urgency IN (1, 2)), -- 1 change of status, 2 reminder
    expires_at     INTEGER,             -- not sent afterwards; NULL: always worth telling
    facts          TEXT NOT NULL        -- JSON snapshot for the message
) STRICT;
CREATE INDEX outbox_by_applicant ON outbox (applicant_id, id, login_id) WHERE to_company = 1;
CREATE INDEX outbox_by_institution ON outbox (institution_id, to_staff, login_id, id) WHERE to_staff <> 0;
CREATE INDEX outbox_by_subject ON outbox (subject_kind, subject_id, id);
CREATE TRIGGER outbox_keeps_rows BEFORE UPDATE ON outbox BEGIN SELECT RAISE(ABORT, 'outbox rows are never changed'); END;
CREATE TRIGGER outbox_keeps_all BEFORE DELETE ON outbox BEGIN SELECT RAISE(ABORT, 'outbox rows are never deleted'); END;

-- Outbox rows not yet turned into deliveries.
CREATE TABLE outbox_pending (
    outbox_id INTEGER PRIMARY KEY REFERENCES outbox (id), -- which
    urgency   INTEGER NOT NULL           -- copied: status changes go first
) STRICT;
CREATE INDEX outbox_pending_order ON outbox_pending (urgency, outbox_id);

-- ---- notification hub ----------------------------------------------------------------------------

-- One message to one person by one channel: its life is in notify/README.md.
CREATE TABLE delivery (
    id            INTEGER PRIMARY KEY, -- application id
    outbox_id     INTEGER NOT NULL REFERENCES outbox (id), -- why
    applicant_id  INTEGER NOT NULL,    -- copied from the event, 0: none
    institution_id INTEGER NOT NULL,   -- copied from the event: whose staff see it, 0: the platform
    login_id      INTEGER REFERENCES login (id), -- to whom; NULL: a group's address
    binding_id    INTEGER REFERENCES binding (id), -- why this address is theirs; NULL for channels without bindings
    channel       TEXT NOT NULL,       -- notify::channel::name: wechat …
    address       TEXT NOT NULL,       -- openid …, copied: never sent elsewhere
    kind          TEXT NOT NULL,       -- event kind
    urgency       INTEGER NOT NULL CHECK (urgency IN (1, 2)), -- 1 change of status, 2 reminder
    title         TEXT NOT NULL,       -- for lists
    client_msg_id TEXT NOT NULL CHECK (length(client_msg_id) <= 32), -- WeChat's de-duplication key, of id and sendings
    body          TEXT NOT NULL,       -- as the channel composed it, identical at every try
    status        TEXT NOT NULL CHECK (status IN ('queued', 'sending') OR status IN ('uncertain', 'accepted') OR status IN ('delivered', 'blocked') OR status IN ('failed', 'dead') OR status IN ('dropped', 'parked')), -- state
    lane          INTEGER NOT NULL CHECK (lane IN (0, 1) OR lane = 2), -- 2: the one of its address that may go or is on its way; 1: waits behind it; 0: settled
    attempts      INTEGER NOT NULL CHECK (attempts >= 0), -- tries begun
    next_at       INTEGER NOT NULL,    -- not before
    expires_at    INTEGER,             -- not sent afterwards
    doubt_since   INTEGER,             -- first doubtful try
    may_repeat    INTEGER NOT NULL CHECK (may_repeat IN (0, 1)), -- the receiver may see it twice
    follow_up     INTEGER NOT NULL CHECK (follow_up BETWEEN 0 AND 5), -- notify::follow_up: what is still due after the outcome
    msgid         INTEGER,             -- WeChat's, 64 bit
    errcode       INTEGER,             -- last answer
    errmsg        TEXT NOT NULL,       -- last answer, secrets removed
    created_at    INTEGER NOT NULL,    -- fan-out
    status_at     INTEGER NOT NULL,    -- when it got this status
    CHECK ((status IN ('sending', 'uncertain')) <= (lane = 2)),
    CHECK ((status IN ('queued', 'sending') OR status = 'uncertain') = (lane > 0))
) STRICT;
CREATE UNIQUE INDEX delivery_once ON delivery (outbox_id, channel, address);
CREATE UNIQUE INDEX delivery_one_head ON delivery (channel, address) WHERE lane = 2;
CREATE INDEX delivery_lane ON delivery (channel, address, urgency, id) WHERE lane > 0;
CREATE INDEX delivery_ready ON delivery (channel, urgency, next_at, id) WHERE lane = 2 AND status = 'queued';
CREATE INDEX delivery_doubtful ON delivery (channel, doubt_since) WHERE lane = 2 AND doubt_since IS NOT NULL;
CREATE INDEX delivery_by_institution ON delivery (institution_id, id);
CREATE INDEX delivery_trouble ON delivery (status, id) WHERE status IN ('uncertain', 'blocked', 'failed', 'dead', 'parked');
CREATE INDEX delivery_trouble_of ON delivery (institution_id, status, id) WHERE status IN ('uncertain', 'blocked', 'failed', 'dead', 'parked');
CREATE INDEX delivery_by_address ON delivery (address, id);
CREATE INDEX delivery_follow_up ON delivery (id) WHERE follow_up > 0;
CREATE INDEX delivery_by_msgid ON delivery (msgid) WHERE msgid IS NOT NULL;

-- What became of the messages of each announcement; kept in step by triggers (SQLite's own), whoever moves a message.
CREATE TABLE announcement_tally (
    announcement_id INTEGER NOT NULL,  -- of which
    status          TEXT NOT NULL,     -- delivery.status
    messages        INTEGER NOT NULL CHECK (messages >= 0), -- how many
    PRIMARY KEY (announcement_id, status)
) STRICT;
CREATE TRIGGER delivery_counted AFTER INSERT ON delivery WHEN NEW.kind = 'announcement' BEGIN
    INSERT INTO announcement_tally (announcement_id, status, messages)
    SELECT o.subject_id, NEW.status, 1 FROM outbox o WHERE o.id = NEW.outbox_id
    ON CONFLICT (announcement_id, status) DO UPDATE SET messages = messages + 1;
END;
CREATE TRIGGER delivery_recounted AFTER UPDATE OF status ON delivery
    WHEN NEW.kind = 'announcement' AND NEW.status <> OLD.status BEGIN
    UPDATE announcement_tally SET messages = messages - 1 WHERE status = OLD.status
        AND announcement_id = (SELECT o.subject_id FROM outbox o WHERE o.id = OLD.outbox_id);
    INSERT INTO announcement_tally (announcement_id, status, messages)
    SELECT o.subject_id, NEW.status, 1 FROM outbox o WHERE o.id = NEW.outbox_id
    ON CONFLICT (announcement_id, status) DO UPDATE SET messages = messages + 1;
END;

-- Deliveries with the names that lists show.
CREATE VIEW delivery_with_names AS
SELECT d.*, coalesce(a.name, '') AS applicant_name FROM delivery d LEFT JOIN applicant a ON a.id = d.applicant_id;

-- What lists and searches show of a delivery.
CREATE VIEW delivery_found AS
SELECT d.id, d.outbox_id, d.institution_id, d.address, d.kind, d.title, d.channel, d.status, d.attempts,
    coalesce(d.errcode, 0) AS errcode, d.may_repeat, d.created_at, d.status_at, coalesce(a.name, '') AS applicant_name,
    coalesce(l.display_name, '') AS person_name, d.errmsg
FROM delivery d LEFT JOIN applicant a ON a.id = d.applicant_id LEFT JOIN login l ON l.id = d.login_id;

-- Every step of a delivery: tries, receipts that failed, sending again. One that was accepted at once is written
-- when its receipt comes: until then it is in the delivery itself.
CREATE TABLE delivery_attempt (
    delivery_id INTEGER NOT NULL REFERENCES delivery (id), -- of which
    number      INTEGER NOT NULL,      -- 1 first
    at          INTEGER NOT NULL,      -- when it ended
    outcome     TEXT NOT NULL,         -- notify::verdict by name; receipt, resent, given_up, repeated
    errcode     INTEGER,               -- WeChat's, NULL without an answer
    errmsg      TEXT NOT NULL,         -- secrets removed
    rid         TEXT NOT NULL,         -- WeChat's request id
    PRIMARY KEY (delivery_id, number)
) STRICT;

-- Receipts whose delivery is not known yet: kept 30 minutes.
CREATE TABLE receipt (
    msgid   INTEGER NOT NULL,          -- 64 bit; 0 when WeChat sent none
    openid  TEXT NOT NULL,             -- to whom
    status  TEXT NOT NULL,             -- as WeChat says
    at      INTEGER NOT NULL,          -- when it came
    PRIMARY KEY (openid, msgid, status)
) STRICT;
CREATE INDEX receipt_by_time ON receipt (at);

-- What holds a channel back, beyond a restart; channel '*': everything.
CREATE TABLE channel_state (
    channel      TEXT PRIMARY KEY,     -- wechat …
    held         INTEGER NOT NULL CHECK (held IN (0, 1)), -- 1: nothing is sent until the operator releases it
    paused_until INTEGER,              -- quota used up: until 00:00 China time
    reason       TEXT NOT NULL,        -- why, for the operator
    changed_at   INTEGER NOT NULL      -- when
) STRICT;

-- In which order channels are tried, where it is not the shipped one.
CREATE TABLE channel_order (
    kind     TEXT PRIMARY KEY,         -- event kind; '': every kind without a row
    channels TEXT NOT NULL             -- names with blanks between, the first is tried first
) STRICT;

-- The words of messages as the platform changed them, over the shipped files (number 0).
CREATE TABLE message_version (
    kind        TEXT NOT NULL,         -- event kind
    number      INTEGER NOT NULL CHECK (number > 0), -- 1 first
    source      TEXT NOT NULL,         -- as a file of templates/messages
    template_id TEXT NOT NULL,         -- WeChat's; '': the one of the configuration
    note        TEXT NOT NULL,         -- why, by who changed it
    by_login    INTEGER NOT NULL,      -- who
    by_name     TEXT NOT NULL,         -- their name at that time
    at          INTEGER NOT NULL,      -- when
    in_force    INTEGER NOT NULL CHECK (in_force IN (0, 1)), -- 1: these words are sent
    PRIMARY KEY (kind, number)
) STRICT;
CREATE UNIQUE INDEX message_version_one ON message_version (kind) WHERE in_force = 1;

-- How the words of a kind compared with the account's own template, last time it was looked at.
CREATE TABLE template_check (
    kind  TEXT PRIMARY KEY,            -- event kind
    at    INTEGER NOT NULL,            -- when
    state TEXT NOT NULL CHECK (state IN ('ok', 'no_id', 'not_granted', 'fields')), -- what was found
    title TEXT NOT NULL,               -- the account's title of it
    unknown_fields TEXT NOT NULL,      -- ours that the template lacks, blanks between
    empty_fields   TEXT NOT NULL       -- the template's that we leave out
) STRICT;

-- Calls made per channel, day and kind, against the quotas.
CREATE TABLE channel_use (
    channel TEXT NOT NULL,             -- wechat …
    day     TEXT NOT NULL,             -- YYYY-MM-DD
    kind    TEXT NOT NULL,             -- event kind
    calls   INTEGER NOT NULL CHECK (calls >= 0), -- tries begun
    PRIMARY KEY (channel, day, kind)
) STRICT;

-- Kinds whose template the platform refuses (40037): their messages are parked until it is mended.
CREATE TABLE channel_parked (
    channel TEXT NOT NULL,             -- wechat …
    kind    TEXT NOT NULL,             -- event kind
    since   INTEGER NOT NULL,          -- when
    reason  TEXT NOT NULL,             -- the platform's words
    PRIMARY KEY (channel, kind)
) STRICT;

-- People who refuse a kind of message on the platform's side (43101, 48002): not tried for some days.
CREATE TABLE channel_refusal (
    channel TEXT NOT NULL,             -- wechat …
    address TEXT NOT NULL,             -- openid …
    kind    TEXT NOT NULL,             -- event kind; empty: every kind
    at      INTEGER NOT NULL,          -- when we were told
    errcode INTEGER NOT NULL,          -- how
    PRIMARY KEY (channel, address, kind)
) STRICT;
CREATE INDEX channel_refusal_by_address ON channel_refusal (address);

-- How far a person has read the in-site inbox of one company (or of their institution: 0).
CREATE TABLE inbox_mark (
    login_id     INTEGER NOT NULL REFERENCES login (id), -- who
    applicant_id INTEGER NOT NULL,     -- for which company, 0: as staff
    read_to      INTEGER NOT NULL,     -- every event up to this id is read, but for exceptions
    PRIMARY KEY (login_id, applicant_id)
) STRICT;
CREATE INDEX inbox_mark_by_applicant ON inbox_mark (applicant_id, read_to);

-- Exceptions to it: read one by one above the mark, or marked unread again below it.
CREATE TABLE inbox_exception (
    login_id  INTEGER NOT NULL REFERENCES login (id), -- who
    applicant_id INTEGER NOT NULL,     -- as in inbox_mark
    outbox_id INTEGER NOT NULL REFERENCES outbox (id), -- which event
    is_read   INTEGER NOT NULL CHECK (is_read IN (0, 1)), -- 1: read
    PRIMARY KEY (login_id, applicant_id, outbox_id)
) STRICT;
CREATE INDEX inbox_unread ON inbox_exception (login_id, applicant_id) WHERE is_read = 0;

-- Changes that no channel brought to a person of a company: for the institution to phone.
CREATE TABLE unreached (
    id             INTEGER PRIMARY KEY, -- application id
    outbox_id      INTEGER NOT NULL REFERENCES outbox (id), -- what happened
    login_id       INTEGER NOT NULL,    -- whom it did not reach; 0: nobody of the company has an address
    applicant_id   INTEGER NOT NULL REFERENCES applicant (id), -- whose person
    institution_id INTEGER NOT NULL,    -- whose staff phone, 0: the platform
    kind           TEXT NOT NULL,       -- event kind
    title          TEXT NOT NULL,       -- for the list
    delivery_id    INTEGER REFERENCES delivery (id), -- the last that failed; NULL: there was no address
    at             INTEGER NOT NULL,    -- when the last channel failed
    closed_at      INTEGER,             -- told by phone, or reached after all; NULL while open
    closed_by      INTEGER NOT NULL,    -- login; 0: reached after all, or open
    note           TEXT NOT NULL        -- what was said on the phone
) STRICT;
CREATE UNIQUE INDEX unreached_once ON unreached (outbox_id, login_id);
CREATE INDEX unreached_open ON unreached (id) WHERE closed_at IS NULL;
CREATE INDEX unreached_open_of ON unreached (institution_id, id) WHERE closed_at IS NULL;
CREATE INDEX unreached_closed ON unreached (closed_at, id) WHERE closed_at IS NOT NULL;
CREATE INDEX unreached_closed_of ON unreached (institution_id, closed_at, id) WHERE closed_at IS NOT NULL;

-- They, with whom to phone, and whether the event was seen by other ways since.
CREATE VIEW unreached_with_names AS
SELECT u.id, u.outbox_id, u.login_id, u.applicant_id, u.institution_id, u.kind, u.title, coalesce(u.delivery_id, 0) AS delivery_id,
    u.at, a.name AS applicant_name, coalesce(l.display_name, a.contact_name) AS person_name, l.phone, a.contact_phone,
    coalesce(d.errmsg, '') AS reason,
    EXISTS (SELECT 1 FROM inbox_mark m WHERE m.applicant_id = u.applicant_id AND m.read_to >= u.outbox_id
            AND (u.login_id = 0 OR m.login_id = u.login_id)) AS is_read,
    EXISTS (SELECT 1 FROM delivery t WHERE t.outbox_id = u.outbox_id AND t.applicant_id = u.applicant_id
            AND t.login_id <> u.login_id AND t.status IN ('accepted', 'delivered')
            AND EXISTS (SELECT 1 FROM applicant_member c WHERE c.login_id = t.login_id
                        AND c.applicant_id = u.applicant_id)) AS colleague_told,
    u.closed_at, o.facts, u.closed_by, coalesce(c.display_name, '') AS closer_name, u.note
FROM unreached u JOIN applicant a ON a.id = u.applicant_id JOIN outbox o ON o.id = u.outbox_id
LEFT JOIN login l ON l.id = u.login_id LEFT JOIN delivery d ON d.id = u.delivery_id
LEFT JOIN login c ON c.id = u.closed_by;

-- ---- WeChat --------------------------------------------------------------------------------------

-- Messages and events received, with the reply given: a repeat gets the same reply.
CREATE TABLE wx_inbox (
    key          TEXT PRIMARY KEY,     -- time, number and hash of what identifies the message (wechat-platform.md 6)
    signature    TEXT NOT NULL,        -- msg_signature of the first copy, in plaintext mode its signature
    is_signed    INTEGER NOT NULL CHECK (is_signed IN (0, 1)), -- 1: the signature covers the text
    openid       TEXT NOT NULL,        -- sender
    kind         TEXT NOT NULL,        -- text, event.click …
    state        TEXT NOT NULL CHECK (state IN ('done', 'waiting', 'failed')), -- waiting: taken under overload; failed: our fault
    text         TEXT NOT NULL,        -- the message's XML while waiting or failed, else empty
    reply        TEXT NOT NULL,        -- plain passive reply, or 'success'
    received_at  INTEGER NOT NULL,     -- when
    CHECK (state <> 'done' OR text = '')
) STRICT;
CREATE INDEX wx_inbox_open ON wx_inbox (state, received_at, key) WHERE state <> 'done';
CREATE INDEX wx_inbox_unsigned ON wx_inbox (signature) WHERE is_signed = 0;

-- Tokens of WeChat's API, sealed, so that a restart need not ask again.
CREATE TABLE wx_token (
    kind       TEXT PRIMARY KEY,       -- access_token, jsapi_ticket
    sealed     BLOB NOT NULL,          -- the token
    fetched_at INTEGER NOT NULL,       -- when
    expires_at INTEGER NOT NULL        -- when it dies
) STRICT;
