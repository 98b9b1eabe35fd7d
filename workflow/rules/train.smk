"""Train: the train and validation splits of a fold and its scaling, variations of the train split, if the model is to learn
from them, and the best point of a search, if there is one →
results/<task>/models/<model>/fold<f>-replica<r>/{model.safetensors,model.json,history.parquet}.

No path leads here from the test split.
"""


rule train:
    input:
        known(),
        train=lambda w: project.each_part(w.task, paths.SPLIT, labelled=True, split="train", fold=w.fold),
        validation=lambda w: project.each_part(w.task, paths.SPLIT, labelled=True, split="validation", fold=w.fold),
        normalisation=paths.NORMALISATION,
        scaling=paths.SCALING,
        reweighting=lambda w: plan.reweight.of_model(project, w.task, w.model, w.fold),
        mixed=lambda w: plan.variations.trained_on(project, w.task, w.model, w.fold),
        mixed_normalisations=lambda w: plan.variations.normalisations(project, w.task, w.model),
        tuned=lambda w: plan.tune.tuned(project, w.task, w.model),
        initial=lambda w: ancestor(w, w.fold, w.replica),
    output:
        weights=paths.WEIGHTS,
        metadata=paths.METADATA,
        history=paths.HISTORY,
    log:
        paths.log(paths.METADATA),
    priority: FIRST["train"]
    conda:
        "../../envs/gpu.yaml"
    threads: lambda w: project.threads(w.task, w.model) * max(gpus_of(w, project.config.gpus), 1)
    resources:
        **needs("train", gpus=project.config.gpus, nodes=project.config.nodes),
    params:
        spec=lambda w: plan.train.train(project, w.task, w.model, w.fold, w.replica),
        checkpoint=placed(paths.checkpoint(paths.WEIGHTS)),
        provenance=placed(paths.provenance(paths.METADATA)),
    shell:
        "python -m snakeroot.train --spec {params.spec:q} --provenance {params.provenance:q}"
        " --train {input.train:q} --validation {input.validation:q}"
        " --normalisation {input.normalisation:q} --scaling {input.scaling:q}"
        " --reweighting {input.reweighting:q}"
        " --mixed {input.mixed:q} --mixed-normalisations {input.mixed_normalisations:q}"
        " --tuned {input.tuned:q} --checkpoint {params.checkpoint:q} --begin --end"
        " --initial {input.initial:q}"
        " --accelerator {resources.accelerator} --gpus {resources.gpu}"
        " --nodes {resources.nodes} --node-gpus {resources.node_gpus}"
        " --weights {output.weights:q} --metadata {output.metadata:q} --history {output.history:q} &> {log:q}"
