import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { productApi } from '#libs/contracts/product';
import { Chance } from './chance.ts';
import { customer, stockShelf } from './customers.ts';
import { violationsOf } from './invariants.ts';
import { ADMIN, SERVICES, World } from './world.ts';

const FIRST_SEED = Number(process.env.SIMULATION_SEED ?? 1);
const RUNS = Number(process.env.SIMULATION_RUNS ?? 200);
/** Runs between two lines of progress. */
const PROGRESS = 25;

let world: World;
let categoryId: string;

beforeAll(async () => {
  world = await World.create();
  const category = await world.request(productApi.operations.createCategory, { name: 'Kurtas' }, { token: ADMIN, key: randomUUID() });
  categoryId = category.id;
});
afterAll(() => world?.close());

/** Some customers at once, in foul weather, while services die; then everything comes to rest and is added up. */
async function run(seed: number): Promise<string[]> {
  const chance = new Chance(seed);
  world.network.chance = chance.split();
  const shelf = await stockShelf(world, chance, categoryId);
  world.network.weather = {
    lost: chance.pick([0, 0.02, 0.06]),
    answerLost: chance.pick([0, 0.02, 0.06]),
    repeated: chance.pick([0, 0.1, 0.3]),
    delayMs: chance.pick([0, 2, 8]),
  };
  for (const endpoint of world.razorpay.controls.endpoints) {
    const kind = chance.pick(['none', 'none', 'none', 'refused', 'lost'] as const);
    if (kind === 'refused')
      world.razorpay.controls.addFault({ endpoint, kind: chance.pick(['429', '502-html', 'reset-before-commit'] as const) });
    if (kind === 'lost') world.razorpay.controls.addFault({ endpoint, kind: 'reset-after-commit' });
  }
  const deaths = Array.from({ length: chance.between(0, 2) }, () => ({ service: chance.pick(SERVICES), after: chance.between(1, 120) }));
  for (const { service, after } of deaths) world.endAfter(service, after);
  await Promise.all(Array.from({ length: chance.between(2, 5) }, () => customer(world, shelf, chance.split())));
  await world.rebirths();
  await world.settle(true);
  const faults = world.network.faults.splice(0).map((fault) => `internal: ${fault}`);
  return [...faults, ...(await violationsOf(world, shelf))];
}

describe('under loss, repetition, delay and power cuts', () => {
  it(`money, stock, coupons and documents add up (${RUNS} runs from seed ${FIRST_SEED})`, { timeout: 60_000 + RUNS * 5_000 }, async () => {
    const began = performance.now();
    for (let seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed += 1) {
      const violations = await run(seed);
      expect(violations, `npm run simulate -- --seed ${seed} --runs 1`).toEqual([]);
      const done = seed - FIRST_SEED + 1;
      if (done % PROGRESS === 0)
        process.stdout.write(`  ${done} of ${RUNS} simulated shops add up (${((performance.now() - began) / 1_000).toFixed(0)} s)\n`);
    }
  });
});
