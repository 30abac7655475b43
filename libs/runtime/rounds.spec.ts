import { describe, expect, it } from 'vitest';
import { currentRequest, runInRequest } from '#libs/observability/context';
import type { Logger } from '#libs/observability/logger';
import { Rounds } from './rounds.ts';

const lines: string[] = [];
const logger = { warn: (_: object, line: string) => lines.push(line) } as unknown as Logger;
const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

/** A promise and what settles it. */
const gate = () => Promise.withResolvers<void>();

describe('a round', () => {
  it('does not begin before the application has started', async () => {
    const rounds = new Rounds(logger);
    let runs = 0;
    const round = rounds.every('test.early', { everyMs: 1, atOnce: true }, async () => {
      runs += 1;
    });
    round.wake();
    await soon();
    expect(runs).toBe(0);
    rounds.onApplicationBootstrap();
    expect(runs).toBe(1);
    await rounds.beforeApplicationShutdown();
  });

  it('never overlaps itself: a wake during a run makes one more run after it', async () => {
    const rounds = new Rounds(logger);
    let [runs, atOnce, most] = [0, 0, 0];
    const gates = [gate(), gate(), gate()];
    const round = rounds.every('test.overlap', { everyMs: 60_000, atOnce: true }, async () => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      runs += 1;
      await gates[runs - 1]?.promise;
      atOnce -= 1;
    });
    rounds.onApplicationBootstrap();
    round.wake();
    round.wake();
    gates[0]?.resolve();
    while (runs < 2) await soon();
    gates[1]?.resolve();
    await rounds.beforeApplicationShutdown();
    expect({ runs, most }).toEqual({ runs: 2, most: 1 });
  });

  it('goes on after a failure, and says one line for a streak of them', async () => {
    const rounds = new Rounds(logger);
    lines.length = 0;
    let runs = 0;
    rounds.every('test.failing', { everyMs: 1, atOnce: true }, async () => {
      runs += 1;
      throw new Error('no');
    });
    rounds.onApplicationBootstrap();
    while (runs < 3) await soon();
    await rounds.beforeApplicationShutdown();
    expect(lines).toEqual(['round.failed']);
  });

  it('is waited for at the shutdown, and does not run again', async () => {
    const rounds = new Rounds(logger);
    const running = gate();
    let runs = 0;
    const round = rounds.every('test.shutdown', { everyMs: 1, atOnce: true }, async () => {
      runs += 1;
      await running.promise;
    });
    rounds.onApplicationBootstrap();
    let isDown = false;
    const down = rounds.beforeApplicationShutdown().then(() => {
      isDown = true;
    });
    await soon();
    expect(isDown).toBe(false);
    running.resolve();
    await down;
    round.wake();
    await soon();
    expect(runs).toBe(1);
  });

  it('of many steps hears of the shutdown, and ends after the present one', async () => {
    const rounds = new Rounds(logger);
    let steps = 0;
    rounds.every('test.steps', { everyMs: 60_000, atOnce: true }, async (stop) => {
      for (; !stop.aborted; steps += 1) await soon();
    });
    rounds.onApplicationBootstrap();
    while (steps < 3) await soon();
    await rounds.beforeApplicationShutdown();
    const done = steps;
    await soon();
    expect(steps).toBe(done);
  });

  it('is cut short at the shutdown when it takes longer than requests can wait', async () => {
    const rounds = new Rounds(logger, 20);
    const running = gate();
    rounds.every('test.endless', { everyMs: 1, atOnce: true }, () => running.promise);
    rounds.onApplicationBootstrap();
    await rounds.beforeApplicationShutdown();
    running.resolve();
  });

  it('runs without the request that woke it, with neither its deadline nor its trace', async () => {
    const rounds = new Rounds(logger);
    const seen: unknown[] = [];
    const round = rounds.every('test.context', 60_000, async () => seen.push(currentRequest()));
    rounds.onApplicationBootstrap();
    runInRequest({ requestId: 'r-1', deadline: 1 }, () => round.wake());
    await rounds.beforeApplicationShutdown();
    expect(seen).toEqual([undefined]);
  });

  it('comes at each later moment that was asked for, whatever it does before', async () => {
    const rounds = new Rounds(logger);
    const moments: number[] = [];
    const round = rounds.every('test.planned', 60_000, async () => moments.push(performance.now()));
    rounds.onApplicationBootstrap();
    const asked = performance.now();
    round.wake(300);
    round.wake(120);
    round.wake();
    while (moments.length < 3) await soon();
    await rounds.beforeApplicationShutdown();
    expect(moments.map((at, index) => at - asked >= ([0, 119, 299][index] ?? 0))).toEqual([true, true, true]);
  });

  it('can be brought forward, and has its name for itself', async () => {
    const rounds = new Rounds(logger);
    const ran = gate();
    const round = rounds.every('test.forward', 60_000, async () => ran.resolve());
    expect(() => rounds.every('test.forward', 1, async () => undefined)).toThrow('test.forward');
    rounds.onApplicationBootstrap();
    round.wake(2);
    await ran.promise;
    await rounds.beforeApplicationShutdown();
  });
});
