import type { ScanProgress } from '../../collect/commissioning.ts';
import { count, duration, paint, plural, printable } from '../format.ts';
import { optionsFor } from './connection-options.ts';
import { snippetFor, snippetText } from './snippet.ts';
import { addressKeyOf } from './address-key.ts';
import type { NamedConnection } from './target.ts';

/** A step of a scan at which somebody answered. */
export type Found = ScanProgress & { readonly found: NonNullable<ScanProgress['found']> };

/** A scan that has ended, whole or not; `elapsed` in milliseconds. */
export type Scanned = {
  readonly found: readonly Found[];
  readonly last: ScanProgress | undefined;
  readonly elapsed: number;
};

/** `9600 8E1 · unit 42 · 42 of 247 · 3m20s left` */
export function progressText({ settings, address, done, total }: ScanProgress, elapsed: number): string {
  const left = duration((elapsed / Math.max(done, 1)) * (total - done));
  return [settings?.name, printable(address), `${done} of ${total}`, done < total ? `${left} left` : 'done']
    .filter((part) => part !== undefined)
    .join(' · ');
}

export function foundLine({ address, settings, found: { answer, milliseconds } }: Found): string {
  const at = settings === undefined ? '' : ` at ${settings.name}`;
  const how = paint('dim', `${printable(answer)}, ${duration(milliseconds)}`);
  return `${paint('green', '✓')} ${printable(address)}${at}  ${how}`;
}

export function foundDocument({ address, settings, found }: Found): object {
  const { device, answer, milliseconds, isSeveral = false } = found;
  const rounded = Math.round(milliseconds * 10) / 10;
  return { address, device, settings: settings?.changed ?? {}, answer, milliseconds: rounded, several: isSeveral };
}

type Conclusion = { readonly document: object; readonly text: string; readonly advice: string | undefined };

/** What there is, and what to do with it. */
export async function conclusion(connection: NamedConnection, { found, last, elapsed }: Scanned): Promise<Conclusion> {
  const { done = 0, total = 0 } = last ?? {};
  const single = found.filter((each) => each.found.isSeveral !== true);
  const devices = single.map((each) => ({ device: each.found.device, changed: each.settings?.changed }));
  const snippet = snippetFor(connection, devices);
  const seconds = Math.round(elapsed / 100) / 10;
  const asked = `${done < total ? `${count(done)} of ` : ''}${count(total)} ${total === 1 ? 'address' : 'addresses'}`;
  const summary = `\n${plural(single.length, 'device')} on ${connection.id}: ${asked} asked in ${duration(elapsed)}`;
  const [first] = single;
  const comment = paint('dim', '# for weir.yaml, with names of your own:');
  return {
    document: { tried: done, total, complete: done === total, found: single.length, seconds, snippet },
    text: first === undefined ? summary : `${summary}\n\n${comment}\n${await snippetText(snippet)}`,
    advice: first === undefined ? undefined : `\nWhich model it is: ${identifyCommand(connection, first)}`,
  };
}

/** The command that comes next, with the same options. */
function identifyCommand({ id, driver, keys, configuration }: NamedConnection, { found, settings }: Found): string {
  const key = addressKeyOf(driver);
  const address = key === undefined ? undefined : found.device[key];
  const isNamed = typeof address === 'number' || typeof address === 'string';
  const target = isNamed ? `${id}/${address}` : id;
  const options = configuration === undefined ? optionsFor({ ...keys, ...settings?.changed }) : [];
  return ['weir device identify', target, ...options].join(' ');
}
