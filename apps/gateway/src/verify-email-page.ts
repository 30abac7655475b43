import { hash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

const PATH = '/verify-email';
/** The token leaves the address bar at once, and is sent only when somebody presses the button: programs that open the links of a mail do not. */
const SCRIPT = `
const token = new URLSearchParams(location.search).get('token') ?? '';
history.replaceState(null, '', location.pathname);
const [button, said] = [document.querySelector('button'), document.querySelector('[role=status]')];
button.onclick = async () => {
  button.disabled = true;
  const headers = { 'content-type': 'application/json' };
  try {
    const { status } = await fetch('/api/auth/email/verify', { method: 'POST', headers, body: JSON.stringify({ token }) });
    const isRefused = status >= 400 && status < 500 && status !== 429;
    button.hidden = status < 300 || isRefused;
    button.disabled = false;
    said.textContent = status < 300 ? 'Your e-mail address is confirmed. You can close this page.'
      : isRefused ? 'This link is not good any more. It was cut on its way, or a newer mail has replaced it.'
      : 'That did not work. Please try again in a minute.';
  } catch {
    button.disabled = false;
    said.textContent = 'There is no connection. Please try again.';
  }
};
`;
const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:32rem;padding:3rem 1rem;color:#222;background:#faf8f5}button{font:inherit;padding:.6rem 1.2rem;border:0;border-radius:.5rem;color:#fff;background:#8a1c4a}';
const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Confirm your e-mail address – Only2U</title>
<style>${STYLE}</style><h1>Confirm your e-mail address</h1><button type="button">Confirm</button><p role="status"></p><noscript>This page needs JavaScript.</noscript>
<script>${SCRIPT}</script></html>`;
const sourceOf = (text: string): string => `'sha256-${hash('sha256', text, 'base64')}'`;
const POLICY = `default-src 'none'; script-src ${sourceOf(SCRIPT)}; style-src ${sourceOf(STYLE)}; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** Where the link of a verification mail leads in a shop that serves no pages here. */
export function serveVerifyEmailPage(fastify: FastifyInstance): readonly string[] {
  fastify.get(PATH, (_request, reply) =>
    reply.header('content-security-policy', POLICY).header('cache-control', 'no-store').type('text/html; charset=utf-8').send(PAGE),
  );
  return [PATH];
}
