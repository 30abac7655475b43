import { hash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

interface MailLink {
  readonly title: string;
  readonly button: string;
  /** Takes the token, and what `send` adds to it. */
  readonly route: string;
  readonly done: string;
  /** Above the button. */
  readonly fields: string;
  /** Members of the body beside the token, as JavaScript. */
  readonly send: string;
}

const LINKS: Readonly<Record<string, MailLink>> = {
  '/verify-email': {
    title: 'Confirm your e-mail address',
    button: 'Confirm',
    route: '/api/auth/email/verify',
    done: 'Your e-mail address is confirmed. You can close this page.',
    fields: '',
    send: '',
  },
  '/reset-password': {
    title: 'Choose a new password',
    button: 'Set the new password',
    route: '/api/auth/password/reset',
    done: 'Your new password is set, and all devices are signed out. You can close this page.',
    fields:
      '<p><label>New password, at least 12 characters <input type="password" autocomplete="new-password" minlength="12" maxlength="128"></label></p>',
    send: `newPassword: document.querySelector('input').value`,
  },
};

/** The token leaves the address bar at once, and is sent only when somebody presses the button: programs that open the links of a mail do not. */
const scriptOf = ({ route, done, send }: MailLink): string => `
const token = new URLSearchParams(location.search).get('token') ?? '';
history.replaceState(null, '', location.pathname);
const [button, said] = [document.querySelector('button'), document.querySelector('[role=status]')];
button.onclick = async () => {
  button.disabled = true;
  const headers = { 'content-type': 'application/json' };
  try {
    const answer = await fetch('${route}', { method: 'POST', headers, body: JSON.stringify({ token, ${send} }) });
    const { status } = answer;
    const problem = status === 400 ? await answer.json() : {};
    const isOver = problem.code === 'auth.bad_link' || problem.errors?.some(({ path }) => path === 'token');
    button.hidden = status < 300 || isOver === true;
    button.disabled = false;
    said.textContent = status < 300 ? '${done}'
      : isOver ? 'This link is not good any more. It was cut on its way, or a newer mail has replaced it.'
      : problem.errors?.[0] ? 'The password ' + problem.errors[0].message + '.'
      : problem.code ? 'This password is among the first that are tried. Choose another.'
      : 'That did not work. Please try again in a minute.';
  } catch {
    button.disabled = false;
    said.textContent = 'There is no connection. Please try again.';
  }
};
`;
const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:32rem;padding:3rem 1rem;color:#222;background:#faf8f5}input{font:inherit;display:block;width:100%;box-sizing:border-box;padding:.5rem}button{font:inherit;padding:.6rem 1.2rem;border:0;border-radius:.5rem;color:#fff;background:#8a1c4a}';
const sourceOf = (text: string): string => `'sha256-${hash('sha256', text, 'base64')}'`;

/** Where the links of mails lead in a shop that serves no pages here. */
export function serveMailLinkPages(fastify: FastifyInstance): readonly string[] {
  for (const [path, link] of Object.entries(LINKS)) {
    const script = scriptOf(link);
    const page = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${link.title} – Only2U</title>
<style>${STYLE}</style><h1>${link.title}</h1>${link.fields}<button type="button">${link.button}</button><p role="status"></p><noscript>This page needs JavaScript.</noscript>
<script>${script}</script></html>`;
    const policy = `default-src 'none'; script-src ${sourceOf(script)}; style-src ${sourceOf(STYLE)}; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
    fastify.get(path, (_request, reply) =>
      reply.header('content-security-policy', policy).header('cache-control', 'no-store').type('text/html; charset=utf-8').send(page),
    );
  }
  return Object.keys(LINKS);
}
