import { clockStates, isDoubtful } from '../../journal/clock-state.ts';

const FORM = 1;

/**
 * Whether what the gap record `g` calls lost was delivered: a range that is covered proves it only of what is asked for
 * again; see Account for the same in memory.
 */
export const IS_HERE = `(
    EXISTS (SELECT FROM weir.coverage AS c
      WHERE c.gateway = g.gateway AND c.epoch = g.epoch AND c.after <= g.after AND c.upto >= g.upto)
    AND (g.reason = 'no-longer-kept' OR g.count <= (SELECT count(*) FROM weir.readings AS r
      WHERE r.gateway = g.gateway AND r.epoch = g.epoch AND r.seq > g.after AND r.seq <= g.upto)))`;

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
  clock text,
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

CREATE TABLE weir.corrections (
  gateway text NOT NULL,
  epoch text NOT NULL,
  number bigint NOT NULL,
  after bigint NOT NULL,
  upto bigint NOT NULL,
  shift bigint NOT NULL,
  clock text NOT NULL,
  PRIMARY KEY (gateway, epoch, number)
);

CREATE VIEW weir.covered AS
  SELECT gateway, epoch, range_agg(int8range(after, upto)) AS ranges
  FROM (SELECT gateway, epoch, after, upto FROM weir.coverage
    UNION ALL SELECT gateway, epoch, after, upto FROM weir.gaps) AS both_kinds
  GROUP BY gateway, epoch;

CREATE VIEW weir.holes AS
  SELECT gateway, epoch, lower(hole) AS after, upper(hole) AS upto, upper(hole) - lower(hole) AS missing
  FROM weir.covered, unnest(int8multirange(int8range(lower(ranges), upper(ranges))) - ranges) AS hole;

CREATE FUNCTION weir.correct(its_gateway text, its_epoch text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  best_first text[] := ARRAY[${clockStates.map((state) => `'${state}'`).join(', ')}];
  doubtful text[] := ARRAY[${clockStates.flatMap((state) => (isDoubtful(state) ? [`'${state}'`] : [])).join(', ')}];
  correction weir.corrections;
  step interval;
  first timestamptz;
  last timestamptz;
BEGIN
  FOR correction IN
    SELECT * FROM weir.corrections WHERE gateway = its_gateway AND epoch = its_epoch ORDER BY number
  LOOP
    step := correction.shift * interval '1 millisecond';
    WITH moved AS (
      UPDATE weir.readings SET time = time + step, clock = correction.clock,
        (quality, reason) = (SELECT CASE WHEN is_doubt_over THEN 'good' ELSE quality END,
          CASE WHEN NOT is_doubt_over OR reason = 'unverified' THEN reason END
          FROM (SELECT quality = 'uncertain'
            AND coalesce(reason = 'unverified' OR (reason = 'time' AND source_time IS NULL), false)
            AND clock = ANY (doubtful) AND NOT correction.clock = ANY (doubtful) AS is_doubt_over) AS doubt)
      WHERE gateway = its_gateway AND epoch = its_epoch AND seq > correction.after AND seq <= correction.upto
        AND array_position(best_first, clock) > array_position(best_first, correction.clock)
      RETURNING time
    ) SELECT min(time), max(time) INTO first, last FROM moved;
    CONTINUE WHEN first IS NULL;
    -- All readings are looked through only where the one that was the oldest, or the newest, has moved inwards.
    UPDATE weir.gateways SET
      oldest = CASE WHEN first - step > oldest OR correction.shift <= 0 THEN least(oldest, first)
        ELSE (SELECT min(time) FROM weir.readings WHERE gateway = its_gateway AND epoch = its_epoch) END,
      newest = CASE WHEN last - step < newest OR correction.shift >= 0 THEN greatest(newest, last)
        ELSE (SELECT max(time) FROM weir.readings WHERE gateway = its_gateway AND epoch = its_epoch) END
    WHERE gateway = its_gateway AND epoch = its_epoch;
  END LOOP;
END $$;
COMMENT ON FUNCTION weir.correct IS 'Gives readings the times that are known by now; again changes nothing';

CREATE FUNCTION weir.receive(message json) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  its_gateway text := message ->> 'gateway';
  its_epoch text := message ->> 'epoch';
  its_after bigint := message #>> '{covers,0}';
  its_upto bigint := message #>> '{covers,1}';
BEGIN
  INSERT INTO weir.gateways (gateway, epoch) VALUES (its_gateway, its_epoch)
  ON CONFLICT (gateway, epoch) DO UPDATE SET heard = now();
  IF message -> 'shift' IS NOT NULL THEN
    INSERT INTO weir.corrections VALUES (its_gateway, its_epoch, (message ->> 'number')::bigint, its_after, its_upto,
      (message ->> 'shift')::bigint, message ->> 'clock')
    ON CONFLICT DO NOTHING;
    PERFORM weir.correct(its_gateway, its_epoch);
    RETURN;
  END IF;
  IF message -> 'readings' IS NULL THEN
    INSERT INTO weir.gaps
    SELECT g.* FROM (SELECT its_gateway AS gateway, its_epoch AS epoch, its_after AS after, its_upto AS upto,
      (message ->> 'count')::bigint AS count, (message ->> 'from')::timestamptz AS oldest,
      (message ->> 'to')::timestamptz AS newest, message ->> 'reason' AS reason) AS g
    WHERE NOT ${IS_HERE}
    ON CONFLICT DO NOTHING;
    RETURN;
  END IF;
  WITH inserted AS (
    INSERT INTO weir.readings
    SELECT its_gateway, its_epoch, (r ->> 'seq')::bigint, r ->> 'point', (r ->> 'time')::timestamptz,
      (r ->> 'sourceTime')::timestamptz,
      CASE json_typeof(r -> 'value') WHEN 'number' THEN (r ->> 'value')::double precision END,
      CASE json_typeof(r -> 'value') WHEN 'string' THEN r ->> 'value' END,
      CASE json_typeof(r -> 'value') WHEN 'boolean' THEN (r ->> 'value')::boolean END,
      r ->> 'quality', r ->> 'reason', r ->> 'unit', nullif(message ->> 'clock', 'synchronised')
    FROM json_array_elements(message -> 'readings') AS r
    ON CONFLICT DO NOTHING RETURNING time
  ), counted AS (SELECT count(*) AS count, min(time) AS first, max(time) AS last FROM inserted)
  UPDATE weir.gateways SET received = received + counted.count, oldest = least(oldest, counted.first),
    newest = greatest(newest, counted.last)
  FROM counted WHERE gateway = its_gateway AND epoch = its_epoch;
  IF message ->> 'clock' <> 'synchronised' THEN
    PERFORM weir.correct(its_gateway, its_epoch);
  END IF;
  WITH touched AS (
    DELETE FROM weir.coverage WHERE gateway = its_gateway AND epoch = its_epoch
      AND upto >= its_after AND after <= its_upto RETURNING after, upto
  )
  INSERT INTO weir.coverage
  SELECT its_gateway, its_epoch, least(its_after, min(after)), greatest(its_upto, max(upto)) FROM touched
  HAVING its_after < its_upto OR count(*) > 0;
END $$;
COMMENT ON FUNCTION weir.receive IS 'Takes a message of the topics live, backlog, gap or correction as it is; taking it again changes nothing';
`;

/** What is wrong with the form of a database, or null. */
export function formFault(version: number): string | null {
  return version === FORM ? null : `its tables have form ${version}, not ${FORM}`;
}
