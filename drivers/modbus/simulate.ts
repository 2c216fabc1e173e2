import type { SimulatedDevice, Simulation, SimulationSettings } from '../../src/collect/simulation.ts';
import { GatewayError } from '../../src/model/errors.ts';
import { PacedLine } from './responder.ts';
import type { DeviceSettings, PointAddress } from './schema.ts';
import { serve } from './server.ts';
import { exceptionTo, SimulatedUnit } from './simulated-unit.ts';

const TARGET_FAILED = 11; // MODBUS Application Protocol 1.1b3, 7: what a gateway says of a unit that is silent

/** Plays devices as one far end with many units. On a line, units that are not there stay silent. */
export async function simulate(
  devices: readonly SimulatedDevice<DeviceSettings, PointAddress>[],
  { clock, end, baud, faults = [] }: SimulationSettings,
): Promise<Simulation> {
  const units = unitsOf(devices);
  // Counters go on where they were after a restart, and a step of the clock moves nothing.
  const origin = clock.wall() - clock.monotonic();
  const isGateway = !('wire' in end) && (end.transport === 'tcp' || end.transport === 'udp');
  const answer = (unit: number, request: Buffer): Buffer | undefined => {
    const played = units.get(unit);
    const now = (origin + clock.monotonic()) / 1_000;
    if (played !== undefined) return played.answer(request, now);
    if (isGateway) return exceptionTo(request, TARGET_FAILED);
    // MODBUS over Serial Line 1.02, 2.1: all units do what they are told as unit 0, and none answers.
    if (unit === 0) for (const each of units.values()) each.answer(request, now);
    return undefined;
  };
  return serve(end, { answer, faults, clock, line: baud === undefined ? undefined : new PacedLine(baud, clock) });
}

function unitsOf(
  devices: readonly SimulatedDevice<DeviceSettings, PointAddress>[],
): ReadonlyMap<number, SimulatedUnit> {
  const units = new Map<number, SimulatedUnit>();
  for (const device of devices) {
    const { id, settings } = device.device;
    if (units.has(settings.unit)) {
      throw new GatewayError('usage', `${id}: unit ${settings.unit} is already played by another device`);
    }
    units.set(settings.unit, new SimulatedUnit(device));
  }
  return units;
}
