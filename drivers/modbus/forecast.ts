import type { ConnectionSettings } from './connection-schema.ts';
import { timeLine } from './line-timing.ts';
import { readQuestion } from './pdu.ts';
import type { Block } from './plan.ts';
import { transportOf } from './transport.ts';

// Milliseconds that a device usually takes to find its answer: one with a network port, and one on a serial line.
const TYPICAL_ANSWER = { network: 5, line: 20 } as const;

// What gateways to a line we know nothing of mostly have behind them.
const TYPICAL_LINE = timeLine({ baud: 9_600, dataBits: 8, parity: 'even', stopBits: 1 });

/** Expected milliseconds of each request: of its bytes on the line, of the device, and of the silence around them. */
export function forecastRequests(blocks: readonly Block[], settings: ConnectionSettings): readonly number[] {
  const { framing, line } = transportOf(settings);
  if (framing.numbered) return blocks.map(() => TYPICAL_ANSWER.network + settings.pause);
  const { onLine, gap } = line ?? TYPICAL_LINE;
  return blocks.map((block) => {
    const { pdu, answer } = readQuestion(1, block);
    const bytes = framing.frameBytes(pdu.length) + framing.frameBytes(Number(answer.size));
    return onLine(bytes) + Math.max(gap, settings.pause) + TYPICAL_ANSWER.line;
  });
}

/** Expected milliseconds of one round over these requests. */
export function forecastBusTime(requests: readonly number[], settings: ConnectionSettings): number {
  const total = requests.reduce((sum, milliseconds) => sum + milliseconds, 0);
  return 'pipeline' in settings ? total / settings.pipeline : total;
}
