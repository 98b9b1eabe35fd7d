"""Report: metrics, audits, cut flows, cards, figures, captions and task files → results/report.html, of the tasks that the
config names, and results/report-all.html, of all tasks in the folder: one file with all in it.
"""


rule report:
    input:
        **reported(project.tasks),
    output:
        paths.REPORT,
    log:
        paths.log(paths.REPORT),
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
    params:
        spec=lambda w: plan.report.report(project, every_task()),
        provenance=placed(paths.provenance(paths.REPORT_ALL)),
        files=lambda w, input: options(input),
