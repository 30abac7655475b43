export interface Replica {
  readonly instance: string;
  /** `http://127.0.0.1:3002`, for bytes. */
  readonly url: string;
  /** Milliseconds on the bus clock. */
  readonly at: number;
  /** Its required connections are up. */
  readonly ready: boolean;
}

/** Undefined for what another version wrote in a way that this one cannot read. */
export function parseReplica(content: string): Replica | undefined {
  try {
    const { instance, url, at, ready } = JSON.parse(content) as Record<string, unknown>;
    const isRight = typeof instance === 'string' && typeof url === 'string' && typeof at === 'number' && typeof ready === 'boolean';
    return isRight && URL.canParse(url) ? { instance, url, at, ready } : undefined;
  } catch {
    return undefined;
  }
}
