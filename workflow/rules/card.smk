"""Card: what is known of a model → results/<task>/models/<model>/card.md, and .json, which the report shows."""


rule card:
    input:
        known(),
        metadata=lambda w: project.each_network(w.task, w.model, paths.METADATA),
        metrics=paths.METRICS,
        audit=paths.AUDIT,
        ancestry=lambda w: plan.ancestors.audits(project, w.task, w.model),
        normalisation=paths.NORMALISATION,
        train=lambda w: project.each_part(w.task, paths.SPLIT, labelled=True, split="train", fold="0"),
    output:
        facts=paths.CARD,
        page=paths.CARD_PAGE,
    log:
        paths.log(paths.CARD),
    group:
        together("card")
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("card"),
        in_turn=1,
    params:
        spec=lambda w: plan.card.card(project, w.task, w.model),
        provenance=placed(paths.provenance(paths.CARD)),
    shell:
        "python -m snakeroot.card --spec {params.spec:q} --provenance {params.provenance:q}"
        " --metadata {input.metadata:q} --metrics {input.metrics:q} --audit {input.audit:q}"
        " --ancestry {input.ancestry:q}"
        " --normalisation {input.normalisation:q} --train {input.train:q}"
        " --facts {output.facts:q} --page {output.page:q} &> {log:q}"
