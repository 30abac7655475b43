import { TOGETHER } from '#libs/runtime/redis-users';
import { probePortDistance, type Service, type ServiceName } from '#libs/runtime/topology';
import { portsBeside } from './ports.ts';
import { programOf, serviceSpec } from './process-specs.ts';
import type { StackContext } from './stack-context.ts';
import type { SupervisedProcess } from './supervised-process.ts';

/** Where a service of a process listens. */
export interface Place {
  readonly port: number;
  readonly probePort: number;
}

type EnvironmentOf = (members: readonly Service[], name: string, ports: Place, replica: number) => Record<string, string>;

/** The processes of the services: one for each replica, or one for the first replicas of all, with further ones beside it. */
export class ServiceProcesses {
  /** By service, and by process for further replicas. */
  readonly places = new Map<string, Place>();
  /** What goes over the environment of a process from its next start on. */
  readonly extra = new Map<string, Readonly<Record<string, string>>>();

  readonly #context: StackContext;
  readonly #environmentOf: EnvironmentOf;

  constructor(context: StackContext, environmentOf: EnvironmentOf) {
    this.#context = context;
    this.#environmentOf = environmentOf;
  }

  replicasOf(service: ServiceName): readonly SupervisedProcess[] {
    const isOne = (name: string): boolean => name === service || new RegExp(`^${service}-\\d+$`).test(name);
    return this.#all.filter(({ name }) => isOne(name) || (name === TOGETHER && this.places.has(service)));
  }

  /** One more replica, on free ports. */
  addFurther(service: Service, env: Readonly<Record<string, string>>): Promise<SupervisedProcess> {
    const highest = Math.max(0, ...this.replicasOf(service.name).map(({ name }) => Number(/-(\d+)$/.exec(name)?.[1] ?? 1)));
    this.extra.set(replicaName(service, highest + 1), env);
    return this.addReplica(service, highest + 1);
  }

  async addReplica(service: Service, replica: number): Promise<SupervisedProcess> {
    const { HOST } = this.#context.values;
    const name = replicaName(service, replica);
    const taken = new Set([
      ...this.#all.map(({ port }) => port),
      ...[...this.places.values()].flatMap((place) => [place.port, place.probePort]),
    ]);
    const place = await portsBeside(replica === 1 ? this.#usualPort(service) : undefined, taken, HOST);
    this.places.set(name, place);
    return this.#add([service], name, [place], replica);
  }

  /** The first replica of each, in one process. */
  addTogether(members: readonly Service[]): SupervisedProcess {
    const places = members.map((service) => {
      const port = this.#usualPort(service);
      const place = { port, probePort: port + probePortDistance };
      this.places.set(service.name, place);
      return place;
    });
    return this.#add(members, TOGETHER, places, 1);
  }

  get #all(): readonly SupervisedProcess[] {
    return [...this.#context.supervisor.processes.values()];
  }

  #add(members: readonly Service[], name: string, places: readonly Place[], replica: number): SupervisedProcess {
    const { root, supervisor, healthHost } = this.#context;
    const [first] = places;
    if (first === undefined) throw new Error(`${name} has no service in it`);
    const env = () => ({ ...this.#environmentOf(members, name, first, replica), ...this.extra.get(name) });
    const probePorts = places.map(({ probePort }) => probePort);
    return supervisor.add(serviceSpec(root, { name, port: first.port, probePorts, program: programOf(root, members), env }, healthHost));
  }

  #usualPort({ name, port }: Service): number {
    return name === 'gateway' ? this.#context.gatewayPort : port + this.#context.values.PORT_OFFSET;
  }
}

const replicaName = ({ name }: Service, replica: number): string => (replica === 1 ? name : `${name}-${replica}`);
