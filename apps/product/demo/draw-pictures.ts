import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateCatalogue } from './catalogue.ts';
import { drawPicture } from './pictures.ts';

/** Files written at a time. */
const AT_ONCE = 32;
const PROGRESS_MS = 3_000;

/**
 * Writes the pictures of a catalogue of so many products to `folder`, as `<name>.svg`, and answers how many it wrote. What is there already stays:
 * a picture is drawn from its name alone.
 */
export async function drawPictures(folder: string, products: number, say: (sentence: string) => void = () => undefined): Promise<number> {
  await mkdir(folder, { recursive: true });
  const missing = namesOf(products).filter((name) => !existsSync(join(folder, `${name}.svg`)));
  const names = missing.values();
  let drawn = 0;
  let spokeAt = Date.now();
  const work = async (): Promise<void> => {
    for (const name of names) {
      await writeFile(join(folder, `${name}.svg`), drawPicture(name) ?? '');
      drawn += 1;
      if (Date.now() - spokeAt > PROGRESS_MS) {
        spokeAt = Date.now();
        say(`pictures: ${drawn} of ${missing.length} drawn`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return missing.length;
}

/** Product by product, for a large catalogue is not to be held as a whole. */
function namesOf(products: number): string[] {
  const names = new Set<string>();
  for (const { images } of generateCatalogue({ products })) for (const { name } of images) names.add(name);
  return [...names];
}
