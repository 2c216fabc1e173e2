import type { WriteRule } from '../model/point.ts';
import type { CommandSettings, DestinationSettings, DeviceSettings, FormatName } from './configuration.ts';
import { suggest } from './nearest.ts';
import type { Section } from './section.ts';

/** Formats by which a centre can ask for what it has lost. */
const replayable: readonly FormatName[] = ['json', 'sparkplug-b'];

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
  for (const { name, format, commands } of destinations) {
    if (commands === undefined) continue;
    const part = section.at(name, 'commands');
    checkReplay(part.at('replay'), commands, format);
    for (const [index, id] of commands.points.entries()) checkPoint(part.at('points', index), id, rules);
    for (const [id, value] of Object.entries(commands.fallback?.values ?? {})) {
      const place = part.at('fallback', 'values', id);
      const rule = checkPoint(place, id, rules);
      const fault = rule === undefined ? undefined : ruleFault(rule, value);
      if (fault !== undefined) place.complain(fault, `name a value that \`write\` of ${id} allows`);
    }
  }
}

function checkReplay(place: Section, { replay }: CommandSettings, format: FormatName): void {
  if (replay === undefined || replayable.includes(format)) return;
  place.complain(`is not for ${format}, which has no words to ask for it`, 'leave it out');
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
