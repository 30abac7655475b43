import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateCatalogue } from './catalogue.ts';
import { drawPicture } from './pictures.ts';

/** Files written at a time. */
const AT_ONCE = 32;

/**
 * Writes the pictures of a catalogue of so many products to `folder`, as `<name>.svg`, and answers how many it wrote. What is there already stays:
 * a picture is drawn from its name alone.
 */
export async function drawPictures(folder: string, products: number): Promise<number> {
  await mkdir(folder, { recursive: true });
  const missing = namesOf(products).filter((name) => !existsSync(join(folder, `${name}.svg`)));
  const names = missing.values();
  const work = async (): Promise<void> => {
    for (const name of names) await writeFile(join(folder, `${name}.svg`), drawPicture(name) ?? '');
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return missing.length;
}

const namesOf = (products: number): string[] => [
  ...new Set([...generateCatalogue({ products })].flatMap(({ images }) => images.map(({ name }) => name))),
];
