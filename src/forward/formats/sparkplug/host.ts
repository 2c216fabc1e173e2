/** Whether the primary host application is there, by its STATE messages (Sparkplug 3.0 5.4). */
export class PrimaryHost {
  #newest = -Infinity;
  #newestOnline = -Infinity;
  isPresent = false;

  /** Takes a STATE payload; returns whether it changed what is known. A message older than the one before says nothing. */
  heard(payload: Buffer): boolean {
    const state = parseState(payload);
    if (state === undefined) return false;
    const { online, timestamp } = state;
    if (timestamp < (online ? this.#newest : this.#newestOnline)) return false;
    this.#newest = Math.max(this.#newest, timestamp);
    if (online) this.#newestOnline = timestamp;
    const wasPresent = this.isPresent;
    this.isPresent = online;
    return wasPresent !== online || !online;
  }
}

type State = { readonly online: boolean; readonly timestamp: number };

function parseState(payload: Buffer): State | undefined {
  try {
    const state: unknown = JSON.parse(payload.toString('utf8'));
    if (typeof state !== 'object' || state === null || !('online' in state) || !('timestamp' in state))
      return undefined;
    const { online, timestamp } = state;
    return typeof online === 'boolean' && typeof timestamp === 'number' ? { online, timestamp } : undefined;
  } catch {
    return undefined; // not JSON: nothing that a host application says
  }
}
