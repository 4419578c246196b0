"""export: checkpoints to ONNX files, vocabulary and lexicon, and their entries in the manifest."""
from __future__ import annotations

import shutil
from typing import Any

import onnx

from .configuration import Run, main
from .encoder import base_folder, load_trunk
from .encoder_graph import encoder_model
from .lexical import Lexicon
from .manifest import describe, merge_manifest
from .settings import MODELS
from .vectors import DOCUMENT_TOKENS, QUERY_TOKENS


def export_encoder(run: Run, name: str, precision: str) -> dict[str, Any]:
    """Writes models/<name>.onnx from .runs/<run>/<name>.safetensors and gives its manifest entry."""
    trunk, heads, notes = load_trunk(run.folder / f"{name}.safetensors")
    model = encoder_model(trunk, heads, precision)  # type: ignore[arg-type]
    onnx.checker.check_model(model)
    path = MODELS / f"{name}.onnx"
    onnx.save(model, str(path))
    sizes = {output.name: output.type.tensor_type.shape.dim for output in model.graph.output}
    run.log(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB, {precision}, notes {notes}")
    return {
        "file": path.name,
        "maxTokens": DOCUMENT_TOKENS,
        "queryTokens": QUERY_TOKENS,
        "dimensions": sizes["sentence_vector"][-1].dim_value,
        "tokenDimensions": sizes["token_vectors"][-1].dim_value,
        "precision": precision,
        **({"batch": 1} if precision == "int8" else {}),
    }


def export(run: Run) -> None:
    MODELS.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(base_folder() / "vocab.txt", MODELS / "vocab.txt")
    lexicon = MODELS / "lexicon.json.gz"
    shutil.copyfile(run.folder / "lexicon.json.gz", lexicon)
    precision = run.options.get("precision", "int8")
    names = [name for name in ("embed", "tiny") if (run.folder / f"{name}.safetensors").exists()]
    entries = {name: export_encoder(run, name, precision) for name in names}
    merge_manifest(
        {
            "vocab": {"file": "vocab.txt", **describe(MODELS / "vocab.txt")},
            "lexicon": {"file": lexicon.name, **describe(lexicon), "documents": Lexicon.read(lexicon).documents},
            "encoders": entries,
        },
        [entry["file"] for entry in entries.values()],
    )


if __name__ == "__main__":
    main("export", export)
