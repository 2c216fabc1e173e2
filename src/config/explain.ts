import { z } from 'zod';
import { suggest } from './nearest.ts';

type RawIssue = z.core.$ZodRawIssue;
type Issue = z.core.$ZodIssue;

/** What a schema found wrong at `path`, relative to what it was given. */
export type Finding = {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint: string;
  /** The key itself is wrong, not what stands under it. */
  readonly atKey: boolean;
};

/**
 * The words for whatever a schema does not say in its own: an error map for zod. Everywhere, a schema's own words
 * included, the first line of a message is what is wrong, and a second one what to do.
 */
export function explain(issue: RawIssue): string {
  if (issue.code === 'invalid_type') return explainType(issue.input, issue.expected);
  if (issue.code === 'invalid_value') return noneOf(issue.input, issue.values);
  if (issue.code === 'too_big' || issue.code === 'too_small') return explainBound(issue);
  if (issue.code === 'unrecognized_keys') return knownKeys(issue.schema).join('\n');
  if (issue.code === 'invalid_union')
    return issue.discriminator === undefined ? BY_BRANCH : explainDiscriminator(issue);
  return `${shown(issue.input)} is not what belongs here`;
}

/** Leaves it to the branches of a union to say what is wrong. */
const BY_BRANCH = '';

const MISSING = 'is missing';

/** What `schema` found wrong, one finding for each key; `alsoKnown` are keys that belong beside the schema's own. */
export function findingsOf(error: z.ZodError, schema: z.ZodType, alsoKnown: readonly string[]): readonly Finding[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
    if (issue.code === 'unrecognized_keys') {
      const known = [...(path.length === 0 ? alsoKnown : []), ...issue.message.split('\n')].filter((key) => key !== '');
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: 'is no known key',
        hint: suggest(key, known),
        atKey: true,
      }));
    }
    const words = issue.code === 'invalid_union' && issue.message === BY_BRANCH ? branchWords(issue) : issue.message;
    const [message = '', ...rest] = words.split('\n');
    const example = message === MISSING ? exampleOf(schema, path) : undefined;
    const hint = example === undefined ? rest.join(' ') : `add it, e.g. ${example}`;
    return [{ path, message, hint, atKey: issue.code === 'invalid_key' }];
  });
}

/** The first example that the description of a key offers. */
function exampleOf(schema: z.ZodType, path: Finding['path']): string | undefined {
  const described = path.reduce<unknown>(
    (parent, key) => (parent instanceof z.ZodObject ? parent.shape[key] : undefined),
    schema,
  );
  const examples = described instanceof z.ZodType ? described.meta()?.['examples'] : undefined;
  return Array.isArray(examples) ? textOf(examples[0]) : undefined;
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys',
  record: 'a map of keys',
};

function explainType(input: unknown, expected: string): string {
  const name = typeNames[expected] ?? expected;
  if (input === undefined) return `${MISSING}\nadd it: ${name}`;
  if (input === null) return `is empty\ngive it ${name}, or remove the line`;
  if (typeof input === 'bigint')
    return `${input} is too large for an exact number\nthe limit is ${Number.MAX_SAFE_INTEGER}`;
  const text = textOf(input);
  if (expected === 'string' && text !== undefined) return `${text} is not ${name}\nput it in quotes: "${text}"`;
  // A text where a whole map belongs may be a secret in the wrong place: it is not repeated.
  const isScalar = expected !== 'object' && expected !== 'record';
  return `${isScalar || typeof input !== 'string' ? shown(input) : 'a text'} is not ${name}\nwrite ${name}`;
}

function noneOf(input: unknown, values: readonly unknown[]): string {
  const known = values.map(String);
  if (input === undefined) return `${MISSING}\nadd one of ${known.join(', ')}`;
  return `${shown(input)} is none of ${known.join(', ')}\n${suggest(textOf(input) ?? '', known)}`;
}

function explainDiscriminator({ input, discriminator = '', ...issue }: RawIssue & { code: 'invalid_union' }): string {
  const given =
    typeof input === 'object' && input !== null ? new Map(Object.entries(input)).get(discriminator) : undefined;
  return noneOf(given, 'options' in issue && Array.isArray(issue.options) ? issue.options : []);
}

const unitsOfLength: Readonly<Record<string, string>> = { string: 'characters', array: 'entries' };

function explainBound(issue: RawIssue & { code: 'too_big' | 'too_small' }): string {
  const above = issue.code === 'too_big';
  const limit = above ? issue.maximum : issue.minimum;
  const unit = unitsOfLength[issue.origin];
  if (unit !== undefined)
    return `has too ${above ? 'many' : 'few'} ${unit}\n${limit} is the ${above ? 'most' : 'least'}`;
  const side = issue.inclusive === false ? (above ? 'not below' : 'not above') : above ? 'above' : 'below';
  return `${shown(issue.input)} is ${side} ${limit}\n${range(issue.schema)}`;
}

function range(schema: RawIssue['schema']): string {
  if (!(schema instanceof z.ZodNumber)) return '';
  const { minValue, maxValue } = schema;
  const isBounded = minValue !== null && maxValue !== null && Number.isFinite(maxValue - minValue);
  return isBounded ? `allowed are ${minValue} to ${maxValue}` : '';
}

function knownKeys(schema: unknown): readonly string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/** The words of the branch that was meant: the one that fits so far; else what all branches would take. */
function branchWords({ errors, input }: Issue & { code: 'invalid_union' }): string {
  const meant = errors.find((branch) => branch.every(({ path }) => path.length > 0))?.[0];
  if (meant !== undefined) return `${meant.path.join('.')}: ${meant.message}`;
  const wanted = errors.flat().flatMap((issue) => {
    if (issue.code === 'invalid_type') return [typeNames[issue.expected] ?? issue.expected];
    return issue.code === 'invalid_value' ? issue.values.map(String) : [];
  });
  return `${shown(input)} is not what belongs here\nwrite ${[...new Set(wanted)].join(' or ')}`;
}

const MAX_SHOWN = 60;

/** A value as a message may show it. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value !== 'string') return textOf(value) ?? 'a map of keys';
  return JSON.stringify(value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value);
}

/** How a scalar is written; undefined for lists and maps. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  const isWritten = typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean';
  return isWritten || value === null ? `${value}` : undefined;
}
