import type { DriverContext } from '../../src/collect/driver.ts';
import { GatewayError } from '../../src/model/errors.ts';
import { badReading, type Reading, type Reason } from '../../src/model/reading.ts';
import type { Item } from './item.ts';
import { dataValueOf, readingOf, type Arrival } from './reading.ts';
import type { Services } from './services.ts';

/** One reading for each item, as it is now. Rejects only when the connection is lost, or with the signal's reason. */
export async function askItems(
  services: Services,
  items: readonly Item[],
  context: Pick<DriverContext, 'answered' | 'observe'>,
  signal: AbortSignal,
): Promise<readonly Reading[]> {
  const { clock } = services;
  const known = items.flatMap((item) => (item.nodeId === undefined ? [] : [{ item, nodeId: item.nodeId }]));
  const began = clock.monotonic();
  const values = await valuesOf(services, known, signal);
  const arrival = arrivalAt(services);
  const unknown = items
    .filter(({ nodeId }) => nodeId === undefined)
    .map(({ point }) => badReading(point.number, 'refused', arrival.monotonic));
  if (typeof values === 'string') {
    return [...unknown, ...known.map(({ item }) => badReading(item.point.number, values, arrival.monotonic))];
  }
  const [first] = items;
  if (first !== undefined && values.length > 0) context.answered(first.device, arrival.monotonic - began);
  const readings = known.map(({ item }, index) => {
    const value = values[index];
    if (value === undefined) return badReading(item.point.number, 'malformed-answer', arrival.monotonic);
    return readingOf(item.point, dataValueOf(value), arrival, item.names);
  });
  return [...unknown, ...readings];
}

/** Now, by both clocks. */
export function arrivalAt({ clock }: Pick<Services, 'clock'>): Arrival {
  return { monotonic: clock.monotonic(), wall: clock.wall() };
}

const ofTheRequest: Readonly<Record<string, Reason>> = {
  'no-answer': 'no-answer',
  'device-refused': 'refused',
  'answer-malformed': 'malformed-answer',
};

/** The values, or why none of them came. */
async function valuesOf(
  services: Services,
  known: readonly { readonly item: Item; readonly nodeId: string }[],
  signal: AbortSignal,
) {
  try {
    return await services.read(
      known.map(({ item, nodeId }) => ({ nodeId, indexRange: item.point.address.index })),
      signal,
    );
  } catch (error) {
    const reason = error instanceof GatewayError ? ofTheRequest[error.code] : undefined;
    if (reason === undefined || signal.aborted) throw error;
    return reason;
  }
}
