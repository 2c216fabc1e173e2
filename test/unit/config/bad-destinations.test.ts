import { expect, test } from 'vitest';
import { formatNames } from '../../../src/config/configuration.ts';
import { faultsOf } from '../../support/configuration-files.ts';

const G = 'gateway: { id: g }\n';
const D = `${G}connections: { c: { driver: toy, transport: tcp, host: h } }
devices: { d: { connection: c, points: { p: { read: input 1 } } } }
`;
const destination = (keys: string): string => `${G}destinations: { x: { ${keys} } }`;

/** What is written, and the one line that is said about it. */
const rows: readonly (readonly [what: string, yaml: string, line: string])[] = [
  [
    'an unknown key of a destination',
    destination('url: "mqtt://h", windw: 3'),
    'weir.yaml:2:39 destinations.x.windw: is no known key; did you mean window?',
  ],
  [
    'an unknown key of a user',
    destination('url: "mqtt://h", user: { name: u, pasword: hunter2 }'),
    'weir.yaml:2:56 destinations.x.user.pasword: is no known key; did you mean password?',
  ],
  [
    'an unknown key of tls',
    destination('url: "mqtts://h", tls: { cert: x }'),
    'weir.yaml:2:47 destinations.x.tls.cert: is no known key; known are ca, certificate, key, minimum, allowInsecure',
  ],
  [
    'an unknown key of a selection',
    destination('url: "mqtt://h", select: { domains: [energy] }'),
    'weir.yaml:2:49 destinations.x.select.domains: is no known key; did you mean domain?',
  ],
  [
    'no url',
    destination('window: 3'),
    'weir.yaml:2:17 destinations.x.url: is missing; add it, e.g. mqtts://broker.example:8883',
  ],
  [
    'a url without a scheme',
    destination('url: broker.example'),
    'weir.yaml:2:27 destinations.x.url: is no url of a broker; write e.g. mqtts://broker.example:8883',
  ],
  [
    'a url of the web',
    destination('url: "https://broker.example"'),
    'weir.yaml:2:27 destinations.x.url: is of a kind that is not in this version; write mqtt:// or mqtts://',
  ],
  [
    'a url with port 70000',
    destination('url: "mqtt://h:70000"'),
    'weir.yaml:2:27 destinations.x.url: has a port outside 1 to 65535; usual are 1883 for mqtt and 8883 for mqtts',
  ],
  [
    'a url with a path',
    destination('url: "mqtt://h/weir"'),
    'weir.yaml:2:27 destinations.x.url: has a path or query; end it with the host and port',
  ],
  [
    'a url with a password',
    destination('url: "mqtt://u:hunter2@h"'),
    'weir.yaml:2:27 destinations.x.url: carries a user or password; move it to user: { name: NAME, password: { file: PATH } }',
  ],
  [
    'a url without a host',
    destination('url: "mqtt://:1883"'),
    'weir.yaml:2:27 destinations.x.url: has no valid host; write e.g. mqtts://broker.example:8883',
  ],
  [
    'a url with an impossible host',
    destination('url: "mqtt://a<b"'),
    'weir.yaml:2:27 destinations.x.url: has no valid host; write e.g. mqtts://broker.example:8883',
  ],
  [
    'a window of 65',
    destination('url: "mqtt://h", window: 65'),
    'weir.yaml:2:47 destinations.x.window: 65 is above 64; allowed are 1 to 64',
  ],
  [
    'a window of 1.5',
    destination('url: "mqtt://h", window: 1.5'),
    'weir.yaml:2:47 destinations.x.window: 1.5 is not a whole number',
  ],
  [
    'keep-alive beyond what MQTT can say',
    destination('url: "mqtt://h", keepAlive: 1d'),
    'weir.yaml:2:50 destinations.x.keepAlive: 1d is outside 1s to 18h',
  ],
  [
    'a format that is misspelt',
    destination('url: "mqtt://h", format: sparkplug'),
    `weir.yaml:2:47 destinations.x.format: the formats are: ${formatNames.join(', ')}; write sparkplug-b`,
  ],
  [
    'a format that is none',
    destination('url: "mqtt://h", format: xml'),
    `weir.yaml:2:47 destinations.x.format: the formats are: ${formatNames.join(', ')}; write json`,
  ],
  [
    'compression of a format that has none',
    destination('url: "mqtt://h", format: fiware, compress: zstd'),
    'weir.yaml:2:65 destinations.x.compress: is not for fiware, whose receivers do not expect it; leave it out',
  ],
  [
    'a custom format without templates',
    destination('url: "mqtt://h", format: custom'),
    'weir.yaml:2:47 destinations.x.format: needs templates; add custom: { topic, payload }',
  ],
  [
    'a placeholder that is none',
    destination('url: "mqtt://h", format: custom, custom: { topic: t, payload: "{{valeu}}" }'),
    'weir.yaml:2:84 destinations.x.custom.payload: {{valeu}} is no placeholder; write value',
  ],
  [
    'a topic with a wildcard',
    destination('url: "mqtt://h", format: custom, custom: { topic: "a/#", payload: x }'),
    'weir.yaml:2:72 destinations.x.custom.topic: is no topic to publish to; leave out + and #',
  ],
  [
    'a topic with a value',
    destination('url: "mqtt://h", format: custom, custom: { topic: "a/{{value}}", payload: x }'),
    'weir.yaml:2:72 destinations.x.custom.topic: has a placeholder that is no id; use gateway, device, name, point, quality, epoch',
  ],
  [
    'a base name that SenML forbids',
    destination('url: "mqtt://h", format: senml, senml: { baseName: "a b" }'),
    'weir.yaml:2:73 destinations.x.senml.baseName: cannot begin a SenML name; use letters, digits and - : . / _',
  ],
  [
    'a backlog order that is none',
    destination('url: "mqtt://h", backlog: newest'),
    'weir.yaml:2:48 destinations.x.backlog: "newest" is none of oldest-first, newest-first',
  ],
  [
    'an empty selection',
    destination('url: "mqtt://h", select: { domain: [] }'),
    'weir.yaml:2:57 destinations.x.select.domain: has too few entries; 1 is the least',
  ],
  [
    'a selection that is no list',
    destination('url: "mqtt://h", select: { domain: energy }'),
    'weir.yaml:2:57 destinations.x.select.domain: "energy" is not a list; put it in brackets: [energy]',
  ],
  [
    'a label selection that is a number',
    destination('url: "mqtt://h", select: { label: { floor: 3 } }'),
    'weir.yaml:2:65 destinations.x.select.label.floor: 3 is not text or a list',
  ],
  [
    'a label selection with a number in its list',
    destination('url: "mqtt://h", select: { label: { floor: ["2", 3] } }'),
    'weir.yaml:2:71 destinations.x.select.label.floor[1]: 3 is not text; put it in quotes: "3"',
  ],
  [
    'a device selected that is not there',
    `${D}destinations: { x: { url: "mqtt://h", select: { device: [d, e] } } }`,
    'weir.yaml:4:61 destinations.x.select.device[1]: there is no device e; did you mean d?',
  ],
  [
    'a point selected that is not there',
    `${D}destinations: { x: { url: "mqtt://h", select: { point: [d/q] } } }`,
    'weir.yaml:4:57 destinations.x.select.point[0]: there is no point d/q; did you mean d/p?',
  ],
  [
    'TLS settings without TLS',
    destination('url: "mqtt://h", tls: {}'),
    'weir.yaml:2:39 destinations.x.tls: is given for a url without TLS; write mqtts:// in url',
  ],
  [
    'a certificate without its key',
    destination('url: "mqtts://h", tls: { certificate: c.pem }'),
    'weir.yaml:2:60 destinations.x.tls.certificate: has no key beside it; add key',
  ],
  [
    'a key without its certificate',
    destination('url: "mqtts://h", tls: { key: { env: HOME } }'),
    'weir.yaml:2:47 destinations.x.tls.key: has no certificate beside it; add certificate',
  ],
  [
    'no reason for insecurity',
    destination('url: "mqtts://h", tls: { allowInsecure: true }'),
    'weir.yaml:2:62 destinations.x.tls.allowInsecure: true is not text; put it in quotes: "true"',
  ],
  [
    'two destinations on one broker',
    `${G}destinations:\n  a: { url: "mqtt://H" }\n  b: { url: "mqtt://h:1883", select: { domain: [water] } }`,
    'weir.yaml:4:13 destinations.b.url: h:1883 is the broker of a already; one broker is one destination: widen select of a instead',
  ],
];

test.each(rows)('%s is one clear fault at its place', async (_what, yaml, line) => {
  expect(await faultsOf({ 'weir.yaml': yaml })).toEqual({ lines: [line], code: 'configuration-invalid' });
});
