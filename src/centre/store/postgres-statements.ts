import { IS_HERE } from './postgres-schema.ts';

// Every statement takes its rows as one JSON document, and can be repeated: a transaction whose end is not known is run
// again.

/** Locks the accounts until the end of the transaction, in one order for all writers. */
export const MEET = `
  INSERT INTO weir.gateways AS known (gateway, epoch, conflicting)
  SELECT gateway, epoch, conflicting
  FROM json_to_recordset($1) AS a(gateway text, epoch text, conflicting bigint) ORDER BY gateway, epoch
  ON CONFLICT (gateway, epoch) DO UPDATE SET conflicting = known.conflicting + excluded.conflicting, heard = now()`;

const READINGS = `
  SELECT m.gateway, m.epoch, r.seq, r.point, to_timestamp(r.time / 1000) AS time,
    to_timestamp(r.source / 1000) AS source_time, r.number, r.text, r.flag, r.quality, r.reason, r.unit, r.clock
  FROM json_to_recordset($1) AS m(gateway text, epoch text, readings json),
    json_to_recordset(m.readings) AS r(seq bigint, point text, time float8, source float8, number float8, text text,
      flag boolean, quality text, reason text, unit text, clock text)`;

/** Inserts what is new, counts it and notes from when to when it is; answers with how many readings that were. */
export const INSERT_READINGS = `
  WITH inserted AS (INSERT INTO weir.readings ${READINGS} ON CONFLICT DO NOTHING RETURNING gateway, epoch, time),
    counted AS (SELECT gateway, epoch, count(*) AS count, min(time) AS first, max(time) AS last
      FROM inserted GROUP BY gateway, epoch),
    booked AS (UPDATE weir.gateways AS known SET received = received + counted.count,
        oldest = least(oldest, first), newest = greatest(newest, last)
      FROM counted WHERE known.gateway = counted.gateway AND known.epoch = counted.epoch)
  SELECT coalesce(sum(count), 0)::float8 AS inserted FROM counted`;

/**
 * Holds repeats that another centre received first against what is there, unless the clock was corrected in between. The
 * unit depends on the catalogue of the day.
 */
export const BOOK_CONFLICTS = `
  WITH offered AS (${READINGS}),
    differing AS (SELECT gateway, epoch, count(*) AS count
      FROM offered JOIN weir.readings AS known USING (gateway, epoch, seq)
      WHERE (known.point, known.time, known.source_time, known.number, known.text, known.flag, known.quality, known.reason)
        IS DISTINCT FROM (offered.point, offered.time, offered.source_time, offered.number, offered.text, offered.flag,
          offered.quality, offered.reason)
        AND known.clock IS NOT DISTINCT FROM offered.clock
      GROUP BY gateway, epoch)
  UPDATE weir.gateways AS known SET conflicting = conflicting + differing.count
  FROM differing WHERE known.gateway = differing.gateway AND known.epoch = differing.epoch`;

/** Melts ranges together with those that they touch. */
export const COVER = `
  WITH added AS (SELECT * FROM json_to_recordset($1) AS a(gateway text, epoch text, after bigint, upto bigint)),
    touched AS (DELETE FROM weir.coverage AS known USING added
      WHERE known.gateway = added.gateway AND known.epoch = added.epoch
        AND known.upto >= added.after AND known.after <= added.upto
      RETURNING known.gateway, known.epoch, known.after, known.upto),
    melted AS (SELECT gateway, epoch, range_agg(int8range(after, upto)) AS ranges
      FROM (SELECT * FROM added UNION ALL SELECT * FROM touched) AS both_kinds GROUP BY gateway, epoch)
  INSERT INTO weir.coverage
  SELECT gateway, epoch, lower(range), upper(range) FROM melted, unnest(ranges) AS range`;

/** Of what is here nothing is lost, whichever centre received it, and when. */
export const INSERT_GAPS = `
  INSERT INTO weir.gaps
  SELECT gateway, epoch, after, upto, count, to_timestamp(oldest / 1000), to_timestamp(newest / 1000), reason
  FROM json_to_recordset($1)
    AS g(gateway text, epoch text, after bigint, upto bigint, count bigint, oldest float8, newest float8, reason text)
  WHERE NOT ${IS_HERE}
  ON CONFLICT DO NOTHING`;

export const INSERT_CORRECTIONS = `
  INSERT INTO weir.corrections
  SELECT * FROM json_to_recordset($1)
    AS c(gateway text, epoch text, number bigint, after bigint, upto bigint, shift bigint, clock text)
  ON CONFLICT DO NOTHING`;

/** Each time, and not only of what is new: another centre may have stored readings since that did not know of it. */
export const CORRECT = `
  SELECT weir.correct(gateway, epoch)
  FROM (SELECT DISTINCT gateway, epoch FROM json_to_recordset($1) AS c(gateway text, epoch text)) AS corrected`;

/** For readings of a time that is not for sure: another centre may have been told how they are corrected. */
export const CORRECT_LATE = `
  SELECT weir.correct(gateway, epoch)
  FROM json_to_recordset($1) AS u(gateway text, epoch text, after bigint, upto bigint)
  WHERE EXISTS (SELECT FROM weir.corrections AS c
    WHERE c.gateway = u.gateway AND c.epoch = u.epoch AND c.after < u.upto AND c.upto > u.after)`;

// The driver gives bigints as texts; a sequence is a safe integer.
const WALL = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::float8`;

export const SELECT_ACCOUNTS = `
  SELECT gateway, epoch, received::float8, conflicting::float8, ${WALL('oldest')} AS oldest, ${WALL('newest')} AS newest
  FROM weir.gateways ORDER BY gateway, epoch`;

export const SELECT_COVERAGE = `
  SELECT gateway, epoch, lower(range)::float8 AS after, upper(range)::float8 AS upto
  FROM (SELECT gateway, epoch, range_agg(int8range(after, upto)) AS ranges FROM weir.coverage GROUP BY gateway, epoch) AS c,
    unnest(ranges) AS range
  ORDER BY gateway, epoch, lower(range)`;

export const SELECT_GAPS = `
  SELECT gateway, epoch, after::float8, upto::float8, count::float8, ${WALL('oldest')} AS oldest,
    ${WALL('newest')} AS newest, reason
  FROM weir.gaps ORDER BY gateway, epoch, upto`;

export const SELECT_CORRECTIONS = `
  SELECT gateway, epoch, number::float8, after::float8, upto::float8, shift::float8, clock
  FROM weir.corrections ORDER BY gateway, epoch, number`;

/** Takes gateway, epoch, after and upto of a hole. */
export const SELECT_NEIGHBOURS = `
  SELECT
    (SELECT ${WALL('time')} FROM weir.readings WHERE gateway = $1 AND epoch = $2 AND seq <= $3 ORDER BY seq DESC LIMIT 1)
      AS before,
    (SELECT ${WALL('time')} FROM weir.readings WHERE gateway = $1 AND epoch = $2 AND seq > $4 ORDER BY seq LIMIT 1)
      AS behind`;
