"""Report: metrics, audits, cut flows, cards, figures, captions and task files → results/report.html, of the tasks that the
config names, and results/report-all.html, of all tasks in the folder: one file with all in it.
"""


def reported(tasks):
    """The files of a report of these tasks, by the option of its command; its own captions stay where the rules are."""
    captions = [HERE / "workflow" / "report" / f"{name}.rst" for name in plan.report.captions(project, tasks)]
    return plan.report.inputs(project, tasks) | {
        "configs": [local(path) for path in plan.report.configs(project, tasks)],
        "captions": [local(os.path.relpath(path)) for path in captions],
    }


def every_task():
    """All tasks in the folder; an exception of an input function would be shown with a traceback."""
    try:
        return list(project.all_tasks())
    except SnakerootError as error:
        sys.exit(f"error: {error}")


rule report:
    input:
        **reported(project.tasks),
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
        spec=lambda w: plan.report.report(project, project.tasks),
        provenance=placed(paths.provenance(paths.REPORT)),
        files=lambda w, input: options(input),
    shell:
        "python -m snakeroot.report --spec {params.spec:q} --provenance {params.provenance:q}"
        " {params.files:q} --report {output:q} &> {log:q}"


use rule report as report_all with:
    input:
        unpack(lambda w: reported(every_task())),
    output:
        paths.REPORT_ALL,
    log:
        paths.log(paths.REPORT_ALL),
    benchmark:
        paths.benchmark(paths.REPORT_ALL)
    params:
        spec=lambda w: plan.report.report(project, every_task()),
        provenance=placed(paths.provenance(paths.REPORT_ALL)),
        files=lambda w, input: options(input),
