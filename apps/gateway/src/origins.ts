/** An origin without a port in the list stands for all its ports, as a developer's machine needs it. */
export const isAllowedOrigin = (origin: string, allowed: readonly string[]): boolean =>
  allowed.includes(origin) || allowed.includes(origin.replace(/:\d+$/, ''));
