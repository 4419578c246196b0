import type { ChatModel } from '@resift/core';
import { openaiCompatible } from '@resift/models/openai-compatible';

/** The chat model that `RESIFT_CHAT_URL`, `RESIFT_CHAT_MODEL` and `RESIFT_CHAT_KEY` name, as for the server; `undefined` without the first two. */
export function chatFromEnvironment(environment: Readonly<Record<string, string | undefined>> = process.env): ChatModel | undefined {
  const { RESIFT_CHAT_URL: url, RESIFT_CHAT_MODEL: model, RESIFT_CHAT_KEY: key } = environment;
  return url && model ? openaiCompatible({ url, model, ...(key && { key }) }) : undefined;
}
