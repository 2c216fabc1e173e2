import type { DiscoveredPoint, DriverContext, DriverDevice, Identity } from '../../src/collect/driver.ts';
import { GatewayError } from '../../src/model/errors.ts';
import type { Answer } from './client.ts';
import { reasonOfException } from './exceptions.ts';
import { parseServerId, readIdentification, type Fact } from './identification.ts';
import { dataOf, identificationQuestion, readQuestion, serverIdQuestion, type Question } from './pdu.ts';
import type { DeviceSettings, PointAddress } from './schema.ts';
import { discoverPoints } from './sunspec/discover.ts';
import { readSunSpecIdentity } from './sunspec/identity.ts';
import type { AskRegisters } from './sunspec/registers.ts';

type Device = DriverDevice<DeviceSettings, PointAddress>;

/** Asks one device; rejects only when the connection is lost or with the reason of a signal. */
export type AskDevice = (question: Question) => Promise<Answer>;

/** The points of a SunSpec device; rejects as `Session.discover`. */
export function discover(
  device: Device,
  ask: AskDevice,
  observe: DriverContext['observe'],
): Promise<readonly DiscoveredPoint[]> {
  const remark = (text: string): void => observe('malformed-frame', device.id, text);
  return discoverPoints(device, registersOf(device, ask), remark);
}

/** What the device says of itself by function codes 43 and 17 and by SunSpec; rejects as `Session.identify`. */
export async function identify(device: Device, ask: AskDevice): Promise<Identity> {
  const { unit } = device.settings;
  const standard = await readIdentification(async (category, object) =>
    answerOf(await ask(identificationQuestion(unit, category, object))),
  );
  const server = answerOf(await ask(serverIdQuestion(unit)));
  const sunSpec = await whereHeard(readSunSpecIdentity(device, registersOf(device, ask)));
  const facts: readonly Fact[] = [
    ...standard,
    ...(server === undefined ? [] : parseServerId(server)),
    ...(sunSpec?.facts ?? []),
  ];
  return sunSpec === undefined ? { facts } : { facts, describes: sunSpec.describes };
}

function answerOf(answer: Answer): Buffer | undefined {
  return answer.kind === 'answer' ? answer.pdu : undefined;
}

/** A device that has nothing to say has no identity, which is no failure. */
async function whereHeard<T>(told: Promise<T>): Promise<T | undefined> {
  try {
    return await told;
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'no-answer') return undefined;
    throw error;
  }
}

function registersOf({ settings: { unit } }: Device, ask: AskDevice): AskRegisters {
  return async (table, address, count) => {
    const answer = await ask(readQuestion(unit, { table, address, size: count }));
    if (answer.kind === 'answer') return dataOf(answer.pdu);
    // A device that is busy or broken has not said that it lacks these registers.
    return answer.kind === 'exception' && reasonOfException(answer.code) === 'refused' ? 'refused' : 'silent';
  };
}
