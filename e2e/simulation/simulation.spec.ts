import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { productApi } from '#libs/contracts/product/api';
import { Chance } from './chance.ts';
import { customer, stockShelf } from './customers.ts';
import { violationsOf } from './invariants.ts';
import { Settling } from './settling.ts';
import { ADMIN, SERVICES, World } from './world.ts';

const FIRST_SEED = Number(process.env.SIMULATION_SEED ?? 1);
const RUNS = Number(process.env.SIMULATION_RUNS ?? 200);
/** A run mostly waits, for leases and retries; so some go side by side, each in a world of its own. */
const WORLDS = 5;
/** Far above what the longest leases and retries of a run come to. */
const RUN_LIMIT_MS = 90_000;
/** Runs between two lines of progress. */
const PROGRESS = 50;

interface Place {
  readonly world: World;
  readonly categoryId: string;
}
let places: Place[] = [];

beforeAll(async () => {
  places = await Promise.all(
    Array.from({ length: Math.min(WORLDS, RUNS) }, async () => {
      const world = await World.create();
      const { id } = await world.request(productApi.operations.createCategory, { name: 'Kurtas' }, { token: ADMIN, key: randomUUID() });
      return { world, categoryId: id };
    }),
  );
});
afterAll(() => Promise.all(places.map(({ world }) => world.close())));

/** Some customers at once, in foul weather, while services die; then everything comes to rest and is added up. */
async function run({ world, categoryId }: Place, seed: number): Promise<string[]> {
  const chance = new Chance(seed);
  world.network.chance = chance.split();
  const deadlocksBefore = await world.deadlocks();
  const shelf = await stockShelf(world, chance, categoryId);
  world.network.weather = {
    lost: chance.pick([0, 0.02, 0.06]),
    answerLost: chance.pick([0, 0.02, 0.06]),
    repeated: chance.pick([0, 0.1, 0.3]),
    delayMs: chance.pick([0, 2, 8]),
  };
  const { controls } = world.razorpay;
  world.providers.chance = chance.split();
  world.providers.fails = chance.pick([0, 0.05, 0.2]);
  for (const endpoint of controls.endpoints) {
    const fault = chance.pick(['none', 'none', 'none', 'refused', 'answer lost'] as const);
    if (fault === 'refused') controls.addFault({ endpoint, kind: chance.pick(['429', '502-html', 'reset-before-commit'] as const) });
    if (fault === 'answer lost') controls.addFault({ endpoint, kind: 'reset-after-commit' });
  }
  for (let deaths = chance.between(0, 2); deaths > 0; deaths -= 1) world.endAfter(chance.pick(SERVICES), chance.between(1, 120));
  if (chance.happens(0.3)) world.endAfter('notification', chance.between(20, 250));
  await Promise.all(Array.from({ length: chance.between(2, 5) }, () => customer(world, shelf, chance.split())));
  await world.rebirths();
  await new Settling(world).settle(chance.happens(0.3));
  const faults = world.network.faults.splice(0).map((fault) => `internal: ${fault}`);
  const deadlocks = (await world.deadlocks()) - deadlocksBefore;
  if (deadlocks > 0) faults.push(`${deadlocks} transactions waited for each other`);
  return [...faults, ...(await violationsOf(world, shelf))];
}

describe('under loss, repetition, delay and power cuts', () => {
  it(`money, stock, coupons and documents add up, and each cause is told once (${RUNS} runs from seed ${FIRST_SEED})`, {
    timeout: 60_000 + RUNS * 5_000,
  }, async () => {
    const began = performance.now();
    const broken: Record<string, string[]> = {};
    let next = FIRST_SEED;
    let done = 0;
    await Promise.all(
      places.map(async (place) => {
        while (next < FIRST_SEED + RUNS && Object.keys(broken).length === 0) {
          const seed = next;
          next += 1;
          const violations = await Promise.race([
            run(place, seed),
            sleep(RUN_LIMIT_MS, [`did not end within ${RUN_LIMIT_MS / 1_000} s`], { ref: false }),
          ]);
          if (violations.length > 0) broken[`npm run simulate -- --seed ${seed} --runs 1`] = violations;
          done += 1;
          if (done % PROGRESS === 0)
            process.stdout.write(`  ${done} of ${RUNS} shops add up (${((performance.now() - began) / 1_000).toFixed(0)} s)\n`);
        }
      }),
    );
    expect(broken).toEqual({});
    const deaths = places.reduce((sum, { world }) => sum + world.deaths, 0);
    process.stdout.write(`  ${done} shops, ${deaths} services killed\n`);
  });
});
