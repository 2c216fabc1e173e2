import { chown, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import type { Configuration } from '../../config/configuration.ts';
import type { TrustDecision } from '../../model/trust.ts';
import { headPath } from '../../ops/audit/files.ts';
import { createAudit } from '../../ops/audit/log.ts';
import type { CertificateFacts } from '../../wire/opcua-certificates.ts';
import type { Context } from '../context.ts';
import { configurationOf, daemonIfRunning } from '../daemon.ts';

/**
 * Keeps in the audit log what is about to be decided: by the daemon where it runs, which alone may write there then.
 * Rejects with `audit-failed`: what is not kept must not be done.
 */
export async function keepDecision(
  { subject, fingerprint }: CertificateFacts,
  { decision, side }: Pick<TrustDecision, 'decision' | 'side'>,
  context: Context,
): Promise<void> {
  const { audit, control } = await configurationOf(context);
  const by = process.env['SUDO_USER'] ?? userInfo().username;
  const kept: TrustDecision = { decision, side, subject, fingerprint, by };
  const daemon = await daemonIfRunning(control.socket, context);
  if (daemon === undefined) await append(kept, audit, context);
  else await daemon.decide(kept);
}

async function append(decision: TrustDecision, settings: Configuration['audit'], { clock }: Context): Promise<void> {
  const untold = { failed: () => undefined, recovered: () => undefined }; // whoever decides is told by the rejection
  await using audit = createAudit({ ...settings, clock, ...untold });
  await audit.append('trust-decided', decision);
  await leaveToDaemon(settings.path);
}

/** What root has made here belongs to whoever owns the folder: the daemon goes on writing there. */
async function leaveToDaemon(path: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(dirname(path));
  await Promise.all([path, headPath(path)].map((file) => chown(file, uid, gid)));
}
