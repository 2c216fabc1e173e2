import { z } from 'zod';
import { parities } from '../collect/driver.ts';
import { GatewayError } from '../model/errors.ts';
import { addRange, type Ranges } from '../model/ranges.ts';

// What may stand in the body of a request, as JSON. Whether a driver knows the keys of a device is for it to say.

const given = z.union([z.number(), z.string(), z.boolean()]);
const range = z.strictObject({ after: z.int().nonnegative(), upto: z.int().positive() });
const keys = z.record(z.string(), z.unknown());
const adHoc = { device: keys, points: z.record(z.string(), keys) };

/** The body of each kind of request, and how to say what it must be. */
const bodies = {
  read: {
    schema: z.strictObject({ points: z.array(z.string()).min(1).optional() }),
    form: 'empty or {"points":["device/point", …]}',
  },
  history: {
    schema: z.strictObject({
      names: z.array(z.string()).min(1),
      from: z.number(),
      to: z.number(),
      newestFirst: z.boolean(),
      most: z.int().positive().exactOptional(),
    }),
    form: '{"names":["device or device/point", …],"from": ms,"to": ms,"newestFirst": false,"most": number}, times in milliseconds since 1970, most optional',
  },
  kept: {
    schema: z.strictObject({ points: z.array(z.string()).min(1).exactOptional(), from: z.number(), to: z.number() }),
    form: '{"from": ms, "to": ms, "points":["device/point", …]}, times in milliseconds since 1970, points optional',
  },
  write: {
    schema: z.strictObject({ values: z.record(z.string(), given) }),
    form: '{"values":{"point": value, …}}',
  },
  rewind: {
    schema: z.union([
      z.strictObject({
        ranges: z
          .array(range)
          .min(1)
          .transform((ranges) => ranges.reduce<Ranges>(addRange, [])),
      }),
      z.strictObject({ from: z.number(), to: z.number() }),
    ]),
    form: '{"ranges":[{"after": sequence,"upto": sequence}]}, or {"from": ms,"to": ms}, times in milliseconds since 1970',
  },
  trust: {
    schema: z.strictObject({
      decision: z.enum(['trusted', 'rejected']),
      side: z.enum(['client', 'server']),
      subject: z.string(),
      fingerprint: z.string(),
      by: z.string(),
    }),
    form: '{"decision":"trusted or rejected","side":"client or server","subject":"CN=…","fingerprint":"AB:CD:…","by":"user"}',
  },
  readAdHoc: {
    schema: z.strictObject(adHoc),
    form: '{"device":{keys of the device},"points":{"name":{keys of the point}, …}}',
  },
  writeAdHoc: {
    schema: z.strictObject({ ...adHoc, value: given }),
    form: '{"device":{keys of the device},"points":{"name":{keys of the point}},"value": value}',
  },
  scan: {
    schema: z.strictObject({
      addresses: z.array(z.int().nonnegative()).exactOptional(),
      bauds: z.array(z.int().positive()).exactOptional(),
      parities: z.array(z.enum(parities)).exactOptional(),
      allSettings: z.boolean().exactOptional(),
    }),
    form: 'empty or {"addresses":[1, …],"bauds":[9600, …],"parities":["even", …],"allSettings":true}, each of them optional',
  },
  browse: {
    schema: z.strictObject({ place: z.string().exactOptional() }),
    form: 'empty or {"place": "what lies below this"}',
  },
  identify: {
    schema: z.strictObject({ device: keys }),
    form: '{"device":{keys of the device}}',
  },
} as const;

type Bodies = { readonly [Kind in keyof typeof bodies]: z.output<(typeof bodies)[Kind]['schema']> };

/** What `body` asks for. Throws `usage` that says what it must be. */
export function parseBody<Kind extends keyof Bodies>(kind: Kind, body: string): Bodies[Kind];
export function parseBody(kind: keyof Bodies, body: string): Bodies[keyof Bodies] {
  const { schema, form } = bodies[kind];
  const parsed = schema.safeParse(body === '' ? {} : jsonOf(body));
  if (!parsed.success) throw new GatewayError('usage', `the body of the request must be ${form}`);
  return parsed.data;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new GatewayError('usage', 'the body of the request is not JSON', { cause: error });
  }
}
