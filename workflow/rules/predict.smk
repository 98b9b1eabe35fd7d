"""Predict: a network and its splits → results/<task>/models/<model>/fold<f>-replica<r>/predictions/<split>.parquet;
then all folds and replicas of a model as one table, results/<task>/models/<model>/predictions/<split>.parquet. The rows of
samples without a class are a split `unlabelled`, which is made apart, as not all tasks have them.
"""


rule predict:
    input:
        known(),
        **rows(*SPLITS),
        normalisation=paths.NORMALISATION,
        weights=paths.WEIGHTS,
        metadata=paths.METADATA,
        calibration=calibration,
    output:
        each_split(paths.PREDICTIONS, *SPLITS),
    log:
        paths.log(paths.PREDICTED),
    priority: FIRST["predict"]
    conda:
        "../../envs/gpu.yaml"
    threads: lambda w: project.threads(w.task, w.model)
    resources:
        **needs("predict", gpus=1),
    params:
        spec=lambda w: plan.predict.predict(project, w.task, w.model),
        provenance=placed(paths.provenance(paths.PREDICTED)),
        rows=lambda w, input: options({split: input.get(split, []) for split in (*SPLITS, paths.UNLABELLED)}),
    shell:
        "python -m snakeroot.predict --spec {params.spec:q} --provenance {params.provenance:q}"
        " {params.rows:q} --normalisation {input.normalisation:q}"
        " --weights {input.weights:q} --metadata {input.metadata:q} --calibration {input.calibration:q}"
        " --predictions {output:q}"
        " --accelerator {resources.accelerator} --gpus {resources.gpu} &> {log:q}"


use rule predict as predict_unlabelled with:
    input:
        known(),
        **rows(paths.UNLABELLED),
        normalisation=paths.NORMALISATION,
        weights=paths.WEIGHTS,
        metadata=paths.METADATA,
        calibration=calibration,
    output:
        each_split(paths.PREDICTIONS, paths.UNLABELLED),
    log:
        paths.log(f"{paths.PREDICTED}/{paths.UNLABELLED}"),
    params:
        provenance=placed(paths.provenance(f"{paths.PREDICTED}/{paths.UNLABELLED}")),


rule combine:
    input:
        known(),
        # not read: where events of the test split have trained an ancestor, there is nothing to measure
        ancestry=ancient(lambda w: plan.ancestors.audits(project, w.task, w.model)),
        predictions=networks(*SPLITS),
    output:
        each_split(paths.COMBINED, *SPLITS),
    log:
        paths.log(paths.TOGETHER),
    priority: FIRST["predict"]
    group:
        together("combine")
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("predict"),
        in_turn=1,
    params:
        spec=lambda w: plan.predict.combine(project, w.task, w.model),
        provenance=placed(paths.provenance(paths.TOGETHER)),
    shell:
        "python -m snakeroot.predict.combine --spec {params.spec:q} --provenance {params.provenance:q}"
        " --predictions {input.predictions:q} --combined {output:q} &> {log:q}"


use rule combine as combine_unlabelled with:
    input:
        known(),
        predictions=networks(paths.UNLABELLED),
    output:
        each_split(paths.COMBINED, paths.UNLABELLED),
    log:
        paths.log(f"{paths.TOGETHER}/{paths.UNLABELLED}"),
    params:
        provenance=placed(paths.provenance(f"{paths.TOGETHER}/{paths.UNLABELLED}")),
