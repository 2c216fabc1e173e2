import type { DiscoveredPoint } from '../../../src/collect/driver.ts';
import { GatewayError } from '../../../src/model/errors.ts';
import { modelOf } from './models.ts';
import { nameModels, type Naming } from './names.ts';
import { paceOf } from './pace.ts';
import { describePoints } from './points.ts';
import { USUAL_LIMITS, type AskRegisters } from './registers.ts';
import type { Model } from './table.ts';
import { walk, type FoundModel, type Walk } from './walk.ts';

/** What of a device matters here. */
export type SunSpecDevice = {
  readonly id: string;
  readonly settings: {
    /** The models to be read; undefined: those that measure, and ratings and settings now and then. */
    readonly models?: readonly number[] | undefined;
    /** What the configuration calls the first register. */
    readonly base: number;
    readonly maxWords: number;
  };
};

// What is kept of a device in memory and in the journal, however much it claims to hold.
const MOST_REGISTERS = 16_384;
const MOST_POINTS = 5_000;

type Known = { readonly found: FoundModel; readonly model: Model };

/**
 * The points of all models that are to be read of a device. Rejects with `device-undescribed` where it has none, with
 * `no-answer` where it is silent, or as the ask does; `remark` is told of what is wrong with its description.
 */
export async function discoverPoints(
  device: SunSpecDevice,
  ask: AskRegisters,
  remark: (text: string) => void,
): Promise<readonly DiscoveredPoint[]> {
  const { maxWords } = device.settings;
  const walked = await walk(device.id, ask, { ...USUAL_LIMITS, maxWords });
  if (walked === undefined) {
    throw new GatewayError(
      'device-undescribed',
      `${device.id} has no SunSpec marker at holding or input 40000, 50000 or 0`,
    );
  }
  if (walked.fault !== undefined) remark(`SunSpec: ${walked.fault}`);
  const points = await readModels(device, walked, remark);
  if (points.length > 0) return points;
  throw new GatewayError('device-undescribed', `${device.id} has ${printModels(walked)}, but nothing to read in them`);
}

/** `SunSpec: models 1, 103, 160` */
export function printModels({ models }: Walk): string {
  return `SunSpec: models ${[...new Set(models.map(({ id }) => id))].join(', ')}`;
}

async function readModels(
  device: SunSpecDevice,
  { registers, models }: Walk,
  remark: (text: string) => void,
): Promise<readonly DiscoveredPoint[]> {
  const known = await knownOf(models);
  const points: DiscoveredPoint[] = [];
  let size = 0;
  for (const { found, model, naming } of named(known)) {
    if (!isWanted(device, model)) continue;
    size += found.length;
    if (size > MOST_REGISTERS || points.length > MOST_POINTS) {
      remark(`SunSpec: model ${model.id} and what follows is left out: more registers than any device has`);
      break;
    }
    const sheet = await registers.read(found.address, found.length);
    const address = found.address + device.settings.base;
    points.push(...describePoints({ model, naming, table: registers.table, address, sheet }));
  }
  return points.slice(0, MOST_POINTS);
}

/** Models of vendors are passed over. */
async function knownOf(models: readonly FoundModel[]): Promise<readonly Known[]> {
  const known: Known[] = [];
  for (const found of models) {
    const model = await modelOf(found.id);
    if (model !== undefined) known.push({ found, model });
  }
  return known;
}

function named(known: readonly Known[]): readonly (Known & { readonly naming: Naming })[] {
  const namings = nameModels(known.map(({ model }) => ({ id: model.id, name: model.group.name })));
  return known.flatMap((item, index) => {
    const naming = namings[index];
    return naming === undefined ? [] : [{ ...item, naming }];
  });
}

function isWanted({ settings }: SunSpecDevice, { id }: Model): boolean {
  return settings.models === undefined ? paceOf(id) !== 'never' : settings.models.includes(id);
}
