import { z } from 'zod';
import { connectionSchema } from './connection-schema.ts';
import { destinationSchema } from './destination-schema.ts';
import { deviceSchema } from './device-schema.ts';
import type { ConfigurableDriver } from './drivers.ts';
import { pointSchema } from './point-schema.ts';
import { auditSchema, clockSchema, controlSchema, gatewaySchema, journalSchema } from './schema.ts';
import { serverSchema } from './server-schema.ts';
import { idSchema } from './values.ts';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** What may be written, as JSON Schema 2020-12: defaults as in the file, durations and sizes as text. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _dialect, ...json } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema instanceof z.ZodBigInt) jsonSchema.type = 'integer';
    },
  });
  return json;
}

/** A connection of `driver`: its own keys, in each of its variants, and the name of the driver. */
export function connectionJson({ driver, connection }: ConfigurableDriver): JsonSchema {
  const named = { ...jsonSchemaOf(connectionSchema.shape.driver), const: driver.name };
  return variantsOf(jsonSchemaOf(connection), (variant) => ({
    ...variant,
    properties: { driver: named, ...variant.properties },
    required: ['driver', ...(variant.required ?? [])],
  }));
}

function variantsOf(json: JsonSchema, change: (variant: JsonSchema) => JsonSchema): JsonSchema {
  if (json.oneOf !== undefined) return { ...json, oneOf: schemasIn(json.oneOf).map(change) };
  if (json.anyOf !== undefined) return { ...json, anyOf: schemasIn(json.anyOf).map(change) };
  return change(json);
}

/** The members of a list in a JSON Schema, without those that are `true` or `false`. */
export function schemasIn(list: readonly unknown[] | undefined): readonly JsonSchema[] {
  return (list ?? []).filter(isSchema);
}

export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null;
}

/** A point of `driver`. Nothing is required: it may override single keys of its profile's. */
function pointJson({ point }: ConfigurableDriver): JsonSchema {
  const { required: _required, ...json } = jsonSchemaOf(z.strictObject({ ...pointSchema.shape, ...point.shape }));
  return json;
}

/** A device of `driver`. */
export function deviceJson(driver: ConfigurableDriver): JsonSchema {
  const json = jsonSchemaOf(z.strictObject({ ...deviceSchema.shape, ...driver.device.shape }));
  const points = {
    ...jsonSchemaOf(deviceSchema.shape.points),
    propertyNames: jsonSchemaOf(idSchema),
    additionalProperties: { anyOf: [pointJson(driver), { type: 'null' as const }] },
  };
  return { ...json, properties: { ...json.properties, points } };
}

/** The whole file. */
export function configurationJson(drivers: readonly ConfigurableDriver[]): JsonSchema {
  const byId = (description: string, variants: readonly JsonSchema[]): JsonSchema => ({
    description,
    type: 'object',
    propertyNames: jsonSchemaOf(idSchema),
    additionalProperties: variants.length === 1 ? { ...variants[0] } : { anyOf: [...variants] },
  });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Weir configuration',
    description: 'weir.yaml, and what weir.d/*.yaml beside it add to it.',
    type: 'object',
    properties: {
      gateway: jsonSchemaOf(gatewaySchema),
      journal: jsonSchemaOf(journalSchema),
      clock: jsonSchemaOf(clockSchema),
      control: jsonSchemaOf(controlSchema),
      audit: jsonSchemaOf(auditSchema),
      connections: byId('Buses, sockets and sessions.', drivers.map(connectionJson)),
      devices: byId('Meters and controllers.', drivers.map(deviceJson)),
      destinations: byId('Brokers of control centres.', [jsonSchemaOf(destinationSchema)]),
      servers: byId('What others read from us.', [jsonSchemaOf(serverSchema)]),
    },
    additionalProperties: false,
  };
}
