"""Predict: a network and a split → results/<task>/models/<model>/fold<f>-replica<r>/predictions/<split>.parquet;
then all folds and replicas of a model as one table, results/<task>/models/<model>/predictions/<split>.parquet. The rows of
samples without a class are a split `unlabelled`.
"""


rule predict:
    input:
        known(),
        rows=lambda w: project.scored(w.task, w.split, w.fold),
        normalisation=paths.NORMALISATION,
        weights=paths.WEIGHTS,
        metadata=paths.METADATA,
    output:
        paths.PREDICTIONS,
    log:
        paths.log(paths.PREDICTIONS),
    benchmark:
        paths.benchmark(paths.PREDICTIONS)
    conda:
        "../../envs/gpu.yaml"
    threads: lambda w: project.threads(w.task, w.model)
    resources:
        **needs("predict", gpus=1),
    params:
        spec=lambda w: plan.predict.predict(project, w.task, w.model),
        provenance=placed(paths.provenance(paths.PREDICTIONS)),
    shell:
        "python -m snakeroot.predict --spec {params.spec:q} --provenance {params.provenance:q}"
        " --rows {input.rows:q} --normalisation {input.normalisation:q}"
        " --weights {input.weights:q} --metadata {input.metadata:q} --predictions {output:q}"
        " --accelerator {resources.accelerator} --gpus {resources.gpu} &> {log:q}"


rule combine:
    input:
        known(),
        lambda w: project.each_network(w.task, w.model, paths.PREDICTIONS, split=w.split),
    output:
        paths.COMBINED,
    log:
        paths.log(paths.COMBINED),
    benchmark:
        paths.benchmark(paths.COMBINED)
    group:
        together("combine")
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("predict"),
        in_turn=1,
    params:
        spec=lambda w: plan.predict.combine(project, w.task, w.model),
        provenance=placed(paths.provenance(paths.COMBINED)),
    shell:
        "python -m snakeroot.predict.combine --spec {params.spec:q} --provenance {params.provenance:q}"
        " --predictions {input:q} --combined {output:q} &> {log:q}"
