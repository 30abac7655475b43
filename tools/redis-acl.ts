/** `docker/redis-users.sh`, which prints Redis' file of users from passwords in the environment: none stands in the repository. */
import { redisUsers } from '#libs/runtime/redis-users';
import type { Service, ServiceName } from '#libs/runtime/topology';

export const redisPasswordVariable = (name: ServiceName): string => `${name.toUpperCase()}_REDIS_PASSWORD`;

export function redisUsersScript(services: readonly Service[]): string {
  // The shell puts the prefix in; nothing else in a rule means anything to it between double quotes.
  const users = redisUsers(
    `\${prefix}`,
    services.map(({ name }) => name),
  );
  return `#!/bin/sh
# Generated from libs/runtime/topology.ts by \`npm run generate\`.
# Prints an ACL file: a login for each service, and the default user as the operator's. The passwords may have any characters and are in
# REDIS_ADMIN_PASSWORD and ${redisPasswordVariable('order')} and the like, which it asks for by name.
set -eu
prefix=\${REDIS_PREFIX:-only2u}
user() { printf 'user %s on #%s %s\\n' "$1" "$(printf %s "$2" | sha256sum | cut -d ' ' -f 1)" "$3"; }
user default "\${REDIS_ADMIN_PASSWORD:?}" "~* &* +@all"
${users.map(({ service, name, rules }) => `user "${name}" "\${${redisPasswordVariable(service)}:?}" "${rules.join(' ')}"`).join('\n')}
`;
}
