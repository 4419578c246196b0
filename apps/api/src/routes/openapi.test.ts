import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, it } from 'vitest';
import { testClient } from '../testing/client.ts';

it('describes every route that there is', async () => {
  const { app, get } = testClient();
  const { json } = await get('/openapi.json');
  expect(json.openapi).toBe('3.1.0');
  const described = Object.entries<object>(json.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const served = app.router.routes
    .filter(({ method, path }) => method !== 'ALL' && !/^\/(docs|assets|favicon)/.test(path) && !['/', '/openapi.json'].includes(path))
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
  expect([...new Set(described)].sort()).toEqual([...new Set(served)].sort());
});

it('is a valid OpenAPI 3.1 document', async () => {
  const { json } = await testClient().get('/openapi.json');
  const validator = new Validator();
  expect(await validator.validate(json)).toEqual({ valid: true });
  expect(validator.version).toBe('3.1');
});

it('points only at schemas that it holds, and names every answer', async () => {
  const { json, text } = await testClient().get('/openapi.json');
  for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) expect(json.components.schemas).toHaveProperty(name!);
  for (const item of Object.values<Record<string, { responses: object; summary: string }>>(json.paths)) {
    for (const { responses, summary } of Object.values(item)) {
      expect(Object.keys(responses).length).toBeGreaterThan(0);
      expect(summary).toBeTruthy();
    }
  }
  expect(Object.keys(json.components.securitySchemes)).toEqual(['bearer', 'apiKey']);
});

it('shows it on a page that loads nothing from elsewhere and runs nothing', async () => {
  const { get } = testClient();
  const page = await get('/docs');
  expect(page.headers.get('content-type')).toContain('text/html');
  expect(page.text).toContain('/v2/rerank');
  expect(page.text).not.toMatch(/<script|(?:src|href)="(?:https?:)?\/\//);
  expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
  for (const [, path] of page.text.matchAll(/(?:src|href)="(\/[^"]*)"/g)) expect((await get(path!)).status).toBe(200);
});
