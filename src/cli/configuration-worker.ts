import { parentPort, workerData } from 'node:worker_threads';
import { loadConfiguration } from '../config/load.ts';
import { drivers } from '../drivers.ts';
import { asGatewayError } from '../model/errors.ts';
import type { LoadedApart } from './load-apart.ts';

// The thread behind load-apart.ts: loads one configuration, answers, and ends.

const answer = await loadConfiguration(String(workerData), drivers).then(
  (configuration): LoadedApart => ({ configuration }),
  (error: unknown): LoadedApart => {
    const { code, message } = asGatewayError(error, 'failed');
    return { code, message };
  },
);
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, no window
parentPort?.postMessage(answer);
