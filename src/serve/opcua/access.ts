import { createHash, timingSafeEqual } from 'node:crypto';
import { callbackify } from 'node:util';
import type { ServerSettings } from '../../config/configuration.ts';
import type { Clock } from '../../model/clock.ts';
import { messageOf } from '../../model/errors.ts';
import type { Library } from '../../wire/opcua-library.ts';
import type { SecretReference } from '../../model/secret.ts';

// Milliseconds until a wrong password is answered: guessing takes its time.
const ANSWER_WRONG = 1_000;

type AccessContext = {
  readonly readSecret: (reference: SecretReference) => Promise<string>;
  readonly clock: Clock;
  readonly refused: (user: string, reason: string) => void;
};

/** Checks names and passwords, which are read anew each time: a changed one needs no restart. */
export function userManager(
  ua: typeof Library,
  users: ServerSettings['users'],
  context: AccessContext,
): NonNullable<Library.OPCUAServerOptions['userManager']> {
  const isRight = async (name: string, password: string): Promise<boolean> => {
    const user = Object.hasOwn(users, name) ? users[name] : undefined;
    if (user === undefined) return false;
    return isSame(password, await context.readSecret(user.password));
  };
  const check = async (name: string, password: string): Promise<boolean> => {
    const reason = await isRight(name, password).then(
      (right) => (right ? undefined : 'wrong name or password'),
      messageOf,
    );
    if (reason === undefined) return true;
    context.refused(`user ${name}`, reason);
    await new Promise<void>((resolve) => context.clock.after(ANSWER_WRONG, resolve));
    return false;
  };
  return {
    isValidUserAsync: callbackify(check),
    getUserRoles: (name) => {
      const writes = Object.hasOwn(users, name) && users[name]?.write === true;
      const { AuthenticatedUser, Operator } = ua.WellKnownRoles;
      return ua.makeRoles(writes ? [AuthenticatedUser, Operator] : [AuthenticatedUser]);
    },
  };
}

/** Takes as long for a right beginning as for a wrong one. */
function isSame(given: string, secret: string): boolean {
  return timingSafeEqual(digest(given), digest(secret));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
