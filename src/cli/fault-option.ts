import { simulatedFaults, type SimulatedFault } from '../collect/simulation.ts';
import { parseDuration } from '../model/duration.ts';
import { GatewayError } from '../model/errors.ts';

const FORM = /^(?<kind>[a-z]+)(?:=(?<value>[0-9a-z.]+))?(?::(?<unit>\d{1,3}|\*))?(?::(?<rate>\d{1,3}(?:\.\d+)?)%)?$/;

/** Reads `KIND[=VALUE][:UNIT[:RATE%]]`, e.g. `silent:3`, `slow=2s`, `checksum:*:10%`; throws `usage`. */
export function parseFault(text: string): SimulatedFault {
  const groups = FORM.exec(text)?.groups;
  if (groups === undefined) {
    throw new GatewayError(
      'usage',
      `--fault ${text}: write KIND[=VALUE][:UNIT[:RATE%]], e.g. silent:3 or checksum:*:10%`,
    );
  }
  const { kind = '', value, unit, rate = '100' } = groups;
  const known = simulatedFaults.find((each) => each === kind);
  if (known === undefined) {
    throw new GatewayError('usage', `--fault ${text}: ${kind} is no fault; there are ${simulatedFaults.join(', ')}`);
  }
  return {
    kind: known,
    unit: unit === undefined || unit === '*' ? undefined : Number(unit),
    rate: Math.min(100, Number(rate)) / 100,
    value: value === undefined ? undefined : parseValue(known, value, text),
  };
}

/** What a value after `=` means for the faults that take one. */
const VALUES: Readonly<Partial<Record<SimulatedFault['kind'], (text: string) => number | undefined>>> = {
  slow: parseDuration,
  exception: (text) => (/^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= 255 ? Number(text) : undefined),
};

function parseValue(kind: SimulatedFault['kind'], value: string, text: string): number {
  const parsed = VALUES[kind]?.(value);
  if (parsed !== undefined) return parsed;
  const expected = { slow: 'a duration, e.g. slow=2s', exception: 'a code from 1 to 255, e.g. exception=6' };
  const hint = kind === 'slow' || kind === 'exception' ? `expected ${expected[kind]}` : `${kind} takes no value`;
  throw new GatewayError('usage', `--fault ${text}: ${hint}`);
}
