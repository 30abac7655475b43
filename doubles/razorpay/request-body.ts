import type { FastifyInstance } from 'fastify';
import { invalid } from './razorpay-error.ts';

export const bodyLimitBytes = 1024 * 1024;

/**
 * Reads JSON and, as Razorpay does for its PHP clients, forms (`notes[key]=value`, whole numbers as numbers). `seen` gets the raw text of every
 * body together with its endpoint.
 */
export function readBodies(app: FastifyInstance, seen: (text: string, endpoint: string) => void): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string', bodyLimit: bodyLimitBytes }, (request, text, done) => {
    const raw = String(text);
    seen(raw, endpointOf(request));
    if (raw === '') {
      done(null, undefined);
      return;
    }
    try {
      done(null, JSON.parse(raw));
    } catch {
      done(invalid('The request body is not valid JSON'));
    }
  });
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: bodyLimitBytes }, (request, text, done) => {
    const raw = String(text);
    const form = new URLSearchParams(raw);
    seen([...form.values()].join('\n'), endpointOf(request));
    done(null, readForm(form));
  });
}

export function endpointOf({
  method,
  routeOptions,
  url,
}: {
  method: string;
  routeOptions: { url?: string | undefined };
  url: string;
}): string {
  return `${method} ${routeOptions.url ?? url.split('?', 1)[0]}`;
}

function readForm(form: URLSearchParams): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [name, text] of form) {
    const path = name.split(/\]\[|\[|\]/).filter((part) => part !== '');
    const last = path.pop();
    if (last === undefined || [last, ...path].includes('__proto__')) continue;
    let target = fields;
    for (const part of path) {
      const inner = target[part];
      const next: Record<string, unknown> = typeof inner === 'object' && inner !== null ? { ...inner } : {};
      target[part] = next;
      target = next;
    }
    target[last] = path.length === 0 && /^(?:amount|payment_capture)$/.test(last) && /^\d{1,15}$/.test(text) ? Number(text) : text;
  }
  return fields;
}
