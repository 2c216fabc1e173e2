import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { journalFault } from '../fault.ts';
import { salvage, type SalvageOrder } from './salvage.ts';
import type { SalvageAnswer } from './salvager.ts';

// Salvaging reads whole files: it has a thread of its own, that ends with it.

function tell(port: MessagePort): void {
  port.postMessage(answer(workerData));
}

function answer(order: SalvageOrder): SalvageAnswer {
  try {
    return { salvaged: salvage(order) };
  } catch (error) {
    return { error: journalFault(error, order.quarantine.folder).message };
  }
}

if (parentPort !== null) tell(parentPort);
