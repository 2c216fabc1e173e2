import type { ReceivedReading } from '../../centre/message.ts';
import type { CentreReport } from '../../centre/report.ts';
import type { DestinationStatus } from '../../model/status.ts';
import { count, duration, paint } from '../format.ts';
import type { Output } from '../output.ts';
import type { Proof } from './proof.ts';

// One value of each meter that anybody understands without its manual.
const UNITS: Readonly<Record<string, string>> = {
  'main-meter/voltage-l1': 'V',
  'water-meter/water-flow': 'm³/h',
  'weather-station/air-temperature': '°C',
};
const SHOWN = Object.keys(UNITS);

/** Tells a person what the demonstration does; silent for programs. */
export interface Narrator {
  heading(text: string): void;
  /** Keeps the newest value of what `second` will show. */
  saw(readings: readonly ReceivedReading[]): void;
  /** One line on how things stand, `elapsed` milliseconds into the demonstration; `isAway`: the broker is. */
  second(elapsed: number, report: CentreReport, destination: DestinationStatus | undefined, isAway: boolean): void;
  proof(proof: Proof, folder: string | undefined): void;
}

export function createNarrator(output: Output): Narrator {
  const values = new Map<string, string>();
  const say = (text: string): void => {
    if (!output.json) output.line(text);
  };
  return {
    heading: (text) => say(paint('bold', text)),
    saw: (readings) => {
      for (const { point, value } of readings) {
        if (SHOWN.includes(point)) values.set(point, `${Number(value).toFixed(2)} ${UNITS[point]}`);
      }
    },
    second: (elapsed, report, destination, isAway) => say(secondLine(elapsed, report, { destination, isAway, values })),
    proof: (proof, folder) => say(proofText(proof, folder)),
  };
}

function milliseconds(value: number | null | undefined): string {
  return value === null || value === undefined ? '-' : `${Math.round(value)} ms`;
}

type Seen = {
  readonly destination: DestinationStatus | undefined;
  readonly isAway: boolean;
  readonly values: ReadonlyMap<string, string>;
};

function linkText({ gateways }: CentreReport, isAway: boolean, isConnected: boolean): string {
  if (isAway) return paint('red', 'broker away');
  if (!isConnected) return paint('yellow', 'connecting');
  return paint('green', `live ${milliseconds(gateways[0]?.delayMs.live.p50)}`);
}

function secondLine(elapsed: number, report: CentreReport, { destination, isAway, values }: Seen): string {
  const isConnected = destination?.state === 'connected';
  const waiting = isConnected ? destination.backlog : (destination?.pending ?? 0);
  return [
    duration(elapsed).padStart(6),
    `${count(report.received).padStart(8)} received`,
    paint(waiting > 0 ? 'yellow' : 'dim', `${count(waiting).padStart(7)} in the backlog`),
    linkText(report, isAway, isConnected),
    paint(
      'dim',
      SHOWN.map((point) => values.get(point) ?? '')
        .filter((text) => text !== '')
        .join('  '),
    ),
  ].join('  ');
}

function proofText(proof: Proof, folder: string | undefined): string {
  const whole = proof.missing === 0 && proof.coverage === 'contiguous';
  return [
    '',
    paint('bold', 'The proof'),
    `  committed to the journal   ${count(proof.committed)} readings, ${count(proof.readingsPerSecond)} per second`,
    `  received by the centre     ${count(proof.received)}, and ${count(proof.repeats)} repeats of them, all alike`,
    `  missing                    ${count(proof.missing)}, coverage ${proof.coverage}, ${count(proof.gaps)} announced as lost`,
    `  broker away                ${proof.outageSeconds.toFixed(1)} s, ${count(proof.backlogPeak)} readings waited`,
    `  live latency               ${milliseconds(proof.liveLatencyMs.p50)} median, ${milliseconds(proof.liveLatencyMs.p99)} for 99 %`,
    `  memory of the gateway      ${proof.rssMiB} MiB`,
    whole ? paint('green', '  nothing is missing') : paint('red', '  READINGS ARE MISSING'),
    ...(folder === undefined ? [] : [`  kept: ${folder}`]),
  ].join('\n');
}
