import type { Placed } from './layout.ts';

// Where several models are one thing to those who read them, or the standard's own name says nothing.
const PREFIXES: readonly { readonly models: readonly number[]; readonly prefix: string }[] = [
  { models: [101, 102, 103, 111, 112, 113, 701], prefix: 'inverter' },
  { models: [201, 202, 203, 204, 211, 212, 213, 214, 220], prefix: 'meter' },
  { models: [702], prefix: 'capacity' },
  { models: [703], prefix: 'enter-service' },
  { models: [704], prefix: 'controls' },
  { models: [713], prefix: 'storage' },
  { models: [714], prefix: 'dc' },
  { models: [715], prefix: 'control' },
  { models: [803], prefix: 'battery-bank' },
  { models: [804], prefix: 'battery-string' },
  { models: [805], prefix: 'battery-module' },
];

const PREFIX_OF = new Map(PREFIXES.flatMap(({ models, prefix }) => models.map((id) => [id, prefix] as const)));

/** The model that says what the device is: its quantities need no prefix. */
const MAIN = new Set(['common', 'inverter', 'meter']);

/** What the names of a model's points begin with; the quantities of the device itself have no prefix. */
export type Naming = { readonly kind: string; readonly prefix: string; readonly isMain: boolean };

/**
 * Prefixes for the models of a device, in their sequence: the second one of a kind is numbered, and the quantities of
 * its first common model and of its first inverter or meter have none.
 */
export function nameModels(models: readonly { readonly id: number; readonly name: string }[]): readonly Naming[] {
  const times = new Map<string, number>();
  let hasMain = false;
  return models.map(({ id, name }) => {
    const kind = PREFIX_OF.get(id) ?? kebab(name);
    const time = (times.get(kind) ?? 0) + 1;
    times.set(kind, time);
    const isMain = time === 1 && MAIN.has(kind) && (kind === 'common' || !hasMain);
    if (kind !== 'common') hasMain ||= isMain;
    return { kind, prefix: time === 1 ? kind : `${kind}-${time}`, isMain };
  });
}

/** `voltage-l1`, `inverter-tmp-snk`, `mppt-module-2-pv-power`, `meter-2-active-power`. */
export function nameOf({ point, path }: Placed, naming: Naming, quantity: string | undefined): string {
  const { kind, prefix, isMain } = naming;
  const groups = path.flatMap(({ group, number }) => [kebab(group), ...(number === undefined ? [] : [`${number}`])]);
  if (quantity !== undefined && isMain) return [...groups, quantity].join('-');
  // The voltage of the second battery is `battery-2-voltage`.
  const own = quantity?.startsWith(`${kind}-`) === true ? quantity.slice(kind.length + 1) : quantity;
  return [prefix, ...groups, own ?? kebab(point.name)].join('-');
}

/** `WMaxLimPct_RvrtTms` is `w-max-lim-pct-rvrt-tms`: one word for each capital, but for rows of them. */
function kebab(name: string): string {
  return name
    .replaceAll(/VAr(?![a-z])/g, 'Var')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .replaceAll(/[^A-Za-z0-9]+/g, '-')
    .toLowerCase();
}
