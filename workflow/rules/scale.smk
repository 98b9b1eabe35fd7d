"""Scale: the train split of a fold → results/<task>/scaling/fold<f>.json."""


rule scale:
    input:
        known(),
        train=lambda w: project.each_part(w.task, paths.SPLIT, labelled=True, split="train", fold=w.fold),
    output:
        paths.SCALING,
    log:
        paths.log(paths.SCALING),
    priority: FIRST["scale"]
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("scale"),
    params:
        spec=lambda w: plan.scale.scale(project, w.task),
        provenance=placed(paths.provenance(paths.SCALING)),
    shell:
        "python -m snakeroot.scale --spec {params.spec:q} --provenance {params.provenance:q}"
        " --train {input.train:q} --scaling {output:q} &> {log:q}"
