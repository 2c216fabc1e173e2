import type { ServerSettings } from './configuration.ts';
import { anchorSecret } from './references.ts';
import type { Section } from './section.ts';
import { serverSchema } from './server-schema.ts';

/** The servers of a configuration; relative paths begin in `folder`. */
export function parseServers(section: Section, folder: string): readonly ServerSettings[] {
  const servers = section.byId().flatMap(([name, part]): readonly ServerSettings[] => {
    const parsed = part.parse(serverSchema);
    if (parsed === undefined) return [];
    const { security, users, ...rest } = parsed;
    const { allowInsecure } = security;
    const anchored = Object.entries(users).map(([user, { password, write }]) => [
      user,
      { password: anchorSecret(password, folder), write },
    ]);
    return [{ ...rest, name, security: { ...security, allowInsecure }, users: Object.fromEntries(anchored) }];
  });
  refuseSharedPorts(servers, section);
  return servers;
}

function refuseSharedPorts(servers: readonly ServerSettings[], section: Section): void {
  const owners = new Map<number, string>();
  for (const { name, port } of servers) {
    const owner = owners.get(port);
    if (owner === undefined) owners.set(port, name);
    else section.at(name, 'port').complain(`${port} is the port of ${owner} already`, 'take another one, e.g. 4841');
  }
}
