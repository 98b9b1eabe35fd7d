"""Evaluate: predictions, histories, features and searches → results/<task>/metrics.json and results/<task>/plots/*,
each figure as SVG, PNG and PDF with its numbers as CSV. Figures are found where they are drawn, in snakeroot/evaluate.
"""

from snakeroot.evaluate.catalogue import drawable


rule metrics:
    input:
        known(),
        predictions=lambda w: [
            paths.COMBINED.format(task=w.task, model=model, split=split)
            for model in project.models[w.task]
            for split in ("train", "validation", "test")
        ],
        metadata=lambda w: [
            path for model in project.models[w.task] for path in project.each_network(w.task, model, paths.METADATA)
        ],
        features=lambda w: plan.metrics.features(project, w.task),
        scalings=lambda w: plan.metrics.scalings(project, w.task),
    output:
        paths.METRICS,
    log:
        paths.log(paths.METRICS),
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("evaluate"),
    params:
        spec=lambda w: plan.metrics.metrics(project, w.task),
        provenance=placed(paths.provenance(paths.METRICS)),
    shell:
        "python -m snakeroot.evaluate.metrics --spec {params.spec:q} --provenance {params.provenance:q}"
        " --predictions {input.predictions:q} --metadata {input.metadata:q}"
        " --features {input.features:q} --scalings {input.scalings:q} --metrics {output:q} &> {log:q}"


for figure in drawable():

    rule:
        name:
            figure.rule
        input:
            known(figure.svg),
            **drawn_from(figure),
        output:
            **paths.beside(figure.svg)
            | {
                "svg": report(
                    figure.svg,
                    caption=f"../report/{figure.name}.rst",
                    category="{task}" if figure.kinds else "generated events",
                    subcategory=figure.name,
                )
            },
        log:
            paths.log(figure.recorded),
        group:
            None if figure.small else together("figures")
        localrule: figure.small
        conda:
            "../../envs/cpu.yaml"
        resources:
            **needs("evaluate"),
            **({} if figure.small else {"in_turn": 1}),
        params:
            figure=figure.name,
            spec=lambda w, figure=figure: plan.figures.figure(
                project, figure, w.get("task", ""), plan.figures.subject(w), w.get("other", "")
            ),
            provenance=placed(paths.provenance(figure.recorded)),
            files=lambda w, input: options(input),
            records=records(figure),
        shell:
            "python -m snakeroot.evaluate {params.figure:q} --spec {params.spec:q} --provenance {params.provenance:q}"
            " {params.files:q} {params.records:q} --figure {output.svg:q} &> {log:q}"
