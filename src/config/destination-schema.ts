import { z } from 'zod';
import { secretSchema } from '../model/secret.ts';
import { tlsSchema } from '../wire/tls-settings.ts';
import { compressions, formatNames, type FormatName, type FormatOptions, type Hours } from './configuration.ts';
import { nearest } from './nearest.ts';
import { selectSchema } from './select-schema.ts';
import { parseTemplate, placeholders, type Template } from './template.ts';
import { duration, idSchema, size } from './values.ts';

const DEFAULT_PORTS: ReadonlyMap<string, string> = new Map([
  ['mqtt', '1883'],
  ['mqtts', '8883'],
]);

const URL_FORM = /^(?<scheme>[a-z][a-z0-9+.-]*):\/\/(?<authority>[^/?#]*)(?<rest>.*)$/i;
const AUTHORITY_FORM = /^(?:\[[0-9a-f:.]+\]|[^:[\]\s]+)(?::(?<port>\d+))?$/i;

type UrlParts = { readonly scheme: string; readonly authority: string; readonly rest: string };

/** What can be wrong with a broker's url, first things first; in words that never repeat it: it may hold a password. */
const urlFaults: readonly (readonly [isWrong: (url: UrlParts) => boolean, words: string])[] = [
  [({ scheme }) => scheme === '', 'is no url of a broker\nwrite e.g. mqtts://broker.example:8883'],
  [({ scheme }) => !DEFAULT_PORTS.has(scheme), 'is of a kind that is not in this version\nwrite mqtt:// or mqtts://'],
  [
    ({ authority }) => authority.includes('@'),
    'carries a user or password\nmove it to user: { name: NAME, password: { file: PATH } }',
  ],
  [({ rest }) => rest !== '' && rest !== '/', 'has a path or query\nend it with the host and port'],
  [({ authority }) => !AUTHORITY_FORM.test(authority), 'has no valid host\nwrite e.g. mqtts://broker.example:8883'],
  [
    ({ authority }) => !isPort(AUTHORITY_FORM.exec(authority)?.groups?.['port']),
    'has a port outside 1 to 65535\nusual are 1883 for mqtt and 8883 for mqtts',
  ],
  [
    ({ scheme, authority }) => !URL.canParse(`${scheme}://${authority}`),
    'has no valid host\nwrite e.g. mqtts://broker.example:8883',
  ],
];

function isPort(digits: string | undefined): boolean {
  return digits === undefined || (Number(digits) >= 1 && Number(digits) <= 65_535);
}

function urlFault(url: string): string | undefined {
  const { scheme = '', authority = '', rest = '' } = URL_FORM.exec(url)?.groups ?? {};
  return urlFaults.find(([isWrong]) => isWrong({ scheme, authority, rest }))?.[1];
}

/** `host:port` of a broker, however the url spells it. */
export function brokerOf(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  return `${hostname.toLowerCase()}:${port === '' ? DEFAULT_PORTS.get(protocol.slice(0, -1)) : port}`;
}

const urlSchema = z.string().superRefine((url, context) => {
  const fault = urlFault(url);
  if (fault !== undefined) context.addIssue(fault);
});

const formatSchema = z.enum(formatNames, {
  error: ({ input }) => {
    const meant = typeof input === 'string' ? nearest(input, formatNames) : undefined;
    return `the formats are: ${formatNames.join(', ')}\nwrite ${meant ?? 'json'}`;
  },
});

const sparkplugSchema = z.strictObject({
  group: idSchema.default('weir').describe('Group id, the second part of every topic.'),
  primaryHost: idSchema
    .exactOptional()
    .describe('Host application without which nothing is sent. Absent: none is waited for.'),
});

// RFC 8428 4.5.1: what a name may hold, and that it begins with a letter or digit.
const senmlSchema = z.strictObject({
  baseName: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9\-:./_]{0,127}$/, 'cannot begin a SenML name\nuse letters, digits and - : . / _')
    .exactOptional()
    .describe("What stands in front of each name. Absent: the gateway's id and a slash."),
});

const fiwareSchema = z.strictObject({
  apiKey: idSchema.default('weir').describe('Key of the service group in the IoT agent.'),
  form: z
    .enum(['iot-agent', 'ngsi-ld'])
    .default('iot-agent')
    .describe('Measures for the IoT Agent for JSON, or fragments of NGSI-LD entities.'),
});

/** Text with `{{placeholders}}`; see template.ts. */
const templateSchema = z
  .string()
  .min(1)
  .max(512)
  .transform((text, context): Template => {
    const template = parseTemplate(text);
    if (!('unknown' in template)) return template;
    const known = Object.keys(placeholders);
    const hint = nearest(template.unknown, known) ?? known.join(', ');
    const message = `{{${template.unknown}}} is no placeholder\nwrite ${hint}`;
    context.issues.push({ code: 'custom', message, input: text });
    return z.NEVER;
  })
  .meta({ title: 'template' });

/** Placeholders that are ids, and so may stand in a topic. */
const topicPlaceholders: readonly string[] = ['gateway', 'device', 'name', 'point', 'quality', 'epoch'];

const topicSchema = templateSchema.superRefine((template, context) => {
  const wrong = template.find((part) => typeof part !== 'string' && !topicPlaceholders.includes(part.placeholder));
  const isWild = template.some((part) => typeof part === 'string' && /[+#\0]/.test(part));
  if (isWild) context.addIssue('is no topic to publish to\nleave out + and #');
  else if (wrong !== undefined)
    context.addIssue(`has a placeholder that is no id\nuse ${topicPlaceholders.join(', ')}`);
});

const customSchema = z.strictObject({
  topic: topicSchema.meta({ title: 'template', description: 'Topic.', examples: ['plant/{{gateway}}/{{device}}'] }),
  payload: templateSchema.meta({
    title: 'template',
    description: 'What is said of each reading.',
    examples: ['{"t":"{{time}}","{{name}}":{{value}}}'],
  }),
  join: z
    .enum(['none', 'array', 'lines'])
    .default('array')
    .describe('Readings of one topic: a message each, a JSON array, or a line each.'),
});

const HOURS_FORM = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/;

/** `22:00-06:00`, as minutes since midnight. */
const hoursSchema = z
  .string()
  .transform((text, context): Hours => {
    const [, ...parts] = HOURS_FORM.exec(text) ?? [];
    const [fromHour = NaN, fromMinute = NaN, toHour = NaN, toMinute = NaN] = parts.map(Number);
    const hours = { from: fromHour * 60 + fromMinute, to: toHour * 60 + toMinute };
    if (hours.from !== hours.to && !Number.isNaN(hours.from)) return hours;
    context.issues.push({
      code: 'custom',
      message: `${text} are no hours\nwrite e.g. 22:00-06:00, in UTC`,
      input: text,
    });
    return z.NEVER;
  })
  .meta({ title: 'hours' });

const hoursListSchema = z.array(hoursSchema).min(1).max(24);

const rateSchema = z.strictObject({
  readings: z.int().min(1).exactOptional().describe('Readings a second.'),
  bytes: size('1KiB', '1GiB').exactOptional().describe('Bytes a second.'),
});

const scheduleSchema = z.strictObject({
  quiet: hoursListSchema.exactOptional().describe('Hours, in UTC, in which only alarms are sent.'),
  backlog: hoursListSchema.exactOptional().describe('Hours, in UTC, in which alone the backlog is sent.'),
});

const budgetSchema = z.strictObject({
  bytes: size('100KiB', '1TiB').describe(
    'Bytes that may be sent in a period; then only alarms are. The backlog ends at 80 %.',
  ),
  per: z.enum(['day', 'month']).default('month').describe('The period, in UTC.'),
});

/** Formats whose specification or receiver leaves the payload's bytes to us. */
const compressible: readonly FormatName[] = ['json', 'senml', 'custom'];

/** The key below which a format has its settings. */
const optionKeys = {
  sparkplug: 'sparkplug-b',
  senml: 'senml',
  fiware: 'fiware',
  custom: 'custom',
} as const satisfies Record<keyof FormatOptions, FormatName>;

const commandsSchema = z
  .strictObject({
    points: z
      .array(z.string())
      .default([])
      .describe('The points that the centre may write, as device/point; each needs `write`.'),
    perMinute: z.int().min(1).max(120).default(30).describe('Most commands that are carried out in a minute.'),
    replay: z
      .strictObject({ perHour: z.int().min(1).max(3600).default(60).describe('Most requests in an hour.') })
      .optional()
      .describe('That the centre may have readings sent once more; json and sparkplug-b. Absent: it may not.'),
    validity: duration('1s', '15m')
      .prefault('5m')
      .describe('Longest time from the issue of a command to its expiry; of formats without expiry, its time.'),
    fallback: z
      .strictObject({
        after: duration('1s', '30d').describe('How long the centre must be lost.'),
        values: z
          .record(z.string(), z.union([z.number(), z.string(), z.boolean()]))
          .describe('The safe value of each point, as device/point.'),
      })
      .exactOptional()
      .describe('Safe values that points get when the centre is lost.'),
  })
  .meta({
    description: 'What its centre may ask of this gateway. Absent: nothing, and no command is listened to.',
    examples: ['commands: { points: [boiler/setpoint] }'],
  });

export const destinationSchema = z
  .strictObject({
    url: urlSchema.meta({ description: 'The broker.', examples: ['mqtts://broker.example:8883'] }),
    user: z
      .strictObject({
        name: z.string().min(1).describe('User name.'),
        password: secretSchema.optional().describe('Where the password is.'),
      })
      .optional()
      .describe('Absent: none is sent.'),
    tls: tlsSchema('broker', { insecurity: 'shown in `weir status`' }).optional().describe('For mqtts.'),
    failover: z
      .array(urlSchema)
      .max(8)
      .default([])
      .describe('Brokers that stand in while the first is away, in their order; it is returned to once it is back.'),
    protocol: z
      .enum(['5', '3.1.1'])
      .exactOptional()
      .describe('The only version of MQTT to speak. Absent: the newest that the broker knows.'),
    format: formatSchema.default('json').describe('How readings are encoded.'),
    sparkplug: sparkplugSchema.exactOptional().describe('For sparkplug-b.'),
    senml: senmlSchema.exactOptional().describe('For senml.'),
    fiware: fiwareSchema.exactOptional().describe('For fiware.'),
    custom: customSchema.exactOptional().describe('For custom, which needs it.'),
    compress: z
      .enum(compressions)
      .default('none')
      .describe('Compression of data messages, for json, senml and custom. `weir centre` understands it.'),
    select: selectSchema('What is sent there; several conditions must all hold. Absent: everything.'),
    commands: commandsSchema.optional(),
    health: duration('1s', '1d')
      .prefault('1m')
      .describe('Time between two messages that say how the gateway is; json only.'),
    keepAlive: duration('1s', '18h').prefault('30s').describe('Silence after which the connection is checked.'),
    window: z.int().min(1).max(64).default(16).describe('Most messages sent and not yet acknowledged.'),
    timeout: duration('100ms', '10m').prefault('10s').describe('Longest wait for an acknowledgement.'),
    reconnect: z
      .strictObject({
        spread: duration('0s', '10m')
          .prefault('3s')
          .describe(
            'After a loss the first attempt comes at random within this time: many gateways lose a broker together.',
          ),
      })
      .prefault({})
      .describe('How it comes back after a loss.'),
    backlog: z
      .enum(['oldest-first', 'newest-first'])
      .default('oldest-first')
      .describe('Order in which readings of an outage are sent, beside the live ones.'),
    rate: rateSchema.exactOptional().describe('Most that is sent a second, alarms excepted; live readings come first.'),
    schedule: scheduleSchema.exactOptional().describe('When what may be sent. Absent: always.'),
    budget: budgetSchema.exactOptional().describe('For links that are paid by volume.'),
  })
  .superRefine((destination, context) => {
    const { url, failover, tls, format } = destination;
    if (tls !== undefined && [url, ...failover].every((each) => each.startsWith('mqtt:'))) {
      const message = 'is given for a url without TLS\nwrite mqtts:// in url';
      context.addIssue({ code: 'custom', path: ['tls'], message });
    }
    if (format === 'custom' && destination.custom === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['format'],
        message: 'needs templates\nadd custom: { topic, payload }',
      });
    }
    if (destination.compress !== 'none' && !compressible.includes(format)) {
      const message = `is not for ${format}, whose receivers do not expect it\nleave it out`;
      context.addIssue({ code: 'custom', path: ['compress'], message });
    }
    for (const [key, owner] of Object.entries(optionKeys)) {
      if (!(key in destination) || format === owner) continue;
      context.addIssue({ code: 'custom', path: [key], message: `is for another format\nwrite format: ${owner}` });
    }
  })
  .describe('A broker of a control centre, by name.');
