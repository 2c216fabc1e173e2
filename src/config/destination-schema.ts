import { z } from 'zod';
import { secretSchema } from '../model/secret.ts';
import { tlsSchema } from '../wire/tls-settings.ts';
import { nearest } from './nearest.ts';
import { selectSchema } from './select-schema.ts';
import { duration } from './values.ts';

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

const laterFormats = ['sparkplug-b', 'opcua-pubsub', 'thingsboard', 'senml', 'fiware'];

const formatSchema = z.literal('json', {
  error: ({ input }) => {
    const meant = typeof input === 'string' ? nearest(input, laterFormats) : undefined;
    return meant === undefined ? 'the formats are: json\nwrite json' : `${meant} is not in this version\nwrite json`;
  },
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
    format: formatSchema.default('json').describe('How readings are encoded.'),
    select: selectSchema('What is sent there; several conditions must all hold. Absent: everything.'),
    keepAlive: duration('1s', '18h').prefault('30s').describe('Silence after which the connection is checked.'),
    window: z.int().min(1).max(64).default(16).describe('Most messages sent and not yet acknowledged.'),
    timeout: duration('100ms', '10m').prefault('10s').describe('Longest wait for an acknowledgement.'),
    backlog: z
      .enum(['oldest-first', 'newest-first'])
      .default('oldest-first')
      .describe('Order in which readings of an outage are sent, beside the live ones.'),
  })
  .superRefine(({ url, tls }, context) => {
    if (tls === undefined || !url.startsWith('mqtt:')) return;
    context.addIssue({
      code: 'custom',
      path: ['tls'],
      message: 'is given for a url without TLS\nwrite mqtts:// in url',
    });
  })
  .describe('A broker of a control centre, by name.');
