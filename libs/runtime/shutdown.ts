import { GATEWAY } from '#libs/auth/access';

/** How long a draining process goes on answering new connections, so that whoever routes to it sees that it leaves. */
const DRAIN_MS = 200;
const SHUTDOWN_LIMIT_MS = 15_000;

/** A service of this process, as it ends. */
export interface Leaving {
  readonly name: string;
  /** Says that it takes no more. */
  readonly leave: (reason: string) => Promise<void>;
  /** Ends what runs, then lets go of everything. */
  readonly close: () => Promise<void>;
  /** What the services share; called once per process. */
  readonly atTheEnd: () => Promise<void>;
}

/** Ends the process in good order, with all services that run in it. */
class Shutdown {
  private readonly services: Leaving[] = [];
  private hasBegun = false;

  add(service: Leaving): void {
    this.services.push(service);
    if (this.services.length > 1) return;
    process.once('SIGTERM', () => void this.begin('SIGTERM'));
    process.once('SIGINT', () => void this.begin('SIGINT'));
    // Started by the local stack: when that is gone, so is this.
    process.once('disconnect', () => void this.begin('parent is gone'));
  }

  private async begin(reason: string): Promise<void> {
    if (this.hasBegun) return;
    this.hasBegun = true;
    setTimeout(() => process.exit(1), SHUTDOWN_LIMIT_MS).unref();
    await Promise.all(this.services.map(({ leave }) => leave(reason)));
    await new Promise((resolve) => setTimeout(resolve, DRAIN_MS));
    // Requests that the gateway still answers need the services behind it.
    const isGateway = ({ name }: Leaving): boolean => name === GATEWAY;
    await Promise.all(this.services.filter(isGateway).map(({ close }) => close()));
    await Promise.all(this.services.filter((service) => !isGateway(service)).map(({ close }) => close()));
    await this.services[0]?.atTheEnd().catch(() => undefined);
    process.exit(0);
  }
}

export const shutdown = new Shutdown();
