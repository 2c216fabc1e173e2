import type { EventFields, Log } from './log.ts';

type Level = 'error' | 'warning' | 'notice' | 'info';

/**
 * Everything that can happen to a gateway and is worth telling: one event is one line of the log and one counter.
 * State changes, never attempts: a device that stays away for a week is one `device-lost`.
 * @internal
 */
export const eventTable = {
  'gateway-started': {
    level: 'notice',
    text: 'gateway {gateway} started: connections {connections}, devices {devices}, points {points}, destinations {destinations}',
  },
  'gateway-stopped': { level: 'notice', text: 'gateway {gateway} stopped: {reason}' },
  'connection-up': { level: 'notice', text: 'connection {connection} is up' },
  'connection-lost': { level: 'warning', text: 'connection {connection} is lost: {error}' },
  'device-lost': { level: 'warning', text: 'device {device} is lost: {reason}' },
  'device-back': { level: 'notice', text: 'device {device} is back after {seconds} s' },
  'bus-overloaded': {
    level: 'warning',
    text: 'connection {connection} needs {needed} for one round, you asked for {asked}: expect readings that come late',
  },
  'device-described': { level: 'notice', text: 'device {device} describes {points} points by itself' },
  'device-undescribed': { level: 'warning', text: 'device {device} cannot be read: {error}' },
  'device-clock-off': {
    level: 'warning',
    text: 'the clock of device {device} is {deviation}, more than {bound} s off',
  },
  'device-clock-right': {
    level: 'notice',
    text: 'the clock of device {device} is right again: {deviation}',
  },
  'device-refuses': { level: 'warning', text: 'device {device} does not let us in: {error}' },
  'history-filled': {
    level: 'notice',
    text: 'device {device} had kept {readings} readings of {from} to {to}, when it was not heard',
  },
  'history-missing': {
    level: 'warning',
    text: 'what device {device} measured from {from} to {to} could not be read back: {error}',
  },
  'point-written': { level: 'notice', text: 'written to {device}: {values}' },
  'write-failed': { level: 'warning', text: 'not written to {device}: {values}: {error}' },
  'destination-up': { level: 'notice', text: 'destination {destination} is connected: {detail}' },
  'destination-lost': { level: 'warning', text: 'destination {destination} is lost: {error}' },
  'server-up': { level: 'notice', text: 'server {server} listens at {endpoint}' },
  'server-lost': { level: 'warning', text: 'server {server} is down: {error}' },
  'client-refused': { level: 'warning', text: 'server {server} refused {client}: {reason}' },
  'clients-refused': { level: 'warning', text: 'server {server} refused further clients: {count} in a minute' },
  'destination-paused': {
    level: 'notice',
    text: 'destination {destination} is paused: its readings wait in the journal',
  },
  'destination-resumed': { level: 'notice', text: 'destination {destination} goes on' },
  'certificate-expiring': {
    level: 'warning',
    text: '{of}: {whose} ends in {days} days, at {until}: {todo}',
  },
  'certificate-renewed': {
    level: 'notice',
    text: 'destination {destination} connects again with the new certificate',
  },
  'message-refused': { level: 'error', text: 'destination {destination} refused a message: {error}' },
  'gap-written': {
    level: 'error',
    text: 'readings {after}..{upto} were dropped before {destination} had them: {reason}',
  },
  'journal-full': { level: 'error', text: 'the disk of the journal is full: {error}' },
  'journal-recovered': { level: 'notice', text: 'the journal can write again after {seconds} s' },
  'journal-damaged': {
    level: 'error',
    text: '{error}; its files (epoch {former}) are kept in {folder}, and a new journal has begun with epoch {epoch}',
  },
  'journal-salvaged': {
    level: 'notice',
    text: '{readings} readings that wait were salvaged of epoch {epoch}, {lost} are lost with it: {folder}',
  },
  'salvage-delivered': { level: 'notice', text: 'what was salvaged of epoch {epoch} is delivered: {folder}' },
  'salvage-failed': { level: 'error', text: 'what is in {folder} could not be salvaged: {error}' },
  'command-done': { level: 'notice', text: 'command {id} of {destination}: {target} holds {value}' },
  'request-done': { level: 'notice', text: 'request {id} of {destination}: {target}: {detail}' },
  'command-failed': { level: 'warning', text: 'command {id} of {destination} for {target}: {status}: {detail}' },
  'command-rejected': {
    level: 'warning',
    text: 'command {id} of {destination} for {target} rejected: {reason}: {detail}',
  },
  'commands-rejected': { level: 'warning', text: 'further commands of {destination} rejected: {count} ({reason})' },
  'commands-unheard': { level: 'warning', text: 'destination {destination} lets nobody command: {error}' },
  'fallback-written': { level: 'notice', text: '{destination} is lost for {seconds} s: {point} fell back to {value}' },
  'fallback-failed': {
    level: 'error',
    text: '{destination} is lost for {seconds} s, and {point} could not fall back to {value}: {detail}',
  },
  'journal-rewound': {
    level: 'notice',
    text: '{destination} is sent {readings} readings once more, as asked for on this machine: {ranges}',
  },
  'trust-decided': {
    level: 'notice',
    text: '{by} decided: {subject}, SHA-256 {fingerprint}, is {decision} by the OPC UA {side}',
  },
  'configuration-loaded': { level: 'info', text: 'configuration {file} loaded, SHA-256 {hash}' },
  'verification-off': { level: 'warning', text: '{of} is not verified: {reason}' },
  'audit-failed': { level: 'error', text: '{error}; no command is carried out until it can' },
  'audit-recovered': { level: 'notice', text: 'the audit log can be written again; entries missed: {missed}' },
  'clock-stepped': {
    level: 'warning',
    text: 'the clock stepped by {milliseconds} ms; new readings carry the new time',
  },
  'clock-doubtful': {
    level: 'warning',
    text: 'the time is not known ({clock}): readings are stamped from {time} on, and wait up to {hold} for a better one',
  },
  'clock-estimated': {
    level: 'warning',
    text: 'the time did not become known within {hold}: readings go out with estimated times, now {time}',
  },
  'clock-known': {
    level: 'notice',
    text: 'the time is known now ({clock}): what was read since the start is corrected by {milliseconds} ms',
  },
  'clock-unbelievable': {
    level: 'warning',
    text: 'the clock says {says}, which cannot be: readings go on with {time}',
  },
  'progress-stopped': {
    level: 'error',
    text: 'nothing moves any more: {reason}; the service manager restarts the gateway unless it recovers',
  },
  'notify-failed': { level: 'warning', text: 'the service manager could not be told how the gateway is: {error}' },
  'wire-oddity': { level: 'info', text: 'connection {connection}: {event} {device}: {detail}' },
} as const satisfies Record<string, { level: Level; text: string }>;

export type EventName = keyof typeof eventTable;

/** Tells one event: writes its line, counts it. Never throws, never waits. */
export type Report = (event: EventName, fields: EventFields) => void;

export type EventCounters = ReadonlyMap<EventName, number>;

/** Builds the gateway's `report`, and the counters it keeps. */
export function createReport(log: Log): { report: Report; counters: EventCounters } {
  const counters = new Map<EventName, number>();
  const report: Report = (event, fields) => {
    counters.set(event, (counters.get(event) ?? 0) + 1);
    const { level, text } = eventTable[event];
    log.write(
      level,
      event,
      text.replace(/\{(\w+)\}/g, (_, name: string) => String(fields[name] ?? '')),
      fields,
    );
  };
  return { report, counters };
}
