import type { WriteRule } from '../model/point.ts';
import type { DestinationSettings, DeviceSettings } from './configuration.ts';
import { suggest } from './nearest.ts';
import type { Section } from './section.ts';

/**
 * Complains of points that a centre may command and that do not exist or may not be written, and of safe values that the
 * points' rules do not allow: they would be refused when they are needed.
 */
export function checkCommands(
  section: Section,
  destinations: readonly DestinationSettings[],
  devices: readonly DeviceSettings[],
): void {
  const rules = new Map(
    devices.flatMap(({ points }) => points.map(({ definition: { id, write } }) => [id, write] as const)),
  );
  for (const { name, commands } of destinations) {
    if (commands === undefined) continue;
    const part = section.at(name, 'commands');
    for (const [index, id] of commands.points.entries()) checkPoint(part.at('points', index), id, rules);
    for (const [id, value] of Object.entries(commands.fallback?.values ?? {})) {
      const place = part.at('fallback', 'values', id);
      const rule = checkPoint(place, id, rules);
      const fault = rule === undefined ? undefined : ruleFault(rule, value);
      if (fault !== undefined) place.complain(fault, `name a value that \`write\` of ${id} allows`);
    }
  }
}

function checkPoint(
  place: Section,
  id: string,
  rules: ReadonlyMap<string, WriteRule | undefined>,
): WriteRule | undefined {
  const rule = rules.get(id);
  if (!rules.has(id)) place.complain(`there is no point ${id}`, suggest(id, [...rules.keys()]));
  else if (rule === undefined) place.complain(`${id} may not be written`, 'give the point `write`, with its bounds');
  return rule;
}

function ruleFault({ min, max, values }: WriteRule, value: number | string | boolean): string | undefined {
  if (values !== undefined && !values.some((allowed) => String(allowed) === String(value))) {
    return `${value} is none of ${values.map(String).join(', ')}`;
  }
  if (typeof value !== 'number') return undefined;
  if (min !== undefined && value < min) return `${value} is below ${min}`;
  return max !== undefined && value > max ? `${value} is above ${max}` : undefined;
}
