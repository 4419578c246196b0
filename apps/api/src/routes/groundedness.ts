import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { ResiftError } from '@resift/core';
import type { AppEnv } from '../app-env.ts';
import type { AppParts } from '../app-parts.ts';
import { errorResponses } from '../error-responses.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { createRouter } from '../router.ts';
import { checkUsable } from '../usable-text.ts';

/** `POST /v1/groundedness`: does a text support these claims? */
export function groundednessRoutes(parts: AppParts): OpenAPIHono<AppEnv> {
  const { services, rates, config } = parts;
  const { limits } = config;
  const route = createRoute({
    method: 'post',
    path: '/v1/groundedness',
    summary: 'Does a text support these claims?',
    middleware: [jsonBody(limits.jsonBytes)] as const,
    request: {
      body: {
        required: true,
        content: {
          'application/json': {
            schema: z
              .strictObject({
                context: z.string().min(1),
                claims: z.array(z.string().min(1).max(limits.queryCharacters)).min(1).max(limits.claims),
              })
              .openapi('GroundednessRequest'),
          },
        },
      },
    },
    responses: {
      200: {
        description: 'One entry per claim, in the order given.',
        content: {
          'application/json': {
            schema: z
              .object({ claims: z.array(z.object({ claim: z.string(), score: z.number().min(0).max(1), supported: z.boolean() })) })
              .openapi('GroundednessResponse'),
          },
        },
      },
      ...errorResponses([400, 401, 413, 415, 422, 429, 503, 504]),
    },
  });

  const router = createRouter();
  router.openapi(route, async (c) => {
    const { context, claims } = c.req.valid('json');
    checkUsable(context, 'context');
    for (const [index, claim] of claims.entries()) checkUsable(claim, `claims[${index}]`);
    if (!services.ground) throw new ResiftError('unavailable', 'This server has no groundedness model.');
    await rates.take(c.var.tenant, 'pairs', claims.length);
    const { ground } = services;
    const { probabilities, usage } = await parts.admission.run(claims.length, { waitMs: limits.queueMs, signal: c.var.work.signal }, () =>
      ground.check(context, claims, { signal: c.var.work.signal }),
    );
    rates.charge(c.var.tenant, 'tokens', usage.inputTokens ?? 0);
    return c.json({ claims: claims.map((claim, i) => judged(claim, probabilities[i], ground)) }, 200);
  });
  return router;
}

function judged(claim: string, score: number | undefined, { id, threshold }: { id: string; threshold: number }) {
  if (score === undefined || !(score >= 0 && score <= 1)) {
    throw new ResiftError('bad_output', `${id} gave a score that is no probability.`);
  }
  return { claim, score, supported: score >= threshold };
}
