"""Split: a part's features → results/<task>/split/fold<f>/<train|validation|test>/<sample>/<part>.parquet;
then results/<task>/split/audit.json, the proof that no event is in two of them, and of several folds that each event is
in the test split of exactly one. Of a model that takes something from others, maybe of other tasks:
results/<task>/models/<model>/ancestry.json, how many events of its test split these have learned from.
"""

SPLIT_OUTPUTS = {split: paths.fill(paths.SPLIT, split=split) for split in ("train", "validation", "test")}


rule split:
    input:
        known(),
        paths.FEATURES,
    output:
        **SPLIT_OUTPUTS,
    log:
        paths.log(SPLIT_OUTPUTS["train"]),
    priority: FIRST["split"]
    group:
        together("split")
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("split"),
        in_turn=1,
    params:
        spec=lambda w: plan.split.split(project, w.task, w.sample, w.part, w.fold),
        provenance=placed(paths.provenance(SPLIT_OUTPUTS["train"])),
    shell:
        "python -m snakeroot.split --spec {params.spec:q} --provenance {params.provenance:q}"
        " --table {input:q} --train {output.train:q} --validation {output.validation:q} --test {output.test:q}"
        " &> {log:q}"


rule audit:
    input:
        known(),
        **{
            split: lambda w, split=split: [
                part
                for fold in project.folds(w.task)
                for part in project.each_part(w.task, paths.SPLIT, labelled=True, split=split, fold=fold)
            ]
            for split in SPLIT_OUTPUTS
        },
        varied_train=lambda w: plan.variations.audited(project, w.task, "train"),
        varied_test=lambda w: plan.variations.audited(project, w.task, "test"),
    output:
        paths.AUDIT,
    log:
        paths.log(paths.AUDIT),
    priority: FIRST["split"]
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("split"),
    params:
        spec=lambda w: plan.split.audit(project, w.task),
        provenance=placed(paths.provenance(paths.AUDIT)),
    shell:
        "python -m snakeroot.split.audit --spec {params.spec:q} --provenance {params.provenance:q}"
        " --train {input.train:q} --validation {input.validation:q} --test {input.test:q}"
        " --varied-train {input.varied_train:q} --varied-test {input.varied_test:q}"
        " --report {output:q} &> {log:q}"


rule ancestry:
    input:
        known(ancestors=True),
        tested=lambda w: plan.ancestors.tested(project, w.task, w.model),
        learned=lambda w: plan.ancestors.learned(project, w.task, w.model),
    output:
        paths.ANCESTRY,
    log:
        paths.log(paths.ANCESTRY),
    priority: FIRST["split"]  # before hours of training for nothing
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("split"),
    params:
        spec=lambda w: plan.ancestors.ancestry(project, w.task, w.model),
        provenance=placed(paths.provenance(paths.ANCESTRY)),
    shell:
        "python -m snakeroot.split.ancestry --spec {params.spec:q} --provenance {params.provenance:q}"
        " --tested {input.tested:q} --learned {input.learned:q} --report {output:q} &> {log:q}"
