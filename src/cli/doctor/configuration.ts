import type { Fault } from '../../config/fault.ts';
import { formatPlace } from '../../config/fault.ts';
import type { Finding } from './finding.ts';

export type ConfigurationFacts = {
  readonly file: string;
  readonly faults: readonly Fault[];
};

// As many as fit a screen; `weir config check` shows all.
const MOST_SHOWN = 10;

export function checkConfiguration({ file, faults }: ConfigurationFacts): readonly Finding[] {
  const shown = faults.slice(0, MOST_SHOWN).map(findingOf);
  const left = faults.length - shown.length;
  if (left === 0) return shown;
  const what = `${left} more faults in ${file}`;
  const why = 'the gateway does not start';
  return [...shown, { severity: 'critical', subject: 'configuration', what, why, todo: 'see `weir config check`' }];
}

function findingOf(fault: Fault): Finding {
  const isMissing = fault.code === 'configuration-unreadable';
  return {
    severity: 'critical',
    subject: 'configuration',
    what: fault.key === '' ? `${fault.file} ${fault.message}` : `${fault.key}: ${fault.message}`,
    why: isMissing ? 'without it there is no gateway' : `${formatPlace(fault)}; the gateway does not start`,
    todo: fault.hint === '' ? 'correct it; `weir config check` tells when all is right' : fault.hint,
  };
}
