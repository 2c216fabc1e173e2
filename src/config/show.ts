import { Document, isCollection, isMap } from 'yaml';
import { destinationSchema } from './destination-schema.ts';
import type { ConfigurableDriver, DriverLoaders } from './drivers.ts';
import { faultsError } from './fault.ts';
import { connectionJson, deviceJson, isSchema, jsonSchemaOf, schemasIn, type JsonSchema } from './json-schema.ts';
import { resolveConfiguration } from './load.ts';
import { auditSchema, clockSchema, gatewaySchema, journalSchema } from './schema.ts';
import type { Section } from './section.ts';
import { serverSchema } from './server-schema.ts';
import { entriesOf, isEmpty, plain } from './tree.ts';

/**
 * The configuration as one document in the form of weir.yaml, ready for JSON and for being loaded again: fragments
 * merged, profiles applied, the defaults of everything but points filled in, secrets as the references they are.
 * Throws as `loadConfiguration` does, but needs no secret.
 */
export async function effectiveDocument(file: string, drivers: DriverLoaders): Promise<Record<string, unknown>> {
  const resolved = await resolveConfiguration(file, drivers, { secrets: 'unchecked' });
  const { configuration, root, faults } = resolved;
  if (configuration === undefined || root === undefined) throw faultsError(faults);
  const driverOf = (connection: string): ConfigurableDriver => {
    const driver = resolved.drivers.get(connection);
    if (driver === undefined) throw new TypeError(`connection ${connection} passed without a driver`);
    return driver;
  };
  return {
    gateway: filled(jsonSchemaOf(gatewaySchema), root.at('gateway')),
    journal: filled(jsonSchemaOf(journalSchema), root.at('journal')),
    clock: filled(jsonSchemaOf(clockSchema), root.at('clock')),
    control: configuration.control,
    audit: { path: configuration.audit.path, size: filled(jsonSchemaOf(auditSchema), root.at('audit'))['size'] },
    connections: mapped(root.at('connections'), (part, id) => filled(connectionJson(driverOf(id)), part)),
    devices: Object.fromEntries(
      resolved.devices.map(({ id, section, settings }) => {
        const shown = filled(deviceJson(driverOf(settings?.connection ?? '')), section);
        return [id, { ...shown, points: { ...shownPoints(section), ...removedPoints(root.at('devices', id)) } }];
      }),
    ),
    destinations: mapped(root.at('destinations'), (part) => filled(jsonSchemaOf(destinationSchema), part)),
    servers: mapped(root.at('servers'), (part) => filled(jsonSchemaOf(serverSchema), part)),
  };
}

/** An effective document as YAML, a point on each line. */
export function formatDocument(document: Record<string, unknown>): string {
  const yaml = new Document(document);
  const devices = yaml.get('devices');
  for (const device of isMap(devices) ? devices.items : []) {
    const points = isMap(device.value) ? device.value.get('points') : undefined;
    for (const point of isMap(points) ? points.items : []) if (isCollection(point.value)) point.value.flow = true;
  }
  return yaml.toString({ lineWidth: 0 });
}

function mapped(section: Section, show: (part: Section, id: string) => unknown): Record<string, unknown> {
  return Object.fromEntries([...entriesOf(section.tree).keys()].map((id) => [id, show(section.at(id), id)]));
}

/** The points are told as they were written; their defaults would only hide it. */
function shownPoints(device: Section): Record<string, unknown> {
  return mapped(device.at('points'), (point) => writable(point.tree === undefined ? undefined : plain(point.tree)));
}

/** Without these a profile's points would come back when the document is loaded. */
function removedPoints(written: Section): Record<string, null> {
  const names = [...entriesOf(written.at('points').tree)].filter(([, tree]) => isEmpty(tree));
  return Object.fromEntries(names.map(([name]) => [name, null]));
}

function filled(schema: JsonSchema, { tree }: Section): Record<string, unknown> {
  const value = writable(tree === undefined ? {} : plain(tree));
  return isObject(value) ? fill(schema, value) : {};
}

/** `value` in the order of the schema, with the defaults of what it lacks. */
function fill(schema: JsonSchema, value: Record<string, unknown>): Record<string, unknown> {
  const known = Object.entries(variantFor(schema, value).properties ?? {}).flatMap(([key, property]) => {
    if (!isSchema(property)) return [];
    const given = value[key] ?? property.default;
    return given === undefined ? [] : [[key, isObject(given) ? fill(property, given) : given] as const];
  });
  return { ...Object.fromEntries(known), ...omit(value, new Set(known.map(([key]) => key))) };
}

function omit(value: Record<string, unknown>, keys: ReadonlySet<string>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.has(key)));
}

/** The alternative that `value` has chosen by the keys which take certain values only, e.g. `transport: tcp`. */
function variantFor(schema: JsonSchema, value: Record<string, unknown>): JsonSchema {
  const isChosen = ({ properties = {} }: JsonSchema): boolean =>
    Object.entries(properties).every(([key, property]) => {
      if (!isSchema(property)) return true;
      const given = value[key] ?? property.default;
      const taken = property.const === undefined ? property.enum : [property.const];
      return taken === undefined || given === undefined || taken.some((each) => each === given);
    });
  return schemasIn(schema.oneOf ?? schema.anyOf).find(isChosen) ?? schema;
}

/** JSON has no integers beyond 2^53; where they are allowed, decimal text is too. */
function writable(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return value.map(writable);
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, child]) => [key, writable(child)]))
    : value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
