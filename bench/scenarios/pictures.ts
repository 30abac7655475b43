import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import workerpool from 'workerpool';
import { cloneRoot } from '#libs/runtime/project-root';
import { costOf, medianTotal, type Sample } from '../load.ts';
import { type Goal, ms, type Scenario, whole } from '../scenario.ts';

const PROGRAM = join(cloneRoot(), 'apps', 'storage', 'src', 'picture', 'picture-process.ts');
const PRESETS = ['thumb', 'card', 'full'] as const;
const FORMATS = ['avif', 'webp', 'jpeg'] as const;
/** A phone's twelve megapixels, as detailed as makes about 4 MB. */
const PHOTO = { width: 4_032, height: 3_024, detail: 700 };
const KEEP = 'kept afresh';
const PRESET_CASES = PRESETS.flatMap((preset) => FORMATS.map((format) => `${preset} ${format}`));
const MANY = 'memory after many';
/** Pictures after which memory is read first and last. */
const FIRST = 100;
const COUNT = { quick: 600, full: 10_000 };
const LIMIT = 1.1;

/** The process that works on pictures: what a photo costs in each preset, and whether its memory stays flat. It has the shop for company only. */
export const pictures: Scenario = {
  name: 'pictures',
  topologies: ['separate'],
  stages: async (_shop, setting) => {
    const folder = mkdtempSync(join(tmpdir(), 'only2u-bench-pictures-'));
    const at = (name: string): string => join(folder, name);
    const pool = workerpool.pool(PROGRAM, {
      ...{ maxWorkers: 1, workerType: 'process' as const },
      // As the service starts it.
      forkOpts: { env: { PATH: process.env.PATH, MALLOC_ARENA_MAX: '1' }, execArgv: [...process.execArgv, '--max-semi-space-size=1'] },
    });
    const grain = await sharp({
      create: {
        width: PHOTO.detail,
        height: PHOTO.detail,
        channels: 3,
        background: '#987',
        noise: { type: 'gaussian', mean: 128, sigma: 45 },
      },
    })
      .png()
      .toBuffer();
    await sharp(grain).resize(PHOTO.width, PHOTO.height, { fit: 'fill' }).jpeg({ quality: 97 }).toFile(at('photo.jpg'));
    await sharp(grain).resize(500, 400, { fit: 'fill' }).jpeg({ quality: 90 }).toFile(at('small.jpg'));
    const { pid } = (await pool.exec('about', [])) as { pid: number };
    const work = async (name: string): Promise<void> => {
      if (name === KEEP) await pool.exec('keep', [at('photo.jpg'), at('kept'), 'image/jpeg']);
      else await pool.exec('render', [at('kept'), at('made'), ...name.split(' ')]);
    };
    const one = async (name: string): Promise<Sample> => {
      const cost = await costOf({ pictures: pid }, async () => {
        await work(name);
        return 1;
      });
      return { ...cost, counts: { megabytes: statSync(at(name === KEEP ? 'photo.jpg' : 'made')).size / 1e6, peak: peakOf(pid) } };
    };
    const many = async (): Promise<Sample> => {
      let first = 0;
      const total = setting.quick ? COUNT.quick : COUNT.full;
      const cost = await costOf({ pictures: pid }, async () => {
        for (let made = 1; made <= total; made += 1) {
          await pool.exec('keep', [at('small.jpg'), at('small-kept'), 'image/jpeg']);
          await pool.exec('render', [at('small-kept'), at('made'), 'thumb', 'webp']);
          if (made === FIRST) first = rssOf(pid);
        }
        return total;
      });
      return { ...cost, counts: { first, last: rssOf(pid), total } };
    };
    return [
      {
        ...{ rounds: 1, cases: [KEEP, ...PRESET_CASES, MANY] },
        warmUp: () => work(KEEP),
        sample: (name) => (name === MANY ? many() : one(name)),
        close: async () => {
          await pool.terminate(true);
          rmSync(folder, { recursive: true, force: true });
        },
      },
    ];
  },
  report: (found) => {
    const countOf = (name: string, key: string): number => found.of('separate', name).at(-1)?.counts?.[key] ?? Number.NaN;
    const goal: Goal = {
      what: `memory of the process after ${whole(countOf(MANY, 'total'))} pictures, to that after ${FIRST}`,
      ...{ measured: countOf(MANY, 'last') / countOf(MANY, 'first'), limit: LIMIT, unit: '×' },
    };
    return {
      tables: [
        {
          title: `A photo of 12 megapixels, ${countOf(KEEP, 'megabytes').toFixed(1)} MB: CPU, and the peak of the process' memory so far`,
          columns: ['', 'CPU', 'MB', 'peak RSS, MB'],
          rows: [KEEP, ...PRESET_CASES].map((name) => [
            ...[name, ms(medianTotal(found.of('separate', name)))],
            ...[countOf(name, 'megabytes').toFixed(2), countOf(name, 'peak').toFixed(0)],
          ]),
        },
      ],
      goals: [goal],
      notes: [
        `Memory: ${countOf(MANY, 'first').toFixed(0)} MB after ${FIRST} pictures of 500 × 400, ${countOf(MANY, 'last').toFixed(0)} MB after ${whole(countOf(MANY, 'total'))}; each was kept afresh and made a thumb.`,
      ],
    };
  },
};

const statusOf = (pid: number, field: 'VmRSS' | 'VmHWM'): number =>
  Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) / 1_024;
const rssOf = (pid: number): number => statusOf(pid, 'VmRSS');
const peakOf = (pid: number): number => statusOf(pid, 'VmHWM');
