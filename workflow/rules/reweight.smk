"""Reweight: the train split of a fold → results/<task>/reweighting/<reweighting>/fold<f>.json.

No path leads here from the validation or the test split.
"""


rule reweight:
    input:
        known(),
        train=lambda w: project.each_part(w.task, paths.SPLIT, labelled=True, split="train", fold=w.fold),
        normalisation=paths.NORMALISATION,
    output:
        paths.REWEIGHTING,
    log:
        paths.log(paths.REWEIGHTING),
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("reweight"),
    params:
        spec=lambda w: plan.reweight.reweight(project, w.task, w.reweighting),
        provenance=placed(paths.provenance(paths.REWEIGHTING)),
    shell:
        "python -m snakeroot.reweight --spec {params.spec:q} --provenance {params.provenance:q}"
        " --train {input.train:q} --normalisation {input.normalisation:q} --factors {output:q} &> {log:q}"
