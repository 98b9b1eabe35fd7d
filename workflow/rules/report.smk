"""Report: metrics, audits, cut flows, figures and captions of all tasks → results/report.html, one file with all in it."""

CAPTIONS = sorted((HERE / "workflow" / "report").glob("*.rst"))


rule report:
    input:
        metrics=expand(paths.METRICS, task=project.tasks),
        audits=expand(paths.AUDIT, task=project.tasks),
        normalisations=expand(paths.NORMALISATION, task=project.tasks),
        cut_flows=[path for task in project.tasks for path in project.each_part(task, paths.CUT_FLOW, labelled=False)],
        trials=[
            path
            for task in project.tasks
            for model in project.searched(task)
            for path in project.finished(task, model)
        ],
        best=[path for task in project.tasks for model in project.searched(task) for path in project.tuned(task, model)],
        figures=[svg for task in project.tasks for _, svg in project.figures(task)]
        + [svg for _, svg in project.general_figures()],
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
        spec=lambda w: project.report(),
        provenance=placed(paths.provenance(paths.REPORT)),
    shell:
        "python -m snakeroot.report --spec {params.spec:q} --provenance {params.provenance:q}"
        " --metrics {input.metrics:q} --audits {input.audits:q} --normalisations {input.normalisations:q}"
        " --cut-flows {input.cut_flows:q} --trials {input.trials:q} --best {input.best:q} --figures {input.figures:q} --captions {input.captions:q}"
        " --report {output:q} &> {log:q}"
