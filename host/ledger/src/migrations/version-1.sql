-- The tables of version 1, as they were: what migrations are tested from.
CREATE TABLE receipts (
    id INTEGER PRIMARY KEY,
    receipt TEXT NOT NULL UNIQUE
);
-- The newest run of a definition in each period.
CREATE TABLE runs (
    definition TEXT NOT NULL,
    period TEXT NOT NULL,
    as_of INTEGER NOT NULL,
    receipt INTEGER NOT NULL REFERENCES receipts (id),
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
    PRIMARY KEY (definition, period, member)
) WITHOUT ROWID;
-- Awards, in the order in which they were given. Rows are only ever added.
CREATE TABLE awards (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    member TEXT NOT NULL,
    award TEXT NOT NULL,
    period TEXT NOT NULL,
    occurrence INTEGER NOT NULL,
    kind TEXT NOT NULL,
    amount INTEGER NOT NULL,
    reason TEXT NOT NULL,
    as_of INTEGER NOT NULL,
    receipt INTEGER NOT NULL REFERENCES receipts (id),
    UNIQUE (member, award, period, occurrence)
);
