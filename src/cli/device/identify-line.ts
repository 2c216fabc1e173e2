import type { Keys } from '../../collect/commissioning.ts';
import { recogniseLine, type RecognitionStep, type UnknownLine } from '../../collect/recognition.ts';
import { drivers } from '../../drivers.ts';
import { GatewayError } from '../../model/errors.ts';
import type { Context } from '../context.ts';
import { paint, plural, printable } from '../format.ts';
import { interruption } from '../interruption.ts';
import { periodFor, snippetText, type Snippet } from './snippet.ts';

/** Finds out which protocol is spoken on a line of which nothing is known, at which settings, and by whom. */
export async function identifyLine(name: string, line: UnknownLine, context: Context): Promise<void> {
  const { output, clock } = context;
  const signal = interruption();
  const known = await Promise.all(Object.values(drivers).map((load) => load()));
  const tried: string[] = [];
  let unknown = 0;
  using ticker = output.ticker();
  for await (const step of recogniseLine(line, known, clock, signal)) {
    const { attempt, done, total, found } = step;
    ticker.show(`${attempt} · ${done} of ${total}`);
    tried.push(attempt);
    unknown += step.unknown;
    if (found === undefined) continue;
    ticker[Symbol.dispose]();
    const { driver, summary, device } = found;
    const every = periodFor(known.find(({ name: each }) => each === driver) ?? {});
    const snippet = proposal(line, found, every);
    await output.result({ line: name, driver, summary, device, attempt, tried: tried.length, snippet }, () =>
      report(summary, attempt, snippet),
    );
    return;
  }
  const heard =
    unknown === 0 ? 'and nothing was heard' : `and ${plural(unknown, 'byte')} were heard that nobody understands`;
  throw new GatewayError(
    'no-answer',
    `nobody was recognised on ${name}: ${plural(tried.length, 'attempt')}, ${heard}. ${
      unknown === 0 ? 'Check the wiring, and that the device has power and speaks' : 'Check the polarity of the wires'
    }`,
  );
}

/** What a configuration needs; the ids are only proposals. */
function proposal(line: UnknownLine, found: NonNullable<RecognitionStep['found']>, every: string): Snippet {
  const { driver, serial, network, device } = found;
  const keys: Keys = 'path' in line ? { ...serial, path: line.path } : { ...network, ...line };
  const id = 'path' in line ? 'line' : 'server';
  return {
    connections: { [id]: { driver, ...keys } },
    devices: { meter: { connection: id, ...device, every } },
  };
}

async function report(summary: string, attempt: string, snippet: Snippet): Promise<string> {
  return [
    `${paint('green', '✓')} ${paint('bold', printable(summary))}  ${paint('dim', attempt)}`,
    '',
    paint('dim', '# for weir.yaml, with names of your own:'),
    await snippetText(snippet),
  ].join('\n');
}
