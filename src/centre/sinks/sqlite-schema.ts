/** "weir": tells our databases from others; SQLite keeps it in the header. */
export const APPLICATION_ID = 0x77656972;
export const SCHEMA_VERSION = 4;

// `reading` keeps numbers for what repeats; the view is what people query. Times are wall milliseconds since 1970 UTC.
export const SCHEMA = `
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
  CREATE TABLE account (
    id INTEGER PRIMARY KEY,
    gateway TEXT NOT NULL,
    epoch TEXT NOT NULL,
    received INTEGER NOT NULL DEFAULT 0,
    conflicting INTEGER NOT NULL DEFAULT 0,
    oldest INTEGER,
    newest INTEGER,
    UNIQUE (gateway, epoch)
  ) STRICT;
  CREATE TABLE point (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE reading (
    account INTEGER NOT NULL REFERENCES account,
    seq INTEGER NOT NULL,
    time INTEGER NOT NULL,
    point INTEGER NOT NULL REFERENCES point,
    value ANY,
    quality TEXT NOT NULL,
    reason TEXT,
    source_time INTEGER,
    unit TEXT,
    clock TEXT,
    PRIMARY KEY (account, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE coverage (
    account INTEGER NOT NULL REFERENCES account,
    after INTEGER NOT NULL,
    upto INTEGER NOT NULL,
    PRIMARY KEY (account, upto)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE gap (
    account INTEGER NOT NULL REFERENCES account,
    after INTEGER NOT NULL,
    upto INTEGER NOT NULL,
    count INTEGER NOT NULL,
    time_from INTEGER,
    time_to INTEGER,
    reason TEXT NOT NULL,
    PRIMARY KEY (account, after, upto)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE correction (
    account INTEGER NOT NULL REFERENCES account,
    number INTEGER NOT NULL,
    after INTEGER NOT NULL,
    upto INTEGER NOT NULL,
    shift INTEGER NOT NULL,
    clock TEXT NOT NULL,
    PRIMARY KEY (account, number)
  ) STRICT, WITHOUT ROWID;
  CREATE VIEW readings AS
    SELECT account.gateway, account.epoch, reading.seq,
      strftime('%Y-%m-%dT%H:%M:%fZ', reading.time / 1000.0, 'unixepoch') AS time,
      point.name AS point, reading.value, reading.quality, reading.reason,
      strftime('%Y-%m-%dT%H:%M:%fZ', reading.source_time / 1000.0, 'unixepoch') AS source_time, reading.unit, reading.clock
    FROM reading JOIN account ON account.id = reading.account JOIN point ON point.id = reading.point;
`;
