"""Report: metrics, audits, cut flows, cards, figures and captions of all tasks → results/report.html, one file with all in it."""

CAPTIONS = [
    HERE / "workflow" / "report" / f"{name}.rst"
    for name in sorted({one.figure.name for one in plan.report.shown(project)})
]


rule report:
    input:
        metrics=expand(paths.METRICS, task=project.tasks),
        audits=expand(paths.AUDIT, task=project.tasks),
        normalisations=expand(paths.NORMALISATION, task=project.tasks),
        cut_flows=[path for task in project.tasks for path in project.each_part(task, paths.CUT_FLOW, labelled=False)],
        trials=[
            path
            for task in project.tasks
            for model in plan.tune.searched(project, task)
            for path in plan.tune.finished(project, task, model)
        ],
        best=[
            path
            for task in project.tasks
            for model in plan.tune.searched(project, task)
            for path in plan.tune.tuned(project, task, model)
        ],
        templates=[path for task in project.tasks for path in plan.templates.each(project, task, paths.YIELDS)],
        fits=[path for task in project.tasks for path in plan.templates.each(project, task, paths.FIT)],
        cards=[path for task in project.tasks for path in project.each_model(task, paths.CARD)],
        figures=[one.svg for one in plan.report.shown(project)],
        captions=[local(os.path.relpath(path)) for path in CAPTIONS],
    output:
        paths.REPORT,
    log:
        paths.log(paths.REPORT),
    benchmark:
        paths.benchmark(paths.REPORT)
    conda:
        "../../envs/cpu.yaml"
    resources:
        **needs("report"),
    params:
        spec=lambda w: plan.report.report(project),
        provenance=placed(paths.provenance(paths.REPORT)),
    shell:
        "python -m snakeroot.report --spec {params.spec:q} --provenance {params.provenance:q}"
        " --metrics {input.metrics:q} --audits {input.audits:q} --normalisations {input.normalisations:q}"
        " --cut-flows {input.cut_flows:q} --trials {input.trials:q} --best {input.best:q} --cards {input.cards:q}"
        " --templates {input.templates:q} --fit-results {input.fits:q} --figures {input.figures:q} --captions {input.captions:q}"
        " --report {output:q} &> {log:q}"
