import type { Code } from './code.ts';
import { profiled } from './profiler.ts';
import { Found, type Scenario, type Setting, type Stage, type Topology } from './scenario.ts';
import { Shop } from './shop.ts';

/** The shops that scenarios share, by code and topology: opened when the first scenario needs one. */
export class Shops {
  private readonly setting: Setting;
  private readonly shops = new Map<string, Shop>();

  constructor(setting: Setting) {
    this.setting = setting;
  }

  async of(code: Code, topology: Topology): Promise<Shop> {
    const key = `${code.name} ${topology}`;
    const known = this.shops.get(key);
    if (known !== undefined) return known;
    const shop = await Shop.open(code, this.setting, topology);
    this.shops.set(key, shop);
    return shop;
  }

  async close(): Promise<void> {
    const shops = [...this.shops.values()];
    this.shops.clear();
    await Promise.all(shops.map((shop) => shop.close()));
  }
}

/** What was measured of each code, in the order in which they were given. */
export type FoundOf = ReadonlyMap<Code, Found>;

/** Runs the stages of a scenario on one code or on several in turns: each case of a round on the first, then on the second, and so on. */
export async function measure(
  scenario: Scenario,
  codes: readonly Code[],
  topology: Topology,
  found: FoundOf,
  shops: Shops,
  setting: Setting,
): Promise<void> {
  const own: Shop[] = [];
  const stages: (readonly Stage[])[] = [];
  try {
    for (const code of codes) {
      const shop = scenario.shop === undefined ? await shops.of(code, topology) : await Shop.open(code, setting, topology, scenario.shop);
      if (scenario.shop !== undefined) own.push(shop);
      const its = await scenario.stages(shop, setting);
      stages.push(its);
    }
    for (const index of (stages[0] ?? []).keys()) {
      const sides = codes.flatMap((code, at) => {
        const stage = stages[at]?.[index];
        const into = found.get(code);
        return stage === undefined || into === undefined ? [] : [{ stage, into }];
      });
      await inTurns(sides, topology, setting);
      const [first] = sides;
      if (setting.profile && codes.length === 1 && first?.stage.profile !== undefined) {
        const shop = own[0] ?? (await shops.of(codes[0] as Code, topology));
        await profileOf(first.stage.profile, shop, first.into);
      }
    }
  } finally {
    for (const all of stages) for (const stage of all) await stage.close?.();
    for (const shop of own) await shop.close();
  }
}

async function inTurns(sides: readonly { stage: Stage; into: Found }[], topology: Topology, setting: Setting): Promise<void> {
  for (const { stage } of sides) await stage.warmUp();
  const stage = sides[0]?.stage;
  const cases = [...(stage?.cases ?? []), ...((sides.length === 1 && stage?.foreign) || [])];
  for (let round = 0; round < (stage?.rounds ?? 0); round += 1) {
    for (const name of cases) {
      for (const side of sides) {
        setting.signal.throwIfAborted();
        side.into.add(topology, name, await side.stage.sample(name));
      }
    }
  }
}

async function profileOf({ processes, work }: NonNullable<Stage['profile']>, shop: Shop, into: Found): Promise<void> {
  const targets = [...new Set(processes.map((name) => shop.stack.process(name)))];
  const profiles = await profiled(targets, async () => void (await work()));
  for (const [name, functions] of Object.entries(profiles)) into.profiles[`${name}, ${shop.topology}`] = functions;
}
