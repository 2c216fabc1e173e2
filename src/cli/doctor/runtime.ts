import { plural, size } from '../format.ts';
import { found, type Finding } from './finding.ts';

export type RuntimeFacts = {
  /** As `process.version`, e.g. `v24.21.0`. */
  readonly node: string;
  /** What package.json asks for, e.g. `>=24.15.0`. */
  readonly wanted: string;
  /** Bytes that programs could still get, and that the machine has; undefined where the system does not say. */
  readonly memory: { readonly available: number; readonly total: number } | undefined;
  readonly processors: number;
  /** How many processes wanted a processor, on average over the last 15 minutes. */
  readonly load: number;
};

const LEAST_MEMORY = 64 * 2 ** 20; // below it the kernel soon ends programs
const BUSY = 2; // processes that want each processor

export function checkRuntime(facts: RuntimeFacts): readonly Finding[] {
  return found(version(facts), memory(facts), load(facts));
}

function version({ node, wanted }: RuntimeFacts): Finding | undefined {
  const [tested = 0] = versionParts(wanted);
  const todo = 'start it through npm or as the installed service, which bring their own Node';
  if (compareVersions(node, wanted) < 0) {
    const why = 'Weir is built for newer ones, and tested with them only';
    return { severity: 'warning', subject: 'runtime', what: `Node ${node} is older than ${wanted}`, why, todo };
  }
  if (versionParts(node)[0] === tested) return undefined;
  const what = `Node ${node} is not the one that Weir is tested with`;
  return { severity: 'advice', subject: 'runtime', what, why: `the tests run with Node ${tested}`, todo };
}

/** `v24.21.0` and `>=24.15.0` as numbers. */
function versionParts(text: string): readonly number[] {
  return (/\d+(\.\d+)*/.exec(text)?.[0] ?? '').split('.').map(Number);
}

/** Negative when `a` is older than `b`. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [versionParts(a), versionParts(b)];
  return [0, 1, 2].map((index) => (left[index] ?? 0) - (right[index] ?? 0)).find((each) => each !== 0) ?? 0;
}

function memory({ memory: known }: RuntimeFacts): Finding | undefined {
  if (known === undefined || known.available >= LEAST_MEMORY) return undefined;
  return {
    severity: 'warning',
    subject: 'memory',
    what: `only ${size(known.available)} of ${size(known.total)} are left`,
    why: 'the kernel ends programs when there is none',
    todo: 'see with `top -o %MEM` who has it; `weir status` shows the share of the gateway',
  };
}

function load({ load: average, processors }: RuntimeFacts): Finding | undefined {
  if (average <= processors * BUSY) return undefined;
  return {
    severity: 'advice',
    subject: 'processor',
    what: `the machine is busy: load ${average.toFixed(1)} on ${plural(processors, 'processor')}`,
    why: 'answers of meters are then taken late, and look like timeouts',
    todo: 'see with `top` who is at work',
  };
}
