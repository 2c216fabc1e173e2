const FORM = 1;

/**
 * The form of the database, for PostgreSQL 14 or later. A reading's identity is (gateway, epoch, seq): whoever inserts it
 * again changes nothing. The views join what any number of writers say, and hold for ranges that overlap too.
 */
export const POSTGRES_SCHEMA = `CREATE SCHEMA weir;
CREATE TABLE weir.form (version integer NOT NULL);
INSERT INTO weir.form VALUES (${FORM});

CREATE TABLE weir.gateways (
  gateway text NOT NULL,
  epoch text NOT NULL,
  received bigint NOT NULL DEFAULT 0,
  conflicting bigint NOT NULL DEFAULT 0,
  oldest timestamptz,
  newest timestamptz,
  heard timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (gateway, epoch)
);

CREATE TABLE weir.readings (
  gateway text NOT NULL,
  epoch text NOT NULL,
  seq bigint NOT NULL,
  point text NOT NULL,
  time timestamptz NOT NULL,
  source_time timestamptz,
  number double precision,
  text text,
  flag boolean,
  quality text NOT NULL CHECK (quality IN ('good', 'uncertain', 'bad')),
  reason text,
  unit text,
  PRIMARY KEY (gateway, epoch, seq),
  CHECK (num_nonnulls(number, text, flag) = CASE quality WHEN 'bad' THEN 0 ELSE 1 END)
);

CREATE TABLE weir.coverage (
  gateway text NOT NULL,
  epoch text NOT NULL,
  after bigint NOT NULL,
  upto bigint NOT NULL,
  PRIMARY KEY (gateway, epoch, after, upto),
  CHECK (after < upto)
);

CREATE TABLE weir.gaps (
  gateway text NOT NULL,
  epoch text NOT NULL,
  after bigint NOT NULL,
  upto bigint NOT NULL,
  count bigint NOT NULL,
  oldest timestamptz,
  newest timestamptz,
  reason text NOT NULL,
  PRIMARY KEY (gateway, epoch, after, upto)
);

CREATE VIEW weir.covered AS
  SELECT gateway, epoch, range_agg(int8range(after, upto)) AS ranges
  FROM (SELECT gateway, epoch, after, upto FROM weir.coverage
    UNION ALL SELECT gateway, epoch, after, upto FROM weir.gaps) AS both_kinds
  GROUP BY gateway, epoch;

CREATE VIEW weir.holes AS
  SELECT gateway, epoch, lower(hole) AS after, upper(hole) AS upto, upper(hole) - lower(hole) AS missing
  FROM weir.covered, unnest(int8multirange(int8range(lower(ranges), upper(ranges))) - ranges) AS hole;
`;

/** What is wrong with the form of a database, or null. */
export function formFault(version: number): string | null {
  return version === FORM ? null : `its tables have form ${version}, not ${FORM}`;
}
