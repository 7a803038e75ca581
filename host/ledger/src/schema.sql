CREATE TABLE receipts (
    id INTEGER PRIMARY KEY,
    receipt TEXT NOT NULL UNIQUE,
    -- What said who is in which tier: a plugin's name and version, and a hash of all that it depends on; none before version 3.
    plugin TEXT,
    fingerprint TEXT
);
-- The newest run of a definition in each period.
CREATE TABLE runs (
    definition TEXT NOT NULL,
    period TEXT NOT NULL,
    as_of INTEGER NOT NULL,
    receipt INTEGER NOT NULL REFERENCES receipts (id),
    -- What its data did not have, as a list of metrics in JSON.
    unknown TEXT NOT NULL DEFAULT '[]',
    -- Whether its awards were proposed here.
    programme INTEGER NOT NULL DEFAULT 1,
    -- 1 where by its data somebody had opted out; none where nobody had, before version 3, and where a person let that be so.
    wishes INTEGER,
    PRIMARY KEY (definition, period)
) WITHOUT ROWID;
-- Where members stood: of each period the newest run that scored the member.
CREATE TABLE history (
    definition TEXT NOT NULL,
    period TEXT NOT NULL,
    member TEXT NOT NULL,
    tier TEXT NOT NULL,
    rung INTEGER,
    as_of INTEGER NOT NULL,
    receipt INTEGER NOT NULL REFERENCES receipts (id),
    -- The tier that the run said, where another one counted for rewards.
    said TEXT,
    PRIMARY KEY (definition, period, member)
) WITHOUT ROWID;
CREATE INDEX history_of_members ON history (member);
-- What makes the hashes of standings unlike any others; a new one whenever somebody of them is forgotten.
CREATE TABLE salts (
    definition TEXT NOT NULL,
    period TEXT NOT NULL,
    salt BLOB NOT NULL,
    PRIMARY KEY (definition, period)
) WITHOUT ROWID;
-- What the newest runs said of members, and what counted for rewards then; only as many runs as have to agree.
CREATE TABLE sightings (
    definition TEXT NOT NULL,
    as_of INTEGER NOT NULL,
    member TEXT NOT NULL,
    said TEXT NOT NULL,
    counts TEXT NOT NULL,
    PRIMARY KEY (definition, as_of, member)
) WITHOUT ROWID;
CREATE INDEX sightings_of_members ON sightings (member);
-- Who has awards. Whoever is forgotten is deleted here.
CREATE TABLE members (
    id INTEGER PRIMARY KEY,
    member TEXT NOT NULL UNIQUE
);
-- One row for each occurrence of an award: where it stands. All of it follows from the entries.
CREATE TABLE claims (
    id INTEGER PRIMARY KEY,
    -- None for who was forgotten.
    member INTEGER REFERENCES members (id),
    award TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- Of the key: empty for what is had once at a time.
    period TEXT NOT NULL,
    occurrence INTEGER NOT NULL,
    state TEXT NOT NULL,
    amount INTEGER NOT NULL,
    -- The programme's period whose budget it counts against; empty before that.
    counted TEXT NOT NULL,
    -- When the member got it.
    given INTEGER,
    -- When it came into this state.
    changed INTEGER NOT NULL,
    -- The newest entry about it.
    entry INTEGER NOT NULL,
    UNIQUE (member, award, period, occurrence)
);
CREATE INDEX claims_of_awards ON claims (award, period, member);
CREATE INDEX claims_of_kinds ON claims (award, kind);
CREATE INDEX orders ON claims (member) WHERE kind = 'order';
-- Rows are only ever added.
CREATE TABLE entries (
    number INTEGER PRIMARY KEY,
    claim INTEGER REFERENCES claims (id),
    state TEXT NOT NULL,
    award TEXT NOT NULL,
    kind TEXT NOT NULL,
    period TEXT NOT NULL,
    occurrence INTEGER NOT NULL,
    counted TEXT NOT NULL,
    amount INTEGER NOT NULL,
    -- The community's time: as-of of the run, or of the newest run before a person decided.
    at INTEGER NOT NULL,
    -- The clock's time.
    recorded INTEGER NOT NULL,
    actor TEXT NOT NULL,
    receipt INTEGER REFERENCES receipts (id),
    detail TEXT NOT NULL,
    commitment BLOB,
    hash BLOB NOT NULL
);
CREATE INDEX entries_of_claims ON entries (claim, number);
CREATE TRIGGER entries_stay BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'entries are only ever added'); END;
CREATE TRIGGER entries_stay_the_same BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'entries are only ever added'); END;
-- What decided in each period: runs that something else decides change nothing there until it is approved.
CREATE TABLE terms (
    period TEXT PRIMARY KEY,
    -- The first moment of the period, and of the one behind it.
    start INTEGER NOT NULL,
    until INTEGER NOT NULL,
    terms TEXT NOT NULL
) WITHOUT ROWID;
-- What an entry's commitment is about. Whoever is forgotten is deleted here.
CREATE TABLE secrets (
    entry INTEGER PRIMARY KEY REFERENCES entries (number),
    salt BLOB NOT NULL,
    reason TEXT NOT NULL
);
-- What the platform is to be told.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    entry INTEGER NOT NULL REFERENCES entries (number),
    -- None for who was forgotten.
    member INTEGER REFERENCES members (id),
    target TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',
    attempts INTEGER NOT NULL DEFAULT 0,
    -- The clock's time from which it may be tried, nanoseconds since 1970.
    due INTEGER NOT NULL DEFAULT 0,
    -- The same of when it was tried last; 0 where it never was.
    tried INTEGER NOT NULL DEFAULT 0,
    problem TEXT NOT NULL DEFAULT '',
    UNIQUE (entry, target)
);
CREATE INDEX outbox_of_targets ON outbox (target, state, id);
CREATE INDEX outbox_of_lanes ON outbox (target, state, member, id);
CREATE INDEX outbox_of_members ON outbox (member);
CREATE INDEX outbox_of_open ON outbox (member) WHERE state IN ('waiting', 'dead');
-- For whoever looks with other programs.
CREATE VIEW awards AS
    SELECT c.id, m.member, c.award, c.kind, c.period, c.occurrence, c.state, c.amount, c.counted, c.given, c.changed, c.entry
    FROM claims c LEFT JOIN members m ON m.id = c.member WHERE c.kind <> 'order';
CREATE VIEW memberships AS
    SELECT member, award, kind, given AS since, state FROM awards
    WHERE kind IN ('badge', 'circle') AND state IN ('granted', 'joined', 'leaving', 'revoking');
CREATE VIEW balances AS
    SELECT member, award, sum(CASE state
        WHEN 'granted' THEN amount WHEN 'revoking' THEN amount WHEN 'expired' THEN amount WHEN 'spent' THEN -amount ELSE 0 END) AS balance
    FROM awards WHERE kind = 'points' GROUP BY member, award;
