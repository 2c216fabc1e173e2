import mqtt from 'mqtt';

// The receiving end of a benchmark, in a process of its own: counts readings by their covered ranges and samples
// delays, without parsing whole messages. Answers each line on its standard input with one line of JSON.

const [port = '1883', sampling = 'all'] = process.argv.slice(2);

type Window = { readings: number; backlog: number; messages: number; bytes: number; delays: number[] };
const fresh = (): Window => ({ readings: 0, backlog: 0, messages: 0, bytes: 0, delays: [] });
let window = fresh();
let first: number | undefined;

const covers = /"covers":\[(\d+),(\d+)\]/;
const time = /"time":"([^"]+)"/g;

function take(topic: string, payload: Buffer): void {
  const now = Date.now();
  first ??= now;
  const range = covers.exec(payload.toString('latin1', 0, 512));
  const readings = range === null ? 0 : Number(range[2]) - Number(range[1]);
  const isLive = topic.endsWith('/live');
  window.messages += 1;
  window.bytes += payload.length;
  window.readings += readings;
  window.backlog += isLive ? 0 : readings;
  // With `live` delays are those of the live lane alone: readings of a backlog are as old as they are.
  if (sampling !== 'live' || isLive) sample(payload, now);
}

function sample(payload: Buffer, now: number): void {
  // At full load reading every time would make this end the bottleneck: the first reading waited longest.
  const text = sampling === 'all' ? payload.toString('latin1') : payload.toString('latin1', 0, 1024);
  for (const [, stamp = ''] of sampling === 'all' ? text.matchAll(time) : [time.exec(text) ?? []]) {
    window.delays.push(now - Date.parse(stamp));
  }
  time.lastIndex = 0;
}

const quantile = (sorted: readonly number[], share: number): number | null =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;

const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5 });
client.on('connect', () =>
  client.subscribe(['weir/1/+/live', 'weir/1/+/backlog'], { qos: 1 }, () => process.stdout.write('ready\n')),
);
client.on('message', take);

// `peek` leaves the window open.
process.stdin.on('data', (line) => {
  const { delays, ...counts } = window;
  if (line.toString().trim() !== 'peek') window = fresh();
  delays.sort((a, b) => a - b);
  process.stdout.write(
    `${JSON.stringify({ ...counts, first, p50: quantile(delays, 0.5), p99: quantile(delays, 0.99) })}\n`,
  );
});
process.stdin.on('end', () => process.exit());
