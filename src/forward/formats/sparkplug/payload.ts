import type { Message } from '../../destination.ts';
import { writeMetric, type Metric } from './metric.ts';
import { Output } from './output.ts';
import { payloadTags } from './schema.ts';

const LONGEST_VARINT = 11; // with its tag

/** The whole of a message; `seq` undefined in the one kind that has none, NDEATH. */
export type Payload = {
  readonly topic: string;
  /** Wall milliseconds. */
  readonly sent: number;
  readonly seq: number | undefined;
  readonly metrics: readonly Metric[];
};

/** A message of QoS 0 that is not retained, as all of Sparkplug's but the will. */
export function payloadMessage({ topic, sent, seq, metrics }: Payload): Message {
  const body = new Output();
  const scratch = new Output();
  for (const metric of metrics) {
    scratch.at = 0;
    writeMetric(scratch, metric);
    appendMetric(body, scratch.written());
  }
  return sealed({ topic, sent, seq, body: body.written() });
}

/** Appends a metric that is ready. */
export function appendMetric(output: Output, metric: Uint8Array): void {
  output.reserve(LONGEST_VARINT);
  output.byte(payloadTags.metric);
  output.unsigned(metric.length);
  output.raw(metric);
}

type Sealed = Omit<Payload, 'metrics'> & { readonly body: Uint8Array };

/** The message around metrics that are ready. */
export function sealed({ topic, sent, seq, body }: Sealed): Message {
  const output = new Output(body.length + 2 * LONGEST_VARINT);
  output.byte(payloadTags.timestamp);
  output.unsigned(Math.max(0, Math.floor(sent)));
  output.raw(body);
  if (seq !== undefined) {
    output.byte(payloadTags.seq);
    output.unsigned(seq);
  }
  return { topic, payload: output.written(), qos: 0, retain: false, properties: {} };
}
