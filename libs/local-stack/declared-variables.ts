import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Declarations, type Environment, EnvironmentError, type Source } from '#libs/runtime/environment';
import type { Service } from '#libs/runtime/topology';

/**
 * Judges what each service declares beside the common variables, all of them at once and before anything is started: a shop in production
 * would otherwise hear of a missing seller after its databases were changed. The apps are found by their name, as migrations are.
 * @throws EnvironmentError with every problem.
 */
export async function judgeDeclaredVariables(root: string, chosen: readonly Service[], given: Source): Promise<void> {
  const judged = await Promise.all(
    chosen.map(({ name }) => problemsOf(join(root, 'dist', 'apps', name, 'src', `${name}.env.js`), name, given)),
  );
  const problems = [...new Set(judged.flat())];
  if (problems.length > 0) throw new EnvironmentError(problems);
}

async function problemsOf(file: string, service: string, given: Source): Promise<readonly string[]> {
  if (!existsSync(file)) return [];
  const declared = ((await import(pathToFileURL(file).href)) as Record<string, Environment<Declarations>>)[`${service}Env`];
  try {
    declared?.read(given);
    return [];
  } catch (error) {
    // From the built file, whose class is not this one.
    const { problems } = error as { problems?: readonly string[] };
    if (problems === undefined) throw error;
    return problems;
  }
}
