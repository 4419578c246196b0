"""The official Python clients `cohere` and `openai` against a running server: clients.py <url> <key>. Exits with 1 and says what was wrong."""

import sys

import cohere
import openai

URL, KEY = sys.argv[1:3]
QUESTION = "Where does Jim Carrey travel with his friend?"
TEXTS = ["A ski town in Colorado.", "Jim Carrey travels with his friend to Aspen.", "Nothing of the kind."]


def check(name, got, wanted):
    if got != wanted:
        sys.exit(f"{name}: expected {wanted!r}, got {got!r}")
    print("ok", name)


def refusal(kind, call):
    try:
        call()
    except kind as error:
        return error
    sys.exit(f"expected {kind.__name__}, and nothing was raised")


for version, client in (("v2", cohere.ClientV2(KEY, base_url=URL)), ("v1", cohere.Client(KEY, base_url=URL))):
    reply = client.rerank(model="resift-mini", query=QUESTION, documents=TEXTS, top_n=2)
    check(f"cohere {version}: order", [result.index for result in reply.results][:1] + [len(reply.results)], [1, 2])
    check(f"cohere {version}: scores", all(0 <= result.relevance_score <= 1 for result in reply.results), True)
    error = refusal(cohere.NotFoundError, lambda: client.rerank(model="rerank-9", query=QUESTION, documents=TEXTS))
    check(f"cohere {version}: unknown model", error.status_code, 404)
    empty = refusal(cohere.core.api_error.ApiError, lambda: client.rerank(model="resift-mini", query=" ", documents=TEXTS))
    check(f"cohere {version}: no query", empty.status_code in (400, 422), True)
wrong = cohere.ClientV2("wrong", base_url=URL)
check("cohere: wrong key", refusal(cohere.UnauthorizedError, lambda: wrong.rerank(model="resift-mini", query="q", documents=TEXTS)).status_code, 401)

client = openai.OpenAI(api_key=KEY, base_url=f"{URL}/v1", max_retries=0)
names = [model.id for model in client.models.list()]
check("openai: models", names[0] == "resift" and "resift-mini" in names, True)
messages = [{"role": "user", "content": QUESTION}]
chat = client.chat.completions.create(model="resift", messages=messages)
check("openai: answer", "Aspen" in chat.choices[0].message.content, True)
check("openai: ends", chat.choices[0].finish_reason, "stop")
check("openai: sources", chat.model_extra["resift"]["sources"][0]["document_id"], "dumb")
check("openai: usage", chat.usage.total_tokens, chat.usage.prompt_tokens + chat.usage.completion_tokens)
chunks = list(client.chat.completions.create(model="resift", messages=messages, stream=True))
text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
check("openai: stream is the answer", text, chat.choices[0].message.content)
check("openai: stream ends", [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1], "stop")
check("openai: reranker cannot chat", refusal(openai.BadRequestError, lambda: client.chat.completions.create(model="resift-mini", messages=messages)).status_code, 400)
check("openai: unknown model", refusal(openai.NotFoundError, lambda: client.chat.completions.create(model="gpt-9", messages=messages)).status_code, 404)
check("openai: wrong key", refusal(openai.AuthenticationError, lambda: openai.OpenAI(api_key="wrong", base_url=f"{URL}/v1").models.list()).status_code, 401)
