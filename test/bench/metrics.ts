import mqtt from 'mqtt';

// The receiving end for Sparkplug, in a process of its own: counts the metrics of data messages by the outline of their
// protobuf, without taking them apart. Answers each line on its standard input with one line of JSON.

const [port = '1883'] = process.argv.slice(2);

const METRIC = 0x12; // Payload.metrics: field 2, length-delimited
const SEQUENCE = 0x18; // Payload.seq: field 3, a varint
const TIMESTAMP = 0x08; // Payload.timestamp: field 1, a varint

let metrics = 0;
let bytes = 0;
let last = 0;

function take(payload: Buffer): void {
  bytes += payload.length;
  last = performance.now();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = payload[at] ?? 0;
      at += 1;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  };
  while (at < payload.length) {
    const tag = varint();
    if (tag !== METRIC && tag !== SEQUENCE && tag !== TIMESTAMP) throw new Error(`unknown field ${tag} in a payload`);
    const value = varint();
    if (tag !== METRIC) continue;
    metrics += 1;
    at += value;
  }
}

const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5 });
const filters = ['NDATA/+', 'DDATA/+/+'].map((rest) => `spBv1.0/+/${rest}`);
client.on('connect', () => client.subscribe(filters, { qos: 0 }, () => process.stdout.write('ready\n')));
client.on('message', (_topic, payload) => take(payload));

process.stdin.on('data', () => {
  process.stdout.write(`${JSON.stringify({ metrics, bytes, quiet: performance.now() - last })}\n`);
});
process.stdin.on('end', () => process.exit());
