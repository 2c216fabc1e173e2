import { z } from 'zod';
import { nearest, suggest } from './nearest.ts';

type RawIssue = z.core.$ZodRawIssue;
type Issue = z.core.$ZodIssue;
type Path = readonly (string | number)[];

/** What a schema found wrong at `path`, relative to what it was given. */
export type Finding = {
  readonly path: Path;
  readonly message: string;
  /** What to do about it; empty where the message says it all. */
  readonly hint: string;
  /** The key itself is wrong, not what stands under it. */
  readonly atKey: boolean;
};

const MISSING = 'is missing';
/** Leaves it to the branches of a union to say what is wrong. */
const BY_BRANCH = '';

/**
 * The words for whatever a schema does not say in its own: an error map for zod. In a schema's own words too, the
 * first line is what is wrong, and a second one what to do.
 */
export function explain(issue: RawIssue): string {
  if (issue.code === 'invalid_type') return explainType(issue.input, issue.expected);
  if (issue.code === 'invalid_value') return noneOf(issue.input, issue.values);
  if (issue.code === 'too_big' || issue.code === 'too_small') return explainBound(issue);
  if (issue.code === 'unrecognized_keys') return knownKeys(issue.schema).join('\n');
  if (issue.code !== 'invalid_union') return `${shown(issue.input)} is not what belongs here`;
  return issue.discriminator === undefined ? BY_BRANCH : explainDiscriminator(issue);
}

/** What `schema` found wrong, a finding for each key; `alsoKnown` are keys that belong beside the schema's own. */
export function findingsOf(error: z.ZodError, schema: z.ZodType, alsoKnown: readonly string[]): readonly Finding[] {
  return error.issues.flatMap((issue) => findings(issue, [])).map(complete);

  function complete(finding: Finding): Finding {
    if (finding.message === MISSING) return { ...finding, hint: remedyOfMissing(schema, finding) };
    if (finding.message !== UNKNOWN) return finding;
    const elsewhere = finding.path.length === 1 ? ofOtherVariants(schema, String(finding.path[0])) : undefined;
    if (elsewhere !== undefined) return { ...finding, ...elsewhere };
    const known = finding.hint.split('\n').concat(finding.path.length === 1 ? alsoKnown : []);
    return { ...finding, hint: suggest(String(finding.path.at(-1)), known.filter(Boolean)) };
  }
}

const UNKNOWN = 'is no known key';

/** What to say of a key that other variants of a union have, by the values of the key that tells variants apart. */
function ofOtherVariants(schema: z.ZodType, key: string): { message: string; hint: string } | undefined {
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return undefined;
  const { discriminator } = schema.def;
  const values = variantsWith(schema, key).flatMap(({ shape }) => [...(shape[discriminator]?._zod.values ?? [])]);
  if (values.length === 0) return undefined;
  return { message: `is no key of this ${discriminator}`, hint: `${discriminator} ${either(values)} has it` };
}

function variantsWith(schema: z.ZodDiscriminatedUnion, key: string): readonly z.ZodObject[] {
  return schema.options.filter((option): option is z.ZodObject => option instanceof z.ZodObject && key in option.shape);
}

/** `tcp`, `tcp or udp`, `tcp, udp or tls` */
function either(values: readonly unknown[]): string {
  const words = values.map(String);
  return [words.slice(0, -1).join(', '), words.at(-1)].filter(Boolean).join(' or ');
}

/** The findings of one issue; the hint of an unknown key lists the known ones. */
function findings(issue: Issue, base: Path): readonly Finding[] {
  const path = [...base, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], message: UNKNOWN, hint: issue.message, atKey: true }));
  }
  if (issue.code === 'invalid_union' && issue.message === BY_BRANCH) {
    // The branch that was meant is the one that fits so far.
    const meant = issue.errors.find((branch) => branch.every((deeper) => deeper.path.length > 0));
    if (meant !== undefined) return meant.flatMap((deeper) => findings(deeper, path));
    return [{ path, message: `${shown(issue.input)} is not ${alternatives(issue.errors)}`, hint: '', atKey: false }];
  }
  const atKey = issue.code === 'invalid_key';
  const words = (atKey ? issue.issues[0]?.message : undefined) ?? issue.message;
  const [message = '', ...hint] = words.split('\n');
  return [{ path, message, hint: hint.join(' '), atKey }];
}

function alternatives(branches: readonly (readonly Issue[])[]): string {
  const wanted = branches.flat().flatMap((issue) => {
    if (issue.code === 'invalid_type') return [typeName(issue.expected)];
    return issue.code === 'invalid_value' ? issue.values.map(String) : [];
  });
  return [...new Set(wanted)].join(' or ');
}

/** What to add, by the first example that the description of the missing key offers. */
function remedyOfMissing(schema: z.ZodType, { path, hint }: Finding): string {
  const described = path.reduce<unknown>((parent, key) => {
    if (parent instanceof z.ZodDiscriminatedUnion) return variantsWith(parent, String(key))[0]?.shape[key];
    return parent instanceof z.ZodObject ? parent.shape[key] : undefined;
  }, schema);
  const examples = described instanceof z.ZodType ? described.meta()?.['examples'] : undefined;
  const example = Array.isArray(examples) ? textOf(examples[0]) : undefined;
  return example === undefined ? hint : `add it, e.g. ${example}`;
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  bigint: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys',
  record: 'a map of keys',
};

function typeName(expected: string): string {
  return typeNames[expected] ?? expected;
}

function explainType(input: unknown, expected: string): string {
  const name = typeName(expected);
  if (input === undefined) return `${MISSING}\nadd it: ${name}`;
  if (input === null) return `is empty\ngive it ${name}, or remove the line`;
  if (typeof input === 'bigint') return `${input} is beyond exact numbers\nthe limit is ${Number.MAX_SAFE_INTEGER}`;
  if (typeof input === 'number' && !Number.isFinite(input)) return `${input} is not a finite number`;
  if (name !== typeNames['object']) return `${shown(input)} is not ${name}\n${remedyOfType(input, expected)}`;
  // A text where keys belong may be a secret in the wrong place: it is not repeated.
  const given = typeof input === 'string' ? 'a text' : shown(input);
  return `${given} is not ${name}\nwrite each key or id on a line below, a colon behind it, no hyphen before it`;
}

function remedyOfType(input: unknown, expected: string): string {
  const text = textOf(input) ?? '';
  if (expected === 'string' && text !== '') return `put it in quotes: "${text}"`;
  if (expected === 'array' && text !== '') return `put it in brackets: [${text}]`;
  return typeof input === 'string' && text !== '' && Number.isFinite(Number(text)) ? 'remove the quotes' : '';
}

function noneOf(input: unknown, values: readonly unknown[]): string {
  const known = values.map(String);
  if (input === undefined) return `${MISSING}\nadd one of ${known.join(', ')}`;
  const meant = nearest(textOf(input) ?? '', known);
  return `${shown(input)} is none of ${known.join(', ')}${meant === undefined ? '' : `\ndid you mean ${meant}?`}`;
}

function explainDiscriminator({ input, discriminator = '', ...issue }: RawIssue & { code: 'invalid_union' }): string {
  const given =
    typeof input === 'object' && input !== null ? new Map(Object.entries(input)).get(discriminator) : undefined;
  const options: readonly unknown[] = 'options' in issue && Array.isArray(issue.options) ? issue.options : [];
  // A variant that may go without the key has "nothing" among its values.
  const values = options.filter((option) => option !== undefined);
  return noneOf(given, values);
}

const unitsOfLength: Readonly<Record<string, string>> = { string: 'characters', array: 'entries' };

function explainBound(issue: RawIssue & { code: 'too_big' | 'too_small' }): string {
  const isAbove = issue.code === 'too_big';
  const limit = isAbove ? issue.maximum : issue.minimum;
  const unit = unitsOfLength[issue.origin];
  if (unit !== undefined) {
    return `has too ${isAbove ? 'many' : 'few'} ${unit}\n${limit} is the ${isAbove ? 'most' : 'least'}`;
  }
  if (issue.inclusive === false) return `${shown(issue.input)} is not ${isAbove ? 'below' : 'above'} ${limit}`;
  return `${shown(issue.input)} is ${isAbove ? 'above' : 'below'} ${limit}\n${range(issue.schema)}`;
}

function range(schema: unknown): string {
  if (!(schema instanceof z.ZodNumber)) return '';
  const { minValue, maxValue } = schema;
  const isBounded = minValue !== null && maxValue !== null && Number.isFinite(maxValue - minValue);
  return isBounded ? `allowed are ${minValue} to ${maxValue}` : '';
}

function knownKeys(schema: unknown): readonly string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
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
