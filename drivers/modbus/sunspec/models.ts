import { parseModels, type Model } from './table.ts';

/** Where the models are, by their numbers; nothing of it is in memory before a device has one. */
const TABLES: readonly { readonly from: number; readonly to: number; readonly load: () => Promise<string> }[] = [
  { from: 1, to: 19, load: async () => (await import('./models/common.ts')).COMMON_MODELS },
  { from: 101, to: 160, load: async () => (await import('./models/inverter.ts')).INVERTER_MODELS },
  { from: 120, to: 145, load: async () => (await import('./models/settings.ts')).SETTINGS_MODELS },
  { from: 126, to: 144, load: async () => (await import('./models/curves.ts')).CURVE_MODELS },
  { from: 201, to: 220, load: async () => (await import('./models/meter.ts')).METER_MODELS },
  { from: 302, to: 601, load: async () => (await import('./models/plant.ts')).PLANT_MODELS },
  { from: 701, to: 715, load: async () => (await import('./models/resource.ts')).RESOURCE_MODELS },
  { from: 705, to: 712, load: async () => (await import('./models/resource-curves.ts')).RESOURCE_CURVE_MODELS },
  { from: 801, to: 809, load: async () => (await import('./models/battery.ts')).BATTERY_MODELS },
];

const parsed = new Map<number, Promise<ReadonlyMap<number, Model>>>();

/** The model of that number; undefined where the standard has none, as for those of a vendor. */
export async function modelOf(id: number): Promise<Model | undefined> {
  for (const [index, table] of TABLES.entries()) {
    if (id < table.from || id > table.to) continue;
    const models = parsed.get(index) ?? table.load().then(parseModels);
    parsed.set(index, models);
    const model = (await models).get(id);
    if (model !== undefined) return model;
  }
  return undefined;
}
