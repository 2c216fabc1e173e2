import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DURATION_FORM, SIZE_FORM } from '../model/duration.ts';
import { connectionSchema } from './connection-schema.ts';
import { destinationSchema } from './destination-schema.ts';
import { deviceSchema } from './device-schema.ts';
import { DriverCatalogue, type ConfigurableDriver, type DriverLoaders } from './drivers.ts';
import { configurationJson, isSchema, jsonSchemaOf, schemasIn, type JsonSchema } from './json-schema.ts';
import { pointSchema } from './point-schema.ts';
import { profileSchema } from './profile-schema.ts';
import { auditSchema, clockSchema, controlSchema, gatewaySchema, journalSchema } from './schema.ts';
import { serverSchema } from './server-schema.ts';

/** The JSON Schema of weir.yaml, as text. */
export async function renderJsonSchema(drivers: DriverLoaders): Promise<string> {
  return `${JSON.stringify(configurationJson(await new DriverCatalogue(drivers).all()), undefined, 2)}\n`;
}

/** The reference of weir.yaml in Markdown; `example` is a complete weir.yaml, whose sections illustrate it. */
async function renderReference(loaders: DriverLoaders, example: string): Promise<string> {
  const drivers = await new DriverCatalogue(loaders).all();
  const forDrivers = (what: string, schemaOf: (driver: ConfigurableDriver) => JsonSchema): readonly string[] =>
    drivers.flatMap((driver) => [`With \`driver: ${driver.driver.name}\`${what}:`, ...tables(schemaOf(driver))]);
  return (
    [
      '# The configuration: weir.yaml',
      introduction,
      ...section('gateway', jsonSchemaOf(gatewaySchema), example),
      ...section('journal', jsonSchemaOf(journalSchema), example),
      ...section('clock', jsonSchemaOf(clockSchema), example),
      ...section('control', jsonSchemaOf(controlSchema), example),
      ...section('audit', jsonSchemaOf(auditSchema), example),
      ...section('connections', jsonSchemaOf(connectionSchema), example),
      ...forDrivers('', ({ connection }) => jsonSchemaOf(connection)),
      ...section('devices', jsonSchemaOf(deviceSchema), example),
      ...forDrivers(' a device has also', ({ device }) => jsonSchemaOf(device)),
      '## Points',
      pointsIntroduction,
      ...tables(jsonSchemaOf(pointSchema)),
      ...forDrivers(' a point has also', ({ point }) => jsonSchemaOf(point)),
      ...section('destinations', jsonSchemaOf(destinationSchema), example),
      ...section('servers', jsonSchemaOf(serverSchema), uncommented(example, 'servers')),
      '## Profiles',
      profilesIntroduction,
      ...tables(jsonSchemaOf(profileSchema)),
      `\`\`\`yaml\n${profileExample.trimEnd()}\n\`\`\``,
    ].join('\n\n') + '\n'
  );
}

/** Writes weir.schema.json and reference.md into `folder`, where weir.example.yaml is. Resolves with their paths. */
export async function writeReference(drivers: DriverLoaders, folder: string): Promise<readonly string[]> {
  const example = await readFile(join(folder, 'weir.example.yaml'), 'utf8');
  const files = [
    [join(folder, 'weir.schema.json'), await renderJsonSchema(drivers)],
    [join(folder, 'reference.md'), await renderReference(drivers, example)],
  ] as const;
  for (const [file, text] of files) await writeFile(file, text);
  return files.map(([file]) => file);
}

const introduction = `Made from the schemas that check it, by \`npm run generate\`. \`weir.schema.json\` beside it makes editors complete and check it.

One file, \`weir.yaml\`, and the fragments \`weir.d/*.yaml\` beside it in the order of their names; an id or key stands once in all of them.
Everything with an id is in a map by its id: letters, digits, \`.\`, \`_\` and \`-\`. Unknown keys are errors.

- a duration is text: ${DURATION_FORM}; so is a size: ${SIZE_FORM}
- a secret is never written here, only where it is: \`{ file: PATH }\` with a file of mode 0600, \`{ credential: NAME }\` as systemd provides it, or \`{ env: NAME }\`
- a relative path begins in the folder of \`weir.yaml\``;

const pointsIntroduction = `Under \`points\` of a device or profile, by name. A device's points add to those of its profile; one of the same name overrides single keys of it, and \`name: null\` removes it.`;

const profilesIntroduction = `A profile is a file \`profiles/VENDOR/MODEL.yaml\` beside \`weir.yaml\`, or one that comes with Weir; the former wins.`;

/** A whole profile, as the reference shows it. */
const profileExample = `\
driver: modbus
vendor: Example
model: FM-1
description: Flow meter with pulse input
document: { title: FM-1 Modbus registers, revision: "1.2" }
verified: document
domain: water
device: { order: CDAB }
points:
  volume: { read: holding 10, type: uint32, scale: 0.001, unit: m3, quantity: water-volume }
  flow: { read: holding 12, type: float32, unit: m3/h, quantity: water-flow }
fingerprint:
  - { read: holding 0, type: uint16, equals: 4711 }
`;

function section(name: string, schema: JsonSchema, example: string): readonly string[] {
  return [`## ${name}`, schema.description ?? '', ...tables(schema), `\`\`\`yaml\n${excerpt(example, name)}\n\`\`\``];
}

/** The lines of one section of a weir.yaml. */
function excerpt(example: string, name: string): string {
  const lines = example.split('\n');
  const first = lines.findIndex((line) => line.startsWith(`${name}:`));
  const length = lines.slice(first + 1).findIndex((line) => /^\S/.test(line));
  const end = length < 0 ? lines.length : first + 1 + length;
  return lines.slice(first, end).join('\n').trimEnd();
}

/**
 * The example with a section that stands in it as a comment: what it shows is not to happen by itself.
 * @internal
 */
export function uncommented(example: string, name: string): string {
  const lines = example.split('\n');
  const first = lines.indexOf(`# ${name}:`);
  return lines.map((line, index) => (index >= first ? line.replace(/^# /, '') : line)).join('\n');
}

/** A table of the keys; one for each variant where there are several, under the key that tells them apart. */
function tables(schema: JsonSchema): readonly string[] {
  const variants = schemasIn(schema.oneOf ?? schema.anyOf);
  if (variants.length === 0) return [table(schema)];
  return variants.flatMap((variant) => [...caption(variant), table(variant)]);
}

function table(schema: JsonSchema): string {
  return ['| key | type | default | meaning |', '|---|---|---|---|', ...rows(schema, '')].join('\n');
}

/** `transport: tcp` or `transport: udp`, of a variant whose first key has only these values. */
function caption({ properties }: JsonSchema): readonly string[] {
  const [first] = Object.entries(properties ?? {});
  if (first === undefined || !isSchema(first[1])) return [];
  const [key, { const: only, enum: several }] = first;
  const values = only === undefined ? (several ?? []) : [only];
  return values.length === 0 ? [] : [`With ${values.map((value) => `\`${key}: ${String(value)}\``).join(' or ')}:`];
}

function rows(schema: JsonSchema, prefix: string): readonly string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, property]) => {
    if (!isSchema(property)) return [];
    const name = `${prefix}${key}`;
    const isRequired = schema.required?.includes(key) === true;
    const row = [`\`${name}\``, typeOf(property), isRequired ? 'required' : defaultOf(property), meaningOf(property)];
    const { additionalProperties: byName = false } = property;
    const entries = isSchema(byName) ? rows(byName, `${name}.NAME.`) : [];
    return [`| ${row.join(' | ')} |`, ...rows(property, `${name}.`), ...entries];
  });
}

function typeOf(schema: JsonSchema): string {
  if (schema.title !== undefined) return schema.title;
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(code).join(' ');
  if (schema.anyOf !== undefined) return [...new Set(schemasIn(schema.anyOf).map(typeOf))].join(' or ');
  if (schema.type === 'array') return isSchema(schema.items) ? `list of ${typeOf(schema.items)}` : 'list';
  return (
    [schema.type ?? []]
      .flat()
      .map((type) => typeNames[type] ?? type)
      .join(' or ') + bounds(schema)
  );
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  boolean: 'true or false',
  object: 'map',
};

function bounds({ minimum, maximum }: JsonSchema): string {
  const isBounded = minimum !== undefined && maximum !== undefined && Math.abs(maximum) < Number.MAX_SAFE_INTEGER;
  return isBounded ? ` ${minimum}–${maximum}` : '';
}

function defaultOf({ default: value }: JsonSchema): string {
  const isNothing = value === undefined || JSON.stringify(value) === '{}' || JSON.stringify(value) === '[]';
  return isNothing ? '' : code(value);
}

function meaningOf({ description = '', examples = [] }: JsonSchema): string {
  const shown = examples.map(code).join(', ');
  return cell(shown === '' ? description : `${description} E.g. ${shown}`);
}

function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

/** A bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
