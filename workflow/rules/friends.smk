"""Friends: ntuples and predictions → results/<task>/models/<model>/friends/<sample>/<part>.root, entry by entry."""


rule friends:
    input:
        known(),
        ntuples=ntuples_of,
        predictions=lambda w: plan.friends.predictions(project, w.task, w.model, w.sample),
    output:
        directory(paths.FRIENDS),
    log:
        paths.log(paths.FRIENDS),
    group:
        together("friends")
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("friends"),
        in_turn=1,
    params:
        spec=lambda w: plan.friends.friends(project, w.task, w.model, w.sample),
        provenance=placed(paths.provenance(paths.FRIENDS)),
    shell:
        "python -m snakeroot.friends --spec {params.spec:q} --provenance {params.provenance:q}"
        " --ntuples {input.ntuples:q} --predictions {input.predictions:q} --folder {output:q} &> {log:q}"
