import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Configuration } from '../../config/configuration.ts';
import { drivers } from '../../drivers.ts';
import type { JournalStatus } from '../../journal/journal.ts';
import { messageOf } from '../../model/errors.ts';
import type { GatewayStatus } from '../../model/status.ts';
import { lookAtTimeService } from '../../ops/time-service.ts';
import type { Context } from '../context.ts';
import { daemonIfRunning } from '../daemon.ts';
import { plural } from '../format.ts';
import { checkClock } from './clock.ts';
import { checkConfiguration } from './configuration.ts';
import { checkDaemon, type DaemonFacts } from './daemon.ts';
import {
  examineAudit,
  examineConnections,
  examineDestinations,
  examineJournal,
  examineOpcua,
  examinePorts,
  examineServers,
} from './examine-parts.ts';
import type { Check } from './finding.ts';
import { lookAtRuntime } from './machine.ts';
import { checkRuntime } from './runtime.ts';

type Status = GatewayStatus<JournalStatus>;

/** A configuration that is right, and what the gateway that runs by it says; undefined where none runs. */
export type Examined = {
  readonly configuration: Configuration;
  readonly status: Status | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
};

/** Everything that can be examined on this machine now; `version` is that of this command. Changes nothing. */
export async function examine(context: Context, version: string): Promise<readonly Check[]> {
  const { checkConfiguration: load } = await import('../../config/load.ts');
  const file = resolve(context.configurationFile);
  const { configuration, faults } = await load(file, drivers, { secrets: 'unchecked' });
  const now = context.clock.wall();
  const written: Check = {
    name: 'configuration',
    looked: configuration === undefined ? file : `${file}: ${contentsOf(configuration)}`,
    findings: checkConfiguration({ file, faults }),
  };
  if (configuration === undefined) return [written, await examineRuntime(), await examineClock(now)];
  const gateway = await askGateway(configuration, version, context);
  const examined: Examined = { configuration, status: gateway.status, now };
  return [
    written,
    await examineRuntime(),
    await examineClock(now, examined),
    await examineJournal(examined),
    examineAudit(examined),
    { name: 'gateway', looked: lookedAt(gateway), findings: checkDaemon(gateway) },
    await examinePorts(examined),
    await examineConnections(examined),
    await examineOpcua(examined),
    await examineDestinations(examined),
    ...(configuration.servers.length === 0 ? [] : [await examineServers(examined)]),
  ];
}

function contentsOf({ connections, devices, destinations, servers }: Configuration): string {
  return [
    plural(connections.length, 'connection'),
    plural(devices.length, 'device'),
    plural(destinations.length, 'destination'),
    ...(servers.length === 0 ? [] : [plural(servers.length, 'server')]),
  ].join(', ');
}

async function examineRuntime(): Promise<Check> {
  const facts = await lookAtRuntime();
  return { name: 'runtime', looked: `Node ${facts.node}, memory, processor`, findings: checkRuntime(facts) };
}

async function examineClock(now: number, examined?: Examined): Promise<Check> {
  const service = await lookAtTimeService();
  const trusted = examined?.configuration.clock.trusted ?? false;
  const findings = checkClock({ wall: now, service, trusted, gateway: examined?.status?.clock });
  return { name: 'clock', looked: 'time, time service', findings };
}

type Gateway = DaemonFacts & { readonly status: Status | undefined };

async function askGateway({ file, control }: Configuration, version: string, context: Context): Promise<Gateway> {
  const changed = (await stat(file).catch(() => undefined))?.mtimeMs;
  const known = { socket: control.socket, file, changed, version };
  try {
    const daemon = await daemonIfRunning(control.socket, context);
    return { ...known, status: await daemon?.status(), error: undefined };
  } catch (error) {
    return { ...known, status: undefined, error: messageOf(error) };
  }
}

function lookedAt({ status, socket }: Gateway): string {
  return status === undefined ? socket : `${status.gateway}, version ${status.version}, process ${status.process.pid}`;
}
