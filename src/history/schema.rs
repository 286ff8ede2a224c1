//! The tables, as the steps by which they came about. A step that was released is never changed;
//! what is new is one more step. Times are milliseconds since 1970.

/// Step `n` leads to `user_version` `n + 1`.
pub(super) const MIGRATIONS: &[&str] = &[
    "CREATE TABLE result (
        tenant TEXT NOT NULL,
        at INTEGER NOT NULL,
        status TEXT NOT NULL,
        live TEXT,
        cause TEXT,
        ms REAL,
        PRIMARY KEY (tenant, at)
    ) WITHOUT ROWID;
    CREATE INDEX result_at ON result (at);
    CREATE TABLE credential (
        tenant TEXT NOT NULL,
        kind TEXT NOT NULL,
        key_id TEXT NOT NULL,
        name TEXT,
        expires_at INTEGER,
        seen_at INTEGER NOT NULL,
        PRIMARY KEY (tenant, kind, key_id)
    ) WITHOUT ROWID;",
    "CREATE TABLE alert_state (
        tenant TEXT PRIMARY KEY,
        state TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE alert (
        key TEXT PRIMARY KEY,
        at INTEGER NOT NULL,
        tenant TEXT,
        alert TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX alert_at ON alert (at);
    CREATE TABLE delivery (
        channel TEXT NOT NULL,
        key TEXT NOT NULL,
        held_until INTEGER,
        retry_at INTEGER,
        sent_at INTEGER,
        PRIMARY KEY (channel, key)
    ) WITHOUT ROWID;
    CREATE INDEX delivery_open ON delivery (channel) WHERE sent_at IS NULL;",
    "CREATE TABLE snooze (
        tenant TEXT PRIMARY KEY,
        until INTEGER NOT NULL,
        reason TEXT NOT NULL
    ) WITHOUT ROWID;",
    // what was kept of the fleet as a whole was only since when the machine is offline
    "UPDATE alert_state SET state = '{\"offline_since\":' || state || '}' WHERE tenant = '';
    ALTER TABLE snooze ADD COLUMN by TEXT;
    CREATE TABLE lease (
        tenant TEXT PRIMARY KEY,
        mark INTEGER NOT NULL,
        holder TEXT NOT NULL,
        until INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE latest (
        tenant TEXT PRIMARY KEY,
        mark INTEGER NOT NULL,
        holder TEXT NOT NULL,
        seq INTEGER NOT NULL,
        next_at INTEGER NOT NULL,
        report TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX latest_seq ON latest (seq);",
    "CREATE TABLE reading (
        kind TEXT NOT NULL,
        key TEXT NOT NULL,
        at INTEGER NOT NULL,
        reading TEXT NOT NULL,
        PRIMARY KEY (kind, key)
    );",
    "CREATE TABLE ack (
        tenant TEXT PRIMARY KEY,
        by TEXT NOT NULL,
        at INTEGER NOT NULL
    ) WITHOUT ROWID;",
    // pauses that receivers ask for hold for every process
    "CREATE TABLE channel_pause (
        channel TEXT PRIMARY KEY,
        until INTEGER NOT NULL
    ) WITHOUT ROWID;",
];
