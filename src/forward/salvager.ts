import type { Configuration } from '../config/configuration.ts';
import { runSalvager, type SalvagerOptions } from '../journal/salvage/salvager.ts';
import type { Forwarder } from './forwarder.ts';

type SalvagerContext = Pick<SalvagerOptions, 'journal' | 'clock' | 'report' | 'trusted'> & {
  readonly forwarders: readonly Forwarder[];
};

/** What brings the forwarders what can be read of damaged journals, as `runSalvager`. */
export function createSalvager(
  { journal, gateway, destinations }: Configuration,
  { forwarders, ...context }: SalvagerContext,
): (signal: AbortSignal) => Promise<void> {
  const options: SalvagerOptions = {
    ...journal,
    ...context,
    gateway: gateway.id,
    destinations: destinations.map(({ name }) => name),
    deliver: (salvaged, states) => {
      for (const state of states) forwarders.find(({ name }) => name === state.name)?.salvage(salvaged, state);
    },
    withdraw: (salvaged) => {
      for (const forwarder of forwarders) forwarder.withdraw(salvaged);
    },
  };
  return (signal) => runSalvager(options, signal);
}
