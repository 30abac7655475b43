/** How every command reads its command line: `--help` is help and nothing else happens; an option it does not know is one sentence. */
import { complain, say } from './progress.ts';

/** True when help was asked for and has been printed. */
export function helpAsked(help: string, args: readonly string[] = process.argv.slice(2)): boolean {
  const asked = args.includes('--help') || args.includes('-h');
  if (asked) say(help);
  return asked;
}

/** For commands that take no argument: ends the process when help is asked for or an argument is given. */
export function helpOnly(help: string): void {
  if (helpAsked(help)) process.exit(0);
  const [stranger] = process.argv.slice(2);
  if (stranger === undefined) return;
  complain(`There is no option ${stranger}. See --help`);
  process.exit(2);
}

/** What `parse` reads of a command line; its complaint in one sentence (Node adds advice on positionals after the first). */
export function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message.split('. ', 1)[0] : error}. See --help`);
  }
}
