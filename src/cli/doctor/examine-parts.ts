import { z } from 'zod';
import type { Driver } from '../../collect/driver.ts';
import type { ConnectionSettings, DeviceSettings } from '../../config/configuration.ts';
import { drivers } from '../../drivers.ts';
import { plannedPolls } from '../device/polls.ts';
import { plural, size } from '../format.ts';
import { storedCertificates } from '../../wire/opcua-certificates.ts';
import { pkiFolder, pkiSides } from '../../wire/opcua-pki.ts';
import { tlsSchema } from '../../wire/tls-settings.ts';
import { checkAudit, lookAtAudit } from './audit.ts';
import { checkCertificate, checkTags, checkVerification } from './certificates.ts';
import { checkConnection, type ConnectionFacts } from './connections.ts';
import { checkDestination } from './destinations.ts';
import { lookAtFolder } from './disk.ts';
import type { Examined } from './examine.ts';
import { lookAtCertificates, lookAtSecrets, type Credentials } from './files.ts';
import type { Check, Finding } from './finding.ts';
import { checkDamaged, checkJournal } from './journal.ts';
import { lookAtPort, lookAtProcesses } from './ports.ts';
import { checkChannel, checkOpcuaCertificate } from './opcua.ts';
import { checkSecret } from './secrets.ts';
import { checkServer } from './servers.ts';
import { checkIntruders, checkSerialPort } from './serial-ports.ts';

export async function examineJournal({ configuration: { journal }, status }: Examined): Promise<Check> {
  const { path, keep } = journal;
  const seen = await lookAtFolder(path);
  const used = status?.journal.fileBytes ?? 0;
  const facts = { path, keep: keep.size, used, isServed: status !== undefined, ...seen };
  const disk = seen.disk === undefined ? '' : `: ${size(seen.disk.free)} free on ${seen.disk.filesystem}`;
  return {
    name: 'journal',
    looked: `${path}${disk}`,
    findings: [...checkJournal(facts), ...checkDamaged(status?.journal.damaged ?? [])],
  };
}

export function examineAudit({ configuration: { audit }, status }: Examined): Check {
  const facts = lookAtAudit(audit.path, status?.audit);
  const entries = facts.verdict?.to == null ? '' : `: ${plural(facts.verdict.to, 'entry')}`;
  return { name: 'audit log', looked: `${audit.path}${entries}`, findings: checkAudit(facts) };
}

/** What any driver may have among its settings. */
const portSettings = z.object({ path: z.string() });
const timeoutSettings = z.object({ timeout: z.number() });

/** The serial port of a connection, where it has one. */
function portOf({ settings }: ConnectionSettings): string | undefined {
  return portSettings.safeParse(settings).data?.path;
}

export async function examinePorts({ configuration, status }: Examined): Promise<Check> {
  const processes = await lookAtProcesses();
  const own = [process.pid, ...(status === undefined ? [] : [status.process.pid])];
  const ports = await Promise.all(
    configuration.connections.flatMap((connection) => {
      const path = portOf(connection);
      const isUp = status?.connections.find(({ id }) => id === connection.id)?.state === 'up';
      return path === undefined ? [] : [lookAtPort({ connection: connection.id, path, isUp, processes, own })];
    }),
  );
  const intruders = ports.length === 0 ? [] : checkIntruders([...processes.values()]);
  const findings = [...ports.flatMap(checkSerialPort), ...intruders];
  return { name: 'serial ports', looked: ports.map(({ path }) => path).join(', ') || 'none is configured', findings };
}

export async function examineConnections({ configuration, status, now }: Examined): Promise<Check> {
  const { connections, devices } = configuration;
  const proofs = await Promise.all(connections.map((each) => examineCredentials(credentialsOf(each), now)));
  const facts = await Promise.all(
    connections.map(async (connection): Promise<ConnectionFacts> => {
      const own = devices.filter((device) => device.connection === connection.id);
      return {
        id: connection.id,
        isSerial: portOf(connection) !== undefined,
        timeout: timeoutSettings.safeParse(connection.settings).data?.timeout,
        load: loadOf(connection, own, await driverOf(connection)),
        status: status?.connections.find(({ id }) => id === connection.id),
        devices: status?.devices.filter((device) => device.connection === connection.id) ?? [],
      };
    }),
  );
  const counted = status === undefined ? 'without statistics, which a running gateway has' : 'their statistics';
  return {
    name: 'connections',
    looked: `${plural(connections.length, 'connection')}, ${counted}`,
    findings: [
      ...facts.flatMap(checkConnection),
      ...proofs.flat(),
      ...connections.flatMap(({ id, settings }) => checkTags(`connection ${id}`, settings)),
      ...devices.flatMap(({ id, settings }) => checkTags(`device ${id}`, settings)),
    ],
  };
}

async function driverOf({ id, driver }: ConnectionSettings): Promise<Driver> {
  const load = Object.entries(drivers).find(([name]) => name === driver)?.[1];
  if (load === undefined) throw new TypeError(`the configuration let ${id} pass with an unknown driver`);
  return load();
}

/** What the devices ask of their connection, by the driver's plan; undefined where it plans nothing. */
function loadOf(
  { settings }: ConnectionSettings,
  devices: readonly DeviceSettings[],
  driver: Driver,
): ConnectionFacts['load'] {
  const reads = devices.flatMap((device) => plannedPolls({ driver, settings }, device));
  if (reads.length === 0) return undefined;
  return {
    share: reads.reduce((sum, { every, busTime }) => sum + busTime / every, 0),
    shortest: Math.min(...reads.map(({ every }) => every)),
  };
}

/** The certificates of OPC UA, ours and those that we trust; nothing where there are none. */
export async function examineOpcua({ configuration: { connections, journal }, now }: Examined): Promise<Check> {
  const sides = await Promise.all(
    pkiSides.map(async (side) =>
      (await storedCertificates(pkiFolder(journal.path, side))).map((each) => ({ ...each, side, now })),
    ),
  );
  const certificates = sides.flat();
  const insecure = connections.flatMap(({ id, settings }) => {
    const { security } = securitySettings.safeParse(settings).data ?? {};
    return checkChannel(`connection ${id}`, security);
  });
  return {
    name: 'opcua',
    looked: certificates.length === 0 ? 'no certificates' : plural(certificates.length, 'certificate'),
    findings: [...certificates.flatMap(checkOpcuaCertificate), ...insecure],
  };
}

const securitySettings = z.object({ security: z.object({ policy: z.string(), allowInsecure: z.string().optional() }) });

export async function examineDestinations({ configuration: { destinations }, status, now }: Examined): Promise<Check> {
  const findings = await Promise.all(
    destinations.map(async (destination) => {
      const { name, url, user, tls } = destination;
      const state = status?.destinations.find((each) => each.name === name);
      const hasPassword = user?.password !== undefined;
      return [
        ...checkDestination({ name, url, hasPassword, status: state, now }),
        ...(await examineCredentials({ subject: `destination ${name}`, password: user?.password, tls }, now)),
      ];
    }),
  );
  return {
    name: 'destinations',
    looked: `${plural(destinations.length, 'destination')}, their secrets and certificates`,
    findings: findings.flat(),
  };
}

export async function examineServers({ configuration: { servers }, status, now }: Examined): Promise<Check> {
  const findings = await Promise.all(
    servers.map(async ({ name, host, security, users }) => {
      const state = status?.servers.find((each) => each.name === name);
      const passwords = Object.values(users).map(({ password }) => password);
      const secrets = await Promise.all(
        passwords.map((password) => examineCredentials({ subject: `server ${name}`, password }, now)),
      );
      return [...checkServer({ name, host, insecure: security.allowInsecure, status: state, now }), ...secrets.flat()];
    }),
  );
  return {
    name: 'servers',
    looked: `${plural(servers.length, 'server')}, their security and secrets`,
    findings: findings.flat(),
  };
}

async function examineCredentials(credentials: Credentials, now: number): Promise<readonly Finding[]> {
  return [
    ...checkVerification(credentials.subject, credentials.tls?.allowInsecure),
    ...(await lookAtSecrets(credentials)).flatMap(checkSecret),
    ...(await lookAtCertificates(credentials, now)).flatMap(checkCertificate),
  ];
}

/** What any driver that speaks TLS has among its settings. */
const tlsSettings = z.object({ tls: tlsSchema('far end') });

function credentialsOf({ id, settings }: ConnectionSettings): Credentials {
  return { subject: `connection ${id}`, tls: tlsSettings.safeParse(settings).data?.tls };
}
