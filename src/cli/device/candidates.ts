import { z } from 'zod';
import type { AdHocReading, Keys } from '../../collect/commissioning.ts';
import { pointSchema } from '../../config/point-schema.ts';
import type { ProfileHeader } from '../../config/profile-file.ts';
import { scaling } from '../../model/decimal.ts';
import { shortNumber } from '../format.ts';

/** A profile that a device may be of, and what it would have to answer. */
export type Candidate = {
  /** `vendor/model` */
  readonly profile: string;
  readonly vendor: string;
  readonly model: string;
  /** The driver's keys of a device that the profile sets. */
  readonly device: Keys;
  readonly questions: readonly Question[];
  /** Whether the questions are the profile's fingerprint, which settles it, or points whose values one knows by sight. */
  readonly by: 'fingerprint' | 'values';
};

export type Question = {
  /** What a technician would call it: `holding 90`, or the name of a point. */
  readonly name: string;
  /** The driver's keys of the point. */
  readonly keys: Keys;
  /** What the answer says: `yes` or `no` for the profile, undefined where it says nothing. */
  readonly judge: (answer: AdHocReading) => 'yes' | 'no' | undefined;
  /** The answer for people, e.g. `230.1 V`. */
  readonly show: (answer: AdHocReading) => string;
};

/** What is asked of a device to see whether it is of a profile; undefined where nothing would tell. */
export function candidateOf(profile: string, header: ProfileHeader): Candidate | undefined {
  const { vendor, model, device, fingerprint } = header;
  const known = { profile, vendor, model, device };
  if (fingerprint !== undefined) return { ...known, questions: fingerprint.map(markOf), by: 'fingerprint' };
  const questions = telltalesOf(header.points);
  return questions.length < LEAST_TELLTALES ? undefined : { ...known, questions, by: 'values' };
}

type Mark = NonNullable<ProfileHeader['fingerprint']>[number];

function markOf({ equals, ...keys }: Mark): Question {
  return {
    name: String(Object.values(keys)[0]),
    keys,
    judge: ({ value, quality }) => (quality === 'bad' ? 'no' : isEqual(value, equals) ? 'yes' : 'no'),
    show: ({ value }) => String(value),
  };
}

function isEqual(value: AdHocReading['value'], expected: Mark['equals']): boolean {
  if (typeof value === 'string' && typeof expected === 'string') return trimmed(value) === trimmed(expected);
  return value !== null && String(value) === String(expected);
}

function trimmed(text: string): string {
  return text.replace(/[\0 ]+$/, '');
}

/** One alone may be chance. */
const LEAST_TELLTALES = 2;

type Range = { readonly from: number; readonly to: number };

const PHASE: Range = { from: 90, to: 382 }; // 100 V to 347 V, and ten parts in a hundred
const LINE: Range = { from: 180, to: 759 }; // 200 V to 690 V

/** Quantities of which one knows what they are in a low-voltage net. */
const telltales: Readonly<Record<string, readonly Range[]>> = {
  'voltage-l1': [PHASE],
  'voltage-average': [PHASE],
  'voltage-l1-l2': [LINE],
  'voltage-line-average': [LINE],
  frequency: [
    { from: 49.5, to: 50.5 },
    { from: 59.5, to: 60.5 },
  ],
};

/** What is needed of a point to know its value by sight; the rest is its address. */
const sightSchema = z.looseObject({
  quantity: z.string().optional(),
  unit: z.string().optional(),
  scale: z.number().optional(),
  offset: z.number().optional(),
  invalid: z.array(z.unknown()).optional(),
});

type Sight = z.output<typeof sightSchema>;

function telltalesOf(points: ProfileHeader['points']): readonly Question[] {
  return Object.entries(points).flatMap(([name, written]) => {
    const point = sightSchema.safeParse(written).data;
    const ranges = new Map(Object.entries(telltales)).get(point?.quantity ?? '');
    return point === undefined || ranges === undefined ? [] : [telltale(name, point, ranges)];
  });
}

const commonKeys: readonly string[] = Object.keys(pointSchema.shape);

function telltale(name: string, point: Sight, ranges: readonly Range[]): Question {
  const valueIn = scaledBy(point);
  return {
    name,
    keys: Object.fromEntries(Object.entries(point).filter(([key]) => !commonKeys.includes(key))),
    judge: (answer) => {
      if (answer.reason === 'refused') return 'no';
      const value = valueIn(answer);
      if (value === undefined || value === 0) return undefined; // a dead phase is no contradiction
      return ranges.some(({ from, to }) => value >= from && value <= to) ? 'yes' : 'no';
    },
    show: (answer) => `${shortNumber(valueIn(answer) ?? NaN)} ${point.unit ?? ''}`.trim(),
  };
}

/** The number that an answer means; undefined where there is none. */
function scaledBy({ scale = 1, offset = 0, invalid = [] }: Sight): (answer: AdHocReading) => number | undefined {
  const convert = scaling(scale, offset);
  const none = invalid.map(String);
  return ({ value }) =>
    typeof value !== 'number' || none.includes(String(value)) ? undefined : Number(convert(value));
}
