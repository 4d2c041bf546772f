"""A chat model as a judge of answers: advisory figures beside the measured ones, never part of the gate.

The judging is llama-index's: FaithfulnessEvaluator asks whether the cited paragraphs support the answer,
RelevancyEvaluator whether the answer to the question is in line with them. Each wants a YES or a NO.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from assistant.answers import Answer
from assistant.chat_model import ChatModel, Message, ModelError, ModelGarbled, ModelRefused, ModelUnreachable
from evals.errors import RunError, UsageError
from evals.invariants import Evidence
from evals.scores import without_markers

KEYS = ("faithful", "relevant")
"""The keys of what is judged, as scores and metrics have them: 1.0 for YES, 0.0 for NO."""
_TOKENS = 512
"""The room for an answer: some models explain their YES."""
_JUDGED = re.compile(r"\b(yes|no)\b", re.IGNORECASE)


class Judge:
    """Judges answers by the paragraphs that they cite."""

    def __init__(self, model: ChatModel) -> None:
        from llama_index.core.evaluation import FaithfulnessEvaluator, RelevancyEvaluator
        from llama_index.core.evaluation.faithfulness import DEFAULT_EVAL_TEMPLATE

        self.name = model.name
        self.failures: list[str] = []
        asked = _as_llm(model)
        # Named, so that every model gets the same prompt: the one of its own that the library has for llama3:8b has
        # other placeholders than it fills in.
        faithful = FaithfulnessEvaluator(llm=asked, eval_template=DEFAULT_EVAL_TEMPLATE)
        self._evaluators: dict[str, Any] = {"faithful": faithful, "relevant": RelevancyEvaluator(llm=asked)}

    def judge(self, answer: Answer, evidence: Evidence | None) -> Mapping[str, float]:
        """The figures by their `KEYS`; of an answer that cites nothing none, nor where the model gives no judgement.

        Raises:
            RunError: the model cannot be asked at all.
        """
        contexts = _cited(answer, evidence)
        if not contexts or answer.verdict == "not_in_corpus":
            return {}
        said, found = without_markers(answer.answer), dict[str, float]()
        for key, evaluator in self._evaluators.items():
            try:
                result = evaluator.evaluate(
                    query=answer.standalone_question, response=said, contexts=contexts
                )
                if not _JUDGED.search(result.feedback or ""):
                    raise ModelGarbled(f"the model '{self.name}' said neither yes nor no")
            except (ModelUnreachable, ModelRefused) as error:
                raise RunError(
                    f"The judge cannot be asked: {error}. Correct ASSISTANT_LLM_URL, ASSISTANT_LLM_MODEL and "
                    "ASSISTANT_LLM_KEY, or leave --judge away."
                ) from error
            except ModelError as error:
                self.failures.append(str(error))
            else:
                found[key] = float(result.passing)
        return found


@contextmanager
def open_judge() -> Iterator[Judge]:
    """The judge that the settings name; how often it gave no judgement is printed at the end.

    Raises:
        UsageError: no setting names a language model.
    """
    from assistant.settings import read_settings
    from assistant.wiring import writer

    writes = writer(read_settings())
    if writes is None:
        raise UsageError(
            "--judge needs a language model, and no setting names one. Set ASSISTANT_LLM_URL and ASSISTANT_LLM_MODEL, "
            "or leave --judge away."
        )
    try:
        judge = Judge(writes.model)
        yield judge
        if judge.failures:
            print(
                f"judge: {len(judge.failures)} times without a judgement, last since {judge.failures[-1]}",
                file=sys.stderr,
            )
    finally:
        writes.model.close()


def _cited(answer: Answer, evidence: Evidence | None) -> Sequence[str]:
    """The texts of the cited paragraphs, each once; their quotes where no library is there."""
    texts = []
    for each in answer.citations:
        paragraph = evidence.paragraph(each.document_id, each.paragraph) if evidence else None
        texts.append(paragraph.text if paragraph else each.quote)
    return list(dict.fromkeys(texts))


def _as_llm(model: ChatModel) -> Any:
    """Our chat model as llama-index's: requests keep our time budgets, and errors are ours."""
    from llama_index.core.llms import CompletionResponse, CustomLLM, LLMMetadata

    class Asked(CustomLLM):
        @property
        def metadata(self) -> Any:
            return LLMMetadata(context_window=model.window, num_output=_TOKENS, model_name=model.name)

        def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> Any:
            return CompletionResponse(
                text="".join(model.stream([Message("user", prompt)], most_tokens=_TOKENS))
            )

        def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> Any:
            return iter([self.complete(prompt)])

    return Asked()
