import { compileDecoder } from '../decode.ts';
import type { Fact } from '../identification.ts';
import { printModels } from './discover.ts';
import { layOut } from './layout.ts';
import { modelOf } from './models.ts';
import { USUAL_LIMITS, type AskRegisters } from './registers.ts';
import { factsOf } from './types.ts';
import { walk, type Walk } from './walk.ts';

const COMMON = 1;
const NAMES: ReadonlyMap<string, string> = new Map([
  ['Mn', 'manufacturer'],
  ['Md', 'model'],
  ['Opt', 'options'],
  ['Vr', 'version'],
  ['SN', 'serial number'],
]);

/**
 * What the common model of a device says, and which models it has; undefined where it is no SunSpec device. Rejects with
 * `no-answer` where it is silent, or as the ask does.
 */
export async function readSunSpecIdentity(
  device: { readonly id: string; readonly settings: { readonly maxWords: number } },
  ask: AskRegisters,
): Promise<{ readonly facts: readonly Fact[]; readonly describes: string } | undefined> {
  const walked = await walk(device.id, ask, { ...USUAL_LIMITS, maxWords: device.settings.maxWords });
  if (walked === undefined) return undefined;
  return { facts: await commonFacts(walked), describes: printModels(walked) };
}

async function commonFacts({ registers, models }: Walk): Promise<readonly Fact[]> {
  const found = models.find(({ id }) => id === COMMON);
  const model = await modelOf(COMMON);
  if (found === undefined || model === undefined) return [];
  const sheet = await registers.read(found.address, Math.min(found.length, model.group.length));
  return layOut(model.group, sheet).flatMap(({ point, offset }) => {
    const name = NAMES.get(point.name);
    const bytes = sheet.bytes(offset, point.words);
    if (name === undefined || bytes === undefined) return [];
    const value = compileDecoder(factsOf(point.type).register(point.words), 'ABCD').decode(bytes, 0);
    return typeof value === 'string' && value !== '' ? [{ name, value }] : [];
  });
}
